//! What a coupon takes off. Pure: whole fen, rounded down, and always less than the goods cost.

use crate::catalog::ProductId;
use crate::money::Money;

/// What of a hundred is taken off: from 1 to 99.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(u8);

impl Percent {
    pub fn new(percent: u8) -> Option<Percent> {
        (1..=99).contains(&percent).then_some(Percent(percent))
    }

    pub fn get(self) -> u8 {
        self.0
    }

    /// Of `money`, rounded down.
    fn of(self, money: Money) -> Money {
        let part = i128::from(money.fen()) * i128::from(self.0) / 100;
        i64::try_from(part).ok().and_then(Money::from_fen).unwrap_or(Money::ZERO)
    }
}

/// How much it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    Fixed(Money),
    Percent {
        percent: Percent,
        /// Never more than this.
        cap: Option<Money>,
    },
}

/// What was promised: none of it changes once somebody has the coupon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub off: Off,
    /// The goods it holds for must cost this much.
    pub threshold: Money,
    /// The products it holds for, in the order of their ids; empty for all.
    pub products: Vec<ProductId>,
}

/// Why it takes nothing off these goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotFor {
    #[error("it is for other goods")]
    OtherGoods,
    #[error("the goods cost less than {from}")]
    Threshold { from: Money },
    #[error("there is nothing to be taken off")]
    Nothing,
}

impl Terms {
    pub fn is_for(&self, product: ProductId) -> bool {
        self.products.is_empty() || self.products.contains(&product)
    }

    /// What it takes off these goods, each with what all its pieces cost: at least a fen, never more than those cost
    /// that it holds for, and less than all of them.
    pub fn discount(&self, goods: &[(ProductId, Money)]) -> Result<Money, NotFor> {
        let mut meant = goods.iter().filter(|(product, _)| self.is_for(*product)).peekable();
        if meant.peek().is_none() {
            return Err(NotFor::OtherGoods);
        }
        let meant: Money = meant.map(|(_, cost)| *cost).sum();
        if meant < self.threshold {
            return Err(NotFor::Threshold { from: self.threshold });
        }
        let off = match self.off {
            Off::Fixed(amount) => amount,
            Off::Percent { percent, cap } => percent.of(meant).min(cap.unwrap_or(Money::MAX)),
        };
        let all: Money = goods.iter().map(|(_, cost)| *cost).sum();
        // A fen is left to be charged.
        let most = Money::from_fen(all.fen() - 1).unwrap_or(Money::ZERO);
        let off = off.min(meant).min(most);
        if off == Money::ZERO { Err(NotFor::Nothing) } else { Ok(off) }
    }
}
