//! A partner's own room in the shop: her links, the orders she brought, and her money. Of the buyers it says nothing.

pub mod invitation;
pub mod links;
pub mod room;
pub mod statement;

use super::who::Visitor;
use super::{Error, Shop};
use crate::customers::CustomerId;
use crate::orders::OrderNumber;
use crate::partners::{self, Partner};
use actix_session::Session;
use actix_web::http::StatusCode;

/// Who asks for a page of hers.
enum Asking {
    /// She may be one; who has not signed in learns only that.
    Nobody,
    Partner(CustomerId, Partner),
}

/// Whoever has signed in and is no partner finds nothing here.
async fn asking(shop: &Shop, session: &Session) -> Result<Asking, Error> {
    let Some(customer) = Visitor::of(session).customer else { return Ok(Asking::Nobody) };
    let partner = partners::of_customer(&mut *shop.db.reader().await?, customer).await?;
    Ok(Asking::Partner(customer, partner.ok_or(Error::NotFound)?))
}

/// The same for what only she does, or takes home.
async fn partner(shop: &Shop, session: &Session) -> Result<(CustomerId, Partner), Error> {
    match asking(shop, session).await? {
        Asking::Partner(customer, partner) => Ok((customer, partner)),
        Asking::Nobody => Err(Error::Refused(StatusCode::FORBIDDEN, "error-not-signed-in")),
    }
}

/// Enough of a number to talk about an order, not enough to find it.
fn masked(number: &OrderNumber) -> String {
    let text = number.as_str();
    format!("*{}", text.rsplit('-').next().unwrap_or_default())
}
