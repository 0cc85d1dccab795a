//! A JSON object from Weibo, read with its habits: numbers come as numbers or as strings (weibo-pay.md §13).

use crate::clock::SHOP_ZONE;
use serde_json::{Map, Value};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

pub(super) struct Answer(Map<String, Value>);

impl Answer {
    /// `None` when it is anything but a JSON object.
    pub fn parse(body: &[u8]) -> Option<Answer> {
        serde_json::from_slice(body).ok().map(Answer)
    }

    /// The whole of it as JSON, to be kept.
    pub fn verbatim(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }

    /// A string, or a whole number as its digits; `None` when absent, empty or anything else.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) if number.is_i64() || number.is_u64() => Some(number.to_string()),
            _ => None,
        }
        .filter(|text| !text.is_empty())
    }

    /// A string, or any number as it is written; `None` for anything else.
    pub fn words(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// What stands there, whatever it is.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// A whole number, written either way.
    pub fn whole(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// A JSON boolean.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    pub fn object(&self, name: &str) -> Option<Answer> {
        self.0.get(name)?.as_object().cloned().map(Answer)
    }

    /// One object or a list of them, as Weibo pleases (§13); none when absent or empty, `None` when it is
    /// anything else.
    pub fn objects(&self, name: &str) -> Option<Vec<Answer>> {
        match self.0.get(name) {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::String(text)) if text.is_empty() => Some(Vec::new()),
            Some(Value::Object(object)) if object.is_empty() => Some(Vec::new()),
            Some(Value::Object(object)) => Some(vec![Answer(object.clone())]),
            Some(Value::Array(list)) => list.iter().map(|one| one.as_object().cloned().map(Answer)).collect(),
            Some(_) => None,
        }
    }
}

/// `2026-03-05 10:21:05`: Beijing time, as Weibo Pay writes it (weibo-pay.md §4). In UTC.
pub(super) fn beijing_time(text: &str) -> Option<OffsetDateTime> {
    const FORM: &[BorrowedFormatItem<'_>] =
        format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    let local = PrimitiveDateTime::parse(text, FORM).ok()?;
    Some(local.assume_offset(SHOP_ZONE).to_offset(UtcOffset::UTC))
}

/// A Weibo uid or another positive 64-bit number: digits only, no sign, no blank.
pub(super) fn positive(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn numbers_come_as_numbers_or_as_strings() {
        let body = r#"{"a":1,"b":"300000000000000001","c":300000000000000001,"d":1.5,"e":"","f":null,"g":[1],"h":true}"#;
        let answer = Answer::parse(body.as_bytes()).unwrap();
        assert_eq!(answer.whole("a"), Some(1));
        assert_eq!(answer.text("b"), answer.text("c"));
        assert_eq!(answer.whole("c"), Some(300_000_000_000_000_001));
        for other in ["d", "e", "f", "g", "h", "absent"] {
            assert_eq!(answer.text(other), None, "{other}");
        }
        assert_eq!(answer.boolean("h"), Some(true));
    }

    #[test]
    fn objects_come_alone_or_in_a_list_or_not_at_all() {
        let body =
            r#"{"a":{"x":1},"b":[{"x":1},{"x":2}],"c":null,"d":"","e":{},"f":[],"g":[1],"h":"x","i":0}"#;
        let answer = Answer::parse(body.as_bytes()).unwrap();
        let count = |name| answer.objects(name).map(|all| all.len());
        for (name, expected) in [("a", 1), ("b", 2), ("c", 0), ("d", 0), ("e", 0), ("f", 0), ("absent", 0)] {
            assert_eq!(count(name), Some(expected), "{name}");
        }
        for bad in ["g", "h", "i"] {
            assert_eq!(count(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_an_object_is_an_answer() {
        for bad in ["", "null", "[]", "\"x\"", "1", "{", "<html>", "{}{}"] {
            assert!(Answer::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Answer::parse("[".repeat(100_000).as_bytes()).is_none());
    }

    #[test]
    fn weibos_times_are_beijing_time() {
        assert_eq!(beijing_time("2026-03-05 07:21:05"), Some(datetime!(2026-03-04 23:21:05 UTC)));
        for bad in [
            "",
            "0000-00-00 00:00:00",
            "2026-03-05",
            "2026-3-5 10:21:05",
            "2026-03-05 10:21:05Z",
            "1772677265",
        ] {
            assert_eq!(beijing_time(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_plain_digits_above_zero_are_an_id() {
        assert_eq!(positive("7000000002"), Some(7_000_000_002));
        for bad in ["", "0", "-1", "+1", " 1", "1.0", "99999999999999999999", "１"] {
            assert_eq!(positive(bad), None, "{bad}");
        }
    }
}
