//! A person answers: once for each form that was filled in, and not past a colleague who was quicker.

use crate::actor::Actor;
use crate::db::{Tx, violates};
use crate::fans::store::turns;
use crate::fans::{self, Author, Conversation, MessageId, SayError, State, store};
use crate::weibo::messages::Reply;
use anyhow::Context;
use time::OffsetDateTime;
use uuid::Uuid;

/// What shall be said.
pub struct Answer<'a> {
    pub reply: &'a Reply,
    /// The form it was typed into: it sends once.
    pub form: Uuid,
    /// The last message that she had before her eyes who typed it; nothing where nobody knows.
    pub seen: Option<MessageId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It will be sent.
    Now(MessageId),
    /// This form has sent it already.
    Before,
}

#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// Somebody else at the desk has answered meanwhile, who.
    #[error("{0} has answered meanwhile")]
    Overtaken(String),
    /// This form has sent something else, or something to somebody else.
    #[error("this form has sent something else")]
    Used,
    #[error(transparent)]
    Say(#[from] SayError),
}

impl From<sqlx::Error> for AnswerError {
    fn from(error: sqlx::Error) -> AnswerError {
        AnswerError::Say(error.into())
    }
}

impl From<anyhow::Error> for AnswerError {
    fn from(error: anyhow::Error) -> AnswerError {
        AnswerError::Say(SayError::Unexpected(error))
    }
}

/// Says something to a fan as a person: the conversation is open, read as far as it was seen, and with her who answered
/// where it was with nobody; the rules are silent for a while.
pub async fn answer(
    tx: &mut Tx,
    fan: i64,
    answer: &Answer<'_>,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Answered, AnswerError> {
    let (id, name) = person(by)?;
    store::fans::lock(tx, fan).await?.ok_or(SayError::Nobody)?;
    if let Some(sent) = turns::sent(tx, answer.form).await? {
        let content = serde_json::to_value(answer.reply).context("a reply that cannot be written down")?;
        let is_same = sent.fan == fan && sent.content == content;
        return if is_same { Ok(Answered::Before) } else { Err(AnswerError::Used) };
    }
    if let Some(seen) = answer.seen
        && let Some(colleague) = turns::answered_since(tx, fan, seen, id).await?
    {
        return Err(AnswerError::Overtaken(colleague));
    }
    let unseen = turns::unseen(tx, fan, answer.seen.unwrap_or(MessageId(0))).await?;
    let author = Author::Staff { id, name: name.clone() };
    let message = fans::say(tx, fan, answer.reply, &author, now).await?;
    turns::mark_sent(tx, message, answer.form).await.map_err(|error| {
        // At the same moment, to somebody else.
        if violates(&error, "fan_messages_form_once") { AnswerError::Used } else { error.into() }
    })?;
    let known = store::conversations::lock(tx, fan).await?;
    let mut conversation = known.unwrap_or_else(|| Conversation::begun(fan, message, now));
    if let Some(since) = conversation.waiting_since {
        // Whoever began to wait with words that nobody saw waits on.
        if unseen.since.is_none_or(|unseen| since < unseen) {
            turns::insert(tx, fan, ("answer", since), (id, &name), message, now).await?;
            conversation.waiting_since = unseen.since;
        }
    }
    conversation.state = State::Open;
    conversation.assigned.get_or_insert((id, name));
    conversation.human_at = Some(now);
    conversation.unread = conversation.unread.min(unseen.words);
    (conversation.last_at, conversation.last_message) = (now, message);
    store::conversations::save(tx, &conversation).await?;
    Ok(Answered::Now(message))
}

/// Whoever stands at the desk.
pub(super) fn person(by: &Actor) -> anyhow::Result<(i64, String)> {
    match by {
        Actor::Staff { id, name } => Ok((*id, name.clone())),
        _ => None.context("only people stand at the desk"),
    }
}
