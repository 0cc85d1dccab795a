//! How the fans service is bound, how it behaves, and what is wrong with it.

pub use super::store::service::{forget_trouble, last_heard, put_format, read, save, set_format, trouble};

use crate::weibo::messages::Format;
use std::ops::RangeInclusive;
use time::{Duration, OffsetDateTime};

/// Within these bounds the merchant sets how far a push's own time may be from ours, in seconds, and how long the rules
/// are silent, in minutes. Less than a minute would refuse what Weibo sends again, and whoever's clock is a little off.
pub const MOST_AGE: RangeInclusive<u32> = 60..=86_400;
pub const IDLE: RangeInclusive<u32> = 1..=1440;

/// What the merchant has set, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// How often the times were saved.
    pub version: i64,
    pub rules_version: i64,
    /// So far a push's own time may be from ours; nothing: it does not matter.
    pub most_age: Option<Duration>,
    /// So long after a person last wrote the rules speak again.
    pub idle: Duration,
    pub format: Format,
    pub format_state: FormatState,
    /// When Weibo last made sure that the address is ours.
    pub bound_at: Option<OffsetDateTime>,
    /// The last account that is not ours for which something came, and when.
    pub stranger: Option<(i64, OffsetDateTime)>,
    pub trouble: Option<(Trouble, OffsetDateTime)>,
}

/// What Weibo said to the format that we asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormatState {
    /// It was never asked.
    Default,
    Set {
        at: OffsetDateTime,
    },
    /// No answer that can be trusted came.
    Unknown {
        at: OffsetDateTime,
    },
}

/// Why nothing can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no token.
    NoToken,
    /// Weibo does not take the token any more.
    Token,
    /// The account or the app may not.
    Permission,
}

impl Trouble {
    const ALL: [Trouble; 3] = [Trouble::NoToken, Trouble::Token, Trouble::Permission];

    /// The word in the `trouble` column, and behind `word-fans-trouble-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Trouble::NoToken => "no_token",
            Trouble::Token => "token",
            Trouble::Permission => "permission",
        }
    }

    pub fn parse(name: &str) -> Option<Trouble> {
        Trouble::ALL.into_iter().find(|trouble| trouble.name() == name)
    }
}
