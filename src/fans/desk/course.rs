//! The course of a conversation: whose it is, put off, closed and opened again, read and unread.

use super::answering::person;
use crate::actor::Actor;
use crate::db::{Db, Tx};
use crate::fans::store::turns;
use crate::fans::{Conversation, MessageId, State, store};
use crate::jobs::{self, Job, Outcome};
use time::OffsetDateTime;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is no such conversation")]
    Nobody,
    /// It is somebody else's than was thought; nobody's where there is no name.
    #[error("somebody else has it by now")]
    Taken(Option<String>),
    #[error("it cannot be put off into the past, nor for ever")]
    When,
    /// She said something after what was seen.
    #[error("she has written meanwhile")]
    Unseen,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Refused {
        Refused::Unexpected(error.into())
    }
}

/// The conversation, nobody else's until the end of the transaction.
async fn hold(tx: &mut Tx, fan: i64) -> Result<Conversation, Refused> {
    store::fans::lock(tx, fan).await?.ok_or(Refused::Nobody)?;
    store::conversations::lock(tx, fan).await?.ok_or(Refused::Nobody)
}

/// Nothing of hers that nobody has read or answered came after this message.
async fn all_seen(tx: &mut Tx, conversation: &Conversation, seen: MessageId) -> Result<(), Refused> {
    let unseen = turns::unseen(tx, conversation.fan, seen).await?;
    let is_unread = conversation.unread > 0 && unseen.words > 0;
    let waits = conversation.waiting_since.is_some() && unseen.anything;
    if is_unread || waits { Err(Refused::Unseen) } else { Ok(()) }
}

/// Gives it to somebody or to nobody, if it is still whose it was thought to be. With a person the rules are silent;
/// with nobody they speak again.
pub async fn assign(
    tx: &mut Tx,
    fan: i64,
    thought: Option<i64>,
    to: Option<(i64, String)>,
    now: OffsetDateTime,
) -> Result<(), Refused> {
    let mut conversation = hold(tx, fan).await?;
    let has = conversation.assigned.clone();
    if has.as_ref().map(|(id, _)| *id) != thought {
        return Err(Refused::Taken(has.map(|(_, name)| name)));
    }
    conversation.human_at = to.as_ref().map(|_| now);
    conversation.assigned = to;
    Ok(store::conversations::save(tx, &conversation).await?)
}

/// Out of sight until then, or until she writes; unless she wrote after what was `seen`.
pub async fn snooze(
    tx: &mut Tx,
    fan: i64,
    seen: MessageId,
    until: OffsetDateTime,
    now: OffsetDateTime,
) -> Result<(), Refused> {
    if until <= now || until > now + time::Duration::days(366) {
        return Err(Refused::When);
    }
    let mut conversation = hold(tx, fan).await?;
    all_seen(tx, &conversation, seen).await?;
    conversation.state = State::Snoozed { until };
    conversation.unread = 0;
    store::conversations::save(tx, &conversation).await?;
    Ok(jobs::enqueue(tx, &Job::WakeConversation { fan }, until).await?)
}

/// When its time has come, a conversation that was put off is open again, and unread.
pub async fn wake(db: &Db, fan: i64, now: OffsetDateTime) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    store::fans::lock(&mut tx, fan).await?;
    let Some(mut conversation) = store::conversations::lock(&mut tx, fan).await? else {
        return Ok(Outcome::Done);
    };
    match conversation.state {
        State::Snoozed { until } if until <= now => {
            conversation.state = State::Open;
            conversation.unread = conversation.unread.max(1);
            store::conversations::save(&mut tx, &conversation).await?;
            tx.commit().await?;
            Ok(Outcome::Done)
        }
        // Put off anew, for longer.
        State::Snoozed { until } => Ok(Outcome::Retry { at: until, why: "put off for longer".into() }),
        State::Open | State::Closed => Ok(Outcome::Done),
    }
}

/// Done with, until she writes again; unless she wrote after what was `seen`. The rules speak to her.
pub async fn close(
    tx: &mut Tx,
    fan: i64,
    seen: MessageId,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(), Refused> {
    let (id, name) = person(by)?;
    let mut conversation = hold(tx, fan).await?;
    if conversation.state == State::Closed {
        return Ok(());
    }
    all_seen(tx, &conversation, seen).await?;
    if let Some(began) = turns::began(tx, fan).await? {
        let last = conversation.last_message;
        turns::insert(tx, fan, ("resolution", began), (id, &name), last, now).await?;
    }
    conversation.state = State::Closed;
    conversation.waiting_since = None;
    conversation.human_at = None;
    conversation.unread = 0;
    Ok(store::conversations::save(tx, &conversation).await?)
}

/// Open again, whether it was put off or closed.
pub async fn reopen(tx: &mut Tx, fan: i64) -> Result<(), Refused> {
    let mut conversation = hold(tx, fan).await?;
    conversation.state = State::Open;
    Ok(store::conversations::save(tx, &conversation).await?)
}

/// Somebody has read it up to a message, for everybody: what came after that is still unread.
pub async fn mark_read(
    tx: &mut Tx,
    fan: i64,
    up_to: MessageId,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(), Refused> {
    let (_, name) = person(by)?;
    let mut conversation = hold(tx, fan).await?;
    let left = turns::unseen(tx, fan, up_to).await?.words;
    if left < conversation.unread {
        conversation.unread = left;
        store::conversations::save(tx, &conversation).await?;
        turns::mark_read(tx, fan, &name, now).await?;
    }
    Ok(())
}

/// As if nobody had read its last words.
pub async fn mark_unread(tx: &mut Tx, fan: i64) -> Result<(), Refused> {
    let mut conversation = hold(tx, fan).await?;
    conversation.unread = conversation.unread.max(1);
    Ok(store::conversations::save(tx, &conversation).await?)
}
