//! A private message to the buyer of a paid order (weibo-pay.md §8). Weibo's limits are for the caller to keep.

use super::{Client, is_weibos_number};
use crate::weibo::client::{CallError, below};
use anyhow::anyhow;

const SEND: &str = "/api/merchant/message/send";

impl Client {
    /// Sends words to the buyer of a payment. After `Unknown` she may have got them: nothing tells.
    pub async fn send_message(&self, pay_id: &str, text: &str) -> Result<(), CallError> {
        if !is_weibos_number(pay_id) || text.trim().is_empty() || text.contains('\0') {
            return Err(CallError::Unknown(anyhow!(
                "a message without a payment or without words is not sent"
            )));
        }
        let form = self
            .signed([("pay_id", pay_id.to_owned()), ("data", text.to_owned())])
            .map_err(CallError::Unknown)?;
        self.post(&below(&self.settings().addresses.pay, SEND), &form).await?.pay_whole().map(drop)
    }
}

#[cfg(test)]
mod tests;
