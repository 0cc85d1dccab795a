//! The job that sends a broadcast: writes its recipients down, then calls Weibo batch by batch. It may die anywhere and
//! is taken up again; a call that nobody lived to write the end of counts as made.

use super::broadcast::{Audience, Broadcast, BroadcastId, State, held};
use super::store::{self, recipients};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::fans::sending::refusal::Meaning;
use crate::fans::service::Trouble;
use crate::jobs::{self, Job, Outcome};
use crate::weibo::messages::Reply;
use crate::weibo::{self, CallError, messages};
use anyhow::{Context, anyhow};
use time::{Duration, OffsetDateTime};

/// A run of the job takes so many steps, which ends long before its lease does: a step calls at most once.
const STEPS: usize = 6;
/// So many subscribers are looked at in one statement.
const PAGE: i64 = 5_000;
/// After Weibo said that it is too often. No document says how long.
const AFTER_A_LIMIT: Duration = Duration::minutes(10);
/// After so many calls in a row without an answer a person decides.
const UNANSWERED: i64 = 3;

/// Takes the next steps of a broadcast. `weibo` is nothing without keys of the fans service: then it is held.
pub async fn work(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: BroadcastId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    for _ in 0..STEPS {
        let next = match step(db, id, clock).await? {
            Step::Call(call) => ring(db, weibo, call, clock).await?,
            step => step,
        };
        match next {
            Step::Again | Step::Call(_) => {}
            Step::End => return Ok(Outcome::Done),
            Step::Wait { until } => return later(db, id, until).await,
        }
    }
    later(db, id, clock.now()).await
}

/// The job waits anew, as one that has not failed.
async fn later(db: &Db, id: BroadcastId, at: OffsetDateTime) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    jobs::enqueue(&mut tx, &Job::SendBroadcast { broadcast: id.0 }, at).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

enum Step {
    /// There is more to do.
    Again,
    Wait {
        until: OffsetDateTime,
    },
    End,
    Call(Call),
}

/// A call that may be made, once: that it is being made is committed.
struct Call {
    broadcast: BroadcastId,
    batch: i64,
    to: messages::Audience,
    message: Reply,
}

async fn step(db: &Db, id: BroadcastId, clock: &Clock) -> anyhow::Result<Step> {
    let (mut tx, now) = (db.begin().await?, clock.now());
    let Some(broadcast) = store::lock(&mut tx, id).await? else { return Ok(Step::End) };
    let last = store::batches(&mut tx, id, 1).await?.pop();
    if let Some(batch) = last.as_ref().filter(|batch| batch.state == "sending") {
        tracing::warn!(broadcast = id.0, batch = batch.id, "nobody knows whether this batch went out");
        recipients::end(&mut tx, batch.id, "unknown").await?;
        store::end_batch(&mut tx, batch.id, ("unknown", None, ""), now).await?;
        tx.commit().await?;
        return Ok(Step::Again);
    }
    let step = match broadcast.state {
        State::Scheduled { at } if at > now => Step::Wait { until: at },
        State::Scheduled { .. } => {
            store::save_state(&mut tx, id, &State::Gathering, now).await?;
            Step::Again
        }
        State::Gathering => gather(&mut tx, &broadcast, now).await?,
        State::Sending if nobody_waits(&mut tx, &broadcast).await? => {
            store::save_state(&mut tx, id, &State::Done { at: now }, now).await?;
            Step::End
        }
        State::Sending => {
            // Weibo counts the calls of an account, whichever broadcast they are of.
            let pace = store::pace_alone(&mut tx).await?;
            match store::free_at(&mut tx, pace).await?.filter(|free| *free > now) {
                Some(until) => Step::Wait { until },
                None => take(&mut tx, &broadcast, pace.batch, now).await?,
            }
        }
        State::Draft | State::Held { .. } | State::Cancelled { .. } | State::Done { .. } => Step::End,
    };
    tx.commit().await?;
    Ok(step)
}

/// Writes down who gets it, some at a time.
async fn gather(tx: &mut Tx, broadcast: &Broadcast, now: OffsetDateTime) -> anyhow::Result<Step> {
    let id = broadcast.id;
    let to = if broadcast.gathered || matches!(broadcast.audience, Audience::Group { .. }) {
        None
    } else {
        let after = recipients::gathered_to(tx, id).await?;
        recipients::gather(tx, (id, &broadcast.audience), after, PAGE).await?
    };
    if !broadcast.gathered {
        recipients::gathered(tx, id, to, now).await?;
    }
    if to.is_none() {
        store::save_state(tx, id, &State::Sending, now).await?;
    }
    Ok(Step::Again)
}

/// Whether all that can be sent was.
async fn nobody_waits(tx: &mut Tx, broadcast: &Broadcast) -> anyhow::Result<bool> {
    let id = broadcast.id;
    Ok(match broadcast.audience {
        // Put back or refused, it surely went to nobody: whoever lets it go on wants it tried again.
        Audience::Group { .. } => {
            let tried = store::batches(tx, id, i64::MAX).await?;
            tried.iter().any(|batch| matches!(batch.state.as_str(), "sent" | "unknown"))
        }
        _ => recipients::next(tx, id, 1).await?.is_empty(),
    })
}

/// The next call, if there is somebody to call for.
async fn take(tx: &mut Tx, broadcast: &Broadcast, most: i32, now: OffsetDateTime) -> anyhow::Result<Step> {
    let id = broadcast.id;
    let (to, size) = if let Audience::Group { id: group, .. } = broadcast.audience {
        (messages::Audience::Group(group), None)
    } else {
        let next = recipients::next(tx, id, most.into()).await?;
        let uids = |wanted: bool| next.iter().filter(move |(_, is)| *is == wanted).map(|(uid, _)| *uid);
        let gone: Vec<i64> = uids(false).collect();
        recipients::leave_out(tx, id, &gone).await?;
        let there: Vec<i64> = uids(true).collect();
        if there.is_empty() {
            return Ok(Step::Again);
        }
        let size = i32::try_from(there.len()).context("a batch beyond counting")?;
        (messages::Audience::Fans(there), Some(size))
    };
    let batch = store::begin_batch(tx, id, size, now).await?;
    if let messages::Audience::Fans(uids) = &to {
        recipients::begin(tx, id, batch, uids).await?;
    }
    Ok(Step::Call(Call { broadcast: id, batch, to, message: broadcast.message.clone() }))
}

/// Makes the call, with no transaction open, and writes down what came of it.
async fn ring(db: &Db, weibo: Option<&weibo::Client>, call: Call, clock: &Clock) -> anyhow::Result<Step> {
    let said = match weibo {
        Some(weibo) => Some(weibo.send_all(&call.to, &call.message).await),
        None => None,
    };
    let (mut tx, now) = (db.begin().await?, clock.now());
    let broadcast = store::lock(&mut tx, call.broadcast).await?.context("a batch without a broadcast")?;
    let ended = end_of(said);
    // Whoever took it for dead meanwhile has called its end unknown: then only a word of Weibo's changes that.
    // What surely was not sent is refused then: once called unknown, nobody waits again.
    let late = if ended.state == "put_back" { "refused" } else { ended.state };
    for state in [ended.state, late] {
        if store::end_batch(&mut tx, call.batch, (state, ended.msg_id, &ended.why), now).await? {
            recipients::end(&mut tx, call.batch, state).await?;
            break;
        }
    }
    if matches!(ended.next, Next::Wait) {
        store::rest(&mut tx, call.batch, now + AFTER_A_LIMIT).await?;
    }
    let mut next = ended.next;
    if ended.state == "unknown" {
        let last = store::batches(&mut tx, call.broadcast, UNANSWERED).await?;
        if i64::try_from(last.len())? == UNANSWERED && last.iter().all(|batch| batch.state == "unknown") {
            next = Next::Hold(held::UNANSWERED.to_owned());
        }
    }
    if let (Next::Hold(why), true) = (&next, broadcast.state == State::Sending) {
        store::save_state(&mut tx, call.broadcast, &State::Held { why: why.clone() }, now).await?;
    }
    tx.commit().await?;
    match next {
        Next::GoOn => Ok(Step::Again),
        Next::Hold(_) => Ok(Step::End),
        Next::Wait => Ok(Step::Wait { until: now + AFTER_A_LIMIT }),
        // Later each time, as for every job that failed.
        Next::Fail(error) => Err(error.context("Weibo cannot be reached")),
    }
}

/// What a call's end means for its batch, and for the broadcast.
struct Ended {
    state: &'static str,
    msg_id: Option<i64>,
    why: String,
    next: Next,
}

enum Next {
    GoOn,
    Wait,
    Hold(String),
    Fail(anyhow::Error),
}

fn end_of(said: Option<Result<i64, CallError>>) -> Ended {
    let ended = |state, why: String, next| Ended { state, msg_id: None, why, next };
    match said {
        None => ended("put_back", String::new(), Next::Hold(held::NO_KEYS.to_owned())),
        Some(Ok(msg_id)) => Ended { msg_id: Some(msg_id), ..ended("sent", String::new(), Next::GoOn) },
        Some(Err(CallError::Refused { code, message })) => {
            tracing::warn!(code, "Weibo refuses a batch");
            let why = format!("{code} {message}");
            match Meaning::of(&code) {
                Meaning::Delayed => ended("sent", why, Next::GoOn),
                Meaning::Later => ended("put_back", why, Next::Wait),
                Meaning::Doubtful => ended("unknown", why, Next::GoOn),
                // Of the shop, not of the message: when that is seen to, the same recipients can have it.
                Meaning::Lacks(Trouble::NoToken) => {
                    ended("put_back", why, Next::Hold(held::NO_KEYS.to_owned()))
                }
                // A plain no sent nothing either: a person decides whether they are tried again.
                Meaning::Lacks(_) | Meaning::Forbidden | Meaning::Never => {
                    ended("put_back", why.clone(), Next::Hold(why))
                }
            }
        }
        Some(Err(error)) if error.never_left() => {
            ended("put_back", String::new(), Next::Fail(anyhow!(error)))
        }
        Some(Err(CallError::Unknown(error))) => {
            tracing::warn!(error = format!("{error:#}"), "a batch without an answer");
            ended("unknown", String::new(), Next::GoOn)
        }
    }
}
