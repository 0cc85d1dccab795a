//! What a campaign for reposts is, and what somebody was promised by it. Pure.

use crate::coupons::{CouponId, GivenId, Open, Standing};
use crate::customers::CustomerId;
use crate::orders::OrderId;
use time::OffsetDateTime;

/// What the column takes.
pub const MOST_TOTAL: u32 = 1_000_000;

#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, serde::Serialize, serde::Deserialize,
)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct GiftId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct ClaimId(pub i64);

/// What she was shown beside the button and said yes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Yes {
    pub gift: GiftId,
    pub coupon: CouponId,
}

/// What the merchant says of a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// For the desk only.
    pub name: String,
    pub coupon: CouponId,
    /// So many in all.
    pub total: u32,
    pub starts_at: OffsetDateTime,
    pub ends_at: OffsetDateTime,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    pub id: GiftId,
    pub wanted: Wanted,
    pub standing: Standing,
    /// How many were promised and not come to nothing.
    pub promised: u32,
    /// Since when Weibo does not let the shop see reposts, and by which code: nobody is promised anything.
    pub trouble: Option<(String, OffsetDateTime)>,
    /// Rises with every change of the merchant's.
    pub version: i32,
}

impl Gift {
    /// What she says yes to who wants it.
    pub fn yes(&self) -> Yes {
        Yes { gift: self.id, coupon: self.wanted.coupon }
    }

    /// Whether one is promised now, as far as the campaign goes.
    pub fn open(&self, now: OffsetDateTime) -> Open {
        match self.standing {
            Standing::Ended { .. } => Open::Over,
            _ if self.wanted.ends_at <= now => Open::Over,
            Standing::Paused { .. } => Open::Paused,
            Standing::On if now < self.wanted.starts_at => Open::NotYet,
            Standing::On if self.promised >= self.wanted.total => Open::NoneLeft,
            Standing::On => Open::Yes,
        }
    }
}

/// What somebody was promised for the repost of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: ClaimId,
    pub gift: GiftId,
    /// The one that she was shown.
    pub coupon: CouponId,
    pub customer: CustomerId,
    pub order: OrderId,
    /// Of her repost, once it is known.
    pub status_id: Option<i64>,
    pub claimed_at: OffsetDateTime,
    /// Since when Weibo says that it is gone.
    pub missing_at: Option<OffsetDateTime>,
    pub state: ClaimState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimState {
    /// Whether it stands has not been seen yet.
    Waiting,
    Issued {
        given: GivenId,
        at: OffsetDateTime,
    },
    /// Weibo did not show it.
    Unseen,
    /// There was no coupon left.
    Missed,
    /// She has as many of it as one buyer gets.
    Had,
    TakenBack,
}

impl ClaimState {
    /// The word behind `word-gift-`.
    pub fn name(self) -> &'static str {
        match self {
            ClaimState::Waiting => "waiting",
            ClaimState::Issued { .. } => "issued",
            ClaimState::Unseen => "unseen",
            ClaimState::Missed => "missed",
            ClaimState::Had => "had",
            ClaimState::TakenBack => "taken-back",
        }
    }
}

/// What a campaign has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Reaped {
    pub asked: i64,
    pub waiting: i64,
    /// Given, and not taken back.
    pub issued: i64,
    /// Of those, used by an order.
    pub used: i64,
    pub taken_back: i64,
    /// Came to nothing: not seen, or none left.
    pub nothing: i64,
    /// Orders that came by the links of its reposts, were paid and not given back whole.
    pub brought: i64,
}
