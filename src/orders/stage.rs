//! How an order stands, in a word: what lists say of it, on a page and in a file.

use super::{Because, Closure, Fulfilment, Order, Payment};
use crate::text::Language;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Unpaid,
    ToShip,
    Shipped,
    Received,
    /// All of its money is back, or on its way back, before it was sent.
    Refunded,
    Expired,
    Cancelled,
    /// Paid when it was closed and its goods were gone.
    Late,
}

impl Stage {
    pub fn word(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Stage::Unpaid => ("待付款", "Unpaid"),
            Stage::ToShip => ("待发货", "To ship"),
            Stage::Shipped => ("已发货", "Shipped"),
            Stage::Received => ("已收货", "Received"),
            Stage::Refunded => ("已退款", "Refunded"),
            Stage::Expired => ("超时关闭", "Expired"),
            Stage::Cancelled => ("已取消", "Cancelled"),
            Stage::Late => ("付款迟到", "Paid late"),
        };
        if language == Language::English { en } else { zh }
    }
}

impl Order {
    pub fn stage(&self) -> Stage {
        match (self.payment, self.closure, self.fulfilment) {
            (Payment::Late { .. }, ..) => Stage::Late,
            (_, Closure::Closed { because: Because::Expired, .. }, _) => Stage::Expired,
            (_, Closure::Closed { because: Because::Cancelled, .. }, _) => Stage::Cancelled,
            (Payment::Paid { .. }, _, Fulfilment::None) if !self.is_given_back() => Stage::ToShip,
            (Payment::Paid { .. }, _, Fulfilment::Shipped { .. }) => Stage::Shipped,
            (Payment::Paid { .. }, _, Fulfilment::Received { .. }) => Stage::Received,
            (Payment::Paid { .. }, _, Fulfilment::None) => Stage::Refunded,
            (Payment::None | Payment::Pending, ..) => Stage::Unpaid,
        }
    }
}
