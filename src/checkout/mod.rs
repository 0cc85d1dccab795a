//! From a choice to a placed order: what was asked for, whether it can be had, and placing it once.

mod form;

pub use form::{Ask, Form, Quantity, Wrong};

use crate::catalog::{Offer, TakeError, stock};
use crate::customers::CustomerId;
use crate::db::Db;
use crate::money::Money;
use crate::orders::{self, Begun, Line, NewOrder, OrderNumber, PlaceError};
use crate::text::Language;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// Who places an order, and in which language.
pub struct Buyer {
    pub visitor: Uuid,
    pub customer: Option<CustomerId>,
    pub language: Language,
}

/// Why an order was not placed. Nothing is lost: what was typed can be sent again.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("only {left} left")]
    SoldOut { left: u32 },
    #[error("no such variant, or it is not sold any more")]
    NoSuchVariant,
    #[error("the price is {now} now")]
    PriceChanged { now: Money },
    #[error("the same form was sent before with other content")]
    OtherContent,
    #[error("the total is beyond what can be charged")]
    TooMuch,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// Places the order that was asked for, in one transaction with its stock. The same form sent again, at the
/// same time or later, is the same order. The price is that of the catalog at this moment; when it differs
/// from the one the buyer was shown she is told instead.
pub async fn place(
    db: &Db,
    ask: &Ask,
    buyer: &Buyer,
    expiry: Duration,
    now: OffsetDateTime,
) -> Result<OrderNumber, Refused> {
    let digest = ask.digest();
    let id = match orders::begin(&mut *db.reader().await.map_err(anyhow::Error::from)?, ask.key).await? {
        Begun::New(id) => id,
        Begun::Placed(number, before) => return same(number, &before, &digest),
    };
    let mut tx = db.begin().await.map_err(anyhow::Error::from)?;
    let offer = match stock::take(&mut tx, id.0, &ask.sku, ask.quantity.get(), now).await {
        Ok(offer) => offer,
        Err(error) => {
            drop(tx);
            // The other half of a double click may have taken the last piece for this very order.
            return match placed_before(db, ask.key, &digest).await? {
                Some(placed) => placed,
                None => Err(refused(error)),
            };
        }
    };
    if ask.shown_price.is_some_and(|shown| shown != offer.price) {
        return Err(Refused::PriceChanged { now: offer.price });
    }
    let new = NewOrder {
        id,
        checkout_key: ask.key,
        checkout_digest: digest.clone(),
        visitor: buyer.visitor,
        customer: buyer.customer,
        language: buyer.language,
        address: ask.address.clone(),
        note: ask.note.clone(),
        lines: vec![line(&offer, ask.quantity)],
        pay_until: now + expiry,
    };
    match orders::place(&mut tx, &new, now).await {
        Ok(number) => {
            tx.commit().await.map_err(anyhow::Error::from)?;
            Ok(number)
        }
        Err(PlaceError::AlreadyPlaced) => {
            drop(tx);
            let placed = placed_before(db, ask.key, &digest).await?;
            placed.unwrap_or_else(|| Err(anyhow::anyhow!("the order that was placed is gone").into()))
        }
        Err(PlaceError::TooMuch) => Err(Refused::TooMuch),
        Err(PlaceError::Unexpected(error)) => Err(Refused::Unexpected(error)),
    }
}

/// The order that this form placed before, or the refusal when it asked for something else then.
async fn placed_before(
    db: &Db,
    key: Uuid,
    digest: &[u8],
) -> anyhow::Result<Option<Result<OrderNumber, Refused>>> {
    Ok(match orders::begin(&mut *db.reader().await?, key).await? {
        Begun::Placed(number, before) => Some(same(number, &before, digest)),
        Begun::New(_) => None,
    })
}

fn same(number: OrderNumber, before: &[u8], digest: &[u8]) -> Result<OrderNumber, Refused> {
    if before == digest { Ok(number) } else { Err(Refused::OtherContent) }
}

fn refused(error: TakeError) -> Refused {
    match error {
        TakeError::SoldOut { left } => Refused::SoldOut { left },
        TakeError::NoSuchVariant => Refused::NoSuchVariant,
        TakeError::Unexpected(error) => Refused::Unexpected(error.into()),
    }
}

/// What the order remembers of the catalog.
fn line(offer: &Offer, quantity: Quantity) -> Line {
    Line {
        variant: offer.variant,
        product: offer.product,
        sku: offer.sku.to_string(),
        product_slug: offer.slug.to_string(),
        product_name: offer.product_name.clone(),
        choice_name: offer.choice_name.clone(),
        picture: offer.picture.as_ref().map(|picture| picture.name.clone()),
        unit_price: offer.price,
        quantity: quantity.get(),
    }
}
