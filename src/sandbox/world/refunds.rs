//! Money given back, as the gateway keeps it: applied for, then done or failed by the clock (weibo-pay.md §7).

use super::notices::Notice;
use super::pay::{PayError, Payment, State, positive_number, text};
use super::{World, pay_time};
use crate::sandbox::faults::Fault;
use crate::weibo::signature::Params;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

/// How long Weibo takes is not public: three seconds are the sandbox's own.
const TAKES_SECONDS: u32 = 3;
/// After this a refund that fails after all does so.
const THEN: Duration = Duration::seconds(1);

/// All refunds, oldest first, and how long the next ones take.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refunds {
    pub(super) made: Vec<Refund>,
    take_seconds: u32,
}

impl Default for Refunds {
    fn default() -> Refunds {
        Refunds { made: Vec::new(), take_seconds: TAKES_SECONDS }
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum RefundState {
    Pending {
        #[serde(with = "time::serde::rfc3339")]
        ends_at: OffsetDateTime,
    },
    Success,
    Failed,
}

impl RefundState {
    /// The literal of weibo-pay.md §7.3.
    pub fn literal(&self) -> &'static str {
        match self {
            RefundState::Pending { .. } => "REFUND_STATUS_PENDING",
            RefundState::Success => "REFUND_STATUS_SUCCESS",
            RefundState::Failed => "REFUND_STATUS_FAIL",
        }
    }
}

/// One refund, found by Weibo's number or by the merchant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    pub refund_id: String,
    pub out_refund_id: String,
    pub pay_id: String,
    pub fen: i64,
    pub reason: String,
    pub state: RefundState,
    /// When the state began.
    #[serde(with = "time::serde::rfc3339")]
    pub since: OffsetDateTime,
    notify_url: Option<String>,
    /// The faults that struck when it was applied for.
    faults: BTreeSet<Fault>,
}

/// What a merchant applies for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    pay_id: String,
    out_refund_id: String,
    fen: i64,
    reason: String,
    notify_url: Option<String>,
}

impl Application {
    /// Reads the parameters of a request that was found to be signed.
    pub fn read(params: &Params) -> Result<Application, PayError> {
        let pay_id = text(params, "pay_id").ok_or(PayError::Parameter("pay_id"))?;
        let out_refund_id = text(params, "out_refund_id").filter(|id| id.chars().count() <= 64);
        let detail = text(params, "detail_data").ok_or(PayError::Parameter("detail_data"))?;
        let [named, fen, reason] = detail.split('^').collect::<Vec<_>>()[..] else {
            return Err(PayError::Parameter("detail_data"));
        };
        let fen = positive_number(fen).filter(|_| named == pay_id);
        Ok(Application {
            pay_id: pay_id.to_owned(),
            out_refund_id: out_refund_id.ok_or(PayError::Parameter("out_refund_id"))?.to_owned(),
            fen: fen.ok_or(PayError::Parameter("detail_data"))?,
            reason: reason.to_owned(),
            notify_url: text(params, "notify_url").map(str::to_owned),
        })
    }
}

impl Refund {
    /// The fields of the query's answer (§7.3).
    pub fn fields(&self) -> Params {
        let sub_status = if self.state == RefundState::Failed { "SANDBOX_REFUND_FAILED" } else { "" };
        params([
            ("refund_id", self.refund_id.clone()),
            ("out_refund_id", self.out_refund_id.clone()),
            ("pay_id", self.pay_id.clone()),
            ("status", self.state.literal().to_owned()),
            ("sub_status", sub_status.to_owned()),
            ("op_time", pay_time(self.since)),
        ])
    }

    /// What its notice says of it (§7.2); the notice's own number, time and type are not among that.
    pub fn told(&self) -> Params {
        let (is_success, error) = match self.state {
            RefundState::Success => ("T", ""),
            RefundState::Pending { .. } | RefundState::Failed => ("F", "refund failed (sandbox)"),
        };
        params([
            ("pay_id", self.pay_id.clone()),
            ("refund_id", self.refund_id.clone()),
            ("out_refund_id", self.out_refund_id.clone()),
            ("is_success", is_success.to_owned()),
            ("error", error.to_owned()),
            ("refund_time", pay_time(self.since)),
        ])
    }

    /// Whether its notice goes before the answer to its application.
    pub fn is_told_first(&self) -> bool {
        self.faults.contains(&Fault::RefundNoticeFirst)
    }

    /// What becomes of it next, and when.
    fn next(&self) -> Option<(RefundState, OffsetDateTime)> {
        match self.state {
            RefundState::Pending { ends_at } if self.faults.contains(&Fault::RefundFailsLater) => {
                Some((RefundState::Failed, ends_at))
            }
            RefundState::Pending { ends_at } => Some((RefundState::Success, ends_at)),
            RefundState::Success if self.faults.contains(&Fault::RefundThenFails) => {
                Some((RefundState::Failed, self.since + THEN))
            }
            RefundState::Success | RefundState::Failed => None,
        }
    }
}

impl World {
    /// Takes an application. The same number again with the same payment and amount is the same refund.
    pub fn refund(&mut self, asked: Application, now: OffsetDateTime) -> Result<Refund, PayError> {
        self.end_refunds(now);
        let before = self.refunds.made.iter().find(|refund| refund.out_refund_id == asked.out_refund_id);
        if let Some(before) = before {
            let same = (&before.pay_id, before.fen) == (&asked.pay_id, asked.fen);
            return if same { Ok(before.clone()) } else { Err(PayError::RefundChanged) };
        }
        let payment = self.payments.iter().find(|payment| payment.pay_id == asked.pay_id);
        let payment = payment.ok_or(PayError::Unknown)?;
        if !matches!(payment.state, State::Paid { .. }) {
            return Err(PayError::NotPaid);
        }
        if asked.fen > self.refundable(payment) {
            return Err(PayError::TooMuch);
        }
        let faults: BTreeSet<Fault> =
            Fault::REFUND_LATER.into_iter().filter(|fault| self.faults.strikes(*fault)).collect();
        let takes = i64::from(self.refunds.take_seconds);
        let takes = if faults.contains(&Fault::RefundNoticeFirst) { 0 } else { takes };
        let refund = Refund {
            refund_id: self.next_number(4, now).to_string(),
            out_refund_id: asked.out_refund_id,
            pay_id: asked.pay_id,
            fen: asked.fen,
            reason: asked.reason,
            state: RefundState::Pending { ends_at: now + Duration::seconds(takes) },
            since: now,
            notify_url: asked.notify_url,
            faults,
        };
        self.refunds.made.push(refund.clone());
        Ok(refund)
    }

    /// Lets the refunds whose time has come end, and writes the notices that the faults leave of it.
    pub fn end_refunds(&mut self, now: OffsetDateTime) {
        for at in 0..self.refunds.made.len() {
            while let Some((state, since)) = self.refunds.made[at].next().filter(|(_, when)| *when <= now) {
                let refund = &mut self.refunds.made[at];
                (refund.state, refund.since) = (state, since);
                let ended = refund.clone();
                self.tell_of_refund(&ended);
            }
        }
    }

    /// Weibo contradicts itself: a refund that has ended turns out to have ended the other way, and that is told. False
    /// when there is none, or when more would be back than was paid.
    pub fn turn_refund(&mut self, out_refund_id: &str, now: OffsetDateTime) -> bool {
        self.end_refunds(now);
        let Some(at) = self.refunds.made.iter().position(|refund| refund.out_refund_id == out_refund_id)
        else {
            return false;
        };
        let refund = &self.refunds.made[at];
        let payment = self.payments.iter().find(|payment| payment.pay_id == refund.pay_id);
        let has_room = payment.is_some_and(|payment| refund.fen <= self.refundable(payment));
        let turned = match refund.state {
            RefundState::Success => RefundState::Failed,
            RefundState::Failed if has_room => RefundState::Success,
            RefundState::Failed | RefundState::Pending { .. } => return false,
        };
        let refund = &mut self.refunds.made[at];
        (refund.state, refund.since) = (turned, now);
        // What was to become of it has become of it.
        refund.faults.clear();
        let turned = refund.clone();
        self.tell_of_refund(&turned);
        true
    }

    /// Whether [`World::end_refunds`] would change anything.
    pub fn has_refunds_to_end(&self, now: OffsetDateTime) -> bool {
        self.refunds.made.iter().any(|refund| refund.next().is_some_and(|(_, when)| when <= now))
    }

    /// Finds what a query asks for: `refund_id` wins over `out_refund_id`, that over `pay_id` (§7.3).
    pub fn query_refunds(&self, params: &Params) -> Result<Vec<Params>, PayError> {
        type Number = fn(&Refund) -> &str;
        let by: [(&str, Number); 3] = [
            ("refund_id", |refund| &refund.refund_id),
            ("out_refund_id", |refund| &refund.out_refund_id),
            ("pay_id", |refund| &refund.pay_id),
        ];
        let asked = by.into_iter().find_map(|(name, number)| Some((text(params, name)?, number)));
        let (wanted, number) = asked.ok_or(PayError::Parameter("out_refund_id"))?;
        let found: Vec<_> = self.refunds.made.iter().filter(|refund| number(refund) == wanted).collect();
        if found.is_empty() {
            return Err(PayError::UnknownRefund);
        }
        let status = text(params, "status");
        let fits = |refund: &&&Refund| status.is_none_or(|status| refund.state.literal() == status);
        Ok(found.iter().filter(fits).map(|refund| refund.fields()).collect())
    }

    pub fn refunds(&self) -> &[Refund] {
        &self.refunds.made
    }

    /// How long the next refunds take; at most a week.
    pub fn set_refund_seconds(&mut self, seconds: u32) {
        self.refunds.take_seconds = seconds.min(7 * 24 * 3600);
    }

    pub fn refund_seconds(&self) -> u32 {
        self.refunds.take_seconds
    }

    /// What was paid less all that was given back or is about to be.
    fn refundable(&self, payment: &Payment) -> i64 {
        let of_it = self.refunds.made.iter().filter(|refund| refund.pay_id == payment.pay_id);
        let given = of_it.filter(|refund| refund.state != RefundState::Failed).map(|refund| refund.fen);
        payment.order.total_fen - given.sum::<i64>()
    }

    fn tell_of_refund(&mut self, refund: &Refund) {
        let Some(to) = refund.notify_url.clone() else { return };
        let struck = |fault| refund.faults.contains(&fault);
        if struck(Fault::RefundSilent) {
            return;
        }
        let late =
            if struck(Fault::RefundNoticeLate) { i64::from(self.faults.late_minutes()) * 60 } else { 0 };
        let due_at = refund.since + self.notices.first_wait() + Duration::seconds(late);
        let mut fields = self.refund_notice_fields(refund, due_at);
        if struck(Fault::RefundNoticeAltered) {
            fields.insert("pay_id".into(), self.next_number(3, due_at).to_string());
        }
        let notice = Notice {
            id: 0,
            pay_id: refund.pay_id.clone(),
            to,
            fields,
            forged: struck(Fault::RefundNoticeForged),
            tries: 0,
            due_at,
        };
        if struck(Fault::RefundNoticeTwice) {
            self.notices.wait(notice.clone());
        }
        self.notices.wait(notice);
    }

    fn refund_notice_fields(&mut self, refund: &Refund, at: OffsetDateTime) -> Params {
        let mut fields = refund.told();
        fields.insert("notify_id".into(), self.next_number(8, at).to_string());
        fields.insert("notify_time".into(), pay_time(at));
        fields.insert("notify_type".into(), "PAY_REFUND_NOTIFY".into());
        fields
    }
}

fn params<const N: usize>(pairs: [(&str, String); N]) -> Params {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
