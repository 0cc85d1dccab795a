//! Giving money back (weibo-pay.md §7): applying for it and asking how it stands. Accepted is not done.

use super::{Client, is_number, is_weibos_number};
use crate::money::Money;
use crate::weibo::answer::{Answer, beijing_time};
use crate::weibo::client::{CallError, below};
use anyhow::ensure;
use time::OffsetDateTime;
use url::Url;

const APPLY: &str = "/api/merchant/pay/refund/apply";
const QUERY: &str = "/api/merchant/pay/refund/query";

/// Characters of a reason that are sent; no document tells a limit, so this one is ours.
pub const LONGEST_REASON: usize = 100;

/// What is to be given back of one payment.
#[derive(Debug, Clone)]
pub struct RefundRequest<'a> {
    /// Our number of this refund: 1 to 64 letters, digits, `-` or `_`. The same one again asks for the same refund.
    pub out_refund_id: &'a str,
    /// Weibo's number of the payment.
    pub pay_id: &'a str,
    pub amount: Money,
    /// In words; `^` and control characters become blanks, what is beyond [`LONGEST_REASON`] is cut off.
    pub reason: &'a str,
    /// Without a query: its parameters would mix with Weibo's (§13).
    pub notify_url: &'a Url,
}

/// Weibo will see to the refund. How it ends comes as a notice or an answer to the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAccepted {
    /// Weibo's number of it, when it told one.
    pub refund_id: Option<String>,
}

/// Where a refund stands at Weibo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    Pending,
    Processing,
    Success,
    Fail,
}

impl RefundStatus {
    fn parse(word: &str) -> Option<RefundStatus> {
        match word {
            "REFUND_STATUS_PENDING" => Some(RefundStatus::Pending),
            "REFUND_STATUS_PROCESSING" => Some(RefundStatus::Processing),
            "REFUND_STATUS_SUCCESS" => Some(RefundStatus::Success),
            "REFUND_STATUS_FAIL" => Some(RefundStatus::Fail),
            _ => None,
        }
    }
}

/// A refund as Weibo's answer tells it. No answer holds its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Weibo's number, digits.
    pub refund_id: String,
    /// Ours, the one that was asked for.
    pub out_refund_id: String,
    /// Weibo's number of the payment. Whether it is the one we meant, the caller must see.
    pub pay_id: String,
    pub status: RefundStatus,
    /// Weibo's own word, of which no list is public.
    pub sub_status: Option<String>,
    /// In UTC; `None` also when it is not written as Weibo writes its other times, as its form is not documented.
    pub op_time: Option<OffsetDateTime>,
    /// The answer that told of it, as JSON.
    pub answer: String,
}

impl Client {
    /// Applies for a refund. `Refused` says that this application came to nothing, and nothing of one that was
    /// sent before under the same number; after `Unknown` ask [`Client::query_refund`].
    pub async fn apply_refund(&self, request: &RefundRequest<'_>) -> Result<RefundAccepted, CallError> {
        let RefundRequest { out_refund_id, pay_id, amount, reason, notify_url } = request;
        check(request).map_err(CallError::Unknown)?;
        let form = self
            .signed([
                ("pay_id", (*pay_id).to_owned()),
                ("out_refund_id", (*out_refund_id).to_owned()),
                ("notify_url", notify_url.to_string()),
                ("detail_data", format!("{pay_id}^{}^{}", amount.fen(), words(reason))),
            ])
            .map_err(CallError::Unknown)?;
        let data = self.post(&below(&self.settings().addresses.pay, APPLY), &form).await?.pay()?;
        match data.text("is_success").as_deref() {
            Some("T") => {}
            Some("F") => return Err(CallError::refused("is_success=F", "")),
            _ => return Err(CallError::garbled("is_success")),
        }
        let refund_id = data.text("refund_id");
        if refund_id.as_deref().is_none_or(is_weibos_number) {
            Ok(RefundAccepted { refund_id })
        } else {
            Err(CallError::garbled("refund_id"))
        }
    }

    /// Asks Weibo how the refund of our number stands; `None` when it answers well and tells of no refund.
    /// An answer about others only is not believed.
    pub async fn query_refund(&self, out_refund_id: &str) -> Result<Option<Refund>, CallError> {
        let form = self.signed([("out_refund_id", out_refund_id.to_owned())]).map_err(CallError::Unknown)?;
        let answer = self.post(&below(&self.settings().addresses.pay, QUERY), &form).await?.pay_whole()?;
        let rows = answer.objects("data").ok_or_else(|| CallError::garbled("data"))?;
        let told_of_any = !rows.is_empty();
        let ours = rows.iter().filter(|row| row.text("out_refund_id").as_deref() == Some(out_refund_id));
        let ours: Vec<Refund> =
            ours.map(Refund::read).collect::<Result<_, _>>().map_err(CallError::garbled)?;
        match ours.as_slice() {
            [] if told_of_any => Err(CallError::garbled("out_refund_id")),
            [] => Ok(None),
            [first, more @ ..] if more.iter().all(|again| again == first) => {
                Ok(Some(Refund { answer: answer.verbatim(), ..first.clone() }))
            }
            _ => Err(CallError::garbled("data, of one refund in two ways,")),
        }
    }
}

impl Refund {
    fn read(row: &Answer) -> Result<Refund, &'static str> {
        let number = |name| row.text(name).filter(|id| is_weibos_number(id)).ok_or(name);
        Ok(Refund {
            refund_id: number("refund_id")?,
            out_refund_id: row.text("out_refund_id").ok_or("out_refund_id")?,
            pay_id: number("pay_id")?,
            status: row.text("status").and_then(|word| RefundStatus::parse(&word)).ok_or("status")?,
            sub_status: row.text("sub_status").map(|word| short(&word)),
            op_time: row.text("op_time").and_then(|at| beijing_time(&at)),
            answer: String::new(),
        })
    }
}

/// Refuses what Weibo would refuse, and what could be read as something else.
fn check(request: &RefundRequest) -> anyhow::Result<()> {
    let RefundRequest { out_refund_id, pay_id, amount, reason: _, notify_url } = request;
    ensure!(is_number(out_refund_id), "{out_refund_id:?} cannot be an out_refund_id");
    ensure!(is_weibos_number(pay_id), "{pay_id:?} is not a number of Weibo's");
    ensure!(*amount > Money::ZERO, "a refund of nothing");
    ensure!(notify_url.query().is_none(), "notify_url must have no query");
    Ok(())
}

/// The reason, with nothing in it that separates the parts of `detail_data`.
fn words(reason: &str) -> String {
    let plain = reason.chars().map(|c| if c == '^' || c.is_control() { ' ' } else { c });
    plain.take(LONGEST_REASON).collect::<String>().trim().to_owned()
}

/// Foreign words that are shown and logged.
pub(super) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests;
