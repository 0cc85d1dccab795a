//! The day, the week or the month in figures, beside the one before it.

use crate::figures::{self, Figures, Sold, Takings};
use crate::web::admin::chart::{Chart, Column, Point};
use crate::web::words::Words;
use sqlx::PgConnection;
use std::iter;
use time::{Date, Duration};

/// How many days are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Day,
    Week,
    Month,
}

impl Span {
    pub const ALL: [Span; 3] = [Span::Day, Span::Week, Span::Month];

    /// As it stands in an address; the day where nothing sensible is asked for.
    pub fn parse(days: &str) -> Span {
        Span::ALL.into_iter().find(|span| span.days().to_string() == days).unwrap_or(Span::Day)
    }

    pub fn days(&self) -> u8 {
        match self {
            Span::Day => 1,
            Span::Week => 7,
            Span::Month => 30,
        }
    }

    /// One day is no line: it is drawn at the end of its week.
    fn drawn(self) -> usize {
        usize::from(self.days().max(7))
    }
}

pub struct Trend {
    pub span: Span,
    pub now: Figures,
    pub before: Figures,
    /// What is drawn, the earliest day first.
    pub days: Vec<(Date, Figures)>,
    pub chart: Chart,
    pub best: Vec<Sold>,
}

impl Trend {
    pub async fn read(conn: &mut PgConnection, span: Span, today: Date) -> sqlx::Result<Trend> {
        let length = usize::from(span.days());
        let wanted = span.drawn().max(2 * length);
        let first = today - Duration::days(i64::try_from(wanted).unwrap_or(60) - 1);
        let mut days = figures::by_day(conn, first, today).await?;
        let sum = |days: &[(Date, Figures)]| days.iter().map(|(_, figures)| *figures).sum();
        let (earlier, latest) = days.split_at(days.len() - length);
        let (now, before) = (sum(latest), sum(&earlier[earlier.len() - length..]));
        let days = days.split_off(days.len() - span.drawn());
        let point = |(_, figures): &(Date, Figures)| Point { fen: figures.takings.0, count: figures.placed };
        let chart = Chart::of(&days.iter().map(point).collect::<Vec<_>>());
        let best = figures::best_sellers(conn, today, span.days()).await?;
        Ok(Trend { span, now, before, days, chart, best })
    }

    /// The numbers under the switch: the key of a name, the number, and how it compares.
    pub fn numbers(&self, words: Words) -> [Number; 5] {
        let (now, before) = (&self.now, &self.before);
        let money = |takings: Takings| format!("¥{takings}");
        let count = |count: i64| figures::grouped(count.unsigned_abs().into());
        let (each, each_before) = (now.per_order(), before.per_order());
        [
            self.number(words, "word-takings", money(now.takings), (now.takings.0, before.takings.0)),
            self.number(words, "word-placed", count(now.placed), (now.placed, before.placed)),
            self.number(words, "word-paid-orders", count(now.paid), (now.paid, before.paid)),
            self.number(words, "word-each", money(each), (each.0, each_before.0)),
            self.number(words, "word-given-back", money(now.refunded), (now.refunded.0, before.refunded.0)),
        ]
    }

    fn number(&self, words: Words, key: &str, value: String, (now, before): (i64, i64)) -> Number {
        let days = self.span.days();
        let (way, arrow, percent) = compare(now, before);
        let than = words.say_with(&format!("word-than-{way}-{days}"), "percent", percent);
        let name = if key == "word-takings" { words.say(&format!("{key}-{days}")) } else { words.say(key) };
        Number { name, value, way, arrow, than }
    }

    /// Each day that is drawn, where it is drawn, and whether its name has room below.
    pub fn columns(&self) -> impl Iterator<Item = (&Column, Date, &Figures, bool)> {
        let every = if self.days.len() > 7 { 5 } else { 1 };
        let from_the_end = (0..self.days.len()).rev();
        iter::zip(&self.chart.columns, &self.days)
            .zip(from_the_end)
            .map(move |((column, (day, figures)), n)| (column, *day, figures, n.is_multiple_of(every)))
    }
}

pub struct Number {
    pub name: String,
    pub value: String,
    /// `up`, `down`, `same`, or `none` when there is nothing to compare with.
    pub way: &'static str,
    pub arrow: &'static str,
    pub than: String,
}

/// Which way it went, and by how many hundredths, rounded.
fn compare(now: i64, before: i64) -> (&'static str, &'static str, i128) {
    let (now, before) = (i128::from(now), i128::from(before));
    if before <= 0 {
        return (if now <= 0 { "same" } else { "none" }, "", 0);
    }
    let difference = now - before;
    // Nobody reads more than four digits, and up from next to nothing is no news.
    match ((difference.abs() * 200 + before) / (2 * before)).min(9999) {
        0 => ("same", "", 0),
        percent if difference > 0 => ("up", "▲", percent),
        percent => ("down", "▼", percent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spans_are_those_that_are_offered() {
        for (asked, days) in [("1", 1), ("7", 7), ("30", 30), ("", 1), ("31", 1), ("-7", 1), ("七", 1)] {
            assert_eq!(Span::parse(asked).days(), days, "{asked}");
        }
        assert_eq!(Span::ALL.map(|span| span.days()), figures::WINDOWS, "all are kept ready");
    }

    #[test]
    fn a_change_is_told_with_its_way() {
        assert_eq!(compare(122, 100), ("up", "▲", 22));
        assert_eq!(compare(78, 100), ("down", "▼", 22));
        assert_eq!(compare(0, 100), ("down", "▼", 100));
        assert_eq!(compare(1001, 1000), ("same", "", 0));
        assert_eq!(compare(1005, 1000), ("up", "▲", 1), "rounded to the nearest");
        assert_eq!(compare(5, 0), ("none", "", 0));
        assert_eq!(compare(0, 0), ("same", "", 0));
        assert_eq!(compare(i64::MAX, 1).2, 9999);
    }

    proptest! {
        #[test]
        fn no_two_numbers_are_too_far_apart_to_compare(now: i64, before: i64) {
            let (way, arrow, percent) = compare(now, before);
            prop_assert!((0..=9999).contains(&percent));
            prop_assert_eq!(arrow.is_empty(), way == "same" || way == "none");
        }
    }
}
