//! Sending an order, and putting its label right.

use super::order::{Typed, draw, number};
use crate::db::Tx;
use crate::orders::event::Label;
use crate::orders::{self, ChangeError, Courier, OrderNumber, Payment, Shipment, Tracking, WrongShipment};
use crate::staff::audit::{self, Change};
use crate::staff::permission::HandleOrders;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{Page, see_other};
use crate::web::shop::order::courier_name;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// The parcel that a form means, or the form to be shown again.
async fn read(form: &Fields, shop: &Shop, reader: &Reader, words: Words) -> Result<Shipment, Box<Typed>> {
    let mut typed = Typed {
        courier: form.text("courier"),
        courier_name: form.text("courier_name"),
        tracking: form.text("tracking"),
        ..Typed::default()
    };
    let mut wrongs = Wrongs::default();
    let mut wrong = |error: WrongShipment| match error {
        WrongShipment::Courier => wrongs.add("courier", words.say("wrong-courier")),
        WrongShipment::CourierName => wrongs.add("courier_name", words.say("wrong-courier-name")),
        WrongShipment::Tracking => wrongs.add("tracking", words.say("wrong-tracking")),
    };
    let courier = Courier::read(&typed.courier, &typed.courier_name).map_err(&mut wrong).ok();
    let tracking = Tracking::read(&typed.tracking).map_err(&mut wrong).ok();
    if let (Some(courier), Some(tracking)) = (courier, tracking) {
        let likely = Courier::of_number(&tracking).filter(|likely| *likely != courier);
        let Some(likely) = likely.filter(|_| !form.has("sure")) else {
            return Ok(Shipment { courier, tracking });
        };
        let page = Page { words, ..Page::new(shop, reader).await };
        let name = courier_name(&page, &likely);
        wrongs.add("tracking", words.say_with("wrong-other-courier", "courier", name));
        typed.doubtful = true;
    }
    typed.wrongs = wrongs;
    Err(Box::new(typed))
}

/// `POST /admin/orders/{number}/shipment`; with `next` she goes on to the order whose turn it is.
pub async fn ship(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let number = number(&path)?;
    let parcel = match read(&form, &shop, &reader, Words(staff.language)).await {
        Ok(parcel) => parcel,
        Err(typed) => {
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, &reader, &staff, (&number, *typed)).await;
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match orders::ship(&mut tx, &number, &parcel, &staff.actor(), now).await {
        Ok(false) => {} // The same button twice.
        Ok(true) => {
            let subject = format!("order {number}");
            let change = Change {
                action: "ship-order",
                subject: &subject,
                before: None,
                after: Some(json!(Label::from(&parcel))),
            };
            audit::record(&mut tx, &staff, change, now).await?;
        }
        Err(error) => {
            drop(tx);
            let typed = refused(error)?;
            return draw(StatusCode::CONFLICT, &shop, &reader, &staff, (&number, typed)).await;
        }
    }
    let (said, path) = if form.has("next") {
        next_after(&mut tx, &number).await?
    } else {
        ("said-shipped", format!("/admin/orders/{number}"))
    };
    tx.commit().await?;
    shop.pages.recount();
    staff.says_next(said)?;
    Ok(see_other(&path))
}

/// What to say and where to go on: to the next order to be sent, or to their list when there is none.
async fn next_after(tx: &mut Tx, number: &OrderNumber) -> Result<(&'static str, String), Error> {
    let order = orders::find(tx, number).await?.ok_or(Error::NotFound)?;
    let next = match order.payment {
        Payment::Paid { at } => orders::next_to_ship(tx, (at, order.id)).await?,
        _ => None,
    };
    Ok(match next {
        Some(next) => ("said-shipped-next", format!("/admin/orders/{next}")),
        None => ("said-shipped", "/admin/orders?state=to-ship".to_owned()),
    })
}

/// What the page says when nothing was done.
pub fn refused(error: ChangeError) -> Result<Typed, Error> {
    match error {
        ChangeError::NoSuchOrder => Err(Error::NotFound),
        ChangeError::Refused(why) => Ok(Typed::refused(why)),
        ChangeError::Unexpected(error) => Err(error.into()),
    }
}

/// `POST /admin/orders/{number}/shipment/correction`
pub async fn correct(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let number = number(&path)?;
    let parcel = match read(&form, &shop, &reader, Words(staff.language)).await {
        Ok(parcel) => parcel,
        Err(typed) => {
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, &reader, &staff, (&number, *typed)).await;
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match orders::correct(&mut tx, &number, &parcel, &staff.actor(), now).await {
        Ok(None) => {}
        Ok(Some(before)) => {
            let subject = format!("order {number}");
            let change = Change {
                action: "correct-shipment",
                subject: &subject,
                before: Some(json!(Label::from(&before))),
                after: Some(json!(Label::from(&parcel))),
            };
            audit::record(&mut tx, &staff, change, now).await?;
        }
        Err(error) => {
            drop(tx);
            let typed = refused(error)?;
            return draw(StatusCode::CONFLICT, &shop, &reader, &staff, (&number, typed)).await;
        }
    }
    tx.commit().await?;
    staff.says_next("said-corrected")?;
    Ok(see_other(&format!("/admin/orders/{number}")))
}
