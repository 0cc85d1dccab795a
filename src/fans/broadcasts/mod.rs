//! Sending one message to many subscribers (fans-service.md §7.1): in batches, at a pace, each recipient at most once.
//! That a batch is being sent is committed before its call; what may have gone out never goes again. Whoever
//! unsubscribes meanwhile is left out.

mod broadcast;
mod sending;
mod store;

pub use broadcast::{
    Audience, BATCHES, Batch, Bought, Broadcast, BroadcastId, PAUSES, Pace, State, Tally, held,
};
pub use sending::work;
pub use store::recipients::{is_subscribed, reach, tally};
pub use store::{batches, find, latest, pace, save_pace};

use crate::actor::Actor;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::weibo::messages::Reply;
use time::OffsetDateTime;
use uuid::Uuid;

/// What somebody wrote for many.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    pub name: &'a str,
    pub audience: &'a Audience,
    /// The form as it was typed, to be typed on.
    pub draft: &'a serde_json::Value,
    pub message: &'a Reply,
}

/// Why something cannot be done to a broadcast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("no such broadcast")]
    NoSuch,
    #[error("it is not in a state that allows this")]
    State,
    #[error("somebody else has changed it meanwhile")]
    Stale,
}

/// Makes one, and whether this did: the same form sent again is the same one.
pub async fn make(
    tx: &mut Tx,
    form: Uuid,
    wanted: &Wanted<'_>,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<(BroadcastId, bool)> {
    store::insert(tx, form, wanted, by, now).await
}

/// Puts its links into one that this transaction has made.
pub async fn put_message(tx: &mut Tx, id: BroadcastId, message: &Reply) -> anyhow::Result<()> {
    store::put_message(tx, id, message).await
}

/// Writes over one that is still a draft.
pub async fn rewrite(
    tx: &mut Tx,
    id: BroadcastId,
    version: i32,
    wanted: &Wanted<'_>,
) -> anyhow::Result<Result<(), NotNow>> {
    let Some(broadcast) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    if broadcast.state != State::Draft {
        return Ok(Err(NotNow::State));
    }
    if broadcast.version != version {
        return Ok(Err(NotNow::Stale));
    }
    store::rewrite(tx, id, wanted).await?;
    Ok(Ok(()))
}

/// Sends a draft, as it was seen at `version`: now, or when `at` has come. Pressed twice, it is sent once.
pub async fn send(
    tx: &mut Tx,
    id: BroadcastId,
    version: i32,
    at: Option<OffsetDateTime>,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotNow>> {
    let Some(broadcast) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    if broadcast.state != State::Draft {
        return Ok(Err(NotNow::State));
    }
    if broadcast.version != version {
        return Ok(Err(NotNow::Stale));
    }
    let at = at.filter(|at| *at > now).unwrap_or(now);
    store::save_state(tx, id, &State::Scheduled { at }, now).await?;
    jobs::enqueue(tx, &Job::SendBroadcast { broadcast: id.0 }, at).await?;
    Ok(Ok(()))
}

/// Stops it before its next batch.
pub async fn hold(tx: &mut Tx, id: BroadcastId, now: OffsetDateTime) -> anyhow::Result<Result<(), NotNow>> {
    turn(tx, id, now, |state| {
        let why = held::BY_STAFF.to_owned();
        state.is_running().then_some(State::Held { why })
    })
    .await
}

/// Lets one go on that is held.
pub async fn go_on(tx: &mut Tx, id: BroadcastId, now: OffsetDateTime) -> anyhow::Result<Result<(), NotNow>> {
    let going = |state: &State| matches!(state, State::Held { .. }).then_some(State::Gathering);
    let turned = turn(tx, id, now, going).await?;
    if turned.is_ok() {
        jobs::enqueue(tx, &Job::SendBroadcast { broadcast: id.0 }, now).await?;
    }
    Ok(turned)
}

/// Ends it before its next batch, for good. What went out, did.
pub async fn cancel(tx: &mut Tx, id: BroadcastId, now: OffsetDateTime) -> anyhow::Result<Result<(), NotNow>> {
    turn(tx, id, now, |state| (!state.has_ended()).then_some(State::Cancelled { at: now })).await
}

async fn turn(
    tx: &mut Tx,
    id: BroadcastId,
    now: OffsetDateTime,
    to: impl FnOnce(&State) -> Option<State>,
) -> anyhow::Result<Result<(), NotNow>> {
    let Some(broadcast) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    let Some(state) = to(&broadcast.state) else { return Ok(Err(NotNow::State)) };
    store::save_state(tx, id, &state, now).await?;
    Ok(Ok(()))
}
