//! What a coupon is, and what was given of it. Pure.

use super::code::{Code, Slug};
use super::terms::Terms;
use crate::text::Text;
use time::{Duration, OffsetDateTime};

/// What the columns take.
pub const MOST_TOTAL: u32 = 1_000_000;
pub const MOST_EACH: u32 = 100;
pub const MOST_DAYS: u32 = 3650;
/// For so many products one coupon can hold, where it does not hold for all.
pub const MOST_PRODUCTS: usize = 100;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct CouponId(pub i64);

/// One that was given to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct GivenId(pub i64);

/// How long one that was given can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lasts {
    Until(OffsetDateTime),
    /// So many times 24 hours after it was given.
    Days(u32),
}

impl Lasts {
    /// Until when one holds that is given now.
    pub fn until(self, now: OffsetDateTime) -> OffsetDateTime {
        match self {
            Lasts::Until(until) => until,
            Lasts::Days(days) => now + Duration::days(i64::from(days)),
        }
    }
}

/// What the merchant says of a coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub name: Text,
    pub terms: Terms,
    /// So many are given in all, and to one buyer.
    pub total: u32,
    pub each: u32,
    pub given_from: OffsetDateTime,
    pub given_until: OffsetDateTime,
    pub lasts: Lasts,
    /// Told on the pages of the products that it holds for.
    pub listed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coupon {
    pub id: CouponId,
    pub slug: Slug,
    pub wanted: Wanted,
    pub standing: Standing,
    pub given: u32,
    /// Rises with every change.
    pub version: i32,
}

/// Whether the merchant lets it be given. What was given before holds in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    On,
    Paused {
        at: OffsetDateTime,
    },
    /// For good.
    Ended {
        at: OffsetDateTime,
    },
}

/// Whether one can be had now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    Yes,
    NotYet,
    Paused,
    /// Its time is over, or the merchant has ended it.
    Over,
    /// All are given.
    NoneLeft,
}

impl Open {
    /// The word behind `word-coupon-`.
    pub fn name(self) -> &'static str {
        match self {
            Open::Yes => "open",
            Open::NotYet => "not-yet",
            Open::Paused => "paused",
            Open::Over => "over",
            Open::NoneLeft => "none-left",
        }
    }
}

impl Coupon {
    pub fn left(&self) -> u32 {
        self.wanted.total.saturating_sub(self.given)
    }

    pub fn open(&self, now: OffsetDateTime) -> Open {
        match self.standing {
            Standing::Ended { .. } => Open::Over,
            _ if self.wanted.given_until <= now => Open::Over,
            Standing::Paused { .. } => Open::Paused,
            Standing::On if now < self.wanted.given_from => Open::NotYet,
            Standing::On if self.left() == 0 => Open::NoneLeft,
            Standing::On => Open::Yes,
        }
    }
}

/// By what way somebody came to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// She took it on its page.
    Link,
    /// A person at the desk gave it.
    Staff,
    /// She took it where a rule's answer had led her.
    Rule,
    /// For a repost.
    Repost,
}

impl Source {
    pub fn name(self) -> &'static str {
        match self {
            Source::Link => "link",
            Source::Staff => "staff",
            Source::Rule => "rule",
            Source::Repost => "repost",
        }
    }
}

/// A coupon of somebody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    pub id: GivenId,
    pub coupon: CouponId,
    pub code: Code,
    pub name: Text,
    pub terms: Terms,
    pub given_at: OffsetDateTime,
    pub usable_until: OffsetDateTime,
    pub state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    /// By the order of this id.
    Used {
        order: i64,
    },
    TakenBack,
}

impl Given {
    pub fn is_usable(&self, now: OffsetDateTime) -> bool {
        self.state == State::Open && now < self.usable_until
    }

    /// The word behind `word-given-`.
    pub fn name_of_state(&self, now: OffsetDateTime) -> &'static str {
        match self.state {
            State::Open if now < self.usable_until => "open",
            State::Open => "expired",
            State::Used { .. } => "used",
            State::TakenBack => "taken-back",
        }
    }
}
