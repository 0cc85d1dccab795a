//! What the sandbox sent and got, newest last: paths without queries, so without secrets. Not saved.

use serde::Serialize;
use std::collections::VecDeque;
use time::OffsetDateTime;

const KEPT: usize = 200;

/// Who spoke to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    ToMerchant,
    FromMerchant,
    /// A shopper's browser or client.
    FromPhone,
}

/// One request and how it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exchange {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub direction: Direction,
    pub method: String,
    pub path: String,
    /// A word about what was said, such as the status in a notice.
    pub about: String,
    pub answer: String,
    pub good: bool,
}

/// The last exchanges, at most 200.
#[derive(Debug, Default)]
pub struct Traffic(VecDeque<Exchange>);

impl Traffic {
    pub fn note(&mut self, exchange: Exchange) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(exchange);
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Exchange> {
        self.0.iter()
    }
}
