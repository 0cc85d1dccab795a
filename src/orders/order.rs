//! What an order is and which changes it allows. No database, no clock, no network.

use super::OrderNumber;
use super::fulfilment::Fulfilment;
use crate::catalog::{ProductId, VariantId};
use crate::customers::{Address, CustomerId};
use crate::money::Money;
use crate::text::{Language, Text};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct OrderId(pub i64);

#[derive(Debug, Clone)]
pub struct Order {
    pub id: OrderId,
    pub number: OrderNumber,
    /// Leads a phone to the cashier and back; shows the state of the payment and nothing else.
    pub pay_token: String,
    /// The browser that placed it.
    pub visitor: Uuid,
    pub customer: Option<CustomerId>,
    pub language: Language,
    pub address: Address,
    pub note: String,
    pub lines: Vec<Line>,
    /// As it was when the order was placed.
    pub freight: Money,
    /// Goods, less what was taken off them, and freight.
    pub total: Money,
    pub placed_at: OffsetDateTime,
    /// Until when an unpaid order is kept.
    pub pay_until: OffsetDateTime,
    pub payment: Payment,
    pub fulfilment: Fulfilment,
    pub closure: Closure,
    /// Of what it cost: on its way back to the buyer, or back already.
    pub going_back: Money,
    /// Of that: what Weibo says is back.
    pub refunded: Money,
    /// Pieces for which no money is going back.
    pub pieces_left: u32,
}

/// What was bought, as it was when it was bought: later changes of the catalog do not reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub variant: VariantId,
    pub product: ProductId,
    pub sku: String,
    pub product_slug: String,
    pub product_name: Text,
    pub choice_name: Text,
    /// The name of its picture's files.
    pub picture: Option<String>,
    pub unit_price: Money,
    pub quantity: u32,
    /// What it cost her together, after everything that was taken off the order as a whole.
    pub paid: Money,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payment {
    /// Nobody has gone to the cashier yet.
    None,
    /// Somebody has; what came of it is not known.
    Pending,
    Paid {
        at: OffsetDateTime,
    },
    /// Money came after the order was closed and its goods were gone.
    Late {
        at: OffsetDateTime,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closure {
    Open,
    Closed { at: OffsetDateTime, because: Because },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Because {
    /// It was not paid in time.
    Expired,
    /// The staff called it off before it was paid.
    Cancelled,
}

/// The order is not in a state that allows this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("the order is closed")]
    Closed,
    #[error("the order is paid")]
    Paid,
    #[error("the order may still be paid")]
    NotYet,
    #[error("the order is not paid")]
    NotPaid,
    #[error("the order is on its way already")]
    Shipped,
    #[error("the order has not been sent")]
    NotShipped,
    #[error("the order is with the buyer already")]
    Received,
    #[error("it was sent too long ago to be corrected")]
    TooLate,
    #[error("all its money is going back")]
    Refunded,
}

impl Order {
    /// Whether somebody may be sent to the cashier.
    pub fn payable(&self, now: OffsetDateTime) -> Result<(), Refused> {
        match (self.payment, self.closure) {
            (Payment::Paid { .. } | Payment::Late { .. }, _) => Err(Refused::Paid),
            (_, Closure::Closed { .. }) => Err(Refused::Closed),
            _ if now >= self.pay_until => Err(Refused::Closed),
            _ => Ok(()),
        }
    }

    /// What its goods cost together.
    pub fn goods(&self) -> Money {
        self.lines.iter().map(Line::total).sum()
    }

    /// What was taken off the goods when it was placed.
    pub fn discount(&self) -> Money {
        let before = self.goods().plus(self.freight).unwrap_or(Money::MAX);
        before.less(self.total).unwrap_or(Money::ZERO)
    }

    pub fn is_paid(&self) -> bool {
        matches!(self.payment, Payment::Paid { .. })
    }

    /// Paid and still ours to send: the column `to_ship` says the same.
    pub fn is_to_ship(&self) -> bool {
        self.is_paid() && self.fulfilment == Fulfilment::None && !self.is_given_back()
    }

    /// All of its money, or the money for all of its pieces, is on its way back, or back.
    pub fn is_given_back(&self) -> bool {
        self.going_back == self.total || self.pieces_left == 0
    }

    /// What of its money is not on its way back yet; nothing where none came.
    pub fn refundable(&self) -> Money {
        match self.payment {
            Payment::Paid { .. } | Payment::Late { .. } => {
                self.total.less(self.going_back).unwrap_or(Money::ZERO)
            }
            Payment::None | Payment::Pending => Money::ZERO,
        }
    }

    /// Nobody has paid it, and it may still be paid.
    pub fn is_unpaid(&self) -> bool {
        matches!(self.payment, Payment::None | Payment::Pending) && !self.is_closed()
    }

    pub fn is_closed(&self) -> bool {
        matches!(self.closure, Closure::Closed { .. })
    }

    /// Somebody goes to the cashier.
    pub(super) fn await_payment(&mut self) {
        if self.payment == Payment::None {
            self.payment = Payment::Pending;
        }
    }

    /// The money is here, and the goods are still ours to send.
    pub(super) fn pay(&mut self, at: OffsetDateTime) -> Result<(), Refused> {
        if self.is_paid() {
            return Err(Refused::Paid);
        }
        self.payment = Payment::Paid { at };
        self.closure = Closure::Open;
        Ok(())
    }

    /// The money is here, but the goods are gone.
    pub(super) fn pay_late(&mut self, at: OffsetDateTime) -> Result<(), Refused> {
        match (self.payment, self.closure) {
            (Payment::Paid { .. } | Payment::Late { .. }, _) => Err(Refused::Paid),
            (_, Closure::Open) => Err(Refused::NotYet),
            _ => {
                self.payment = Payment::Late { at };
                Ok(())
            }
        }
    }

    /// Its time is over and nobody paid.
    pub(super) fn expire(&mut self, now: OffsetDateTime) -> Result<(), Refused> {
        match (self.payment, self.closure) {
            (Payment::Paid { .. } | Payment::Late { .. }, _) => Err(Refused::Paid),
            (_, Closure::Closed { .. }) => Err(Refused::Closed),
            _ if now < self.pay_until => Err(Refused::NotYet),
            _ => {
                self.closure = Closure::Closed { at: now, because: Because::Expired };
                Ok(())
            }
        }
    }

    /// The staff calls it off.
    pub(super) fn cancel(&mut self, now: OffsetDateTime) -> Result<(), Refused> {
        match (self.payment, self.closure) {
            (Payment::Paid { .. } | Payment::Late { .. }, _) => Err(Refused::Paid),
            (_, Closure::Closed { .. }) => Err(Refused::Closed),
            _ => {
                self.closure = Closure::Closed { at: now, because: Because::Cancelled };
                Ok(())
            }
        }
    }

    /// So much of its money is sent back from now on, for so many pieces.
    pub(super) fn give_back(&mut self, amount: Money, pieces: u32) -> Result<(), Refused> {
        let all = self.going_back.plus(amount).filter(|_| amount <= self.refundable());
        self.going_back = all.ok_or(Refused::Refunded)?;
        self.pieces_left = self.pieces_left.saturating_sub(pieces);
        Ok(())
    }

    /// So much of what was to go back stays.
    pub(super) fn keep_after_all(&mut self, amount: Money, pieces: u32) {
        self.going_back = self.going_back.less(amount).unwrap_or(Money::ZERO);
        let all = self.lines.iter().map(|line| line.quantity).sum();
        self.pieces_left = self.pieces_left.saturating_add(pieces).min(all);
    }
}

impl Line {
    pub fn total(&self) -> Money {
        self.unit_price.times(self.quantity).unwrap_or(Money::MAX)
    }
}

impl Payment {
    /// The word the database and the page's `data-payment` use.
    pub fn name(self) -> &'static str {
        match self {
            Payment::None => "none",
            Payment::Pending => "pending",
            Payment::Paid { .. } => "paid",
            Payment::Late { .. } => "late",
        }
    }
}

impl Closure {
    pub fn name(self) -> &'static str {
        match self {
            Closure::Open => "open",
            Closure::Closed { because, .. } => because.name(),
        }
    }
}

impl Because {
    pub fn name(self) -> &'static str {
        match self {
            Because::Expired => "expired",
            Because::Cancelled => "cancelled",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Because> {
        [Because::Expired, Because::Cancelled].into_iter().find(|because| because.name() == name)
    }
}
