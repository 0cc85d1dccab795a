//! Payments as the gateway keeps them: opened by a signed request, paid once or closed (weibo-pay.md §2, §6).

use super::{World, pay_time};
use crate::sandbox::faults::Fault;
use crate::weibo::signature::{Params, VerifyingKey};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use url::Url;

/// The default is not public (weibo-pay.md §14), so this day is the sandbox's own.
const DEFAULT_EXPIRE: Duration = Duration::days(1);

/// The one merchant that this Weibo admits.
pub struct Merchant {
    pub app_key: String,
    pub seller_id: String,
    pub key: VerifyingKey,
}

/// What a merchant asks the cashier for. Made only by [`Order::read`], hence signed by the merchant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    pub seller_id: String,
    pub app_key: String,
    pub out_pay_id: String,
    pub notify_url: Option<String>,
    #[serde(with = "super::address")]
    pub return_url: Url,
    pub subject: String,
    pub body: String,
    pub total_fen: i64,
    pub extra: String,
    expire_seconds: i64,
}

/// Where a payment stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum State {
    Pending,
    Paid {
        buyer_id: String,
        #[serde(with = "time::serde::rfc3339")]
        paid_at: OffsetDateTime,
    },
    Closed,
}

impl State {
    /// The literal of weibo-pay.md §4.
    pub fn literal(&self) -> &'static str {
        match self {
            State::Pending => "PAY_STATUS_PENDING",
            State::Paid { .. } => "PAY_STATUS_SUCCESS",
            State::Closed => "PAY_STATUS_CLOSED",
        }
    }
}

/// One payment, found by Weibo's number or by the merchant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub pay_id: String,
    #[serde(flatten)]
    pub order: Order,
    pub state: State,
    #[serde(with = "time::serde::rfc3339")]
    pub expires_at: OffsetDateTime,
}

/// Why the gateway refuses. The codes are the sandbox's own: none but 100000 is public (weibo-pay.md §14).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayError {
    #[error("{0} is missing or is not what the document says")]
    Parameter(&'static str),
    #[error("the signature does not fit the parameters")]
    Signature,
    #[error("this seller_id or appkey is not admitted")]
    Merchant,
    #[error("this out_pay_id was opened with another amount")]
    AmountChanged,
    #[error("there is no such payment")]
    Unknown,
    #[error("the payment is paid already")]
    Paid,
    #[error("the payment is closed: its time has run out")]
    Closed,
    #[error("the payment is not paid")]
    NotPaid,
    #[error("there is no such refund")]
    UnknownRefund,
    #[error("this out_refund_id was applied for with another payment or amount")]
    RefundChanged,
    #[error("the refunds would be more than was paid")]
    TooMuch,
    #[error("the refund is refused, as the sandbox was told to")]
    RefundRefused,
    #[error("five messages about this payment were sent")]
    TooManyMessages,
    #[error("the last message is less than a minute ago")]
    MessageTooSoon,
    #[error("the payment is more than 90 days ago")]
    MessageTooLate,
    #[error("the message is refused, as the sandbox was told to")]
    MessageRefused,
    #[error("the sandbox does not do this")]
    NotBuilt,
}

impl PayError {
    /// The invented code.
    pub fn code(&self) -> &'static str {
        match self {
            PayError::Parameter(_) => "990001",
            PayError::Signature => "990002",
            PayError::Merchant => "990003",
            PayError::AmountChanged => "990004",
            PayError::Unknown => "990005",
            PayError::Paid => "990006",
            PayError::Closed => "990007",
            PayError::NotPaid => "990008",
            PayError::UnknownRefund => "990011",
            PayError::RefundChanged => "990012",
            PayError::TooMuch => "990013",
            PayError::RefundRefused => "990014",
            PayError::TooManyMessages => "990021",
            PayError::MessageTooSoon => "990022",
            PayError::MessageTooLate => "990023",
            PayError::MessageRefused => "990024",
            PayError::NotBuilt => "990099",
        }
    }
}

impl Order {
    /// Reads a cashier request. The signature is looked at first: of an unsigned request nothing is said.
    pub fn read(params: &Params, merchant: &Merchant) -> Result<Order, PayError> {
        merchant.signed(params)?;
        let appkey = text(params, "appkey").ok_or(PayError::Parameter("appkey"))?;
        if appkey != merchant.app_key {
            return Err(PayError::Merchant);
        }
        let out_pay_id = text(params, "out_pay_id").ok_or(PayError::Parameter("out_pay_id"))?;
        if !(6..=64).contains(&out_pay_id.chars().count()) {
            return Err(PayError::Parameter("out_pay_id"));
        }
        Ok(Order {
            seller_id: merchant.seller_id.clone(),
            app_key: appkey.to_owned(),
            out_pay_id: out_pay_id.to_owned(),
            notify_url: text(params, "notify_url").map(str::to_owned),
            return_url: web_address(params, "return_url")?,
            subject: text(params, "subject").ok_or(PayError::Parameter("subject"))?.to_owned(),
            body: text(params, "body").unwrap_or_default().to_owned(),
            total_fen: positive(params, "total_amount")?.ok_or(PayError::Parameter("total_amount"))?,
            extra: text(params, "extra").unwrap_or_default().to_owned(),
            expire_seconds: positive(params, "expire")?.unwrap_or(DEFAULT_EXPIRE.whole_seconds()),
        })
    }
}

impl Merchant {
    /// That the request is signed by this merchant and names it.
    pub fn signed(&self, params: &Params) -> Result<(), PayError> {
        if params.iter().any(|(name, value)| name.contains('\0') || value.contains('\0')) {
            return Err(PayError::Parameter("a parameter with a NUL byte"));
        }
        if !text(params, "sign_type").is_some_and(|kind| kind.eq_ignore_ascii_case("rsa")) {
            return Err(PayError::Parameter("sign_type"));
        }
        if !self.key.verifies(params) {
            return Err(PayError::Signature);
        }
        let seller = text(params, "seller_id").ok_or(PayError::Parameter("seller_id"))?;
        if seller == self.seller_id { Ok(()) } else { Err(PayError::Merchant) }
    }
}

impl Payment {
    /// The fields that notice and return share (weibo-pay.md §4, §5). Empty ones travel empty.
    pub fn fields(&self) -> Params {
        let (buyer_id, paid_at) = match &self.state {
            State::Paid { buyer_id, paid_at } => (buyer_id.clone(), pay_time(*paid_at)),
            State::Pending | State::Closed => (String::new(), String::new()),
        };
        let order = &self.order;
        [
            ("pay_id", self.pay_id.clone()),
            ("out_pay_id", order.out_pay_id.clone()),
            ("seller_id", order.seller_id.clone()),
            ("appkey", order.app_key.clone()),
            ("buyer_id", buyer_id),
            ("subject", order.subject.clone()),
            ("body", order.body.clone()),
            ("total_amount", order.total_fen.to_string()),
            ("extra", order.extra.clone()),
            ("pay_time", paid_at),
            ("status", self.state.literal().to_owned()),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }
}

impl World {
    /// Opens the payment of an order, or finds the one that was opened before under the same `out_pay_id`.
    pub fn open(&mut self, order: Order, now: OffsetDateTime) -> Result<&Payment, PayError> {
        self.close_what_expired(now);
        let opened = self.payments.iter().position(|payment| payment.order.out_pay_id == order.out_pay_id);
        if let Some(at) = opened {
            let same = self.payments[at].order.total_fen == order.total_fen;
            return if same { Ok(&self.payments[at]) } else { Err(PayError::AmountChanged) };
        }
        let lifetime = Duration::seconds(order.expire_seconds);
        let expires_at = now.checked_add(lifetime).ok_or(PayError::Parameter("expire"))?;
        let pay_id = self.next_number(3, now).to_string();
        self.payments.push(Payment { pay_id, order, state: State::Pending, expires_at });
        self.payments.last().ok_or(PayError::Unknown)
    }

    /// The payment as it stands now.
    pub fn payment(&mut self, pay_id: &str, now: OffsetDateTime) -> Result<&Payment, PayError> {
        self.close_what_expired(now);
        self.payments.iter().find(|payment| payment.pay_id == pay_id).ok_or(PayError::Unknown)
    }

    /// Takes the buyer's money, once, and writes the notices that the faults leave of it.
    pub fn pay(&mut self, pay_id: &str, buyer_id: &str, now: OffsetDateTime) -> Result<Payment, PayError> {
        self.close_what_expired(now);
        let found = self.payments.iter_mut().find(|payment| payment.pay_id == pay_id);
        let payment = found.ok_or(PayError::Unknown)?;
        match payment.state {
            State::Paid { .. } => return Err(PayError::Paid),
            State::Closed => return Err(PayError::Closed),
            State::Pending => {}
        }
        payment.state = State::Paid { buyer_id: buyer_id.to_owned(), paid_at: now };
        let paid = payment.clone();
        self.tell_merchant(&paid, now);
        Ok(paid)
    }

    /// Finds what a query asks for; `pay_id` wins over `out_pay_id` (weibo-pay.md §6). The answer is `data`.
    pub fn query(&mut self, params: &Params, now: OffsetDateTime) -> Result<Params, PayError> {
        self.close_what_expired(now);
        let found = match (text(params, "pay_id"), text(params, "out_pay_id")) {
            (Some(pay_id), _) => self.payments.iter().find(|payment| payment.pay_id == pay_id),
            (None, Some(out)) => self.payments.iter().find(|payment| payment.order.out_pay_id == out),
            (None, None) => return Err(PayError::Parameter("out_pay_id")),
        };
        let mut data = found.ok_or(PayError::Unknown)?.fields();
        data.remove("appkey");
        if !self.faults.strikes(Fault::QueryEchoes) {
            data.remove("extra");
        }
        if self.faults.strikes(Fault::QueryOneFen) {
            data.insert("total_amount".into(), "1".into());
        }
        Ok(data)
    }

    fn close_what_expired(&mut self, now: OffsetDateTime) {
        for payment in &mut self.payments {
            if payment.state == State::Pending && payment.expires_at <= now {
                payment.state = State::Closed;
            }
        }
    }
}

/// Whole yuan and two digits of fen, for a price tag.
pub fn price(fen: i64) -> (String, String) {
    ((fen / 100).to_string(), format!("{:02}", fen % 100))
}

pub(super) fn text<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn positive(params: &Params, name: &'static str) -> Result<Option<i64>, PayError> {
    let Some(value) = text(params, name) else { return Ok(None) };
    positive_number(value).map(Some).ok_or(PayError::Parameter(name))
}

pub(super) fn positive_number(value: &str) -> Option<i64> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    value.parse().ok().filter(|number| digits && (1..=1_000_000_000_000).contains(number))
}

fn web_address(params: &Params, name: &'static str) -> Result<Url, PayError> {
    let url = text(params, name).and_then(|value| Url::parse(value).ok());
    url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or(PayError::Parameter(name))
}

#[cfg(test)]
pub(super) mod tests;
