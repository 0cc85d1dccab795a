//! What we know of a customer's relation to the shop: facts, each with its time and how it was learned. A fact is
//! kept once, however often it is told, and is never taken back.

pub use super::store::relation_figures::{by_day, fold, paths, turns};
pub use super::store::relations::{decline_follow, known, latest, learn, learn_all, may_offer_follow};

use super::CustomerId;
use time::{Date, OffsetDateTime};

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Follow,
    Unfollow,
    /// Agreed to the shop's private messages.
    Subscribe,
    Unsubscribe,
    Repost,
    Like,
    Review,
    Purchase,
}

impl Kind {
    pub const ALL: [Kind; 8] = [
        Kind::Follow,
        Kind::Unfollow,
        Kind::Subscribe,
        Kind::Unsubscribe,
        Kind::Repost,
        Kind::Like,
        Kind::Review,
        Kind::Purchase,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Follow => "follow",
            Kind::Unfollow => "unfollow",
            Kind::Subscribe => "subscribe",
            Kind::Unsubscribe => "unsubscribe",
            Kind::Repost => "repost",
            Kind::Like => "like",
            Kind::Review => "review",
            Kind::Purchase => "purchase",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it is a step on the way of a customer: what she takes back is none.
    pub fn is_step(self) -> bool {
        !matches!(self, Kind::Unfollow | Kind::Unsubscribe)
    }
}

/// How we know of it, with what tells this fact from others of its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An order of ours, by its number.
    Order(String),
    /// A status on Weibo, by its id.
    Status(i64),
    /// Weibo's or her own word, by what tells that word from others.
    Told(String),
}

impl Source {
    pub fn name(&self) -> &'static str {
        match self {
            Source::Order(_) => "order",
            Source::Status(_) => "status",
            Source::Told(_) => "told",
        }
    }

    pub fn reference(&self) -> String {
        match self {
            Source::Order(number) => number.clone(),
            Source::Status(id) => id.to_string(),
            Source::Told(by) => by.clone(),
        }
    }

    pub(super) fn read(name: &str, reference: String) -> Option<Source> {
        match name {
            "order" => Some(Source::Order(reference)),
            "status" => reference.parse().ok().map(Source::Status),
            "told" => Some(Source::Told(reference)),
            _ => None,
        }
    }
}

/// Something that happened between a customer and the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    pub kind: Kind,
    pub happened_at: OffsetDateTime,
    pub source: Source,
}

/// A fact as it stands in the ledger of all customers.
#[derive(Debug, Clone)]
pub struct Known {
    /// Higher is learned later.
    pub id: i64,
    pub customer: CustomerId,
    pub name: String,
    pub fact: Fact,
}

/// How often something happened on a day of the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnDay {
    pub day: Date,
    pub kind: Kind,
    pub facts: i64,
}

/// So many did the later for the first time, having done the earlier before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    pub earlier: Kind,
    pub later: Kind,
    pub customers: i64,
}

/// So many did these things in this order, each for the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub steps: Vec<Kind>,
    pub customers: i64,
}
