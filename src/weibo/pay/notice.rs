//! A notice of Weibo Pay (weibo-pay.md §4, §7.2): first genuine, then read, each step a type of its own.

use super::refund::short;
use super::{Client, Payment, is_number, is_weibos_number};
use crate::weibo::answer::beijing_time;
use crate::weibo::signature::{Ambiguous, Params, read_form};
use data_encoding::HEXLOWER;
use time::OffsetDateTime;

const PAID: &str = "PAY_STATUS_SUCCESS_B";
const REFUNDED: &str = "PAY_REFUND_NOTIFY";

/// How a refund ended. It names neither seller nor amount, and all merchants' notices carry the same signature:
/// it counts only where `pay_id` and `out_refund_id` both belong to one refund of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundNotice {
    pub notify_id: String,
    /// Weibo's number of the payment, digits.
    pub pay_id: String,
    /// Weibo's number of the refund, digits.
    pub refund_id: String,
    /// Our number.
    pub out_refund_id: String,
    pub is_success: bool,
    /// Weibo's words about a failure, shortened; often empty.
    pub error: String,
    /// In UTC; of a success only.
    pub refund_time: Option<OffsetDateTime>,
}

/// A notice that carries a valid signature of Weibo's. Only [`Client::verify_notice`] makes one.
#[derive(Debug, Clone)]
pub struct Genuine {
    raw: String,
    params: Params,
}

/// Why a message that claims to be Weibo's is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    #[error("a parameter is there twice")]
    Ambiguous,
    #[error("no signature of Weibo's fits the message")]
    Forged,
}

impl From<Ambiguous> for Rejected {
    fn from(_: Ambiguous) -> Rejected {
        Rejected::Ambiguous
    }
}

/// Weibo signed it, but the named field is missing or not of the documented kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the notice's {0} is missing or not as documented")]
pub struct Malformed(pub &'static str);

impl Client {
    /// Checks a notice's form body over all its parameters, known or not, against Weibo's keys.
    pub fn verify_notice(&self, body: &[u8]) -> Result<Genuine, Rejected> {
        let params = read_form(body)?;
        if !self.is_signed_by_weibo(&params) {
            return Err(Rejected::Forged);
        }
        // Decoding is lenient to bytes that are no text; what is kept must be the very message.
        let raw = String::from_utf8(body.to_vec()).map_err(|_| Rejected::Forged)?;
        Ok(Genuine { raw, params })
    }

    pub(super) fn is_signed_by_weibo(&self, params: &Params) -> bool {
        self.settings().platform_keys.iter().any(|key| key.verifies(params))
    }
}

impl Genuine {
    /// The body, verbatim.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// SHA-256 of the body in lower-case hex: the same for the same bytes only.
    pub fn digest(&self) -> String {
        HEXLOWER.encode(ring::digest::digest(&ring::digest::SHA256, self.raw.as_bytes()).as_ref())
    }

    /// Weibo's number of this notice, if it has one.
    pub fn notify_id(&self) -> Option<&str> {
        self.value("notify_id")
    }

    /// Reads a payment's notice. The signed text joins values by `&`, so a value could pretend to be two
    /// parameters: every value that counts must be there and of its strict kind. Others may be there too.
    pub fn payment(&self) -> Result<Payment, Malformed> {
        self.has_type(PAID)?;
        for name in ["notify_id", "seller_id", "appkey"] {
            self.plain(name)?;
        }
        Payment::read(&|name| self.value(name).map(str::to_owned)).map_err(Malformed)
    }

    /// Reads a refund's notice, as strictly.
    pub fn refund(&self) -> Result<RefundNotice, Malformed> {
        self.has_type(REFUNDED)?;
        let number = |name| self.value(name).filter(|id| is_weibos_number(id)).ok_or(Malformed(name));
        let ours = self.value("out_refund_id").filter(|id| is_number(id));
        let is_success = match self.value("is_success") {
            Some("T") => true,
            Some("F") => false,
            _ => return Err(Malformed("is_success")),
        };
        let time = self.value("refund_time").filter(|_| is_success);
        let error = self.value("error").unwrap_or_default();
        if error.contains('\0') {
            return Err(Malformed("error"));
        }
        Ok(RefundNotice {
            notify_id: self.plain("notify_id")?.to_owned(),
            pay_id: number("pay_id")?.to_owned(),
            refund_id: number("refund_id")?.to_owned(),
            out_refund_id: ours.ok_or(Malformed("out_refund_id"))?.to_owned(),
            is_success,
            error: short(error),
            refund_time: time.map(|at| beijing_time(at).ok_or(Malformed("refund_time"))).transpose()?,
        })
    }

    /// A notice posted to the other's address must not be taken for the other.
    fn has_type(&self, expected: &str) -> Result<(), Malformed> {
        if self.value("notify_type") == Some(expected) { Ok(()) } else { Err(Malformed("notify_type")) }
    }

    fn plain(&self, name: &'static str) -> Result<&str, Malformed> {
        let value = self.value(name).filter(|value| value.bytes().all(|b| b.is_ascii_alphanumeric()));
        value.ok_or(Malformed(name))
    }

    /// Empty parameters are not signed: whoever carries the message can add or drop them.
    fn value(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
