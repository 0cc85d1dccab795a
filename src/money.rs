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

    /// `None` when `other` is more than this.
    pub fn less(self, other: Money) -> Option<Money> {
        self.0.checked_sub(other.0).and_then(Money::from_fen)
    }

    /// Splits it over `weights` by largest remainder: the parts add up to exactly this, and none is further than a
    /// fen from its due. Equal remainders go to the first. All of nothing where no weight is more than nothing.
    pub fn split(self, weights: &[Money]) -> Vec<Money> {
        let total: i128 = weights.iter().map(|weight| i128::from(weight.0)).sum();
        if total == 0 {
            return vec![Money::ZERO; weights.len()];
        }
        let due = |weight: &Money| i128::from(self.0) * i128::from(weight.0);
        let mut parts: Vec<i64> =
            weights.iter().map(|w| i64::try_from(due(w) / total).unwrap_or(0)).collect();
        let left = usize::try_from(self.0 - parts.iter().sum::<i64>()).unwrap_or(0);
        let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
        by_remainder.sort_by_key(|&i| std::cmp::Reverse(due(&weights[i]) % total));
        for &i in by_remainder.iter().take(left) {
            parts[i] += 1;
        }
        parts.into_iter().map(Money).collect()
    }

    /// The part of it that falls to the pieces from `before` up to `after` of `all`. Parts that follow one another add
    /// up to exactly the whole, however it is cut. Nothing where the pieces are none.
    #[must_use]
    pub fn part(self, before: u32, after: u32, all: u32) -> Money {
        let up_to = |pieces: u32| {
            let part = i128::from(self.0) * i128::from(pieces.min(all)) / i128::from(all.max(1));
            i64::try_from(part).unwrap_or(0)
        };
        Money((up_to(after) - up_to(before)).max(0))
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
        fn parts_add_up_to_the_whole_and_none_is_a_fen_off(
            fen in 0..=Money::MAX.0,
            weights in proptest::collection::vec(0..=Money::MAX.0, 1..20),
        ) {
            let weights: Vec<Money> = weights.into_iter().map(Money).collect();
            let parts = Money(fen).split(&weights);
            let total: i128 = weights.iter().map(|w| i128::from(w.0)).sum();
            let due = |w: &Money| i128::from(fen) * i128::from(w.0);
            prop_assert_eq!(parts.iter().map(|part| part.0).sum::<i64>(), if total == 0 { 0 } else { fen });
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((i128::from(part.0) * total - due(weight)).abs() < total.max(1));
            }
        }

        #[test]
        fn pieces_given_back_one_way_or_another_are_the_whole_price(
            fen in 0..=Money::MAX.0,
            all in 1u32..=9999,
            cuts in proptest::collection::vec(0u32..=9999, 0..6),
        ) {
            let mut cuts: Vec<u32> = cuts.into_iter().map(|cut| cut.min(all)).chain([0, all]).collect();
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|cut| Money(fen).part(cut[0], cut[1], all).0);
            prop_assert_eq!(parts.sum::<i64>(), fen);
        }

        #[test]
        fn what_is_shown_is_what_is_kept(fen in 0..=Money::MAX.0) {
            let money = Money(fen);
            prop_assert_eq!(money.to_string(), format!("{}.{}", money.yuan(), money.cents()));
            prop_assert_eq!(Money::parse_fen(&money.to_string().replace('.', "")), Some(money));
        }
    }
}
