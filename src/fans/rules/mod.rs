//! What the merchant lets the shop say by itself: rules in an order, each with a cause and an answer. At most one
//! message comes of all of them together, and none while a person has the conversation.

mod book;
mod cards;
mod composing;
mod engine;
#[cfg(test)]
mod engine_tests;
mod rule;

pub use book::Rulebook;
pub use cards::{cards, goods};
pub use composing::{Composed, Goods, Part, compose, products};
pub use engine::{Moment, Not, Ready, are_words, compile};
pub use rule::{
    Answer, Cause, Happening, Hours, LONGEST_PATTERN, LONGEST_WORD, MOST_RULES, MOST_TEXTS, MOST_WORDS,
    ORDERS_TEXT_LIMIT, Rule, RuleId,
};

pub use super::store::rules::{Kept, Place, RuleError, add, all, change, find, rearrange, remove};
