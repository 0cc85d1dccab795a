//! What is paid to a partner: proposed, then written down as paid, or cancelled. Whoever does it has given her password a
//! short while ago.

use super::show::{Drawn, draw};
use super::{done, path, record};
use crate::clock::{day, shop_day};
use crate::partners::{self, Paid, PartnerId, Payout, PayoutId, Refused};
use crate::staff::permission::MoveMoney;
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::{Value, json};
use time::Date;
use uuid::Uuid;

/// In characters.
const LONGEST: usize = 100;
const FIELDS: [&str; 3] = ["paid-on", "paid-reference", "paid-note"];

type At<'a> = (&'a Shop, &'a Reader, &'a Staff<MoveMoney>);

async fn refuse(at: At<'_>, id: PartnerId, why: Refused) -> Result<HttpResponse, Error> {
    let key = match why {
        Refused::NothingFree => "refused-payout-nothing",
        Refused::Proposed => "refused-payout-proposed",
        Refused::Over => "refused-payout-over",
        Refused::Unsettled => "refused-payout-unsettled",
        Refused::Nobody => return Err(Error::NotFound),
        Refused::Unexpected(error) => return Err(error.into()),
    };
    draw(at, id, Drawn::refused(key)).await
}

fn told(payout: &Payout) -> Value {
    json!({ "amount": payout.amount.to_string() })
}

/// `POST /admin/sharing/partners/{id}/payouts`: everything that is free.
pub async fn propose(
    staff: Staff<MoveMoney>,
    _: Recent,
    id: Path<i64>,
    form: SafeForm,
    (shop, reader): (Data<Shop>, Reader),
) -> Result<HttpResponse, Error> {
    let id = PartnerId(*id);
    let (key, now) =
        (Uuid::parse_str(&form.text("key")).unwrap_or_else(|_| Uuid::new_v4()), shop.clock.now());
    partners::catch_up(&shop.db, id, now).await?;
    let mut tx = shop.db.begin().await?;
    match partners::propose(&mut tx, id, key, &staff.actor(), now).await {
        Ok((payout, true)) => {
            let payout = partners::payout(&mut tx, id, payout).await?.ok_or(Error::NotFound)?;
            record(&mut tx, (&shop, &staff), ("propose-payout", id), (None, Some(told(&payout)))).await?;
            done(tx, &staff, id).await
        }
        Ok((_, false)) => Ok(see_other(&path(id))),
        Err(why) => {
            drop(tx);
            refuse((&shop, &reader, &staff), id, why).await
        }
    }
}

/// `POST /admin/sharing/partners/{id}/payouts/{payout}/payment`: it was paid, outside.
pub async fn pay(
    staff: Staff<MoveMoney>,
    _: Recent,
    ids: Path<(i64, i64)>,
    form: SafeForm,
    (shop, reader): (Data<Shop>, Reader),
) -> Result<HttpResponse, Error> {
    let (id, payout, now) = (PartnerId(ids.0), PayoutId(ids.1), shop.clock.now());
    let typed = Typed::read(&form, &FIELDS);
    let how = match read(&typed, Words(staff.language), shop_day(now)) {
        Ok(how) => how,
        Err(wrongs) => return draw((&shop, &reader, &staff), id, Drawn::wrong(typed, wrongs)).await,
    };
    let mut tx = shop.db.begin().await?;
    match partners::pay(&mut tx, (id, payout), &how, (staff.id.0, &staff.name), now).await {
        Ok(payout) => {
            let after = json!({ "amount": payout.amount.to_string(), "paid-on": how.on.to_string(),
                "paid-reference": how.reference });
            record(&mut tx, (&shop, &staff), ("pay-payout", id), (None, Some(after))).await?;
            done(tx, &staff, id).await
        }
        Err(why) => {
            drop(tx);
            refuse((&shop, &reader, &staff), id, why).await
        }
    }
}

/// `POST /admin/sharing/partners/{id}/payouts/{payout}/cancellation`
pub async fn cancel(
    staff: Staff<MoveMoney>,
    _: Recent,
    ids: Path<(i64, i64)>,
    _: SafeForm,
    (shop, reader): (Data<Shop>, Reader),
) -> Result<HttpResponse, Error> {
    let (id, payout) = (PartnerId(ids.0), PayoutId(ids.1));
    let mut tx = shop.db.begin().await?;
    match partners::cancel(&mut tx, (id, payout), (staff.id.0, &staff.name), shop.clock.now()).await {
        Ok(payout) => {
            record(&mut tx, (&shop, &staff), ("cancel-payout", id), (Some(told(&payout)), None)).await?;
            done(tx, &staff, id).await
        }
        Err(why) => {
            drop(tx);
            refuse((&shop, &reader, &staff), id, why).await
        }
    }
}

fn read(typed: &Typed, words: Words, today: Date) -> Result<Paid, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let reference = reading.line("paid-reference", LONGEST);
    let note = reading.line("paid-note", LONGEST);
    let on = day(typed.of("paid-on")).filter(|on| *on <= today);
    if on.is_none() {
        reading.wrong("paid-on", "wrong-paid-on");
    }
    match (on, reading.wrongs.is_empty()) {
        (Some(on), true) => Ok(Paid { on, reference, note }),
        _ => Err(reading.wrongs),
    }
}
