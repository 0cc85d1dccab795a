//! What delivery costs, and within which bounds orders are taken. Pure.

use crate::money::Money;
use time::Duration;

/// The terms on which orders are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    pub freight: Freight,
    /// How long an unpaid order is kept.
    pub order_expiry: Duration,
    /// So long after it was sent an order counts as received, when nobody has said so.
    pub receive_after: Duration,
    /// Pieces of one variant in one order.
    pub most_per_order: u32,
    /// Orders that one buyer may have waiting for her money.
    pub most_unpaid: u32,
    /// At so many pieces a variant without a threshold of its own runs low; `catalog::stock` is told of it too.
    pub low_stock: u32,
    pub returns: Returns,
}

/// Within which bounds the shop decides by itself about money that came too late or twice; by default about none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Returns {
    /// Up to this much of a payment is sent back by itself; nothing where it is nothing.
    pub by_itself: Money,
    /// So long after it was closed an order is opened again by its money, when its goods can be had.
    pub reopen_within: Duration,
}

/// One fee for every order, and none from a goods total on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Freight {
    pub fee: Money,
    /// From this goods total on nothing is charged; `None` where it always is.
    pub free_from: Option<Money>,
}

impl Delivery {
    /// The largest fee, in fen: ten thousand yuan.
    pub const MOST_FREIGHT_FEN: i64 = 1_000_000;
    /// In minutes.
    pub const EXPIRY: std::ops::RangeInclusive<u32> = 5..=1440;
    /// In days.
    pub const RECEIVE: std::ops::RangeInclusive<u32> = 3..=60;
    pub const PER_ORDER: std::ops::RangeInclusive<u32> = 1..=99;
    pub const UNPAID: std::ops::RangeInclusive<u32> = 1..=99;
    /// In fen: what [`Returns::by_itself`] can be at most, a hundred thousand yuan.
    pub const MOST_BY_ITSELF_FEN: i64 = 10_000_000;
    /// In hours: a year.
    pub const REOPEN: std::ops::RangeInclusive<u32> = 0..=8760;
    pub const LOW_STOCK: std::ops::RangeInclusive<u32> = 0..=10_000;

    pub fn expiry_minutes(&self) -> i64 {
        self.order_expiry.whole_minutes()
    }

    /// Every value by the name of its input, to compare two by.
    pub fn values(&self) -> [(&'static str, String); 9] {
        [
            ("freight_fee", self.freight.fee.to_string()),
            ("free_from", self.freight.free_from.map(|from| from.to_string()).unwrap_or_default()),
            ("order_expiry", self.expiry_minutes().to_string()),
            ("receive_days", self.receive_after.whole_days().to_string()),
            ("most_per_order", self.most_per_order.to_string()),
            ("most_unpaid", self.most_unpaid.to_string()),
            ("low_stock", self.low_stock.to_string()),
            ("refund_itself", self.returns.by_itself.to_string()),
            ("reopen_hours", self.returns.reopen_within.whole_hours().to_string()),
        ]
    }
}

impl Freight {
    /// What is charged for goods of this total.
    pub fn of(&self, goods: Money) -> Money {
        if self.free_from.is_some_and(|from| goods >= from) { Money::ZERO } else { self.fee }
    }

    pub fn is_free(&self) -> bool {
        self.fee == Money::ZERO
    }

    /// As a form carries it, to tell later under which terms it was filled in: `800-9900`.
    pub fn marked(&self) -> String {
        let from = self.free_from.map(|from| from.fen().to_string()).unwrap_or_default();
        format!("{}-{from}", self.fee.fen())
    }

    /// Reads [`Freight::marked`]; `None` for anything else.
    pub fn parse_marked(text: &str) -> Option<Freight> {
        let (fee, from) = text.split_once('-')?;
        let free_from = if from.is_empty() { None } else { Some(Money::parse_fen(from)?) };
        Some(Freight { fee: Money::parse_fen(fee)?, free_from })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fen(fen: i64) -> Money {
        Money::from_fen(fen).unwrap()
    }

    #[test]
    fn freight_is_free_from_the_threshold_on_and_not_a_fen_before() {
        let freight = Freight { fee: fen(800), free_from: Some(fen(9_900)) };
        assert_eq!(freight.of(fen(9_899)), fen(800));
        assert_eq!(freight.of(fen(9_900)), Money::ZERO);
        assert_eq!(freight.of(Money::MAX), Money::ZERO);
        let always = Freight { free_from: None, ..freight };
        assert_eq!(always.of(Money::MAX), fen(800));
        assert_eq!(Freight::default().of(fen(1)), Money::ZERO);
    }

    #[test]
    fn a_form_tells_under_which_terms_it_was_filled_in() {
        for freight in [
            Freight::default(),
            Freight { fee: fen(800), free_from: None },
            Freight { fee: fen(800), free_from: Some(fen(9_900)) },
        ] {
            assert_eq!(Freight::parse_marked(&freight.marked()), Some(freight));
        }
        for bad in ["", "-", "8.00-", "800", "-9900", "800--1", "99999999999999999999-"] {
            assert_eq!(Freight::parse_marked(bad), None, "{bad}");
        }
    }
}
