//! Sending an order, putting its label right, and saying that it is received.

use super::handling::Handling;
use super::order::Typed;
use crate::db::Tx;
use crate::orders::event::Label;
use crate::orders::{self, Courier, OrderNumber, Payment, Shipment, Tracking, WrongShipment};
use crate::staff::permission::HandleOrders;
use crate::web::form::{Fields, Wrongs};
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// The parcel that a form means, or the form to be shown again.
fn read(form: &Fields, at: &Handling<'_>) -> Result<Shipment, Box<Typed>> {
    let mut typed = Typed {
        courier: form.text("courier"),
        courier_name: form.text("courier_name"),
        tracking: form.text("tracking"),
        ..Typed::default()
    };
    let words = at.words;
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
        let name = likely.name(words.0);
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
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let parcel = match read(&form, &at) {
        Ok(parcel) => parcel,
        Err(typed) => return at.again(*typed).await,
    };
    let waits = shop.current.terms(&shop.db).await?.delivery.receive_after;
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match orders::ship(&mut tx, &at.number, (&parcel, waits), &staff.actor(), now).await {
        Ok(true) => {
            let after = Some(json!(Label::from(&parcel)));
            at.record(&mut tx, "ship-order", (None, after), now).await?;
        }
        Ok(false) => {} // The same button twice.
        Err(why) => return at.refuse(tx, why).await,
    }
    let next = if form.has("next") { Some(next_after(&mut tx, &at.number).await?) } else { None };
    tx.commit().await?;
    shop.pages.recount();
    let (says, path) = next.unwrap_or_else(|| ("said-shipped", at.page()));
    at.go_on(says, &path)
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

/// `POST /admin/orders/{number}/shipment/correction`
pub async fn correct(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let parcel = match read(&form, &at) {
        Ok(parcel) => parcel,
        Err(typed) => return at.again(*typed).await,
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match orders::correct(&mut tx, &at.number, &parcel, &staff.actor(), now).await {
        Ok(Some(before)) => {
            let change = (Some(json!(Label::from(&before))), Some(json!(Label::from(&parcel))));
            at.record(&mut tx, "correct-shipment", change, now).await?;
        }
        Ok(None) => {} // It says so already.
        Err(why) => return at.refuse(tx, why).await,
    }
    tx.commit().await?;
    at.go_on("said-corrected", &at.page())
}

/// `POST /admin/orders/{number}/receipt`: the buyer has it, as she or her courier told the shop.
pub async fn receive(
    staff: Staff<HandleOrders>,
    _form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match orders::receive(&mut tx, &at.number, &staff.actor(), now).await {
        Ok(true) => at.record(&mut tx, "receive-order", (None, None), now).await?,
        Ok(false) => {} // Somebody was first.
        Err(why) => return at.refuse(tx, why).await,
    }
    tx.commit().await?;
    at.go_on("said-received", &at.page())
}
