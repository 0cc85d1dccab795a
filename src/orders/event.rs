//! What happens to an order, as it is written down. Nothing here names a buyer.

use super::Shipment;
use super::shipment::{Courier, Tracking};
use crate::actor::Actor;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// One thing that happened. Stored as two columns: its name, and what else there is to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "detail", rename_all = "snake_case")]
pub enum What {
    Placed {},
    /// Somebody was sent to Weibo's cashier on this way.
    Cashier {
        way: String,
    },
    /// `reopened`: it was closed before, and its goods could be had again.
    Paid {
        fen: i64,
        reopened: bool,
    },
    /// Paid once more, or too much: this has to go back.
    Surplus {
        fen: i64,
    },
    /// Paid after it was closed, when its goods were gone.
    Late {
        fen: i64,
    },
    Expired {},
    Cancelled {
        reason: String,
    },
    Shipped {
        parcel: Label,
    },
    Corrected {
        from: Label,
        to: Label,
    },
    /// By the shop itself: nobody said so, and its time was over.
    Received {},
    /// For the staff's eyes only.
    Noted {
        text: String,
    },
    /// Money is sent back; `cause` is a word of `payments::Cause`.
    Refunding {
        fen: i64,
        cause: String,
    },
    /// It is back. `elsewhere`: it was called a failure before, and so many of its pieces came back another way.
    Refunded {
        fen: i64,
        #[serde(default, skip_serializing_if = "is_none")]
        elsewhere: u32,
    },
    /// It did not go back, or came back to the shop: in Weibo's words, if it gave any.
    RefundFailed {
        fen: i64,
        why: String,
    },
    /// The buyer was told of `about` by Weibo Pay's message.
    Told {
        about: String,
    },
}

impl What {
    /// The word of its kind: as the database has it, and behind `word-event-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            What::Placed {} => "placed",
            What::Cashier { .. } => "cashier",
            What::Paid { .. } => "paid",
            What::Surplus { .. } => "surplus",
            What::Late { .. } => "late",
            What::Expired {} => "expired",
            What::Cancelled { .. } => "cancelled",
            What::Shipped { .. } => "shipped",
            What::Corrected { .. } => "corrected",
            What::Received {} => "received",
            What::Noted { .. } => "noted",
            What::Refunding { .. } => "refunding",
            What::Refunded { .. } => "refunded",
            What::RefundFailed { .. } => "refund_failed",
            What::Told { .. } => "told",
        }
    }

    /// Whether the buyer may read of it.
    pub fn is_for_the_buyer(&self) -> bool {
        !matches!(
            self,
            What::Cashier { .. }
                | What::Noted { .. }
                | What::Surplus { .. }
                | What::RefundFailed { .. }
                | What::Told { .. }
        )
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(pieces: &u32) -> bool {
    *pieces == 0
}

/// A parcel's label as it was at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub courier: String,
    /// Only for a courier that the shop has no name for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub tracking: String,
}

impl From<&Shipment> for Label {
    fn from(parcel: &Shipment) -> Label {
        Label {
            courier: parcel.courier.code().to_owned(),
            name: parcel.courier.own_name().to_owned(),
            tracking: parcel.tracking.to_string(),
        }
    }
}

impl Label {
    /// The parcel that it says; nothing when nobody could have written it.
    pub fn parcel(&self) -> Option<Shipment> {
        let courier = Courier::read(&self.courier, &self.name).ok()?;
        Some(Shipment { courier, tracking: Tracking::read(&self.tracking).ok()? })
    }
}

/// What happened, when, and who did it.
#[derive(Debug, Clone)]
pub struct Event {
    pub at: OffsetDateTime,
    pub what: What,
    pub by: Actor,
}
