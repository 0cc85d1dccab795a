//! The number that people read out on the telephone.

use crate::clock::SHOP_ZONE;
use std::fmt;
use std::str::FromStr;
use time::{Date, OffsetDateTime, Time};

/// `2611-7KQ4-M2X9`: year and month in the shop's zone, then 23 bits of the time within the month and 17
/// random ones. Short, in the order of placing, and the next one cannot be guessed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct OrderNumber(String);

/// Digits and letters without those that look or sound alike (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_BITS: u32 = 17;
const TIME_BITS: u32 = 23;
/// Milliseconds in the longest month.
const MONTH: u64 = 31 * 24 * 3600 * 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an order number")]
pub struct NotANumber;

impl OrderNumber {
    /// The number of an order placed at `now`; of `chance` the low 17 bits count.
    pub fn mint(now: OffsetDateTime, chance: u32) -> OrderNumber {
        let local = now.to_offset(SHOP_ZONE);
        let first = Date::from_calendar_date(local.year(), local.month(), 1).unwrap_or(local.date());
        let began = first.with_time(Time::MIDNIGHT).assume_offset(SHOP_ZONE);
        let elapsed = u64::try_from((local - began).whole_milliseconds()).unwrap_or(0).min(MONTH - 1);
        let slot = (elapsed << TIME_BITS) / MONTH;
        let bits = (slot << RANDOM_BITS) | u64::from(chance & ((1 << RANDOM_BITS) - 1));
        let tail: String = (0..8)
            .rev()
            .map(|i| char::from(LETTERS[usize::try_from((bits >> (i * 5)) & 31).unwrap_or(0)]))
            .collect();
        let (year, month) = (local.year().rem_euclid(100), u8::from(local.month()));
        OrderNumber(format!("{year:02}{month:02}-{}-{}", &tail[..4], &tail[4..]))
    }

    /// The same without hyphens, for Weibo's order numbers.
    pub fn compact(&self) -> String {
        self.0.replace('-', "")
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNumber {
    type Err = NotANumber;

    /// Takes small letters too, as people type them.
    fn from_str(text: &str) -> Result<OrderNumber, NotANumber> {
        let text = text.to_ascii_uppercase();
        let shape = text.len() == 14
            && text.bytes().enumerate().all(|(i, b)| match i {
                4 | 9 => b == b'-',
                _ => LETTERS.contains(&b),
            });
        if shape { Ok(OrderNumber(text)) } else { Err(NotANumber) }
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn the_month_is_that_of_the_shop() {
        let number = OrderNumber::mint(datetime!(2026-10-31 16:00 UTC), 0);
        assert_eq!(number.to_string(), "2611-0000-0000");
        let last = OrderNumber::mint(datetime!(2026-11-30 15:59:59.999 UTC), u32::MAX);
        assert!(last.to_string().starts_with("2611-"));
    }

    #[test]
    fn only_numbers_are_numbers() {
        assert_eq!("2611-7kq4-m2x9".parse::<OrderNumber>().unwrap().as_str(), "2611-7KQ4-M2X9");
        for bad in
            ["", "2611-7KQ4-M2X", "2611_7KQ4-M2X9", "2611-7KQ4-M2XU", "../../etc/passw", "２611-7KQ4-M2X9"]
        {
            assert_eq!(bad.parse::<OrderNumber>(), Err(NotANumber), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn later_orders_sort_later(at in 0i64..4_000_000_000, wait in 1i64..100_000, a: u32, b: u32) {
            let at = OffsetDateTime::from_unix_timestamp(at).unwrap();
            let (first, second) = (OrderNumber::mint(at, a), OrderNumber::mint(at + time::Duration::seconds(wait), b));
            // Two digits of the year begin anew once in a century.
            if first.as_str()[..2] <= second.as_str()[..2] {
                prop_assert!(first < second, "{} {}", first, second);
            }
            prop_assert_eq!(first.to_string().parse::<OrderNumber>().unwrap(), first);
        }
    }
}
