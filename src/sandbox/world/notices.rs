//! Notices that wait to be sent to the merchant, and when they are tried again (weibo-pay.md §4).

use super::pay::Payment;
use super::{World, pay_time};
use crate::sandbox::faults::Fault;
use crate::weibo::signature::Params;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Weibo's own schedule is not public (weibo-pay.md §14): this one is the sandbox's.
const WAITS_SECONDS: [u32; 9] = [0, 15, 30, 180, 1800, 3600, 7200, 21_600, 86_400];

/// The queue of notices and the waits before each try.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Notices {
    waiting: Vec<Notice>,
    waits_seconds: Vec<u32>,
    made: u64,
}

/// One notice. A repetition is the same to the letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub id: u64,
    /// Of the payment that it is about, or whose refund.
    pub pay_id: String,
    pub to: String,
    /// Unsigned: the signature is made when it is sent.
    pub fields: Params,
    /// To be signed with a key that is not the platform's.
    pub forged: bool,
    /// How many times it was sent.
    pub tries: usize,
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
}

impl Default for Notices {
    fn default() -> Notices {
        Notices { waiting: Vec::new(), waits_seconds: WAITS_SECONDS.to_vec(), made: 0 }
    }
}

impl Notices {
    /// Notices that are due, in the order in which they are to be sent.
    pub fn due(&self, now: OffsetDateTime) -> Vec<Notice> {
        let mut due: Vec<_> = self.waiting.iter().filter(|notice| notice.due_at <= now).cloned().collect();
        due.sort_by_key(|notice| (notice.due_at, notice.id));
        due
    }

    pub fn waiting(&self) -> &[Notice] {
        &self.waiting
    }

    /// Seconds before each try, the first included; at the end of the list the sandbox gives up.
    pub fn schedule(&self) -> &[u32] {
        &self.waits_seconds
    }

    pub fn set_schedule(&mut self, waits_seconds: Vec<u32>) {
        self.waits_seconds = waits_seconds;
    }

    /// Notes how a try ended: a notice that was taken is done with, another waits for its next try.
    /// Returns when that is, `None` when there is none.
    pub fn tried(&mut self, id: u64, taken: bool, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let at = self.waiting.iter().position(|notice| notice.id == id)?;
        let notice = &mut self.waiting[at];
        notice.tries += 1;
        let next = self.waits_seconds.get(notice.tries).filter(|_| !taken);
        if let Some(wait) = next {
            notice.due_at = now + Duration::seconds(i64::from(*wait));
            Some(notice.due_at)
        } else {
            self.waiting.remove(at);
            None
        }
    }

    pub(super) fn wait(&mut self, notice: Notice) {
        self.made += 1;
        self.waiting.push(Notice { id: self.made, ..notice });
    }

    pub(super) fn first_wait(&self) -> Duration {
        Duration::seconds(i64::from(self.waits_seconds.first().copied().unwrap_or(0)))
    }
}

impl World {
    /// Writes the notices of a payment that was just made, as the faults have it.
    pub(super) fn tell_merchant(&mut self, payment: &Payment, now: OffsetDateTime) {
        let Some(to) = payment.order.notify_url.clone() else { return };
        let late = self.faults.strikes(Fault::Late);
        let twice = self.faults.strikes(Fault::Twice);
        let one_fen = self.faults.strikes(Fault::OneFen);
        let forged = self.faults.strikes(Fault::Forged);
        let then_closed = self.faults.strikes(Fault::ThenClosed);
        let extra = self.faults.strikes(Fault::ExtraFields);
        if self.faults.strikes(Fault::Silent) {
            return;
        }
        let wait = if late { i64::from(self.faults.late_minutes()) * 60 } else { 0 };
        let due_at = now + self.notices.first_wait() + Duration::seconds(wait);
        let mut fields = self.notice_fields(payment, due_at);
        if one_fen {
            fields.insert("total_amount".into(), "1".into());
        }
        if extra {
            fields.insert("sandbox_channel".into(), "ali_wap".into());
            fields.insert("sandbox_备注".into(), "a=1&b=2 +%".into());
        }
        let notice = Notice { id: 0, pay_id: payment.pay_id.clone(), to, fields, forged, tries: 0, due_at };
        if twice {
            self.notices.wait(notice.clone());
        }
        if then_closed {
            let due_at = due_at + Duration::seconds(1);
            let mut fields = self.notice_fields(payment, due_at);
            fields.insert("status".into(), "PAY_STATUS_CLOSED".into());
            self.notices.wait(Notice { fields, due_at, ..notice.clone() });
        }
        self.notices.wait(notice);
    }

    fn notice_fields(&mut self, payment: &Payment, at: OffsetDateTime) -> Params {
        let mut fields = payment.fields();
        fields.insert("notify_id".into(), self.next_number(8, at).to_string());
        fields.insert("notify_time".into(), pay_time(at));
        // The only type that is public; it stands on notices of every status.
        fields.insert("notify_type".into(), "PAY_STATUS_SUCCESS_B".into());
        fields
    }
}
