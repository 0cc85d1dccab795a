//! What is done with a conversation: whose it is, put off, closed, opened again, read, unread.

use super::at::At;
use super::talk::people;
use crate::clock::{SHOP_ZONE, begins, day, shop_day};
use crate::db::Tx;
use crate::fans::MessageId;
use crate::fans::desk::{self, Refused};
use crate::staff::permission::TalkToFans;
use crate::web::form::Fields;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

/// When a day at the desk begins.
const MORNING: Duration = Duration::hours(9);

/// How a change ended: on to the page that says so, or the page with why it was not made.
async fn end(
    at: &At<'_>,
    mut tx: Tx,
    done: Result<(), Refused>,
    (action, after, says): (&'static str, Option<Value>, &'static str),
) -> Result<HttpResponse, Error> {
    if let Err(why) = done {
        drop(tx);
        return at.refuse(why).await;
    }
    at.record(&mut tx, action, (None, after)).await?;
    tx.commit().await?;
    at.shop.pages.recount_unread();
    at.go_on(says)
}

/// The last message that stood on the page of this form.
fn seen(form: &Fields) -> MessageId {
    MessageId(form.text("seen").parse().unwrap_or_default())
}

/// `POST /admin/fans/{uid}/assignment`: to the account `to`, or to nobody.
pub async fn assign(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    let to = match form.text("to").parse::<i64>() {
        // Whoever is not at the desk any more gets nothing.
        Ok(to) => Some(people(&mut tx).await?.into_iter().find(|(id, _)| *id == to).ok_or(Error::NotFound)?),
        Err(_) => None,
    };
    let thought = form.text("was").parse().ok();
    let after = Some(json!({ "assigned": to.as_ref().map(|(id, _)| *id) }));
    let done = desk::assign(&mut tx, at.fan, thought, to, at.now()).await;
    end(&at, tx, done, ("assign-fan", after, "fans-assigned")).await
}

/// `POST /admin/fans/{uid}/snooze`: until a time of today, tomorrow morning, or the morning of a day.
pub async fn snooze(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let until = until(&form.text("until"), &form.text("day"), at.now());
    let mut tx = shop.db.begin().await?;
    let done = match until {
        Some(until) => desk::snooze(&mut tx, at.fan, seen(&form), until, at.now()).await,
        None => Err(Refused::When),
    };
    let after = until.map(|until| json!({ "until": until.to_string() }));
    end(&at, tx, done, ("snooze-fan", after, "fans-snoozed")).await
}

fn until(wish: &str, on: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    match wish {
        "hours" => Some(now + Duration::hours(3)),
        "tomorrow" => Some(begins(shop_day(now).next_day()?) + MORNING),
        "day" => Some((begins(day(on)?) + MORNING).to_offset(SHOP_ZONE)),
        _ => None,
    }
}

/// `POST /admin/fans/{uid}/closing`
pub async fn close(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    let done = desk::close(&mut tx, at.fan, seen(&form), &staff.actor(), at.now()).await;
    end(&at, tx, done, ("close-fan", None, "fans-closed")).await
}

/// `POST /admin/fans/{uid}/reopening`
pub async fn reopen(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    let done = desk::reopen(&mut tx, at.fan).await;
    end(&at, tx, done, ("reopen-fan", None, "fans-reopened")).await
}

/// `POST /admin/fans/{uid}/reading`: read for everybody, up to the message she had before her eyes. The conversation
/// itself keeps who and when.
pub async fn read(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    if let Err(why) = desk::mark_read(&mut tx, at.fan, seen(&form), &staff.actor(), at.now()).await {
        drop(tx);
        return at.refuse(why).await;
    }
    tx.commit().await?;
    shop.pages.recount_unread();
    Ok(see_other(&at.address.of(at.fan)))
}

/// `POST /admin/fans/{uid}/unread`: back to the list, where it stands among the first.
pub async fn unread(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    if let Err(why) = desk::mark_unread(&mut tx, at.fan).await {
        drop(tx);
        return at.refuse(why).await;
    }
    tx.commit().await?;
    shop.pages.recount_unread();
    staff.says_next("fans-unread-again")?;
    Ok(see_other("/admin/fans"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn put_off_means_mornings_in_the_shops_zone() {
        let now = datetime!(2026-03-07 16:30 UTC); // Already the 8th in the shop.
        assert_eq!(until("hours", "", now), Some(now + Duration::hours(3)));
        assert_eq!(until("tomorrow", "", now), Some(datetime!(2026-03-09 09:00 +8)));
        assert_eq!(until("day", "2026-04-01", now), Some(datetime!(2026-04-01 09:00 +8)));
        for (wish, on) in [("", ""), ("day", ""), ("day", "soon"), ("day", "9999-99-99"), ("x", "2026-04-01")]
        {
            assert_eq!(until(wish, on, now), None, "{wish} {on}");
        }
    }
}
