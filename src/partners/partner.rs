//! Who a partner is and what she is promised. Pure.

use crate::actor::Actor;
use crate::customers::CustomerId;
use crate::money::Money;
use std::fmt;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type)]
#[sqlx(transparent)]
pub struct PartnerId(pub i64);

/// Somebody who brings buyers.
#[derive(Debug, Clone)]
pub struct Partner {
    pub id: PartnerId,
    /// What the merchant calls her.
    pub name: String,
    /// Nothing until she has taken her invitation.
    pub account: Option<Account>,
    pub made_at: OffsetDateTime,
    /// Since when her links bring her nothing.
    pub ended_at: Option<OffsetDateTime>,
    /// Of orders that are placed now.
    pub rate: Rate,
}

/// The customer who signs in as a partner.
#[derive(Debug, Clone)]
pub struct Account {
    pub customer: CustomerId,
    pub screen_name: String,
    pub bound_at: OffsetDateTime,
}

/// What she was promised, from then on.
#[derive(Debug, Clone)]
pub struct Promise {
    pub rate: Rate,
    pub from: OffsetDateTime,
    pub by: Actor,
}

/// What holds for all partners, in days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// So long after an order was received its commission is held, where it was placed under no shorter time.
    pub hold: u32,
    /// So long before an order a link was opened that counts for it.
    pub counts: u32,
}

/// A partner's money, in fen; each may be beyond what one order can cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// Of orders whose time is not over: what it would come to now.
    pub held: i64,
    /// All entries of the ledger together.
    pub entered: i64,
    /// About to be paid.
    pub proposed: i64,
    pub paid: i64,
}

impl Sums {
    /// What can be paid; less than nothing where more went back since than was left. It carries over.
    pub fn free(&self) -> i64 {
        self.entered - self.proposed - self.paid
    }
}

/// A part of a price, in hundredths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate(u32);

impl Rate {
    /// Half of the price.
    pub const MOST: u32 = 5_000;

    /// Nothing where it is none that can be promised.
    pub fn from_bp(bp: i32) -> Option<Rate> {
        u32::try_from(bp).ok().filter(|bp| (1..=Rate::MOST).contains(bp)).map(Rate)
    }

    /// Reads percent as people type them: `8`, `12.5`, `0.25`.
    pub fn parse(text: &str) -> Option<Rate> {
        let hundredths = Money::parse_yuan(text.trim().trim_end_matches(['%', '％']).trim_end())?;
        i32::try_from(hundredths.fen()).ok().and_then(Rate::from_bp)
    }

    pub fn bp(self) -> i32 {
        self.0.cast_signed()
    }

    /// This part of it, rounded down to whole fen.
    pub fn of(self, base: Money) -> Money {
        let part = i128::from(base.fen()) * i128::from(self.0) / 10_000;
        i64::try_from(part).ok().and_then(Money::from_fen).unwrap_or(Money::ZERO)
    }
}

/// `12.5`, without a percent sign.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:02}", self.0 / 100, self.0 % 100);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rates_are_read_as_people_type_them() {
        for (text, bp, said) in [
            ("8", 800, "8"),
            ("12.5", 1_250, "12.5"),
            (" 0.05 % ", 5, "0.05"),
            ("50％", 5_000, "50"),
            ("10", 1_000, "10"),
        ] {
            assert_eq!(Rate::parse(text), Rate::from_bp(bp), "{text}");
            assert_eq!(Rate::parse(text).unwrap().to_string(), said);
        }
        for bad in ["", "0", "50.01", "-1", "1.234", "1e1", "%", "八", "1 2", "99999999999", "8\0"] {
            assert_eq!(Rate::parse(bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn a_part_is_rounded_down_and_never_more_than_half(fen in 0..=Money::MAX.fen(), bp in 1..=5_000_i32) {
            let part = i128::from(Rate::from_bp(bp).unwrap().of(Money::from_fen(fen).unwrap()).fen());
            let exact = i128::from(fen) * i128::from(bp);
            prop_assert!(part * 10_000 <= exact && exact < (part + 1) * 10_000 && part * 2 <= i128::from(fen));
        }
    }
}
