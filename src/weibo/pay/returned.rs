//! The shopper comes back from the cashier (weibo-pay.md §5). It shows her something and never settles anything.

use super::{Client, Rejected, Status, is_our_number};
use crate::weibo::signature::read_form;

/// What the shopper's browser brought back. Anybody can write an unsigned one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    pub out_pay_id: Option<String>,
    pub status: Option<Status>,
    pub extra: String,
    /// Whether Weibo's signature was there and fits.
    pub signed: bool,
}

impl Client {
    /// Reads the query of the return address. A signature that is there must fit; whether one must be there
    /// is a setting, as Weibo's documents do not say.
    pub fn read_return(&self, query: &[u8]) -> Result<Returned, Rejected> {
        let params = read_form(query)?;
        let signed = params.get("sign").is_some_and(|sign| !sign.is_empty());
        let refused =
            if signed { !self.is_signed_by_weibo(&params) } else { self.settings().require_signed_return };
        if refused {
            return Err(Rejected::Forged);
        }
        Ok(Returned {
            out_pay_id: params.get("out_pay_id").filter(|number| is_our_number(number)).cloned(),
            status: params.get("status").and_then(|word| Status::parse(word)),
            extra: params.get("extra").cloned().unwrap_or_default(),
            signed,
        })
    }
}
