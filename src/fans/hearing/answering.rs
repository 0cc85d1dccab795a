//! What the rules answer to what a fan has just said.

use super::Ears;
use crate::customers::hints;
use crate::db::Tx;
use crate::fans::rules::{Cause, Moment, Ready, RuleId, are_words, compose, goods};
use crate::fans::service::Service;
use crate::fans::store::hearing as told;
use crate::fans::{Conversation, Fan, MessageId, Window};
use crate::weibo::messages::{Content, Format, Packet, Reply};
use time::OffsetDateTime;

/// Where the link to her orders leads.
const ORDERS: &str = "/orders";

/// What is answered.
#[derive(Debug, Default)]
pub struct Answer {
    pub reply: Option<Reply>,
    pub rule: Option<RuleId>,
    /// A person is called.
    pub human: bool,
}

/// Asks the rules. Their version is the one that was read in this transaction.
pub async fn choose(
    tx: &mut Tx,
    (ears, service): (&Ears, &Service),
    (fan, conversation): (&Fan, Option<&Conversation>),
    (packet, format, message): (&Packet, Format, MessageId),
    now: OffsetDateTime,
) -> anyhow::Result<Answer> {
    if conversation.is_some_and(|conversation| conversation.is_with_a_person(service.idle, now)) {
        return Ok(Answer::default());
    }
    if matches!(fan.window(now), Window::Closed(_)) {
        return Ok(Answer::default());
    }
    let rules = ears.rules.at(tx, service.rules_version).await?;
    let asks = rules.iter().any(|ready| ready.rule.cause == Cause::FirstContact);
    let first_contact = asks && is_first(tx, packet, message).await?;
    let moment = Moment { content: &packet.content, text: &packet.text, first_contact, at: now };
    let speaking: Vec<&Ready> = rules.iter().filter(|ready| ready.judge(&moment).is_ok()).collect();
    if speaking.is_empty() {
        return Ok(Answer::default());
    }
    let goods = goods(tx, &speaking, &ears.shop, now).await?;
    let composed = compose(speaking, &goods, message.0);
    let link = if composed.needs_link() {
        format!("{}{}", ears.shop, hints::hint(tx, fan.uid, ORDERS, now).await?)
    } else {
        String::new()
    };
    let reply = composed.reply(&link, format).filter(|reply| {
        let faults = reply.check().err().unwrap_or_default();
        if !faults.is_empty() {
            tracing::warn!(rule = ?composed.rule, ?faults, "a rule's answer that Weibo would refuse");
        }
        faults.is_empty()
    });
    Ok(Answer { reply, rule: composed.rule, human: composed.human })
}

async fn is_first(tx: &mut Tx, packet: &Packet, message: MessageId) -> anyhow::Result<bool> {
    Ok(are_words(&packet.content) && !told::has_written_before(tx, packet.sender, message).await?)
}

/// Whether Weibo counts this answer as the one to a mention, it does not say: it is counted.
pub fn spend_mention(fan: &mut Fan, content: &Content) {
    if matches!(content, Content::Mention { .. }) {
        fan.mention_answered = true;
    }
}
