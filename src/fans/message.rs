//! One message between a fan and the shop. Pure.

use crate::weibo::messages::{Content, Reply};
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct MessageId(pub i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub id: MessageId,
    pub fan: i64,
    pub author: Author,
    pub said: Said,
    /// Its words; Weibo's own where a fan used none.
    pub text: String,
    pub said_at: OffsetDateTime,
    pub delivery: Delivery,
}

/// Who said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Author {
    Fan,
    /// A rule of the merchant's.
    Rule,
    Staff {
        id: i64,
        name: String,
    },
    /// What the shop tells by itself: of orders, of goods.
    Shop,
}

impl Author {
    /// The word by which it is kept.
    pub fn name(&self) -> &'static str {
        match self {
            Author::Fan => "fan",
            Author::Rule => "rule",
            Author::Staff { .. } => "staff",
            Author::Shop => "shop",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    ByFan(Content),
    ByShop(Reply),
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    /// It is hers.
    Heard,
    /// It stood in the answer to her own message: whether she saw it, Weibo does not say.
    Given,
    Waiting,
    /// Its call has begun.
    Sending {
        since: OffsetDateTime,
    },
    Sent {
        at: OffsetDateTime,
    },
    /// Weibo said no, in its words. It is not sent again.
    Refused {
        at: OffsetDateTime,
        why: String,
    },
    /// Nothing that can be trusted came back: she may have it. It is not sent again.
    Unknown {
        at: OffsetDateTime,
    },
    /// It was not sent, and will not be.
    Dropped {
        at: OffsetDateTime,
        why: String,
    },
}
