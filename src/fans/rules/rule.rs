//! A rule of the merchant's: when it speaks and what it says. Pure.

use crate::catalog::ProductId;
use crate::coupons::CouponId;
use crate::fans::codes::Scene;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// So many rules a shop has at most.
pub const MOST_RULES: usize = 100;
/// So many texts one rule chooses from, words one rule hears, and characters a pattern has.
pub const MOST_TEXTS: usize = 5;
pub const MOST_WORDS: usize = 20;
pub const LONGEST_WORD: usize = 40;
pub const LONGEST_PATTERN: usize = 200;
/// Of a text behind which a link stands: the link needs the rest.
pub const ORDERS_TEXT_LIMIT: usize = 150;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct RuleId(pub i64);

/// What the merchant says of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub name: String,
    pub is_on: bool,
    pub cause: Cause,
    /// Only then.
    pub hours: Option<Hours>,
    pub answer: Answer,
    pub begins_at: Option<OffsetDateTime>,
    pub ends_at: Option<OffsetDateTime>,
    /// Those behind it are tried too.
    pub goes_on: bool,
}

/// What a fan has to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Cause {
    /// Her whole text is one of these.
    Exact {
        words: Vec<String>,
    },
    /// One of these stands in it.
    Contains {
        words: Vec<String>,
    },
    /// It fits this regular expression.
    Pattern {
        pattern: String,
    },
    Event {
        event: Happening,
    },
    /// She pressed the button of the menu that has this key.
    Menu {
        key: String,
    },
    /// She scanned this code.
    Scene {
        key: Scene,
    },
    /// She writes for the first time.
    FirstContact,
    /// Whatever she writes.
    Anything,
}

/// What can happen beside words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happening {
    Follow,
    Subscribe,
    Unsubscribe,
    Scan,
    Mention,
}

impl Happening {
    pub const ALL: [Happening; 5] = [
        Happening::Follow,
        Happening::Subscribe,
        Happening::Unsubscribe,
        Happening::Scan,
        Happening::Mention,
    ];

    /// The word in forms, and behind `word-happening-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Happening::Follow => "follow",
            Happening::Subscribe => "subscribe",
            Happening::Unsubscribe => "unsubscribe",
            Happening::Scan => "scan",
            Happening::Mention => "mention",
        }
    }

    pub fn parse(name: &str) -> Option<Happening> {
        Happening::ALL.into_iter().find(|happening| happening.name() == name)
    }
}

impl Cause {
    pub const KINDS: [&str; 8] =
        ["contains", "exact", "pattern", "anything", "first_contact", "event", "menu", "scene"];

    /// The word in forms, and behind `word-cause-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            Cause::Exact { .. } => "exact",
            Cause::Contains { .. } => "contains",
            Cause::Pattern { .. } => "pattern",
            Cause::Event { .. } => "event",
            Cause::Menu { .. } => "menu",
            Cause::Scene { .. } => "scene",
            Cause::FirstContact => "first_contact",
            Cause::Anything => "anything",
        }
    }

    /// What it is about, as it is told in a list.
    pub fn about(&self) -> String {
        match self {
            Cause::Exact { words } | Cause::Contains { words } => words.join(" · "),
            Cause::Pattern { pattern: text } | Cause::Menu { key: text } => text.clone(),
            Cause::Scene { key } => key.to_string(),
            Cause::Event { .. } | Cause::FirstContact | Cause::Anything => String::new(),
        }
    }
}

/// What is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Answer {
    /// One of these.
    Text { texts: Vec<String> },
    /// Cards of those that are on the shelf then.
    Products { products: Vec<ProductId> },
    /// One of these, and a link that leads her to her orders once she has signed in.
    Orders { texts: Vec<String> },
    /// One of these, and the link of the page where she can take this coupon, where it is given then: she gets none
    /// before she has signed in herself.
    Coupon { texts: Vec<String>, coupon: CouponId },
    /// A person is called; perhaps one of these is said.
    Human { texts: Vec<String> },
    /// A place, in degrees. Where Weibo pushes XML it can carry none (fans-service.md §5.2), and one of these is said.
    Place { longitude: String, latitude: String, texts: Vec<String> },
}

impl Answer {
    pub const KINDS: [&str; 6] = ["text", "products", "orders", "coupon", "place", "human"];

    /// The word in forms, and behind `word-answer-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            Answer::Text { .. } => "text",
            Answer::Products { .. } => "products",
            Answer::Orders { .. } => "orders",
            Answer::Coupon { .. } => "coupon",
            Answer::Human { .. } => "human",
            Answer::Place { .. } => "place",
        }
    }

    pub fn texts(&self) -> &[String] {
        match self {
            Answer::Text { texts }
            | Answer::Orders { texts }
            | Answer::Coupon { texts, .. }
            | Answer::Human { texts }
            | Answer::Place { texts, .. } => texts,
            Answer::Products { .. } => &[],
        }
    }

    pub fn coupon(&self) -> Option<CouponId> {
        match self {
            Answer::Coupon { coupon, .. } => Some(*coupon),
            _ => None,
        }
    }

    pub fn products(&self) -> &[ProductId] {
        match self {
            Answer::Products { products } => products,
            _ => &[],
        }
    }
}

/// The shop's hours, and whether a rule speaks within them or outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// From Monday.
    pub days: [bool; 7],
    /// Minutes from midnight in the shop's zone. A span that ends before it begins goes on past midnight and belongs
    /// to the day it began on; one that ends as it begins is the whole day.
    pub from: u16,
    pub until: u16,
    pub outside: bool,
}

impl Hours {
    const DAY: u16 = 24 * 60;

    /// Whether a rule of these hours speaks at this moment.
    pub fn hold(&self, at: OffsetDateTime) -> bool {
        self.within(at) != self.outside
    }

    fn within(&self, at: OffsetDateTime) -> bool {
        let local = at.to_offset(crate::clock::SHOP_ZONE);
        let today = usize::from(local.weekday().number_days_from_monday());
        let minute = u16::from(local.hour()) * 60 + u16::from(local.minute());
        let (today, yesterday) = (self.days[today], self.days[(today + 6) % 7]);
        if self.from < self.until {
            return today && (self.from..self.until).contains(&minute);
        }
        today && minute >= self.from || yesterday && minute < self.until
    }

    /// `09:30`.
    pub fn clock(minute: u16) -> String {
        format!("{:02}:{:02}", minute / 60, minute % 60)
    }

    pub fn parse_clock(text: &str) -> Option<u16> {
        let (hour, minute) = text.trim().split_once(':')?;
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let number = |text: &str| text.parse::<u16>().ok().filter(|_| digits(text));
        let (hour, minute) = (number(hour)?, number(minute)?);
        (minute < 60).then_some(hour * 60 + minute).filter(|at| *at < Hours::DAY)
    }
}
