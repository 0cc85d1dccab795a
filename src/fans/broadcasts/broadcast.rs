//! One message for many: for whom, and how far it came. Pure.

use crate::actor::Actor;
use crate::catalog::{CategoryId, ProductId};
use crate::weibo::messages::Reply;
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct BroadcastId(pub i64);

/// For whom it is. Whoever does not subscribe when her turn comes is left out, whatever else is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Audience {
    Subscribers,
    /// Those of whom we know that they follow.
    Followers,
    Buyers(Bought),
    /// One of Weibo's groups: a single call, and Weibo knows who is in it.
    Group {
        id: i64,
        name: String,
    },
}

/// What somebody has bought: paid, and not given back whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bought {
    /// One of these products, or a product of one of the categories; anything where both are empty.
    pub products: Vec<i64>,
    pub categories: Vec<i64>,
    /// From the beginning of this day.
    pub since: Option<Date>,
    /// In at least so many orders.
    pub orders: i64,
    /// For at least so much together.
    pub fen: i64,
}

impl Bought {
    pub fn of(products: &[ProductId], categories: &[CategoryId]) -> Bought {
        Bought {
            products: products.iter().map(|product| product.0).collect(),
            categories: categories.iter().map(|category| category.0).collect(),
            orders: 1,
            ..Bought::default()
        }
    }
}

impl Audience {
    /// Behind `word-audience-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            Audience::Subscribers => "subscribers",
            Audience::Followers => "followers",
            Audience::Buyers(_) => "buyers",
            Audience::Group { .. } => "group",
        }
    }
}

#[derive(Debug, Clone)]
pub struct Broadcast {
    pub id: BroadcastId,
    pub name: String,
    pub audience: Audience,
    /// The form as it was typed.
    pub draft: serde_json::Value,
    pub message: Reply,
    pub state: State,
    /// Rises with every edit.
    pub version: i32,
    pub begun_at: Option<OffsetDateTime>,
    /// All its recipients are written down.
    pub gathered: bool,
    pub made_at: OffsetDateTime,
    pub by: Actor,
}

/// How far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Draft,
    Scheduled {
        at: OffsetDateTime,
    },
    /// Its recipients are being written down.
    Gathering,
    Sending,
    /// Somebody has stopped it, or it has stopped itself: `why` in a word of [`HELD`] or in Weibo's.
    Held {
        why: String,
    },
    Cancelled {
        at: OffsetDateTime,
    },
    Done {
        at: OffsetDateTime,
    },
}

/// Why one is held, where it is not Weibo that said so; behind `word-held-` in the texts.
pub mod held {
    pub const BY_STAFF: &str = "staff";
    pub const UNANSWERED: &str = "unanswered";
    pub const NO_KEYS: &str = "keys";
    pub const ALL: [&str; 3] = [BY_STAFF, UNANSWERED, NO_KEYS];
}

impl State {
    /// The word in the `state` column, and behind `word-broadcast-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Scheduled { .. } => "scheduled",
            State::Gathering => "gathering",
            State::Sending => "sending",
            State::Held { .. } => "held",
            State::Cancelled { .. } => "cancelled",
            State::Done { .. } => "done",
        }
    }

    pub fn is_running(&self) -> bool {
        matches!(self, State::Gathering | State::Sending)
    }

    pub fn has_ended(&self) -> bool {
        matches!(self, State::Cancelled { .. } | State::Done { .. })
    }
}

/// How many of its recipients stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub waiting: i64,
    pub sending: i64,
    pub sent: i64,
    pub unknown: i64,
    pub refused: i64,
    pub left_out: i64,
}

impl Tally {
    pub fn all(self) -> i64 {
        self.waiting + self.sending + self.sent + self.unknown + self.refused + self.left_out
    }

    /// Those about whom nothing more will happen.
    pub fn settled(self) -> i64 {
        self.all() - self.waiting - self.sending
    }
}

/// One call to Weibo, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    pub id: i64,
    /// Nothing for a whole group of Weibo's.
    pub size: Option<i32>,
    /// Behind `word-batch-` in the texts.
    pub state: String,
    pub begun_at: OffsetDateTime,
    pub msg_id: Option<i64>,
    pub why: String,
}

/// How fast they go out. No document gives Weibo's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many recipients in one call.
    pub batch: i32,
    pub pause: time::Duration,
}

/// What a pace may be.
pub const BATCHES: std::ops::RangeInclusive<i32> = 2..=10_000;
pub const PAUSES: std::ops::RangeInclusive<i64> = 1..=3_600;
