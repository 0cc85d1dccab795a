//! What an answer of Weibo's says beside our books. Pure.

use super::run::Difference;
use crate::money::Money;
use crate::payments::{Booked, BookedPayment, Refund, RefundState, Said, Settled};
use crate::payments::Mismatch;
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

/// A payment. `was` is how it stood when this reconciliation began, at `begun_at`.
pub fn payment(
    said: &Said<Payment>,
    booked: &Booked,
    (was, begun_at): (&str, OffsetDateTime),
) -> Compared {
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
    let by_asking = |paid: &BookedPayment| !paid.by_notice && paid.entered_at >= begun_at;
    let difference = match said {
        Said::Nothing => Some(Difference::Unknown),
        Said::Told { settled: Err(Mismatch::OtherAmount), .. } => Some(Difference::Amount),
        Said::Told { settled: Err(_), .. } => Some(Difference::OtherOrder),
        Said::Told { settled: Ok(Settled::Kept(_) | Settled::Surplus), .. } => Some(Difference::Found),
        Said::Told { told, .. } if told.status == Status::Success => {
            (was == "unpaid" && ours.is_some_and(by_asking)).then_some(Difference::Found)
        }
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

/// A refund, as it stands after the answer was settled; `was` is the name of its state when this reconciliation began.
/// Weibo tells no amount of a refund: it is the one that was asked for.
pub fn refund(said: &Said<pay::Refund>, ours: &Refund, was: &str, now: OffsetDateTime) -> Compared {
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
        Said::Told { settled: Ok(Settled::Repeated), .. } => ended(was) && was != ours.state.name(),
        _ => false,
    };
    let difference = match (said, &ours.state) {
        (Said::Nothing, _) => Some(Difference::Unknown),
        (Said::Told { settled: Err(_), .. }, _) => Some(Difference::Refund),
        (Said::Told { .. }, _) if put_right => Some(Difference::Refund),
        (Said::Told { .. }, _) if theirs_state == "under-way" => {
            (!ours.is_under_way()).then_some(Difference::Refund)
        }
        (Said::Told { .. }, _) => None,
        // It was never sent, or Weibo never took it.
        (Said::No, RefundState::Begun | RefundState::Failed { .. }) => None,
        (Said::No, RefundState::Succeeded { .. }) => Some(Difference::Refund),
        (Said::No, RefundState::Accepted) if ours.had_time(now) => Some(Difference::Refund),
        // It is not on the books yet, or will be sent once more.
        (Said::No, RefundState::Unknown | RefundState::Accepted) => Some(Difference::Unknown),
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
