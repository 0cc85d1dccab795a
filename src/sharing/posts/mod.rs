//! What the shop posts in its own name, now or at a time: written down before Weibo is asked, and asked once. What may
//! have gone out goes again only when a person has looked and says so.

mod post;
mod sending;
mod store;

pub use post::{Held, Post, PostId, State, address, check, whole};
pub use sending::{Means, publish};
pub use store::{find, for_a_person, latest, of_product};

use crate::actor::Actor;
use crate::catalog::{ProductId, Slug};
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::sharing::links::{self, Source};
use crate::weibo::statuses::TextFault;
use std::net::IpAddr;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

/// What somebody wants to say, and about what.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub product: Option<(ProductId, &'a Slug)>,
    /// Without its link.
    pub text: &'a str,
}

/// Why something cannot be done to a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("no such post")]
    NoSuch,
    #[error("it is not in a state that allows this")]
    State,
    #[error("somebody else has changed it meanwhile")]
    Stale,
    #[error(transparent)]
    Text(#[from] TextFault),
}

/// Who sends it, from where, when, and in whose name: now where no time is given.
#[derive(Debug, Clone, Copy)]
pub struct Sending {
    pub at: Option<OffsetDateTime>,
    /// Weibo wants the real address of the person who acts (oauth-and-statuses.md §3.2).
    pub ip: IpAddr,
    /// The account that she was shown. In another's name it does not go.
    pub uid: i64,
}

/// Makes a draft with a link of its own, and whether this did: the same form sent again is the same post. After an error
/// the transaction is to be dropped.
pub async fn write(
    tx: &mut Tx,
    form: Uuid,
    wanted: Wanted<'_>,
    public_url: &Url,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(PostId, bool), NotNow>> {
    let (id, made) = store::insert(tx, form, wanted, by, now).await?;
    if !made {
        return Ok(Ok((id, false)));
    }
    let path = wanted.product.map_or_else(|| "/".to_owned(), |(_, slug)| format!("/p/{slug}"));
    let code = links::make(tx, &path, Source::Post(id.0), now).await?;
    if let Err(fault) = check(wanted.text, public_url, &code) {
        return Ok(Err(fault.into()));
    }
    store::put_code(tx, id, &code).await?;
    Ok(Ok((id, true)))
}

/// Writes over one that nobody is about to send.
pub async fn rewrite(
    tx: &mut Tx,
    (id, version): (PostId, i32),
    text: &str,
    public_url: &Url,
) -> anyhow::Result<Result<(), NotNow>> {
    let post = match seen(tx, id, version).await? {
        Ok(post) if post.state.is_open() => post,
        Ok(_) => return Ok(Err(NotNow::State)),
        Err(why) => return Ok(Err(why)),
    };
    if let Err(fault) = check(text, public_url, &post.code) {
        return Ok(Err(fault.into()));
    }
    store::rewrite(tx, id, text).await?;
    Ok(Ok(()))
}

/// Sends one as it was seen at `version`. Pressed twice, it is sent once. One of which nobody knows whether it stands
/// on Weibo is sent again only by [`send_again`].
pub async fn send(
    tx: &mut Tx,
    (id, version): (PostId, i32),
    sending: Sending,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotNow>> {
    schedule(tx, (id, version), sending, now, State::is_open).await
}

/// Somebody has looked: it does not stand on Weibo. It is sent once more.
pub async fn send_again(
    tx: &mut Tx,
    (id, version): (PostId, i32),
    sending: Sending,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), NotNow>> {
    schedule(tx, (id, version), sending, now, |state| *state == State::Unknown).await
}

async fn schedule(
    tx: &mut Tx,
    (id, version): (PostId, i32),
    sending: Sending,
    now: OffsetDateTime,
    may: impl FnOnce(&State) -> bool,
) -> anyhow::Result<Result<(), NotNow>> {
    let doubted = match seen(tx, id, version).await? {
        Ok(post) if may(&post.state) => post.state == State::Unknown,
        Ok(_) => return Ok(Err(NotNow::State)),
        Err(why) => return Ok(Err(why)),
    };
    let at = sending.at.filter(|at| *at > now).unwrap_or(now);
    store::schedule(tx, id, at, sending, doubted).await?;
    jobs::enqueue(tx, &Job::PublishPost { post: id.0 }, at).await?;
    Ok(Ok(()))
}

/// Stops one before its time: it is a draft again.
pub async fn call_back(tx: &mut Tx, id: PostId) -> anyhow::Result<Result<(), NotNow>> {
    turn(tx, id, |post| matches!(post.state, State::Scheduled { .. }).then_some(State::Draft)).await
}

/// Puts one away that does not stand on Weibo, for good.
pub async fn discard(tx: &mut Tx, id: PostId) -> anyhow::Result<Result<(), NotNow>> {
    let away = |state: &State| state.is_open() || matches!(state, State::Scheduled { .. });
    turn(tx, id, |post| away(&post.state).then_some(State::Discarded)).await
}

/// Somebody has looked: it stands on Weibo, perhaps under this id. What a person has said of it, a person can correct.
pub async fn settle(tx: &mut Tx, id: PostId, status_id: Option<i64>) -> anyhow::Result<Result<(), NotNow>> {
    let done = State::Done { status_id };
    turn(tx, id, |post| (post.can_be_settled() && post.state != done).then_some(done)).await
}

async fn turn(
    tx: &mut Tx,
    id: PostId,
    to: impl FnOnce(&Post) -> Option<State>,
) -> anyhow::Result<Result<(), NotNow>> {
    let Some(post) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    let Some(state) = to(&post) else { return Ok(Err(NotNow::State)) };
    store::save_state(tx, id, &state).await?;
    Ok(Ok(()))
}

/// The post, nobody else's until the end of the transaction, as somebody saw it.
async fn seen(tx: &mut Tx, id: PostId, version: i32) -> anyhow::Result<Result<Post, NotNow>> {
    let Some(post) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    Ok(if post.version == version { Ok(post) } else { Err(NotNow::Stale) })
}
