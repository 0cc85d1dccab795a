//! What an answer of Weibo's says beside our books. Pure.

use super::run::Difference;
use crate::money::Money;
use crate::payments::{Booked, BookedPayment, Mismatch, Refund, RefundState, Said, Settled};
use crate::weibo::pay::{self, Payment, RefundStatus, Status};
use time::OffsetDateTime;

/// A row as it stands after a question.
#[derive(Debug, PartialEq, Eq)]
pub struct Compared {
    pub weibo_number: String,
    pub ours: Option<Money>,
    pub theirs: Option<Money>,
    pub ours_state: &'static str,
    pub theirs_state: &'static str,
    pub difference: Option<Difference>,
    /// The answer itself has put it right.
    pub resolved: bool,
}

/// What was known before the question.
#[derive(Debug, Clone, Copy)]
pub struct Before<'a> {
    /// How it stood here when this reconciliation began: `paid` or `unpaid`, or the name of a refund's state.
    pub was: &'a str,
    pub begun_at: OffsetDateTime,
    /// It was asked about on another day before. Weibo's codes are not public: of what we know to be there, a refusal
    /// says nothing until it stays one.
    pub again: bool,
}

/// A payment, as it stands after the answer was settled.
pub fn payment(said: &Said<Payment>, booked: &Booked, before: Before<'_>) -> Compared {
    let ours = booked.payment.as_ref();
    let (theirs, theirs_state) = match said {
        Said::Told { told, .. } => match told.status {
            Status::Success => (Some(told.amount), "paid"),
            Status::Pending => (None, "pending"),
            Status::Closed => (None, "closed"),
        },
        Said::No => (None, "none"),
        Said::Nothing => (None, "unknown"),
    };
    // Whoever asked and then died has settled it, and could not write here that it was found.
    let by_asking = |paid: &BookedPayment| !paid.by_notice && paid.entered_at >= before.begun_at;
    let difference = match said {
        Said::Nothing => Some(Difference::Unknown),
        Said::Told { settled: Err(Mismatch::OtherAmount), .. } => Some(Difference::Amount),
        Said::Told { settled: Err(_), .. } => Some(Difference::OtherOrder),
        Said::Told { settled: Ok(Settled::Kept(_) | Settled::Surplus), .. } => Some(Difference::Found),
        Said::Told { told, .. } if told.status == Status::Success => {
            (before.was == "unpaid" && ours.is_some_and(by_asking)).then_some(Difference::Found)
        }
        Said::No if !before.again => ours.map(|_| Difference::Unknown),
        Said::Told { .. } | Said::No => ours.map(|_| Difference::NotPaidThere),
    };
    let told_number = match said {
        Said::Told { told, .. } => Some(told.pay_id.clone()),
        Said::No | Said::Nothing => None,
    };
    Compared {
        weibo_number: told_number.or_else(|| ours.map(|paid| paid.pay_id.clone())).unwrap_or_default(),
        ours: ours.map(|paid| paid.amount),
        theirs,
        ours_state: if ours.is_some() { "paid" } else { "unpaid" },
        theirs_state,
        difference,
        resolved: difference == Some(Difference::Found),
    }
}

/// A refund, as it stands after the answer was settled. Weibo tells no amount of a refund: it is the one that was asked for.
pub fn refund(said: &Said<pay::Refund>, ours: &Refund, before: Before<'_>) -> Compared {
    let theirs_state = match said {
        Said::Told { told, .. } => match told.status {
            RefundStatus::Pending | RefundStatus::Processing => "under-way",
            RefundStatus::Success => "succeeded",
            RefundStatus::Fail => "failed",
        },
        Said::No => "none",
        Said::Nothing => "unknown",
    };
    let ended = |state: &str| matches!(state, "succeeded" | "failed");
    let put_right = match said {
        Said::Told { settled: Ok(Settled::Refunded | Settled::RefundFailed), .. } => true,
        // Whoever asked before, and died, has settled it.
        Said::Told { settled: Ok(Settled::Repeated), .. } => {
            ended(before.was) && before.was != ours.state.name()
        }
        _ => false,
    };
    let difference = match (said, &ours.state) {
        (Said::Told { settled: Err(_), .. }, _) => Some(Difference::Refund),
        (Said::Told { .. }, _) if put_right => Some(Difference::Refund),
        (Said::Told { .. }, _) if theirs_state == "under-way" => {
            (!ours.is_under_way()).then_some(Difference::Refund)
        }
        // What Weibo does not have was never sent, or Weibo never took it.
        (Said::Told { .. }, _) | (Said::No, RefundState::Begun | RefundState::Failed { .. }) => None,
        (Said::No, RefundState::Succeeded { .. } | RefundState::Accepted) if before.again => {
            Some(Difference::Refund)
        }
        // It may not be on the books yet, or will be sent once more.
        (Said::No | Said::Nothing, _) => Some(Difference::Unknown),
    };
    let is_back = matches!(ours.state, RefundState::Succeeded { .. });
    let told_number = match said {
        Said::Told { told, .. } => Some(told.refund_id.clone()),
        Said::No | Said::Nothing => None,
    };
    Compared {
        weibo_number: told_number.or_else(|| ours.weibo_id.clone()).unwrap_or_default(),
        ours: is_back.then_some(ours.amount),
        theirs: (theirs_state == "succeeded").then_some(ours.amount),
        ours_state: ours.state.name(),
        theirs_state,
        difference,
        resolved: put_right,
    }
}
