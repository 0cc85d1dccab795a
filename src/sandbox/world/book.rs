//! The gateway's own book of money in and back, to hold a merchant's against.

use super::World;
use super::messages::Message;
use super::pay::{Payment, State};
use super::refunds::{Refund, RefundState};
use serde::Serialize;

/// All that was paid and given back, in fen.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Book {
    pub paid_fen: i64,
    pub refunded_fen: i64,
    /// Applied for, and neither done nor failed yet.
    pub refunding_fen: i64,
    /// Oldest first.
    pub payments: Vec<Account>,
}

/// The same of one payment; one that was not paid has nothing but zeros.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    pub pay_id: String,
    pub out_pay_id: String,
    /// As Weibo writes it.
    pub status: &'static str,
    pub paid_fen: i64,
    pub refunded_fen: i64,
    pub refunding_fen: i64,
    pub refunds: Vec<Refund>,
    pub messages: Vec<Message>,
}

impl World {
    /// The book as it stands; end what is due before.
    pub fn book(&self) -> Book {
        let payments: Vec<_> = self.payments.iter().map(|payment| self.account(payment)).collect();
        let sum = |of: fn(&Account) -> i64| payments.iter().map(of).sum();
        Book {
            paid_fen: sum(|account| account.paid_fen),
            refunded_fen: sum(|account| account.refunded_fen),
            refunding_fen: sum(|account| account.refunding_fen),
            payments,
        }
    }

    fn account(&self, payment: &Payment) -> Account {
        let of_it = self.refunds().iter().filter(|refund| refund.pay_id == payment.pay_id);
        let refunds: Vec<_> = of_it.cloned().collect();
        let sum = |counts: fn(&RefundState) -> bool| {
            refunds.iter().filter(|refund| counts(&refund.state)).map(|refund| refund.fen).sum()
        };
        let is_paid = matches!(payment.state, State::Paid { .. });
        Account {
            pay_id: payment.pay_id.clone(),
            out_pay_id: payment.order.out_pay_id.clone(),
            status: payment.state.literal(),
            paid_fen: if is_paid { payment.order.total_fen } else { 0 },
            refunded_fen: sum(|state| *state == RefundState::Success),
            refunding_fen: sum(|state| matches!(state, RefundState::Pending { .. })),
            refunds,
            messages: self.messages().iter().filter(|one| one.pay_id == payment.pay_id).cloned().collect(),
        }
    }
}
