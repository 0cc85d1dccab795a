//! An order that nobody else can change for now, and everything that can be done to it. Each change is
//! written into the order's history in the same transaction.

use super::event::{Label, What};
use super::order::{Closure, Order, OrderId, Refused};
use super::origin::{self, Came, KnownBy};
use super::purchase;
use super::shipment::Shipment;
use super::store::{self, events, origins, shipments};
use crate::actor::Actor;
use crate::catalog::{VariantId, stock};
use crate::coupons;
use crate::customers::relations;
use crate::customers::touches::Touch;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::money::Money;
use time::{Duration, OffsetDateTime};

/// An order whose row is held until the transaction ends. Only [`lock`] makes it.
pub struct Locked(Order);

/// Holds the order's row until `tx` ends.
pub async fn lock(tx: &mut Tx, id: OrderId) -> anyhow::Result<Option<Locked>> {
    if !store::hold(tx, id).await? {
        return Ok(None);
    }
    // Read after the lock is held, so that it is what the last holder left.
    Ok(store::find_by_id(tx, id).await?.map(Locked))
}

/// Why an order was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("no such order")]
    NoSuchOrder,
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for ChangeError {
    fn from(error: sqlx::Error) -> ChangeError {
        ChangeError::Unexpected(error.into())
    }
}

/// What became of the order that money came for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Paid,
    /// It was closed; its goods were taken from stock again, and its coupon is used by it again.
    Reopened,
    /// It was closed, and its goods are gone or another order has used its coupon: the money must go back.
    TooLate,
}

impl Locked {
    pub fn order(&self) -> &Order {
        &self.0
    }

    async fn happens(&self, tx: &mut Tx, what: &What, by: &Actor, now: OffsetDateTime) -> anyhow::Result<()> {
        events::record(tx, self.0.id, what, by, now).await
    }

    /// Somebody goes to the cashier on this way.
    pub async fn await_payment(&mut self, tx: &mut Tx, way: &str, now: OffsetDateTime) -> anyhow::Result<()> {
        self.0.await_payment();
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Cashier { way: way.to_owned() }, &Actor::Buyer, now).await
    }

    /// The order's money is here, as `by` told. An order that was closed no longer than `reopen_within` ago is opened
    /// again when its goods can still be had at the same price, and its coupon, if it has one.
    pub async fn pay(
        &mut self,
        tx: &mut Tx,
        (money, reopen_within): (Money, Duration),
        by: &Actor,
        at: OffsetDateTime,
    ) -> anyhow::Result<Kept> {
        let in_time = match self.0.closure {
            Closure::Open => true,
            Closure::Closed { at: closed, .. } => at - closed <= reopen_within,
        };
        let kept = if !self.0.is_closed() {
            Kept::Paid
        } else if in_time && self.takes_all_again(tx, by, at).await? {
            Kept::Reopened
        } else {
            Kept::TooLate
        };
        match kept {
            Kept::TooLate => self.0.pay_late(at)?,
            Kept::Paid | Kept::Reopened => self.0.pay(at)?,
        }
        store::save(tx, &self.0).await?;
        let what = match kept {
            Kept::TooLate => What::Late { fen: money.fen() },
            kept => What::Paid { fen: money.fen(), reopened: kept == Kept::Reopened },
        };
        // Whether it told by itself or was asked: it is Weibo that says so.
        self.happens(tx, &what, &Actor::Weibo, at).await?;
        if let (Some(customer), true) = (self.0.customer, kept != Kept::TooLate) {
            relations::learn(tx, customer, &purchase(self.0.number.to_string(), at), at).await?;
        }
        Ok(kept)
    }

    /// Whoever paid it had come by a link to where she paid. It counts as if it were known when she ordered: what she
    /// tapped afterwards has not brought it. An order whose origin is known keeps it.
    pub async fn came_to_pay(&self, tx: &mut Tx, touch: Touch) -> anyhow::Result<()> {
        let came = [Came { touch, known_by: KnownBy::Payment }];
        let buyer = (self.0.visitor, self.0.customer);
        if let Some(origin) = origin::find_out(tx, buyer, &came, self.0.placed_at).await? {
            origins::record(tx, self.0.id, &origin).await?;
        }
        Ok(())
    }

    /// What it gave back when it was closed: all of it is the order's again, or nothing.
    async fn takes_all_again(&self, tx: &mut Tx, by: &Actor, at: OffsetDateTime) -> anyhow::Result<bool> {
        let id = self.0.id.0;
        if !coupons::take_again(tx, id, at).await? {
            return Ok(false);
        }
        let again: Vec<_> = self.0.lines.iter().map(|l| (l.variant, l.quantity, l.unit_price)).collect();
        let taken = stock::take_again(tx, id, &again, by, at).await?;
        if !taken {
            coupons::give_back(tx, id).await?;
        }
        Ok(taken)
    }

    /// Money came that the order has no use for. It changes nothing but its history.
    pub async fn overpay(&mut self, tx: &mut Tx, money: Money, now: OffsetDateTime) -> anyhow::Result<()> {
        self.happens(tx, &What::Surplus { fen: money.fen() }, &Actor::Weibo, now).await
    }

    /// So much of what the order keeps is sent back from now on, for so many pieces, because of `cause`.
    pub async fn give_back(
        &mut self,
        tx: &mut Tx,
        (money, pieces, cause): (Money, u32, &str),
        by: &Actor,
        now: OffsetDateTime,
    ) -> Result<(), ChangeError> {
        self.0.give_back(money, pieces)?;
        store::save(tx, &self.0).await?;
        self.goes_back(tx, (money, cause), by, now).await?;
        Ok(())
    }

    /// Writes down that money goes back which the order does not keep.
    pub async fn goes_back(
        &mut self,
        tx: &mut Tx,
        (money, cause): (Money, &str),
        by: &Actor,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        self.happens(tx, &What::Refunding { fen: money.fen(), cause: cause.to_owned() }, by, now).await
    }

    /// Money is back with the buyer; the pieces that came with it go on the shelf, `elsewhere` had come back before. The
    /// ledger has to say so too.
    pub async fn is_back(
        &mut self,
        tx: &mut Tx,
        (money, elsewhere): (Money, u32),
        (refund, pieces): (i64, &[(VariantId, u32)]),
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        let why = (stock::Because::Refunded(refund), &Actor::Shop);
        stock::give_back(tx, self.0.id.0, pieces, why, now).await?;
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Refunded { fen: money.fen(), elsewhere }, &Actor::Weibo, now).await
    }

    /// Pieces that a refund brought back are the order's again, as its money is; false when they are gone.
    pub async fn takes_again(
        &mut self,
        tx: &mut Tx,
        refund: i64,
        now: OffsetDateTime,
    ) -> anyhow::Result<bool> {
        stock::take_from_refund(tx, (self.0.id.0, refund), now).await
    }

    /// Money did not go back after all. `kept`: for so many pieces it is the order's own, and can be sent again.
    pub async fn keeps_after_all(
        &mut self,
        tx: &mut Tx,
        (money, kept): (Money, Option<u32>),
        why: &str,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        if let Some(pieces) = kept {
            self.0.keep_after_all(money, pieces);
        }
        store::save(tx, &self.0).await?;
        let what = What::RefundFailed { fen: money.fen(), why: why.to_owned() };
        self.happens(tx, &what, &Actor::Weibo, now).await
    }

    /// The buyer was told of `about`, a word of `payments::telling::About`.
    pub async fn told(&self, tx: &mut Tx, about: &str, now: OffsetDateTime) -> anyhow::Result<()> {
        self.happens(tx, &What::Told { about: about.to_owned() }, &Actor::Shop, now).await
    }

    /// Closes an order that nobody paid in time and gives its goods and its coupon back, once.
    pub async fn expire(&mut self, tx: &mut Tx, now: OffsetDateTime) -> anyhow::Result<()> {
        self.0.expire(now)?;
        coupons::give_back(tx, self.0.id.0).await?;
        let why = (stock::Because::Expired, &Actor::Shop);
        stock::give_back(tx, self.0.id.0, &pieces(&self.0), why, now).await?;
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Expired {}, &Actor::Shop, now).await
    }

    /// Closes an order that the staff calls off before it is paid and gives its goods and its coupon back, once. That Weibo
    /// has taken no money for it is for the caller to know.
    pub async fn cancel(
        &mut self,
        tx: &mut Tx,
        reason: &str,
        by: &Actor,
        now: OffsetDateTime,
    ) -> Result<(), ChangeError> {
        self.0.cancel(now)?;
        coupons::give_back(tx, self.0.id.0).await?;
        let why = (stock::Because::Cancelled, by);
        stock::give_back(tx, self.0.id.0, &pieces(&self.0), why, now).await?;
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Cancelled { reason: reason.to_owned() }, by, now).await?;
        Ok(())
    }

    pub(super) async fn ship(
        &mut self,
        tx: &mut Tx,
        (parcel, waits): (&Shipment, Duration),
        by: &Actor,
        now: OffsetDateTime,
    ) -> Result<(), ChangeError> {
        self.0.ship(waits, now)?;
        let id = shipments::insert(tx, self.0.id, parcel, by, now).await?;
        jobs::enqueue(tx, &Job::TellOfParcel { parcel: id }, now).await?;
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Shipped { parcel: parcel.into() }, by, now).await?;
        Ok(())
    }

    pub(super) async fn relabel(
        &mut self,
        tx: &mut Tx,
        (from, to): (&Shipment, &Shipment),
        by: &Actor,
        now: OffsetDateTime,
    ) -> Result<(), ChangeError> {
        self.0.correctable(now)?;
        shipments::relabel(tx, self.0.id, to, now).await?;
        let (from, to) = (Label::from(from), Label::from(to));
        self.happens(tx, &What::Corrected { from, to }, by, now).await?;
        Ok(())
    }

    pub(super) async fn receive(
        &mut self,
        tx: &mut Tx,
        by: &Actor,
        now: OffsetDateTime,
    ) -> Result<(), ChangeError> {
        self.0.receive(by.into(), now)?;
        store::save(tx, &self.0).await?;
        self.happens(tx, &What::Received {}, by, now).await?;
        Ok(())
    }

    pub(super) async fn note(
        &mut self,
        tx: &mut Tx,
        text: &str,
        by: &Actor,
        now: OffsetDateTime,
    ) -> anyhow::Result<()> {
        self.happens(tx, &What::Noted { text: text.to_owned() }, by, now).await
    }
}

/// What an order holds of the stock.
fn pieces(order: &Order) -> Vec<(VariantId, u32)> {
    order.lines.iter().map(|line| (line.variant, line.quantity)).collect()
}
