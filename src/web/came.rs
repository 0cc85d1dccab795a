//! By which short links somebody came on this browser, and what of it, and of what her account knows, brought an order.

use super::error::Error;
use super::{Shop, session};
use crate::customers::CustomerId;
use crate::customers::touches::{self, Touch};
use crate::orders::Order;
use crate::orders::origin::{self, Came, KnownBy, Origin};
use actix_session::Session;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Opened again by the same browser within this, it is one click.
const SAME_CLICK: Duration = Duration::minutes(10);

/// As the session keeps it: by which link somebody came last, by which other one before, for the last may turn out to
/// be in a repost of her own, and by which first. Older sessions know of the last one only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    code: String,
    at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first: Option<(String, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<(String, i64)>,
}

/// By which links somebody came on this browser, the first first.
pub fn touches(session: &Session) -> Vec<Touch> {
    let kept: Option<Kept> = session::get(session, session::CAME);
    kept.map(Kept::read).unwrap_or_default()
}

/// Somebody else is here now.
pub fn forget(session: &Session) {
    session.remove(session::CAME);
}

/// Somebody comes by a link. The session keeps it as the last one; nothing when this is the click before once more.
pub async fn arrive(shop: &Shop, session: &Session, touch: Touch) -> Result<Option<Touch>, Error> {
    let before = touches(session);
    let same = |last: &Touch| last.code() == touch.code() && touch.at() - last.at() <= SAME_CLICK;
    if before.last().is_some_and(same) {
        return Ok(None);
    }
    let since = touch.at() - counts_for(shop).await?;
    session::put(session, session::CAME, Kept::of(&before, &touch, since))?;
    Ok(Some(touch))
}

/// By which link, of those that count for this order, somebody came last on this browser, who goes to pay for it.
pub async fn carried(shop: &Shop, session: &Session, order: &Order) -> Result<Option<Touch>, Error> {
    let by = |touch| Came { touch, known_by: KnownBy::Payment };
    let came: Vec<_> = touches(session).into_iter().map(by).collect();
    let (mut conn, buyer) = (shop.db.reader().await?, (order.visitor, order.customer));
    let origin = origin::find_out(&mut conn, buyer, &came, order.placed_at).await?;
    Ok(origin.map(|origin| origin.last.touch))
}

/// What brought whoever orders now on this browser: `customer` where she is known, from her session or by a visit.
pub async fn origin(
    shop: &Shop,
    session: &Session,
    (visitor, customer): (Uuid, Option<CustomerId>),
    now: OffsetDateTime,
) -> Result<Option<Origin>, Error> {
    let by = |known_by| move |touch| Came { touch, known_by };
    let mut came: Vec<_> = touches(session).into_iter().map(by(KnownBy::Browser)).collect();
    let mut conn = shop.db.reader().await?;
    if let Some(customer) = customer {
        came.extend(touches::of(&mut conn, customer).await?.into_iter().map(by(KnownBy::Account)));
    }
    Ok(origin::find_out(&mut conn, (visitor, customer), &came, now).await?)
}

async fn counts_for(shop: &Shop) -> Result<Duration, Error> {
    Ok(Duration::days(shop.terms().await?.cards.origin_days.into()))
}

impl Kept {
    /// After `touch`: the first of those since then stays the first.
    fn of(all: &[Touch], touch: &Touch, since: OffsetDateTime) -> Kept {
        let first = all.iter().find(|one| one.at() >= since);
        let other = |one: &&Touch| one.code() != touch.code() && first.is_some_and(|first| *one > first);
        let before = all.iter().rfind(other);
        let plain = |one: &Touch| (one.code().to_owned(), one.at().unix_timestamp());
        let (code, at) = plain(touch);
        Kept { code, at, first: first.map(plain), before: before.map(plain) }
    }

    fn read(self) -> Vec<Touch> {
        let all = [self.first, self.before, Some((self.code, self.at))].into_iter().flatten();
        let read =
            |(code, at): (String, i64)| Touch::new(&code, OffsetDateTime::from_unix_timestamp(at).ok()?);
        all.filter_map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(code: &str, at: i64) -> Touch {
        Touch::new(code, OffsetDateTime::from_unix_timestamp(at).unwrap()).unwrap()
    }

    #[test]
    fn the_first_stays_as_long_as_it_counts() {
        let since = OffsetDateTime::from_unix_timestamp(100).unwrap();
        let [a, b, c] = [touch("aaaaaaaa", 100), touch("bbbbbbbb", 150), touch("cccccccc", 200)];
        assert_eq!(Kept::of(&[], &c, since).read(), std::slice::from_ref(&c));
        assert_eq!(Kept::of(std::slice::from_ref(&a), &c, since).read(), [a.clone(), c.clone()]);
        assert_eq!(Kept::of(&[a.clone(), b.clone()], &c, since).read(), [a.clone(), b.clone(), c.clone()]);
        let later = OffsetDateTime::from_unix_timestamp(101).unwrap();
        assert_eq!(Kept::of(&[a, b.clone()], &c, later).read(), [b, c]);
    }

    #[test]
    fn one_link_again_and_again_drives_out_no_other() {
        let since = OffsetDateTime::from_unix_timestamp(100).unwrap();
        let mut kept = Vec::new();
        for (at, code) in ["aaaaaaaa", "bbbbbbbb", "cccccccc", "cccccccc", "cccccccc"].iter().enumerate() {
            kept = Kept::of(&kept, &touch(code, 100 + i64::try_from(at).unwrap()), since).read();
        }
        assert_eq!(kept, [touch("aaaaaaaa", 100), touch("bbbbbbbb", 101), touch("cccccccc", 104)]);
    }

    #[test]
    fn sessions_from_before_are_read() {
        let kept: Kept = serde_json::from_str(r#"{"code":"0aZ45678","at":7}"#).unwrap();
        assert_eq!(kept.read(), [touch("0aZ45678", 7)]);
        let odd: Kept = serde_json::from_str(r#"{"code":"?","at":7,"first":["0aZ45678",9]}"#).unwrap();
        assert_eq!(odd.read(), [touch("0aZ45678", 9)]);
    }
}
