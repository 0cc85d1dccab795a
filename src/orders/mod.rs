//! Orders: from being placed to being received, and the ways they end early.

mod changes;
mod number;
mod order;
mod store;

pub use changes::Changes;
pub use number::{NotANumber, OrderNumber};
pub use order::{Because, Closure, Fulfilment, Line, Order, OrderId, Payment, Refused};
pub use store::{Begun, adopt, begin, find, find_by_id, find_by_pay_token, latest, numbers, placed_by};

use crate::actor::Actor;
use crate::catalog::{VariantId, stock};
use crate::customers::{Address, CustomerId};
use crate::db::{Tx, violates};
use crate::jobs::{self, Job};
use crate::money::Money;
use crate::seal;
use crate::text::Language;
use time::OffsetDateTime;
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
    pub lines: Vec<Line>,
    pub pay_until: OffsetDateTime,
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

/// Places an order and sees to it that it is closed when nobody pays.
pub async fn place(tx: &mut Tx, new: &NewOrder, now: OffsetDateTime) -> Result<OrderNumber, PlaceError> {
    let mut total = Money::ZERO;
    for line in &new.lines {
        let sum = line.unit_price.times(line.quantity).and_then(|t| total.plus(t));
        total = sum.ok_or(PlaceError::TooMuch)?;
    }
    loop {
        let number = OrderNumber::mint(now, u32::from_le_bytes(seal::random()));
        match store::insert(tx, &number, new, total, now).await {
            Ok(true) => {
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

/// An order that nobody else can change until the transaction ends. Only [`lock`] makes it.
pub struct Locked(Order);

/// Holds the order's row until `tx` ends.
pub async fn lock(tx: &mut Tx, id: OrderId) -> anyhow::Result<Option<Locked>> {
    if !store::hold(tx, id).await? {
        return Ok(None);
    }
    // Read after the lock is held, so that it is what the last holder left.
    Ok(store::find_by_id(tx, id).await?.map(Locked))
}

/// What became of the order that money came for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Paid,
    /// It was closed; its goods were taken from stock again.
    Reopened,
    /// It was closed and its goods are gone: the money must go back.
    TooLate,
}

impl Locked {
    pub fn order(&self) -> &Order {
        &self.0
    }

    /// Somebody goes to the cashier.
    pub async fn await_payment(&mut self, tx: &mut Tx) -> anyhow::Result<()> {
        self.0.await_payment();
        store::save(tx, &self.0).await
    }

    /// The order's money is here, as `by` told. A closed order is opened again when its goods can still be had.
    pub async fn pay(&mut self, tx: &mut Tx, by: &Actor, at: OffsetDateTime) -> anyhow::Result<Kept> {
        let kept = if !self.0.is_closed() {
            Kept::Paid
        } else if stock::take_again(tx, self.0.id.0, &pieces(&self.0.lines), by, at).await? {
            Kept::Reopened
        } else {
            Kept::TooLate
        };
        match kept {
            Kept::TooLate => self.0.pay_late(at)?,
            Kept::Paid | Kept::Reopened => self.0.pay(at)?,
        }
        store::save(tx, &self.0).await?;
        Ok(kept)
    }

    /// Closes an order that nobody paid in time and gives its goods back, once.
    pub async fn expire(&mut self, tx: &mut Tx, now: OffsetDateTime) -> anyhow::Result<()> {
        self.0.expire(now)?;
        let why = (stock::Reason::Expiry, &Actor::Shop);
        stock::give_back(tx, self.0.id.0, &pieces(&self.0.lines), why, now).await?;
        store::save(tx, &self.0).await
    }
}

/// What an order holds of the stock.
fn pieces(lines: &[Line]) -> Vec<(VariantId, u32)> {
    lines.iter().map(|line| (line.variant, line.quantity)).collect()
}
