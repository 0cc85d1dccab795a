//! Finding a repost of which no answer came, among the statuses of the one who sent it.

use super::gifts::WAITED_FOR;
use super::stands;
use super::store::{self, Lost};
use crate::clock::Clock;
use crate::customers;
use crate::db::Db;
use crate::jobs::Outcome;
use crate::orders::OrderId;
use crate::seal::Keyring;
use crate::weibo::oauth::is_not_ours;
use crate::weibo::statuses::Seen;
use crate::weibo::{self, CallError};
use secrecy::SecretString;
use time::{Duration, OffsetDateTime};

/// What Weibo accepts with a delay stands by then.
const DELAY: Duration = Duration::minutes(10);
/// So far Weibo's clock may be behind ours.
const CLOCKS: Duration = Duration::minutes(1);
/// After this nobody looks any more by himself: for as long as there may be a coupon for it.
const LOOKED_FOR: Duration = WAITED_FOR;

pub enum Looked {
    Found,
    /// She has said the same of something, and whether it is this cannot be told: Weibo names the first of all as what
    /// was reposted, which is not known where the shop's own status says another one again.
    Alike,
    /// It may come still, or what Weibo shows does not reach back to it.
    NotYet,
    /// Weibo shows all she has said since, and it is not among it.
    NotThere,
    Unasked(CallError),
}

/// Asks Weibo for her statuses, and writes down what they say of this one.
pub async fn look(
    db: &Db,
    weibo: &weibo::Client,
    lost: &Lost,
    token: &SecretString,
    now: OffsetDateTime,
) -> anyhow::Result<Looked> {
    let own = match weibo.own_statuses(token).await {
        Ok(own) => own,
        Err(error) => return Ok(Looked::Unasked(error)),
    };
    let since = lost.asked_at - CLOCKS;
    let mut tx = db.begin().await?;
    let counted = store::hold(&mut tx, lost.sent.customer).await?;
    let alike = |seen: &&Seen| lost.is_like(seen, since) && !counted.contains(&seen.id);
    let hers: Vec<&Seen> = own.statuses.iter().filter(alike).collect();
    if let Some(found) = hers.iter().filter(|seen| lost.leads_to(seen)).min_by_key(|seen| seen.said_at) {
        stands(&mut tx, &lost.sent, Some(found.id), now).await?;
        tx.commit().await?;
        return Ok(Looked::Found);
    }
    if !hers.is_empty() {
        return Ok(Looked::Alike);
    }
    if now - lost.asked_at < DELAY || !own.reach_back_to(since) {
        return Ok(Looked::NotYet);
    }
    store::absent(&mut tx, &lost.sent).await?;
    tx.commit().await?;
    Ok(Looked::NotThere)
}

/// Looks after a repost that was sent: the job behind [`super::repost`], and whatever became of that.
pub async fn find_lost(
    db: &Db,
    weibo: &weibo::Client,
    keys: &Keyring,
    order: OrderId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let now = clock.now();
    let mut conn = db.reader().await?;
    let Some(lost) = store::lost(&mut conn, order).await?.filter(|lost| !lost.was_absent) else {
        return Ok(Outcome::Done);
    };
    let held = customers::token(&mut conn, lost.sent.customer, keys, now).await?;
    drop(conn);
    let (age, until) = (now - lost.asked_at, lost.asked_at + LOOKED_FOR);
    let again = |why: String| {
        Ok(if now < until { Outcome::Retry { at: until.min(now + later(age)), why } } else { Outcome::Done })
    };
    let Some(held) = held else { return again("the shop has no leave to look".to_owned()) };
    match look(db, weibo, &lost, &held.secret, now).await? {
        Looked::Found => Ok(Outcome::Done),
        Looked::NotThere if !lost.is_accepted => Ok(Outcome::Done),
        Looked::NotThere | Looked::NotYet => again("it is not there yet".to_owned()),
        Looked::Alike => again("she has said the same of something else".to_owned()),
        Looked::Unasked(error) => {
            if matches!(&error, CallError::Refused { code, .. } if is_not_ours(code)) {
                customers::forget_token(db, lost.sent.customer, &held).await?;
            }
            again(format!("{error:#}"))
        }
    }
}

/// How long to wait with what is so old: each time about twice as long.
pub fn later(age: Duration) -> Duration {
    age.clamp(Duration::minutes(1), Duration::hours(6))
}

impl Lost {
    /// The same words since then, and a repost where this is one.
    fn is_like(&self, seen: &Seen, since: OffsetDateTime) -> bool {
        seen.original.is_some() == self.is_repost
            && seen.said_at.is_some_and(|at| at >= since)
            && without_addresses(&seen.text) == without_addresses(&self.text)
    }

    /// What it says again is what this does, as far as anybody knows.
    fn leads_to(&self, seen: &Seen) -> bool {
        seen.original.is_none_or(|original| self.roots.is_empty() || self.roots.contains(&original))
    }
}

/// The words of a text without its blanks: Weibo writes addresses of its own in the place of ours (oauth-and-statuses.md §3.4).
fn without_addresses(text: &str) -> String {
    let mut words = String::new();
    let mut rest = text;
    while let Some(at) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        words.push_str(&rest[..at]);
        let address = &rest[at..];
        let end = address.find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(address.len());
        rest = &address[end..];
    }
    words.push_str(rest);
    words.retain(|c| !c.is_whitespace());
    words
}

#[cfg(test)]
mod tests {
    use super::without_addresses;

    #[test]
    fn two_texts_are_the_same_but_for_their_addresses() {
        let ours = "刚刚买了茶，推荐。 https://shop.example/s/Abcd1234";
        for same in [
            "刚刚买了茶，推荐。 http://t.cn/A6xyz",
            "刚刚买了茶，推荐。http://t.cn/A6xyz",
            "刚刚买了茶，推荐。 http://t.cn/A6xyz \n",
        ] {
            assert_eq!(without_addresses(ours), without_addresses(same));
        }
        assert_eq!(without_addresses("看http://t.cn/a好 https://x y"), "看好y");
        assert_ne!(without_addresses("茶 http://t.cn/a"), without_addresses("茶叶 http://t.cn/a"));
        assert_eq!(without_addresses("http"), "http");
    }
}
