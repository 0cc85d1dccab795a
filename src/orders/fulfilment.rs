//! What becomes of an order's goods: sent, and received. No database, no clock, no network.

use super::order::{Closure, Order, Payment, Refused};
use crate::actor::Actor;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fulfilment {
    None,
    /// On its way, as a whole.
    Shipped {
        at: OffsetDateTime,
        /// So long it waits for her word, before it counts as received: what she was told when it was sent, or a longer
        /// time that was set since.
        waits: Duration,
    },
    /// With the buyer, as far as anybody can know.
    Received {
        shipped_at: OffsetDateTime,
        at: OffsetDateTime,
        by: ReceivedBy,
    },
}

/// Who said that an order is received; which of the staff stands in its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceivedBy {
    Buyer,
    Staff,
    /// Nobody, and its time was over.
    Time,
}

/// So long may a parcel's courier and number be corrected.
pub const CORRECTABLE: Duration = Duration::hours(48);

impl Order {
    /// All of it leaves the shop. It waits so long for the buyer's word.
    pub(super) fn ship(&mut self, waits: Duration, now: OffsetDateTime) -> Result<(), Refused> {
        match (self.closure, self.payment, self.fulfilment) {
            (Closure::Closed { .. }, ..) => Err(Refused::Closed),
            (_, Payment::None | Payment::Pending | Payment::Late { .. }, _) => Err(Refused::NotPaid),
            (_, _, Fulfilment::Shipped { .. } | Fulfilment::Received { .. }) => Err(Refused::Shipped),
            _ if self.is_given_back() => Err(Refused::Refunded),
            _ => {
                self.fulfilment = Fulfilment::Shipped { at: now, waits };
                Ok(())
            }
        }
    }

    /// It is with the buyer.
    pub(super) fn receive(&mut self, by: ReceivedBy, now: OffsetDateTime) -> Result<(), Refused> {
        match self.fulfilment {
            Fulfilment::None => Err(Refused::NotShipped),
            Fulfilment::Received { .. } => Err(Refused::Received),
            Fulfilment::Shipped { .. } if self.is_given_back() => Err(Refused::Refunded),
            Fulfilment::Shipped { at, .. } => {
                self.fulfilment = Fulfilment::Received { shipped_at: at, at: now, by };
                Ok(())
            }
        }
    }

    /// Whether courier and number of its parcel may still be corrected.
    pub fn correctable(&self, now: OffsetDateTime) -> Result<(), Refused> {
        match self.fulfilment {
            Fulfilment::None => Err(Refused::NotShipped),
            Fulfilment::Received { .. } => Err(Refused::Received),
            Fulfilment::Shipped { at, .. } if now - at > CORRECTABLE => Err(Refused::TooLate),
            Fulfilment::Shipped { .. } => Ok(()),
        }
    }

    pub fn is_received(&self) -> bool {
        matches!(self.fulfilment, Fulfilment::Received { .. })
    }

    /// When it counts as received although nobody said so. Nothing when it is not on its way, or all of its money goes
    /// back.
    pub fn counts_as_received_at(&self) -> Option<OffsetDateTime> {
        match self.fulfilment {
            Fulfilment::Shipped { at, waits } if !self.is_given_back() => Some(at + waits),
            _ => None,
        }
    }

    /// Some of its money is being sent back: until that has ended it does not count as received by itself.
    pub fn is_being_refunded(&self) -> bool {
        self.going_back > self.refunded
    }
}

impl Fulfilment {
    /// The word the database and the page's `data-fulfilment` use.
    pub fn name(self) -> &'static str {
        match self {
            Fulfilment::None => "none",
            Fulfilment::Shipped { .. } => "shipped",
            Fulfilment::Received { .. } => "received",
        }
    }
}

impl ReceivedBy {
    /// The word in the `received_by` column, and behind `word-received-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            ReceivedBy::Buyer => "buyer",
            ReceivedBy::Staff => "staff",
            ReceivedBy::Time => "shop",
        }
    }

    pub(super) fn parse(name: &str) -> Option<ReceivedBy> {
        let all = [ReceivedBy::Buyer, ReceivedBy::Staff, ReceivedBy::Time];
        all.into_iter().find(|by| by.name() == name)
    }
}

impl From<&Actor> for ReceivedBy {
    fn from(by: &Actor) -> ReceivedBy {
        match by {
            Actor::Buyer => ReceivedBy::Buyer,
            Actor::Staff { .. } => ReceivedBy::Staff,
            Actor::Shop | Actor::Weibo => ReceivedBy::Time,
        }
    }
}
