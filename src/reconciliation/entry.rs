//! A row of the console's file, read by its columns. Pure.

use super::columns::{Columns, Role, Unit};
use crate::money::Money;
use crate::transfers::cells;
use crate::weibo::pay::is_number;
use time::{Duration, OffsetDateTime};

/// What a row says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Of the payment: empty where the file does not have it.
    pub weibo_number: String,
    pub our_number: String,
    /// Of a refund, ours or Weibo's; else the row is about the payment itself.
    pub refund_number: Option<String>,
    pub amount: Money,
    /// The money has moved.
    pub good: bool,
    pub at: OffsetDateTime,
}

/// Why a row says nothing that can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    NoNumber,
    /// As a spreadsheet spoils long numbers: `3.00E+17`.
    Spoilt,
    Number,
    Amount,
    Time,
}

impl Why {
    /// Behind `word-unreadable-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Why::NoNumber => "no-number",
            Why::Spoilt => "spoilt",
            Why::Number => "number",
            Why::Amount => "amount",
            Why::Time => "time",
        }
    }
}

/// How long ago a row may be, and how far ahead the console's clock.
const OLDEST: Duration = Duration::days(400);
const AHEAD: Duration = Duration::days(1);

pub fn read(cells: &[String], columns: &Columns, now: OffsetDateTime) -> Result<Entry, Why> {
    let cell = |role| columns.of(role).and_then(|at| cells.get(at)).map_or("", |cell| cell.trim());
    let weibo_number = number(cell(Role::WeiboNumber))?;
    let our_number = number(cell(Role::OurNumber))?;
    let refund_number = Some(number(cell(Role::RefundNumber))?).filter(|number| !number.is_empty());
    if weibo_number.is_empty() && our_number.is_empty() && refund_number.is_none() {
        return Err(Why::NoNumber);
    }
    let own = if refund_number.is_some() { cell(Role::RefundAmount) } else { "" };
    let written = if own.is_empty() { cell(Role::Amount) } else { own };
    // What went back may stand with a sign.
    let written = if refund_number.is_some() { written.trim_start_matches('-') } else { written };
    let amount = match columns.unit {
        Unit::Yuan => cells::price(written),
        Unit::Fen => Money::parse_fen(written).filter(|amount| *amount > Money::ZERO),
    };
    let at = moment(cell(Role::Time)).filter(|at| *at >= now - OLDEST && *at <= now + AHEAD);
    let good = columns.status.is_none() || columns.good.iter().any(|word| word == cell(Role::Status));
    Ok(Entry {
        weibo_number,
        our_number,
        refund_number,
        amount: amount.ok_or(Why::Amount)?,
        good,
        at: at.ok_or(Why::Time)?,
    })
}

/// A number as it is, without what keeps a spreadsheet from spoiling it.
fn number(cell: &str) -> Result<String, Why> {
    let number = cell.trim_start_matches(['\'', '`', '=']).trim_matches('"').trim();
    if number.is_empty() || is_number(number) {
        Ok(number.to_owned())
    } else if number.to_ascii_uppercase().contains("E+") {
        Err(Why::Spoilt)
    } else {
        Err(Why::Number)
    }
}

/// A minute in the shop's zone, or the first one of a day.
fn moment(text: &str) -> Option<OffsetDateTime> {
    let text = text.split_once('.').map_or(text, |(whole, _)| whole);
    if text.contains([' ', 'T']) { cells::minute(text) } else { cells::minute(&format!("{text} 00:00")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-22 12:00 +8);

    fn columns() -> Columns {
        Columns {
            weibo_number: Some(0),
            our_number: Some(1),
            amount: Some(2),
            time: Some(3),
            status: Some(4),
            refund_number: Some(5),
            good: vec!["支付成功".into(), "退款成功".into()],
            ..Columns::default()
        }
    }

    fn row(line: &str) -> Result<Entry, Why> {
        let cells: Vec<String> = line.split('|').map(str::to_owned).collect();
        read(&cells, &columns(), NOW)
    }

    #[test]
    fn a_row_is_read_as_consoles_and_spreadsheets_write_it() {
        let entry = row("'300000000000000001||¥1,288.50|2026/11/21 9:05:07|支付成功").unwrap();
        assert_eq!(entry.weibo_number, "300000000000000001");
        assert_eq!((entry.amount.fen(), entry.good, entry.refund_number), (128_850, true, None));
        assert_eq!(entry.at, datetime!(2026-11-21 09:05 +8));
        let refund = row("1||-12|2026-11-21|退款成功|R1").unwrap();
        assert_eq!((refund.amount.fen(), refund.refund_number.as_deref()), (1_200, Some("R1")));
        assert!(!row("1||12|2026-11-21|待支付").unwrap().good);
        let quoted = row("=\"300000000000000001\"||1|2026-11-21 10:00:00.123|").unwrap();
        assert_eq!(quoted.weibo_number, "300000000000000001");
    }

    #[test]
    fn what_cannot_be_compared_says_why() {
        for (line, why) in [
            ("", Why::NoNumber),
            ("||12|2026-11-21|", Why::NoNumber),
            ("3.00E+17||12|2026-11-21|", Why::Spoilt),
            ("一二三||12|2026-11-21|", Why::Number),
            ("1||-12|2026-11-21|", Why::Amount),
            ("1||0|2026-11-21|", Why::Amount),
            ("1||1.234|2026-11-21|", Why::Amount),
            ("1||12|昨天|", Why::Time),
            ("1||12||", Why::Time),
            ("1||12|1999-01-01|", Why::Time),
            ("1||12|2027-11-21|", Why::Time),
        ] {
            assert_eq!(row(line), Err(why), "{line}");
        }
    }

    #[test]
    fn fen_are_whole() {
        let columns = Columns { unit: Unit::Fen, ..columns() };
        let amount = |text: &str| {
            let cells = ["1", "", text, "2026-11-21", "支付成功"].map(String::from);
            read(&cells, &columns, NOW).map(|entry| entry.amount.fen())
        };
        assert_eq!(amount("1200"), Ok(1_200));
        assert_eq!(amount("12.00"), Err(Why::Amount));
    }
}
