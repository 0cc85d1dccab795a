//! Freight, the bounds within which orders are taken, and from how many pieces on goods run low.

use super::{Typed, changes, version, write_down};
use crate::catalog::stock;
use crate::money::Money;
use crate::orders;
use crate::settings::{self, Delivery, Freight, Returns, Stale};
use crate::staff::permission::EditSettings;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use std::ops::RangeInclusive;
use time::Duration;

#[derive(Template)]
#[template(path = "admin/settings/delivery.html")]
struct DeliveryPage {
    page: Desk,
    typed: Typed,
    version: i64,
    wrongs: Wrongs,
    stale: bool,
}

/// `GET /admin/settings/delivery`
pub async fn show(
    staff: Staff<EditSettings>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let terms = shop.current.look_again(&shop.db).await?;
    let (typed, version) = (Typed::kept(terms.delivery.values()), terms.versions.delivery);
    let wrongs = Wrongs::default();
    page(StatusCode::OK, &DeliveryPage { page: frame, typed, version, wrongs, stale: false })
}

/// `POST /admin/settings/delivery`
pub async fn save(
    staff: Staff<EditSettings>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let before = shop.current.look_again(&shop.db).await?;
    let (typed, over) = (Typed::sent(&fields, before.delivery.values()), version(&fields));
    let after = match read(&frame, &typed) {
        Ok(delivery) => delivery,
        Err(wrongs) => {
            let again = DeliveryPage { page: frame, typed, version: over, wrongs, stale: false };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &again);
        }
    };
    let mut tx = shop.db.begin().await?;
    if settings::save_delivery(&mut tx, &after, over).await? == Err(Stale) {
        drop(tx);
        let kept = shop.current.look_again(&shop.db).await?;
        let wrongs = typed.beside(&frame, kept.delivery.values());
        let version = kept.versions.delivery;
        return page(
            StatusCode::CONFLICT,
            &DeliveryPage { page: frame, typed, version, wrongs, stale: true },
        );
    }
    // Orders are held before their goods, as everywhere.
    orders::wait_no_shorter(&mut tx, after.receive_after).await?;
    stock::set_default(&mut tx, after.low_stock).await?;
    let changed = changes(before.delivery.values(), after.values());
    write_down(&mut tx, &staff, "change-delivery", changed, shop.clock.now()).await?;
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/settings/delivery"))
}

/// Every input that is wrong, not only the first.
fn read(frame: &Desk, typed: &Typed) -> Result<Delivery, Wrongs> {
    let mut wrongs = Wrongs::default();
    let yuan = |name| Money::parse_yuan(typed.of(name).trim());
    let fee = yuan("freight_fee").filter(|fee| fee.fen() <= Delivery::MOST_FREIGHT_FEN);
    if fee.is_none() {
        wrongs.add("freight_fee", frame.say_with("wrong-yuan", "most", Delivery::MOST_FREIGHT_FEN / 100));
    }
    let from = yuan("free_from").filter(|from| *from > Money::ZERO);
    if from.is_none() && !typed.of("free_from").trim().is_empty() {
        wrongs.add("free_from", frame.say("wrong-free-from"));
    }
    let by_itself = yuan("refund_itself").filter(|most| most.fen() <= Delivery::MOST_BY_ITSELF_FEN);
    if by_itself.is_none() {
        wrongs.add("refund_itself", frame.say_with("wrong-yuan", "most", Delivery::MOST_BY_ITSELF_FEN / 100));
    }
    let mut number = |name: &'static str, within: RangeInclusive<u32>| {
        let text = typed.of(name).trim();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && within.contains(number));
        if number.is_none() {
            let within = format!("{} – {}", within.start(), within.end());
            wrongs.add(name, frame.say_with("wrong-number", "within", within));
        }
        number.unwrap_or_default()
    };
    let read = Delivery {
        freight: Freight { fee: fee.unwrap_or_default(), free_from: from },
        order_expiry: Duration::minutes(i64::from(number("order_expiry", Delivery::EXPIRY))),
        receive_after: Duration::days(i64::from(number("receive_days", Delivery::RECEIVE))),
        most_per_order: number("most_per_order", Delivery::PER_ORDER),
        most_unpaid: number("most_unpaid", Delivery::UNPAID),
        low_stock: number("low_stock", Delivery::LOW_STOCK),
        returns: Returns {
            by_itself: by_itself.unwrap_or_default(),
            reopen_within: Duration::hours(i64::from(number("reopen_hours", Delivery::REOPEN))),
        },
    };
    if wrongs.is_empty() { Ok(read) } else { Err(wrongs) }
}
