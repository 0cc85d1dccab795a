//! The pretend Weibo's state and rules: no HTTP, no clock (times are arguments), nothing random.

pub mod book;
pub mod fans;
pub mod frame;
pub mod jsapi;
pub mod limits;
pub mod messages;
pub mod notices;
pub mod pay;
pub mod people;
pub mod refunds;
pub mod statuses;
pub mod tokens;

use super::faults::Faults;
use fans::Fans;
use jsapi::Jsapi;
use limits::{Calls, Limits};
use messages::Message;
use notices::Notices;
use pay::Payment;
use people::{Desk, Person};
use refunds::Refunds;
use serde::{Deserialize, Serialize};
use statuses::Status;
use time::{OffsetDateTime, macros::format_description};
use tokens::Tokens;

/// Everything this Weibo knows. Made whole again from what was saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct World {
    pub(super) people: Vec<Person>,
    pub(super) desk: Desk,
    pub(super) payments: Vec<Payment>,
    pub(super) notices: Notices,
    pub(super) statuses: Vec<Status>,
    pub(super) tokens: Tokens,
    pub(super) faults: Faults,
    // Not in what was saved before there were any.
    #[serde(default)]
    refunds: Refunds,
    #[serde(default)]
    messages: Vec<Message>,
    #[serde(default)]
    jsapi: Jsapi,
    #[serde(default)]
    pub(super) limits: Limits,
    #[serde(default)]
    calls: Calls,
    #[serde(default)]
    last_signed_request: Option<String>,
    #[serde(default)]
    pub(super) fans: Fans,
    numbers_given: u64,
}

impl World {
    /// A world with the merchant and three people, and nothing said or paid yet.
    pub fn new(seller_id: &str) -> World {
        World {
            people: people::first_people(seller_id),
            desk: Desk::default(),
            payments: Vec::new(),
            notices: Notices::default(),
            statuses: Vec::new(),
            tokens: Tokens::default(),
            faults: Faults::default(),
            refunds: Refunds::default(),
            messages: Vec::new(),
            jsapi: Jsapi::default(),
            limits: Limits::default(),
            calls: Calls::default(),
            last_signed_request: None,
            fans: Fans::default(),
            numbers_given: 0,
        }
    }

    /// A number that was never given before, 18 digits beginning with `first_digit`. It holds the time,
    /// so that a world that forgot everything does not give a number twice.
    fn next_number(&mut self, first_digit: u64, now: OffsetDateTime) -> u64 {
        self.numbers_given += 1;
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or(0) % 1_000_000_000_000;
        first_digit * 100_000_000_000_000_000 + seconds * 100_000 + self.numbers_given % 100_000
    }
}

/// `2026-03-05 10:21:05`, in Beijing time, as Weibo Pay writes its times (weibo-pay.md §4).
pub fn pay_time(at: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(crate::clock::SHOP_ZONE).format(format).unwrap_or_default()
}

/// Saves an address as text.
mod address {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use url::Url;

    pub fn serialize<S: Serializer>(url: &Url, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(url.as_str())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Url, D::Error> {
        Url::parse(&String::deserialize(from)?).map_err(D::Error::custom)
    }
}
