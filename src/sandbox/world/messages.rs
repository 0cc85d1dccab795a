//! Private messages from the merchant to those who paid, and Weibo's limits on them (weibo-pay.md §8).

use super::World;
use super::pay::{PayError, State, text};
use crate::weibo::signature::Params;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

const MOST: usize = 5;
const BETWEEN: Duration = Duration::minutes(1);
const WITHIN: Duration = Duration::days(90);

/// What a buyer was told about a payment of hers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub pay_id: String,
    pub buyer_id: String,
    pub text: String,
    #[serde(with = "time::serde::rfc3339")]
    pub sent_at: OffsetDateTime,
}

impl World {
    /// Takes a message for the buyer of a payment, from a request that was found to be signed.
    pub fn send_message(&mut self, params: &Params, now: OffsetDateTime) -> Result<(), PayError> {
        let words = text(params, "data").ok_or(PayError::Parameter("data"))?;
        let pay_id = text(params, "pay_id").ok_or(PayError::Parameter("pay_id"))?;
        let payment = self.payments.iter().find(|payment| payment.pay_id == pay_id);
        let State::Paid { buyer_id, paid_at } = &payment.ok_or(PayError::Unknown)?.state else {
            return Err(PayError::NotPaid);
        };
        let mut before = self.messages.iter().filter(|message| message.pay_id == pay_id);
        if before.clone().count() >= MOST {
            return Err(PayError::TooManyMessages);
        }
        if before.any(|message| now - message.sent_at < BETWEEN) {
            return Err(PayError::MessageTooSoon);
        }
        if now - *paid_at > WITHIN {
            return Err(PayError::MessageTooLate);
        }
        self.messages.push(Message {
            pay_id: pay_id.to_owned(),
            buyer_id: buyer_id.clone(),
            text: words.to_owned(),
            sent_at: now,
        });
        Ok(())
    }

    /// Oldest first.
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }
}
