//! Weibo Pay (weibo-pay.md): the way to the cashier, Weibo's signed notices, the shopper's return, the order query,
//! refunds, messages to buyers. What a payment means for an order is decided elsewhere.

mod message;
mod notice;
mod refund;
mod returned;

pub use notice::{Genuine, Malformed, RefundNotice, Rejected};
pub use refund::{LONGEST_REASON, Refund, RefundAccepted, RefundRequest, RefundStatus};
pub use returned::Returned;

use super::answer::{beijing_time, positive};
use super::client::{CallError, Client, below};
use super::signature::{Params, write_form};
use crate::money::Money;
use anyhow::ensure;
use time::OffsetDateTime;
use url::Url;

const CASHIER: &str = "/api/merchant/pay/cashier";
const QUERY: &str = "/api/merchant/pay/query";

/// What a shopper is to pay, once.
#[derive(Debug, Clone)]
pub struct Bill<'a> {
    /// Our number of this attempt: 6 to 64 letters, digits, `-` or `_`, never used before.
    pub out_pay_id: &'a str,
    /// Shown to the shopper as what she buys.
    pub subject: &'a str,
    pub amount: Money,
    /// After this Weibo closes the bill; sent in whole seconds, at least one.
    pub expire: time::Duration,
    /// Without a query: its parameters would mix with Weibo's (§13).
    pub notify_url: &'a Url,
    /// Without a query, as above.
    pub return_url: &'a Url,
    /// Comes back in the notice and the return; may be empty.
    pub extra: &'a str,
}

/// Where a payment stands at Weibo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Pending,
    Success,
    Closed,
}

impl Status {
    fn parse(word: &str) -> Option<Status> {
        match word {
            "PAY_STATUS_PENDING" => Some(Status::Pending),
            "PAY_STATUS_SUCCESS" => Some(Status::Success),
            "PAY_STATUS_CLOSED" => Some(Status::Closed),
            _ => None,
        }
    }
}

/// A payment as Weibo tells it, each value of its strict kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Weibo's number, digits.
    pub pay_id: String,
    /// Our number.
    pub out_pay_id: String,
    pub amount: Money,
    pub status: Status,
    /// The payer's Weibo uid.
    pub buyer_uid: Option<i64>,
    /// In UTC; of a success only.
    pub paid_at: Option<OffsetDateTime>,
    pub seller_id: Option<String>,
    pub app_key: Option<String>,
    pub extra: String,
    /// The answer that told of it, as JSON; empty for a notice, which is kept itself.
    pub answer: String,
}

impl Client {
    /// The signed address at which the shopper pays, for her browser only. Fails on a bill Weibo would refuse.
    pub fn cashier_url(&self, bill: &Bill) -> anyhow::Result<Url> {
        ensure!(is_our_number(bill.out_pay_id), "{:?} cannot be an out_pay_id", bill.out_pay_id);
        ensure!(!bill.subject.is_empty(), "a bill needs a subject");
        ensure!(bill.amount > Money::ZERO, "a bill of nothing");
        let plain = bill.notify_url.query().is_none() && bill.return_url.query().is_none();
        ensure!(plain, "notify_url and return_url must have no query");
        let params = self.signed([
            ("appkey", self.settings().app_key.clone()),
            ("out_pay_id", bill.out_pay_id.to_owned()),
            ("notify_url", bill.notify_url.to_string()),
            ("return_url", bill.return_url.to_string()),
            ("subject", bill.subject.to_owned()),
            ("total_amount", bill.amount.fen().to_string()),
            ("expire", bill.expire.whole_seconds().max(1).to_string()),
            ("extra", bill.extra.to_owned()),
        ])?;
        let mut address = below(&self.settings().addresses.pay, CASHIER);
        address.set_query(Some(&write_form(&params)));
        Ok(address)
    }

    /// Asks Weibo how the payment of our number stands; an answer about another one is not believed.
    pub async fn query_payment(&self, out_pay_id: &str) -> Result<Payment, CallError> {
        let form = self
            .signed([("appkey", self.settings().app_key.clone()), ("out_pay_id", out_pay_id.to_owned())])
            .map_err(CallError::Unknown)?;
        let address = below(&self.settings().addresses.pay, QUERY);
        let answer = self.post(&address, &form).await?.pay_whole()?;
        let data = answer.object("data").ok_or_else(|| CallError::garbled("data"))?;
        let payment = Payment::read(&|name| data.text(name)).map_err(CallError::garbled)?;
        let payment = Payment { answer: answer.verbatim(), ..payment };
        if payment.out_pay_id == out_pay_id && self.is_ours(&payment) {
            Ok(payment)
        } else {
            Err(CallError::garbled("out_pay_id, seller_id or appkey"))
        }
    }

    /// Whether the payment is to us: seller and app are ours, where they are told (a notice tells both).
    pub fn is_ours(&self, payment: &Payment) -> bool {
        let same = |told: &Option<String>, ours: &str| told.as_deref().is_none_or(|told| told == ours);
        same(&payment.seller_id, &self.settings().seller_id)
            && same(&payment.app_key, &self.settings().app_key)
    }

    /// Whether a refusal says anything of a payment that was begun at this time: Weibo refuses as well whoever
    /// asks about the payments of another seller, app or key, such as ours were before.
    pub fn was_us(&self, begun_at: OffsetDateTime) -> bool {
        self.settings().known_since.is_none_or(|since| since <= begun_at)
    }

    /// Adds who we are and our signature; empty values stay away (§3, quirks).
    fn signed<const N: usize>(&self, params: [(&str, String); N]) -> anyhow::Result<Params> {
        let mut params: Params = params
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        params.insert("seller_id".to_owned(), self.settings().seller_id.clone());
        let sign = self.settings().merchant_key.sign(&params)?;
        params.insert("sign".to_owned(), sign);
        params.insert("sign_type".to_owned(), "RSA".to_owned());
        Ok(params)
    }
}

impl Payment {
    /// Reads the values a notice and a query's answer share; the error names the first that is not as documented.
    /// Echoes may be absent, but not unreadable.
    /// `value` gives `None` for what is absent or empty.
    fn read(value: &dyn Fn(&str) -> Option<String>) -> Result<Payment, &'static str> {
        let pay_id = value("pay_id").filter(|id| is_weibos_number(id)).ok_or("pay_id")?;
        let out_pay_id = value("out_pay_id").filter(|id| is_our_number(id)).ok_or("out_pay_id")?;
        let amount = value("total_amount").and_then(|fen| Money::parse_fen(&fen)).ok_or("total_amount")?;
        let status = value("status").and_then(|word| Status::parse(&word)).ok_or("status")?;
        let buyer_uid = value("buyer_id").map(|uid| positive(&uid).ok_or("buyer_id")).transpose()?;
        let paid_at = match status {
            Status::Success => value("pay_time").map(|at| beijing_time(&at).ok_or("pay_time")).transpose()?,
            Status::Pending | Status::Closed => None,
        };
        let extra = value("extra").unwrap_or_default();
        if extra.contains('\0') {
            return Err("extra");
        }
        let (seller_id, app_key) = (value("seller_id"), value("appkey"));
        let answer = String::new();
        Ok(Payment {
            pay_id,
            out_pay_id,
            amount,
            status,
            buyer_uid,
            paid_at,
            seller_id,
            app_key,
            extra,
            answer,
        })
    }
}

/// Weibo's own numbers have 18 digits; more are to be tolerated (§13).
fn is_weibos_number(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Weibo allows 6 to 64 characters; ours are of the kind that no encoding touches.
fn is_our_number(text: &str) -> bool {
    text.len() >= 6 && is_number(text)
}

/// Whether it can be a number of a payment or refund, ours or Weibo's: 1 to 64 letters, digits, `-` or `_`.
pub fn is_number(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests;
