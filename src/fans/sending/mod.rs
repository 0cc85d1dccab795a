//! Sending what was written to a fan, at most once: that it is being sent is committed before the call, and what may
//! have been sent never is again. One message at a time for each fan, in the order in which they were written.

pub(super) mod refusal;

use super::service::Trouble;
use super::store::sending::{self as store, Outgoing};
use super::store::{conversations, fans, messages, service};
use super::{Author, Closed, Delivery, Fan, MessageId, Said, State, Window};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::weibo::messages::Reply;
use crate::weibo::{self, CallError};
use anyhow::{Context, anyhow, bail};
use refusal::{MOST_WAITS, Meaning, pause};
use time::{Duration, OffsetDateTime};

/// What waits behind another message looks again after so long, should nobody call it before.
const LOOK_AGAIN: Duration = Duration::seconds(30);
/// Why one is dropped whose news goes another way, beside the names of [`Closed`].
pub const ELSEWHERE: &str = "elsewhere";
/// Without a token, after so long.
const WITHOUT_TOKEN: Duration = Duration::minutes(10);

/// Sends a message when its turn has come; without Weibo's keys it waits for them. No transaction is open while Weibo
/// is called.
pub async fn send(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: MessageId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let (weibo, ready) = match (weibo, prepare(db, (id, weibo.is_some()), clock.now()).await?) {
        (Some(weibo), Prepared::Ready(ready)) => (weibo, ready),
        (_, Prepared::Not(outcome)) => return Ok(outcome),
        (None, Prepared::Ready(_)) => bail!("a message was begun without the keys to send it"),
    };
    let said = weibo.reply(ready.fan, &ready.reply).await;
    conclude(db, &ready, said, clock.now()).await
}

/// A message whose call may be made, once: that it is being made is committed.
struct Ready {
    id: MessageId,
    fan: i64,
    reply: Reply,
    waits: i32,
}

enum Prepared {
    Ready(Ready),
    Not(Outcome),
}

async fn prepare(
    db: &Db,
    (id, has_keys): (MessageId, bool),
    now: OffsetDateTime,
) -> anyhow::Result<Prepared> {
    let mut tx = db.begin().await?;
    let Some(fan) = store::fan_of(&mut tx, id).await? else { return Ok(Prepared::Not(Outcome::Done)) };
    let fan = fans::lock(&mut tx, fan).await?.context("a message to nobody")?;
    let out = store::lock(&mut tx, id).await?.context("a message that is gone")?;
    let prepared = match out.message.delivery {
        // Whoever began to send it did not live to write down what came of it.
        Delivery::Sending { .. } => {
            tracing::warn!(message = id.0, "nobody knows whether a fan got this message");
            end(&mut tx, (id, fan.uid), &Delivery::Unknown { at: now }, now).await?;
            Prepared::Not(Outcome::Done)
        }
        Delivery::Waiting => begin(&mut tx, &fan, (out, has_keys), now).await?,
        _ => Prepared::Not(Outcome::Done),
    };
    tx.commit().await?;
    Ok(prepared)
}

/// Its turn, and whether she may still be written to. Holds the fan's row, so that no other of hers moves meanwhile.
async fn begin(
    tx: &mut Tx,
    fan: &Fan,
    (out, has_keys): (Outgoing, bool),
    now: OffsetDateTime,
) -> anyhow::Result<Prepared> {
    let id = out.message.id;
    if store::first_to_send(tx, fan.uid).await? != Some(id) {
        let why = "an earlier message to her goes first".to_owned();
        return Ok(Prepared::Not(Outcome::Retry { at: now + LOOK_AGAIN, why }));
    }
    if let Err(closed) = may_go(tx, fan, &out, now).await? {
        tracing::info!(message = id.0, why = closed.name(), "a message to a fan is not sent");
        let dropped = Delivery::Dropped { at: now, why: closed.name().to_owned() };
        end(tx, (id, fan.uid), &dropped, now).await?;
        return Ok(Prepared::Not(Outcome::Done));
    }
    if !has_keys {
        service::trouble(tx, Some(Trouble::NoToken), now).await?;
        let why = "Weibo's keys are missing".to_owned();
        return Ok(Prepared::Not(Outcome::Retry { at: now + WITHOUT_TOKEN, why }));
    }
    let Said::ByShop(reply) = out.message.said else { return Ok(Prepared::Not(Outcome::Done)) };
    store::begin(tx, id, now).await?;
    Ok(Prepared::Ready(Ready { id, fan: fan.uid, reply, waits: out.waits }))
}

/// The one answer to a mention was spent when it was written.
async fn may_go(
    tx: &mut Tx,
    fan: &Fan,
    out: &Outgoing,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), Closed>> {
    Ok(match fan.window(now) {
        Window::Open { .. } => Ok(()),
        // Written before this mention: it is the answer to this one too.
        Window::Once { .. } => {
            fans::answer_mention(tx, fan.uid).await?;
            store::spend(tx, out.message.id, fan.mentioned_at).await?;
            Ok(())
        }
        Window::Closed(Closed::Answered)
            if out.mention_at.is_some() && out.mention_at == fan.mentioned_at =>
        {
            Ok(())
        }
        Window::Closed(why) => Err(why),
    })
}

/// Writes down what came of the call.
async fn conclude(
    db: &Db,
    sent: &Ready,
    said: Result<(), CallError>,
    at: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    fans::lock(&mut tx, sent.fan).await?.context("a message to nobody")?;
    let ended = match said {
        Ok(()) => Delivery::Sent { at },
        Err(CallError::Refused { code, message }) => {
            let outcome = refused(&mut tx, sent, (&code, &message), at).await?;
            tx.commit().await?;
            return Ok(outcome);
        }
        Err(error) if error.never_left() => {
            let again = store::take_back(&mut tx, sent.id, false).await?;
            tx.commit().await?;
            // Later each time, as for every job that failed.
            return if again {
                Err(anyhow!(error).context("Weibo cannot be reached"))
            } else {
                Ok(Outcome::Done)
            };
        }
        Err(CallError::Unknown(error)) => {
            let error = format!("{error:#}");
            tracing::warn!(message = sent.id.0, error, "a message to a fan without an answer");
            Delivery::Unknown { at }
        }
    };
    if matches!(ended, Delivery::Sent { .. }) {
        service::trouble(&mut tx, None, at).await?;
    }
    end(&mut tx, (sent.id, sent.fan), &ended, at).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

async fn refused(
    tx: &mut Tx,
    sent: &Ready,
    (code, words): (&str, &str),
    at: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    tracing::warn!(message = sent.id.0, code, "Weibo refuses a message to a fan");
    let no = Delivery::Refused { at, why: format!("{code} {words}") };
    let (ended, trouble) = match Meaning::of(code) {
        Meaning::Later if sent.waits < MOST_WAITS => {
            return wait(tx, sent, (true, at + pause(sent.waits)), code).await;
        }
        Meaning::Lacks(trouble) => {
            service::trouble(tx, Some(trouble), at).await?;
            return wait(tx, sent, (false, at + WITHOUT_TOKEN), code).await;
        }
        Meaning::Delayed => (Delivery::Sent { at }, None),
        Meaning::Doubtful => (Delivery::Unknown { at }, None),
        Meaning::Forbidden => (no, Some(Trouble::Permission)),
        Meaning::Later | Meaning::Never => (no, None),
    };
    if trouble.is_some() {
        service::trouble(tx, trouble, at).await?;
    }
    end(tx, (sent.id, sent.fan), &ended, at).await?;
    Ok(Outcome::Done)
}

/// Lets go of a message that waits, since what it says goes another way; false when it does not wait any more.
pub async fn give_up(tx: &mut Tx, id: MessageId, now: OffsetDateTime) -> anyhow::Result<bool> {
    let Some(fan) = store::fan_of(tx, id).await? else { return Ok(false) };
    fans::lock(tx, fan).await?.context("a message to nobody")?;
    let out = store::lock(tx, id).await?.context("a message that is gone")?;
    if out.message.delivery != Delivery::Waiting {
        return Ok(false);
    }
    end(tx, (id, fan), &Delivery::Dropped { at: now, why: ELSEWHERE.to_owned() }, now).await?;
    Ok(true)
}

async fn wait(
    tx: &mut Tx,
    sent: &Ready,
    (counts, at): (bool, OffsetDateTime),
    why: &str,
) -> anyhow::Result<Outcome> {
    let again = store::take_back(tx, sent.id, counts).await?;
    Ok(if again { Outcome::Retry { at, why: why.to_owned() } } else { Outcome::Done })
}

/// It has ended, and the next to her has its turn.
async fn end(
    tx: &mut Tx,
    (id, fan): (MessageId, i64),
    how: &Delivery,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let ended = store::conclude(tx, id, how).await?;
    if ended && matches!(how, Delivery::Refused { .. } | Delivery::Dropped { .. }) {
        store::give_back(tx, id).await?;
    }
    if ended && !matches!(how, Delivery::Sent { .. }) {
        show(tx, (id, fan), now).await?;
    }
    if let Some(next) = store::first_to_send(tx, fan).await? {
        jobs::enqueue(tx, &Job::SayToFan { message: next.0 }, now).await?;
    }
    Ok(())
}

/// What a person wrote has not surely reached her: somebody must see that, as if she had written.
async fn show(tx: &mut Tx, (id, fan): (MessageId, i64), now: OffsetDateTime) -> anyhow::Result<()> {
    let message = messages::message(tx, id).await?.context("a message that is gone")?;
    if !matches!(message.author, Author::Staff { .. }) {
        return Ok(());
    }
    let Some(mut conversation) = conversations::lock(tx, fan).await? else { return Ok(()) };
    conversation.state = State::Open;
    conversation.unread = conversation.unread.max(1);
    conversation.waiting_since.get_or_insert(now);
    conversations::save(tx, &conversation).await?;
    Ok(())
}
