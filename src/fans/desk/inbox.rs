//! The lists of the desk, and a row of one. Pure.

use crate::fans::{Conversation, Fan};
use std::fmt;
use std::str::FromStr;

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

/// What a list is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub show: Show,
    /// Who asks: her own are [`Show::Mine`].
    pub staff: i64,
    /// A uid, or something of a nickname or of what was said; everything where it is empty.
    pub words: String,
    /// Behind which row it goes on.
    pub after: Option<Cursor>,
    pub most: i64,
}

/// A row of a list, to go on behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub place: i64,
    pub fan: i64,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.place, self.fan)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (place, fan) = text.split_once('-').ok_or(())?;
        Ok(Cursor { place: place.parse().map_err(drop)?, fan: fan.parse().map_err(drop)? })
    }
}

/// Some of a list.
#[derive(Debug, Clone, Default)]
pub struct Page {
    pub entries: Vec<Entry>,
    /// It goes on behind this row.
    pub next: Option<Cursor>,
}

/// A conversation in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub fan: Fan,
    pub conversation: Conversation,
    pub last: Last,
}

/// The last words of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Last {
    /// As [`crate::fans::Author::name`] says it.
    pub author: String,
    /// Of a person at the desk.
    pub staff_name: Option<String>,
    /// As [`crate::weibo::messages::Content::name`] says it.
    pub kind: String,
    /// Not the whole of a long text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nonsense_is_none() {
        let cursor = Cursor { place: 40_000_000_000_001, fan: 7_000_000_002 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for nonsense in ["", "-", "1-", "-1", "a-b", "1-2-3", "99999999999999999999-1", "1 - 2"] {
            assert!(nonsense.parse::<Cursor>().is_err(), "{nonsense:?}");
        }
    }
}
