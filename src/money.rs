//! Money: whole fen, never a float.

use std::fmt;
use std::iter::Sum;

/// An amount of renminbi in fen (0.01 yuan), from nothing to [`Money::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, sqlx::Type)]
#[sqlx(transparent)]
pub struct Money(i64);

impl Money {
    pub const ZERO: Money = Money(0);
    /// Ten billion yuan: far beyond any order, far below what a browser can count exactly.
    pub const MAX: Money = Money(1_000_000_000_000);

    /// `None` when `fen` is negative or beyond [`Money::MAX`].
    pub fn from_fen(fen: i64) -> Option<Money> {
        (0..=Money::MAX.0).contains(&fen).then_some(Money(fen))
    }

    /// Reads a whole number of fen as Weibo writes it: digits only, no sign, no blank.
    pub fn parse_fen(text: &str) -> Option<Money> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse().ok()).flatten().and_then(Money::from_fen)
    }

    /// Reads yuan as people type them: digits, and perhaps a point and one or two more digits. `12`, `12.5`.
    pub fn parse_yuan(text: &str) -> Option<Money> {
        let (yuan, cents) = text.split_once('.').map_or((text, "00"), |(yuan, cents)| (yuan, cents));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(cents) || cents.len() > 2 {
            return None;
        }
        Money::parse_fen(&format!("{yuan}{cents:0<2}"))
    }

    pub fn fen(self) -> i64 {
        self.0
    }

    /// `None` when the product is beyond [`Money::MAX`].
    pub fn times(self, quantity: u32) -> Option<Money> {
        self.0.checked_mul(i64::from(quantity)).and_then(Money::from_fen)
    }

    /// `None` when the sum is beyond [`Money::MAX`].
    pub fn plus(self, other: Money) -> Option<Money> {
        self.0.checked_add(other.0).and_then(Money::from_fen)
    }

    /// Whole yuan, for the large part of a price tag.
    pub fn yuan(self) -> i64 {
        self.0 / 100
    }

    /// The two digits behind the point.
    pub fn cents(self) -> String {
        format!("{:02}", self.0 % 100)
    }
}

/// `88.00`, without a currency sign.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Stops at [`Money::MAX`]; for totals that decide something use [`Money::plus`].
impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, |a, b| a.plus(b).unwrap_or(Money::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_plain_digits_are_an_amount() {
        assert_eq!(Money::parse_fen("12900"), Money::from_fen(12900));
        for bad in ["", "-1", "+1", " 1", "1 ", "1.0", "0x1", "１", "99999999999999999999"] {
            assert_eq!(Money::parse_fen(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn yuan_are_read_as_people_type_them() {
        for (text, fen) in [("0", 0), ("12", 1_200), ("12.5", 1_250), ("12.05", 1_205), ("007", 700)] {
            assert_eq!(Money::parse_yuan(text), Money::from_fen(fen), "{text}");
        }
        for bad in ["", ".", "1.", ".5", "1.234", "-1", "1e3", "1,000", "１", "10000000000.01", "1 "] {
            assert_eq!(Money::parse_yuan(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn nothing_leaves_the_range() {
        assert_eq!(Money::from_fen(-1), None);
        assert_eq!(Money::MAX.plus(Money(1)), None);
        assert_eq!(Money::MAX.times(2), None);
        assert_eq!(Money(i64::MAX / 2).times(u32::MAX), None);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_what_is_kept(fen in 0..=Money::MAX.0) {
            let money = Money(fen);
            prop_assert_eq!(money.to_string(), format!("{}.{}", money.yuan(), money.cents()));
            prop_assert_eq!(Money::parse_fen(&money.to_string().replace('.', "")), Some(money));
        }
    }
}
