//! How long fans waited. Pure.

use time::{Date, Duration, OffsetDateTime};

/// Of some days, of people, and all together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    pub rows: Vec<Row>,
}

/// How often something took how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub of: Of,
    pub answers: Took,
    pub resolutions: Took,
}

/// Whose row it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    All,
    Day(Date),
    Person(i64, String),
}

/// Who waits for a person to answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    /// In so many conversations, or one more than were counted.
    pub count: i64,
    /// Since when the first of them does.
    pub since: Option<OffsetDateTime>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    pub count: i64,
    /// Half of them took no longer.
    pub median: Duration,
    /// Nine of ten took no longer.
    pub p90: Duration,
}

impl Figures {
    pub fn all(&self) -> Option<&Row> {
        self.rows.iter().find(|row| row.of == Of::All)
    }

    /// The latest day first.
    pub fn days<'a>(&'a self) -> Vec<(&'a Date, &'a Row)> {
        let day = |row: &'a Row| match row {
            row @ Row { of: Of::Day(day), .. } => Some((day, row)),
            _ => None,
        };
        let mut days: Vec<_> = self.rows.iter().filter_map(day).collect();
        days.sort_by(|a, b| b.0.cmp(a.0));
        days
    }

    /// Who answered most first.
    pub fn people<'a>(&'a self) -> Vec<(&'a String, &'a Row)> {
        let person = |row: &'a Row| match row {
            row @ Row { of: Of::Person(_, name), .. } => Some((name, row)),
            _ => None,
        };
        let mut people: Vec<_> = self.rows.iter().filter_map(person).collect();
        people.sort_by_key(|(name, row)| (-row.answers.count, name.as_str()));
        people
    }
}

/// How it stands now; more than `most` is told as that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Standing {
    pub open: i64,
    pub waiting: i64,
    pub unread: i64,
    pub snoozed: i64,
}
