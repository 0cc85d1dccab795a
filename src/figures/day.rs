//! One day's figures, and what can be worked out from them. Pure.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// Money taken in, in fen. A sum over many orders: it may be far beyond what one order can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, sqlx::Type)]
#[sqlx(transparent)]
pub struct Takings(pub i64);

/// What happened on one day, or on several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// Orders placed, whatever became of them.
    pub placed: i64,
    /// Orders whose money came and was kept.
    pub paid: i64,
    /// What those cost.
    pub takings: Takings,
    /// Refunds of orders that were paid in time, on the day on which Weibo said that the money is back. One that came
    /// back to the shop counts against them.
    pub refunds: i64,
    pub refunded: Takings,
}

impl Figures {
    /// What an order brought, rounded to whole fen; nothing when none was paid.
    pub fn per_order(&self) -> Takings {
        let half = self.paid / 2;
        let rounded = self.takings.0.saturating_add(half).checked_div(self.paid);
        Takings(rounded.unwrap_or(0))
    }
}

impl Add for Figures {
    type Output = Figures;

    fn add(self, other: Figures) -> Figures {
        Figures {
            placed: self.placed.saturating_add(other.placed),
            paid: self.paid.saturating_add(other.paid),
            takings: Takings(self.takings.0.saturating_add(other.takings.0)),
            refunds: self.refunds.saturating_add(other.refunds),
            refunded: Takings(self.refunded.0.saturating_add(other.refunded.0)),
        }
    }
}

impl Sum for Figures {
    fn sum<I: Iterator<Item = Figures>>(days: I) -> Figures {
        days.fold(Figures::default(), Figures::add)
    }
}

/// `6,482.00`, without a currency sign.
impl fmt::Display for Takings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (yuan, fen) = (self.0 / 100, self.0 % 100);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", grouped(yuan.unsigned_abs().into()), fen.unsigned_abs())
    }
}

/// `1234567` as `1,234,567`.
pub fn grouped(number: u128) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn amounts_are_grouped() {
        for (fen, text) in [
            (0, "0.00"),
            (7, "0.07"),
            (99_999, "999.99"),
            (100_000, "1,000.00"),
            (648_200, "6,482.00"),
            (123_456_789_012, "1,234,567,890.12"),
            (-100_005, "-1,000.05"),
        ] {
            assert_eq!(Takings(fen).to_string(), text);
        }
        assert_eq!(Takings(i64::MIN).to_string(), "-92,233,720,368,547,758.08");
    }

    #[test]
    fn an_average_is_rounded_and_nothing_is_divided_by_nothing() {
        let of = |paid, fen| Figures { paid, takings: Takings(fen), ..Figures::default() }.per_order().0;
        assert_eq!((of(0, 0), of(3, 1000), of(3, 1001), of(2, 1001)), (0, 333, 334, 501));
        assert_eq!(of(1, i64::MAX), i64::MAX);
    }

    proptest! {
        #[test]
        fn sums_stay_in_range(days in proptest::collection::vec((any::<i64>(), any::<i64>(), any::<i64>()), 0..5)) {
            let days = days.into_iter().map(|(placed, paid, fen)| Figures {
                placed,
                paid,
                takings: Takings(fen),
                refunds: placed,
                refunded: Takings(fen),
            });
            let total: Figures = days.sum();
            let _ = (total.per_order().to_string(), total.takings.to_string());
        }

        #[test]
        fn grouping_loses_no_digit(fen: i64) {
            let shown = Takings(fen).to_string().replace(',', "");
            let (yuan, cents) = shown.trim_start_matches('-').split_once('.').unwrap();
            prop_assert_eq!(yuan.parse::<u128>().unwrap() * 100 + cents.parse::<u128>().unwrap(), u128::from(fen.unsigned_abs()));
        }
    }
}
