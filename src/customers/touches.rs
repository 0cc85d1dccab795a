//! By which short links somebody came. What she tapped where she was signed in stays with her account for a while, so
//! that it counts when she orders on another browser.

pub use super::store::touches::{keep, of, sweep};

use std::fmt;
use time::{Duration, OffsetDateTime};

/// Nothing older counts, whatever the merchant sets.
pub const LONGEST: Duration = Duration::days(90);
/// So many an account keeps: the first that counts, and the latest.
pub const MOST: i64 = 8;

/// Whether it can be the code of a short link: nobody asks the database for anything else.
pub fn is_code(text: &str) -> bool {
    matches!(text.len(), 8 | 12) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Somebody came by the link of this code, at this whole second. The earlier one is the lesser.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    at: OffsetDateTime,
    code: String,
}

impl Touch {
    /// Nothing for what can be no code.
    pub fn new(code: &str, at: OffsetDateTime) -> Option<Touch> {
        let whole = OffsetDateTime::from_unix_timestamp(at.unix_timestamp()).ok()?;
        is_code(code).then(|| Touch { at: whole, code: code.to_owned() })
    }

    pub fn code(&self) -> &str {
        &self.code
    }

    pub fn at(&self) -> OffsetDateTime {
        self.at
    }

    /// Reads what `Display` writes; nothing for anything else.
    pub fn read(text: &str) -> Option<Touch> {
        let (code, seconds) = text.split_once('.')?;
        let plain = (1..=11).contains(&seconds.len()) && seconds.bytes().all(|b| b.is_ascii_digit());
        let at = plain.then(|| seconds.parse().ok()).flatten()?;
        Touch::new(code, OffsetDateTime::from_unix_timestamp(at).ok()?)
    }
}

/// `0aZ45678wxyz.1793620800`: the code and the second, in letters that travel everywhere.
impl fmt::Display for Touch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.code, self.at.unix_timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(code in "[0-9A-Za-z]{8}([0-9A-Za-z]{4})?", at in 0..=99_999_999_999_i64) {
            let touch = Touch::new(&code, OffsetDateTime::from_unix_timestamp(at).unwrap()).unwrap();
            prop_assert_eq!(Touch::read(&touch.to_string()), Some(touch));
        }

        #[test]
        fn nothing_else_is_read(text in ".{0,40}") {
            if let Some(touch) = Touch::read(&text) {
                prop_assert!(is_code(touch.code()) && text.starts_with(touch.code()));
            }
        }
    }

    #[test]
    fn what_is_nearly_a_touch_is_none() {
        for bad in [
            "",
            ".",
            "0aZ45678",
            "0aZ45678.",
            ".1793620800",
            "0aZ45678.-1",
            "0aZ45678.+1",
            "0aZ45678.1.2",
            "0aZ4567.1",
            "0aZ456789.1",
            "0aZ45678wxyz1.1",
            "0aZ4567\0.1",
            "0aZ45678.999999999999",
            "0aZ45678. 1",
            "0aZ45678.１",
        ] {
            assert_eq!(Touch::read(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn parts_of_a_second_do_not_count() {
        let at = OffsetDateTime::from_unix_timestamp_nanos(1_793_620_800_900_000_000).unwrap();
        assert_eq!(
            Touch::new("0aZ45678", at).unwrap().at().unix_timestamp_nanos(),
            1_793_620_800_000_000_000
        );
    }
}
