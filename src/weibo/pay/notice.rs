//! A notice of Weibo Pay (weibo-pay.md §4): first genuine, then read, each step a type of its own.

use super::{Client, Payment};
use crate::weibo::signature::{Ambiguous, Params, read_form};
use data_encoding::HEXLOWER;

const PAID: &str = "PAY_STATUS_SUCCESS_B";

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
        if self.value("notify_type") != Some(PAID) {
            return Err(Malformed("notify_type"));
        }
        for name in ["notify_id", "seller_id", "appkey"] {
            let value = self.value(name).unwrap_or_default();
            let plain = value.bytes().all(|b| b.is_ascii_alphanumeric());
            if value.is_empty() || !plain {
                return Err(Malformed(name));
            }
        }
        Payment::read(&|name| self.value(name).map(str::to_owned)).map_err(Malformed)
    }

    /// Empty parameters are not signed: whoever carries the message can add or drop them.
    fn value(&self, name: &str) -> Option<&str> {
        self.params.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
