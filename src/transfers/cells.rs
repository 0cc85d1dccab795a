//! What the cells of a table say, read into the one way in which a table writes it. Pure.

use crate::clock::SHOP_ZONE;
use crate::money::Money;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Month, OffsetDateTime, Time};

pub const YES: &str = "是";
pub const NO: &str = "否";
/// On the shelf by the clock.
pub const BY_THE_CLOCK: &str = "定时";
/// Pieces, grams and places: what their columns hold.
pub const COUNT: u32 = i32::MAX.unsigned_abs();
/// From how many pieces on a stock may be called low.
pub const LOW: u32 = 1_000_000;

const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day] [hour]:[minute]");

/// `88`, `88.5`, `¥1,288.00`: at least one fen, no more than can be charged.
pub fn price(text: &str) -> Option<Money> {
    let text = text.trim_start_matches(['¥', '￥']).trim();
    let (yuan, part) = text.split_once('.').unwrap_or((text, ""));
    let groups: Vec<&str> = yuan.split(',').collect();
    let grouped = groups.iter().skip(1).all(|group| group.len() == 3) && groups[0].len() <= 3;
    if (groups.len() > 1 && !grouped) || groups[0].is_empty() || !groups.iter().all(|group| digits(group)) {
        return None;
    }
    if part.len() > 2 || !digits(part) {
        return None;
    }
    Money::parse_fen(&format!("{}{part:0<2}", groups.concat())).filter(|price| *price > Money::ZERO)
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

pub fn count(text: &str) -> Option<u32> {
    digits(text).then(|| text.parse().ok()).flatten().filter(|count| *count <= COUNT)
}

pub fn yes_or_no(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "是" | "yes" | "y" | "true" | "1" => Some(YES),
        "否" | "no" | "n" | "false" | "0" => Some(NO),
        _ => None,
    }
}

/// Whether a product is on the shelf.
pub fn shelf(text: &str) -> Option<&'static str> {
    match text.to_lowercase().as_str() {
        "上架" => Some(YES),
        "下架" => Some(NO),
        "定时" | "定时上架" | "scheduled" | "timed" => Some(BY_THE_CLOCK),
        _ => yes_or_no(text),
    }
}

/// A minute in the shop's zone: `2026-11-21 08:00`, or as a spreadsheet writes it back, `2026/11/21 8:00:00`.
pub fn minute(text: &str) -> Option<OffsetDateTime> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let mut date = date.split(['-', '/']).map(|part| count(part).filter(|_| !part.is_empty()));
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut time = time.trim().split(':').map(|part| count(part).filter(|_| !part.is_empty()));
    let (hour, minute) = (u8::try_from(time.next()??).ok()?, u8::try_from(time.next()??).ok()?);
    // Seconds are left out.
    let seconds = time.next().is_none_or(|second| second.is_some_and(|second| second < 60));
    if date.next().is_some() || time.next().is_some() || !seconds || !(2000..2200).contains(&year) {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let day = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some(day.with_time(Time::from_hms(hour, minute, 0).ok()?).assume_offset(SHOP_ZONE))
}

pub fn of_minute(at: OffsetDateTime) -> String {
    at.to_offset(SHOP_ZONE).format(MINUTE).unwrap_or_default()
}

/// One name on a line, of at most `most` characters.
pub fn list(text: &str, most: usize) -> Option<String> {
    let mut names: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| seen.insert(*name));
    names.iter().all(|name| fits(name, most)).then(|| names.join("\n"))
}

/// Lines that begin with the number of what they speak of: `2 大号`. What has no text is left out.
pub fn numbered(text: &str, most: usize) -> Option<String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let known: Option<Vec<(usize, &str)>> = lines.map(|line| number(line, most)).collect();
    known.map(|known| of_numbered(known.into_iter()))
}

fn number(line: &str, most: usize) -> Option<(usize, &str)> {
    let (number, text) = line.split_once(char::is_whitespace)?;
    let number = count(number).filter(|number| *number > 0)?;
    Some((usize::try_from(number).ok()?, text.trim())).filter(|(_, text)| fits(text, most))
}

fn fits(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// What [`numbered`] has read.
pub fn by_number(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().filter_map(|line| number(line, usize::MAX))
}

/// As [`numbered`] reads it.
pub fn of_numbered<'a>(texts: impl Iterator<Item = (usize, &'a str)>) -> String {
    let lines = texts.filter(|(_, text)| !text.is_empty()).map(|(number, text)| format!("{number} {text}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// What may be names of our pictures, each once.
pub fn pictures(text: &str) -> String {
    let ours = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut names: Vec<&str> = text.split_whitespace().collect();
    let mut seen = std::collections::HashSet::new();
    names.retain(|name| (16..=64).contains(&name.len()) && name.chars().all(ours) && seen.insert(*name));
    names.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn prices_are_read_as_people_write_them_and_nothing_else_is() {
        for (text, fen) in
            [("88", 8800), ("88.5", 8850), ("¥1,288.00", 128_800), ("0.01", 1), ("￥ 12", 1200), ("5.", 500)]
        {
            assert_eq!(price(text), Money::from_fen(fen), "{text}");
        }
        for bad in
            ["0", "-1", "1.234", "1,28", ",5", "1e3", "八十", "1 2", "", ".5", "99999999999", "1,2345", "NaN"]
        {
            assert_eq!(price(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_minute_is_read_as_a_spreadsheet_writes_it_back() {
        let eight = datetime!(2026-11-01 08:05 +8);
        for text in
            ["2026-11-01 08:05", "2026/11/1 8:05", "2026/11/1 8:05:59", "2026-11-01T08:05", "2026-11-1  8:5"]
        {
            assert_eq!(minute(text), Some(eight), "{text}");
        }
        assert_eq!(of_minute(datetime!(2026-11-01 00:05 UTC)), "2026-11-01 08:05");
        for bad in [
            "2026-11-01",
            "2026-13-01 8:00",
            "2026-11-31 8:00",
            "1-11-1 8:00",
            "2026-11-01 24:00",
            "2026-11-01 8",
            "2026-11-01 8:00:99",
            "2026-11-01 8:00:00:0",
            "2026-- 1:1",
            "明天 8:00",
        ] {
            assert_eq!(minute(bad), None, "{bad}");
        }
    }

    #[test]
    fn lists_are_read_line_by_line() {
        assert_eq!(list(" 大\r\n\n小 \n大", 30).as_deref(), Some("大\n小"));
        assert_eq!(list(&"长".repeat(31), 30), None);
        assert_eq!(numbered("1 Large\n3  2 in 1\n", 30).as_deref(), Some("1 Large\n3 2 in 1"));
        assert_eq!(by_number("1 Large\n3 2 in 1").collect::<Vec<_>>(), [(1, "Large"), (3, "2 in 1")]);
        for bad in ["Large", "0 Large", "1Large", "1 a\n-", "1 a\u{1}b", "99999999999 a"] {
            assert_eq!(numbered(bad, 30), None, "{bad}");
        }
        let name = "0123456789abcdef";
        assert_eq!(pictures(&format!("https://a.example/1.jpg {name}\n{name} short")), name);
    }
}
