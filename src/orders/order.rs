//! What an order is and which changes it allows. No database, no clock, no network.

use super::OrderNumber;
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
    /// Goods and freight.
    pub total: Money,
    pub placed_at: OffsetDateTime,
    /// Until when an unpaid order is kept.
    pub pay_until: OffsetDateTime,
    pub payment: Payment,
    pub fulfilment: Fulfilment,
    pub closure: Closure,
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
pub enum Fulfilment {
    None,
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

    pub fn is_paid(&self) -> bool {
        matches!(self.payment, Payment::Paid { .. })
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

impl Fulfilment {
    pub fn name(self) -> &'static str {
        match self {
            Fulfilment::None => "none",
        }
    }
}

impl Closure {
    pub fn name(self) -> &'static str {
        match self {
            Closure::Open => "open",
            Closure::Closed { because: Because::Expired, .. } => "expired",
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use time::Duration;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);

    fn order() -> Order {
        Order {
            id: OrderId(1),
            number: OrderNumber::mint(NOON, 0),
            pay_token: String::new(),
            visitor: Uuid::nil(),
            customer: None,
            language: Language::Chinese,
            address: Address {
                recipient: String::new(),
                phone: String::new(),
                province: String::new(),
                city: String::new(),
                district: String::new(),
                street: String::new(),
            },
            note: String::new(),
            lines: Vec::new(),
            freight: Money::ZERO,
            total: Money::MAX,
            placed_at: NOON,
            pay_until: NOON + Duration::minutes(30),
            payment: Payment::None,
            fulfilment: Fulfilment::None,
            closure: Closure::Open,
        }
    }

    #[test]
    fn a_paid_order_neither_expires_nor_is_paid_again() {
        let mut order = order();
        order.pay(NOON).unwrap();
        assert_eq!(order.expire(NOON + Duration::days(1)), Err(Refused::Paid));
        assert_eq!(order.pay(NOON + Duration::hours(1)), Err(Refused::Paid));
        assert_eq!(order.pay_late(NOON), Err(Refused::Paid));
        order.await_payment();
        assert_eq!(order.payment, Payment::Paid { at: NOON });
        assert_eq!(order.payable(NOON), Err(Refused::Paid));
    }

    #[test]
    fn an_order_expires_when_its_time_is_over_and_not_before() {
        let mut order = order();
        assert_eq!(order.expire(NOON + Duration::minutes(29)), Err(Refused::NotYet));
        order.expire(NOON + Duration::minutes(30)).unwrap();
        assert_eq!(order.expire(NOON + Duration::minutes(31)), Err(Refused::Closed));
        assert_eq!(order.payable(NOON), Err(Refused::Closed));
    }

    #[test]
    fn money_that_comes_late_reopens_or_is_late() {
        let mut late = order();
        assert_eq!(late.pay_late(NOON), Err(Refused::NotYet), "an open order is simply paid");
        late.expire(NOON + Duration::hours(1)).unwrap();
        let mut reopened = late.clone();
        late.pay_late(NOON + Duration::hours(2)).unwrap();
        assert!(late.is_closed() && !late.is_paid());
        reopened.pay(NOON + Duration::hours(2)).unwrap();
        assert!(!reopened.is_closed() && reopened.is_paid());
    }

    #[test]
    fn nobody_is_sent_to_the_cashier_when_the_time_is_over() {
        let order = order();
        assert_eq!(order.payable(NOON), Ok(()));
        assert_eq!(order.payable(order.pay_until), Err(Refused::Closed));
    }
}
