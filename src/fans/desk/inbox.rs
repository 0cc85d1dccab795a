//! The lists of the desk, and a row of one. Pure.

use crate::fans::{Conversation, Fan};

/// Which conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Show {
    /// Neither put off nor closed.
    #[default]
    Open,
    Mine,
    Unassigned,
    /// In which a fan waits for a person.
    Waiting,
    Snoozed,
    Closed,
    All,
}

impl Show {
    pub const ALL: [Show; 7] =
        [Show::Open, Show::Mine, Show::Unassigned, Show::Waiting, Show::Snoozed, Show::Closed, Show::All];

    /// The word in the address.
    pub fn name(self) -> &'static str {
        match self {
            Show::Open => "open",
            Show::Mine => "mine",
            Show::Unassigned => "unassigned",
            Show::Waiting => "waiting",
            Show::Snoozed => "snoozed",
            Show::Closed => "closed",
            Show::All => "all",
        }
    }

    pub fn named(name: &str) -> Option<Show> {
        Show::ALL.into_iter().find(|show| show.name() == name)
    }
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub fan: Fan,
    pub conversation: Conversation,
    /// Who said the last words, what kind they are, and the words.
    pub last: (String, String, String),
}
