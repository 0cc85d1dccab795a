//! A partner's month as a table: what was entered, then what was paid to her.

use super::commission::Entry;
use super::partner::PartnerId;
use super::payouts::{Payout, State};
use super::store;
use crate::clock::{begins, day, shop_day};
use crate::db::Db;
use crate::money::Money;
use crate::transfers::dialect::{Cell, Sheet};
use std::fmt;
use time::{Date, Duration, OffsetDateTime};

/// So many entries at once.
const BATCH: i64 = 500;

/// A month in the shop's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// Reads `2026-11`.
    pub fn parse(text: &str) -> Option<Month> {
        let shape = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        if !shape {
            return None;
        }
        day(&format!("{text}-01")).map(Month)
    }

    pub fn of(at: OffsetDateTime) -> Month {
        let day = shop_day(at);
        Month(day.replace_day(1).unwrap_or(day))
    }

    #[must_use]
    fn before(self) -> Month {
        let last = self.0 - Duration::days(1);
        Month(last.replace_day(1).unwrap_or(last))
    }

    /// All from that of `made_at` up to that of `now`, the latest first.
    pub fn since(made_at: OffsetDateTime, now: OffsetDateTime) -> Vec<Month> {
        let (first, last) = (Month::of(made_at), Month::of(now));
        std::iter::successors(Some(last), |month| Some(month.before()).filter(|before| *before >= first))
            .collect()
    }

    fn after(self) -> Month {
        let next = self.0 + Duration::days(31);
        Month(next.replace_day(1).unwrap_or(next))
    }

    /// Its first instant, and the one after its last.
    pub(super) fn span(self) -> (OffsetDateTime, OffsetDateTime) {
        (begins(self.0), begins(self.after().0))
    }
}

/// `2026-11`.
impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), u8::from(self.0.month()))
    }
}

/// How the table is worded for who reads it.
pub struct Wording<'a> {
    pub header: Vec<String>,
    /// When, what for, which order, which product.
    pub entry: &'a (dyn Fn(&Entry) -> [String; 4] + Sync),
    /// When, what for, and what there is to say of it.
    pub payout: &'a (dyn Fn(&Payout) -> [String; 3] + Sync),
}

/// A part of the table, and behind which entry the next begins; nothing behind the last.
pub type Part = (Vec<u8>, Option<i64>);

/// The part behind the entry `after`; the first, of `None`, has the header, the last has what was paid.
pub async fn part(
    db: &Db,
    (partner, month): (PartnerId, Month),
    after: Option<i64>,
    words: &Wording<'_>,
) -> anyhow::Result<Part> {
    let mut conn = db.reader().await?;
    let entries = store::entries::within(&mut conn, partner, month.span(), (after, BATCH)).await?;
    let mut sheet = if after.is_none() { Sheet::begin() } else { Sheet::more() };
    if after.is_none() {
        sheet.row(words.header.iter().map(|name| Cell::text(name.as_str())))?;
    }
    for entry in &entries {
        let [when, what, order, product] = (words.entry)(entry);
        sheet.row([
            Cell::Number(when),
            Cell::text(what),
            Cell::text(order),
            Cell::text(product),
            Cell::number(entry.base),
            Cell::number(format!("{}%", entry.rate)),
            Cell::number(signed(entry.fen)),
        ])?;
    }
    let next = entries.last().filter(|_| i64::try_from(entries.len()).is_ok_and(|read| read == BATCH));
    if let Some(last) = next {
        return Ok((sheet.bytes()?, Some(last.id)));
    }
    for payout in store::payouts::within(&mut conn, partner, month.span()).await? {
        let State::Paid { .. } = payout.state else { continue };
        let [when, what, told] = (words.payout)(&payout);
        let amount = Cell::number(signed(-payout.amount.fen()));
        sheet.row([
            Cell::Number(when),
            Cell::text(what),
            Cell::Empty,
            Cell::text(told),
            Cell::Empty,
            Cell::Empty,
            amount,
        ])?;
    }
    Ok((sheet.bytes()?, None))
}

/// `-3.99`: a spreadsheet counts with it.
fn signed(fen: i64) -> String {
    let amount = Money::from_fen(fen.saturating_abs()).unwrap_or(Money::MAX);
    if fen < 0 { format!("-{amount}") } else { amount.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_month_is_that_of_the_shop() {
        let december = Month::of(datetime!(2026-11-30 16:00 UTC));
        assert_eq!(
            (december.to_string(), december.before().to_string()),
            ("2026-12".into(), "2026-11".into())
        );
        assert_eq!(december.span(), (datetime!(2026-12-01 0:00 +8), datetime!(2027-01-01 0:00 +8)));
        assert_eq!(Month::parse("2026-12"), Some(december));
        let since = Month::since(datetime!(2025-10-31 16:00 UTC), datetime!(2026-11-30 16:00 UTC));
        assert_eq!((since.len(), since[0], since[13].to_string()), (14, december, "2025-11".into()));
        assert_eq!(
            Month::since(datetime!(2026-12-31 15:59 UTC), datetime!(2026-11-30 16:00 UTC)),
            [december]
        );
        for bad in
            ["", "2026", "2026-13", "2026-1", "2026-12-01", "12-2026", "2026-00", "２026-1", "2026-12\0"]
        {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
        assert_eq!(
            (signed(-1), signed(399), signed(-100_000)),
            ("-0.01".into(), "3.99".into(), "-1000.00".into())
        );
    }
}
