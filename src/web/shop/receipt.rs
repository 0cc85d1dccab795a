//! A buyer says that her order is with her.

use super::order::{Opened, find, shop_time};
use crate::actor::Actor;
use crate::orders::{self, ChangeError, Order, Refused};
use crate::web::page::{Page, see_other};
use crate::web::who::{Access, Reader};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use time::OffsetDateTime;

/// What an order on its way says of being received; its owner has a button.
pub enum Awaited {
    /// Without her word it counts as received then.
    Until(OffsetDateTime),
    /// Its time is over, and it will be soon.
    Soon,
    /// Money is being sent back: that comes first.
    Refund,
}

impl Awaited {
    /// Nothing for an order that is not on its way, or of which all the money goes back.
    pub fn of(order: &Order, now: OffsetDateTime) -> Option<Awaited> {
        let until = order.counts_as_received_at()?;
        Some(match () {
            () if order.is_being_refunded() => Awaited::Refund,
            () if until <= now => Awaited::Soon,
            () => Awaited::Until(until),
        })
    }

    pub fn say(&self, words: Words) -> String {
        match self {
            Awaited::Until(at) => words.say_with("receipt-by-itself", "at", shop_time(*at)),
            Awaited::Soon => words.say("receipt-soon"),
            Awaited::Refund => words.say("receipt-held"),
        }
    }
}

/// `POST /orders/{number}/receipt`: she has it. Pressed again, elsewhere or after its time was over, it is the same.
pub async fn create(
    number: Path<String>,
    opened: Query<Opened>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    if seen.access != Access::Owner {
        return Err(Error::Refused(StatusCode::FORBIDDEN, "error-receipt-sign-in"));
    }
    let mut tx = shop.db.begin().await?;
    match orders::receive(&mut tx, &seen.order.number, &Actor::Buyer, shop.clock.now()).await {
        Ok(_) => tx.commit().await?,
        Err(ChangeError::Refused(Refused::Refunded)) => {
            return Err(Error::Refused(StatusCode::CONFLICT, "error-receipt-refunded"));
        }
        Err(ChangeError::Refused(_)) => {
            return Err(Error::Refused(StatusCode::CONFLICT, "error-receipt-not-sent"));
        }
        Err(ChangeError::NoSuchOrder) => return Err(Error::NotFound),
        Err(ChangeError::Unexpected(error)) => return Err(error.into()),
    }
    let frame = Page::new(&shop, &reader).await;
    Ok(see_other(&frame.to(&seen.path(&shop))))
}
