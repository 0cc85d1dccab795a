//! Orders: from being placed to being received, and the ways they end early.

pub mod desk;
pub mod event;
mod fulfilment;
mod locked;
mod number;
mod order;
#[cfg(test)]
mod order_tests;
pub mod origin;
mod receipt;
mod shipment;
mod stage;
mod store;

pub use fulfilment::{CORRECTABLE, Fulfilment, ReceivedBy};
pub use locked::{ChangeError, Kept, Locked, lock};
pub use number::{NotANumber, OrderNumber};
pub use order::{Because, Closure, Line, Order, OrderId, Payment, Refused};
pub use receipt::{receive, receive_due, wait_no_shorter};
pub use shipment::{Courier, Sent, Shipment, Tracking, WrongShipment};
pub use stage::Stage;
pub use store::events::history;
pub use store::placing::{Begun, begin, numbers};
pub use store::shipments::{
    ToShip, last_courier, next_to_ship, parcel, parcels, sent, to_ship, to_ship_up_to,
};
pub use store::{CHANNEL, find, find_all, find_by_id, find_by_pay_token, latest, placed_by};

use crate::actor::Actor;
use crate::customers::relations::{self, Fact, Kind, Source};
use crate::customers::{Address, CustomerId};
use crate::db::{Tx, violates};
use crate::jobs::{self, Job};
use crate::money::Money;
use crate::seal;
use crate::text::Language;
use event::What;
use origin::Origin;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// An order about to be placed; its goods have been taken from stock in the same transaction.
pub struct NewOrder {
    /// From [`begin`]: under it the goods were taken.
    pub id: OrderId,
    /// Makes the form that placed it work once.
    pub checkout_key: Uuid,
    /// Of everything that was asked for: another digest under the same key is another order.
    pub checkout_digest: Vec<u8>,
    pub visitor: Uuid,
    pub customer: Option<CustomerId>,
    pub language: Language,
    pub address: Address,
    pub note: String,
    /// What each costs her, [`Line::paid`], is worked out when it is placed.
    pub lines: Vec<Line>,
    /// Taken off the goods together; less than they cost.
    pub discount: Money,
    pub freight: Money,
    pub pay_until: OffsetDateTime,
    /// Who brought it, where that is known.
    pub origin: Option<Origin>,
}

#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The transaction is spent; the order is there already.
    #[error("this checkout form has placed an order already")]
    AlreadyPlaced,
    #[error("the total is beyond what can be charged")]
    TooMuch,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// Places an order and sees to it that it is closed when nobody pays. What is taken off its goods is shared out
/// among the lines, so that refunds of all lines give back exactly what was paid.
pub async fn place(tx: &mut Tx, new: &NewOrder, now: OffsetDateTime) -> Result<OrderNumber, PlaceError> {
    let mut goods = Money::ZERO;
    let mut costs = Vec::new();
    for line in &new.lines {
        let cost = line.unit_price.times(line.quantity).ok_or(PlaceError::TooMuch)?;
        goods = goods.plus(cost).ok_or(PlaceError::TooMuch)?;
        costs.push(cost);
    }
    let due = goods.less(new.discount).ok_or(PlaceError::TooMuch)?;
    let total = due.plus(new.freight).ok_or(PlaceError::TooMuch)?;
    let paid = due.split(&costs);
    loop {
        let number = OrderNumber::mint(now, u32::from_le_bytes(seal::random()));
        match store::placing::insert(tx, &number, new, (total, &paid), now).await {
            Ok(true) => {
                store::events::record(tx, new.id, &What::Placed {}, &Actor::Buyer, now).await?;
                if let Some(origin) = &new.origin {
                    store::origins::record(tx, new.id, origin).await.map_err(anyhow::Error::from)?;
                }
                jobs::enqueue(tx, &Job::CloseUnpaidOrder { order: new.id.0 }, new.pay_until).await?;
                return Ok(number);
            }
            Ok(false) => {} // Somebody else has this number: take another.
            Err(error) if violates(&error, "orders_checkout_key_unique") => {
                return Err(PlaceError::AlreadyPlaced);
            }
            Err(error) => return Err(PlaceError::Unexpected(error.into())),
        }
    }
}

/// Sends a paid order; so long at least it `waits` for the buyer's word that she has it. The same parcel told twice is one: false when it had been sent so before. The row of
/// the order is held, so of two who send it at once the second is refused.
pub async fn ship(
    tx: &mut Tx,
    number: &OrderNumber,
    (parcel, waits): (&Shipment, Duration),
    by: &Actor,
    now: OffsetDateTime,
) -> Result<bool, ChangeError> {
    let mut order = hold(tx, number).await?;
    if sent(tx, order.order().id).await?.is_some_and(|sent| sent.shipment == *parcel) {
        return Ok(false);
    }
    order.ship(tx, (parcel, waits), by, now).await?;
    Ok(true)
}

/// Puts another courier or number on a parcel that was sent, within [`CORRECTABLE`]. Returns what it was
/// before; nothing when it was so already.
pub async fn correct(
    tx: &mut Tx,
    number: &OrderNumber,
    to: &Shipment,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Option<Shipment>, ChangeError> {
    let mut order = hold(tx, number).await?;
    let from = sent(tx, order.order().id).await?.ok_or(Refused::NotShipped)?.shipment;
    if from == *to {
        return Ok(None);
    }
    order.relabel(tx, (&from, to), by, now).await?;
    Ok(Some(from))
}

/// Writes a note into the order's history, for the staff only.
pub async fn note(
    tx: &mut Tx,
    number: &OrderNumber,
    text: &str,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(), ChangeError> {
    Ok(hold(tx, number).await?.note(tx, text, by, now).await?)
}

/// Gives the orders that this browser placed as a guest to the customer who has signed in on it: what of them is
/// paid, she bought.
pub async fn adopt(
    tx: &mut Tx,
    visitor: Uuid,
    customer: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    for (number, paid_at) in store::placing::adopt(tx, visitor, customer).await? {
        relations::learn(tx, customer, &purchase(number, paid_at), now).await?;
    }
    Ok(())
}

/// The fact that somebody bought something: also when the money goes back later.
fn purchase(number: String, paid_at: OffsetDateTime) -> Fact {
    Fact { kind: Kind::Purchase, happened_at: paid_at, source: Source::Order(number) }
}

async fn hold(tx: &mut Tx, number: &OrderNumber) -> Result<Locked, ChangeError> {
    let id = store::id_of(tx, number).await?.ok_or(ChangeError::NoSuchOrder)?;
    lock(tx, id).await?.ok_or(ChangeError::NoSuchOrder)
}
