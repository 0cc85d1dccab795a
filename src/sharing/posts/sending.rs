//! The job that posts. That Weibo is being asked is committed before it is asked; whoever dies between leaves a post of
//! which nobody knows what became, and that never goes again by itself.

use super::post::{Held, PostId, State, whole};
use super::store;
use crate::catalog;
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::{self, Job, Outcome};
use crate::seal::Keyring;
use crate::sharing::speaker::{self, Voice};
use crate::weibo::statuses::{Posted, Trouble};
use crate::weibo::{self, CallError};
use sqlx::PgConnection;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};
use url::Url;

/// So late a post may still go by itself. Later, what it says of a morning may be wrong.
const LATEST: Duration = Duration::hours(1);
/// A refusal of our own: other calls with this token do not end, and nothing was sent.
const BUSY: &str = "token_busy";

/// What publishing needs of the shop. Without Weibo's keys `weibo` is nothing, and what is due is held.
#[derive(Clone, Copy)]
pub struct Means<'a> {
    pub weibo: Option<&'a weibo::Client>,
    pub keys: &'a Keyring,
    pub public_url: &'a Url,
}

/// A call that may be made, once: that it is being made is committed.
struct Call {
    attempt: i32,
    text: String,
    ip: IpAddr,
    voice: Voice,
}

/// Posts what is due.
pub async fn publish(db: &Db, means: Means<'_>, id: PostId, clock: &Clock) -> anyhow::Result<Outcome> {
    let Some((call, weibo)) = begin(db, means, id, clock.now()).await? else { return Ok(Outcome::Done) };
    let said = weibo.share(&call.voice.token, &call.text, call.ip).await;
    end(db, id, &call, said, clock.now()).await
}

/// Looks whether it may go, and writes down that it goes.
async fn begin<'a>(
    db: &Db,
    means: Means<'a>,
    id: PostId,
    now: OffsetDateTime,
) -> anyhow::Result<Option<(Call, &'a weibo::Client)>> {
    let mut tx = db.begin().await?;
    let Some(post) = store::lock(&mut tx, id).await? else { return Ok(None) };
    let at = match post.state {
        State::Scheduled { at } => at,
        State::Sending => {
            tracing::warn!(post = id.0, "nobody knows whether this post went out");
            store::save_state(&mut tx, id, &State::Unknown).await?;
            tx.commit().await?;
            return Ok(None);
        }
        _ => return Ok(None),
    };
    if at > now {
        jobs::enqueue(&mut tx, &Job::PublishPost { post: id.0 }, at).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let voice = speaker::voice(&mut tx, means.keys, now).await?;
    let hindered = match (means.weibo, voice) {
        _ if now - at > LATEST => Held::Late,
        _ if !can_be_bought(&mut tx, post.product).await? => Held::OffShelf,
        (None, _) => Held::Keys,
        (_, None) => Held::Account,
        // Whoever sent it saw another name.
        (_, Some(voice)) if post.meant != Some(voice.uid) => Held::Account,
        (Some(weibo), Some(voice)) => {
            let (attempt, ip) = store::begin(&mut tx, id, voice.uid, now).await?;
            tx.commit().await?;
            let text = whole(&post.text, means.public_url, &post.code);
            return Ok(Some((Call { attempt, text, ip, voice }, weibo)));
        }
    };
    tracing::info!(post = id.0, why = hindered.name(), "a post waits for a person");
    store::save_state(&mut tx, id, &State::Held { why: hindered }).await?;
    tx.commit().await?;
    Ok(None)
}

/// A post about a product leads to it: without one that can be seen there is nothing to post.
async fn can_be_bought(conn: &mut PgConnection, product: Option<catalog::ProductId>) -> anyhow::Result<bool> {
    let Some(product) = product else { return Ok(true) };
    Ok(catalog::find_draft(conn, product).await?.is_some_and(|draft| draft.shown))
}

/// Writes down what came of it. Whoever took this for dead meanwhile has called its end unknown: a word of Weibo's
/// changes that, as long as nobody has asked again.
async fn end(
    db: &Db,
    id: PostId,
    call: &Call,
    said: Result<Posted, CallError>,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    let state = match said {
        Ok(Posted::Published { id }) => State::Done { status_id: Some(id) },
        Ok(Posted::Accepted) => State::Accepted,
        Err(error) if was_not_sent(&error) => {
            // Nothing was sent: it waits on, and is late one day.
            store::put_back(&mut tx, (id, call.attempt)).await?;
            tx.commit().await?;
            return Err(anyhow::Error::from(error).context("Weibo cannot be reached"));
        }
        Err(CallError::Refused { code, message }) => {
            tracing::warn!(post = id.0, code, message, "Weibo refuses a post");
            if Trouble::of(&code) == Trouble::SignInAgain {
                speaker::has_ended(&mut tx, &call.voice, now).await?;
            }
            State::Refused { code }
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(post = id.0, error = format!("{error:#}"), "a post without an answer");
            State::Unknown
        }
    };
    store::end(&mut tx, (id, call.attempt), &state).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Surely nothing of it has reached Weibo.
fn was_not_sent(error: &CallError) -> bool {
    error.never_left() || matches!(error, CallError::Refused { code, .. } if code == BUSY)
}
