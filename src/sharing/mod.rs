//! The loop that brings people: a buyer tells her followers what she bought, once for an order.

pub mod campaigns;
pub mod cards;
mod finding;
pub mod funnel;
pub mod gifts;
pub mod links;
pub mod posts;
pub mod speaker;
mod store;

pub use finding::find_lost;
pub use store::listing::{Listed, Tally, latest, tally};
pub use store::{Repost, State, Told, barred, brought_by, find, link as link_of};

use crate::customers::CustomerId;
use crate::customers::relations::{self, Fact, Kind, Source};
use crate::db::{Db, Tx};
use crate::jobs::{self, Job};
use crate::orders::Order;
use crate::weibo::statuses::{Posted, Trouble};
use crate::weibo::{self, CallError};
use finding::Looked;
use gifts::Yes;
use secrecy::SecretString;
use std::net::IpAddr;
use store::Sent;
use time::{Duration, OffsetDateTime};

/// The code of a refusal of our own: no connection to Weibo was made, so nothing was posted.
pub const UNREACHED: &str = "unreached";
/// The status does not exist (oauth-and-statuses.md §3.3).
const NO_STATUS: &str = "20101";
/// Whoever wrote down that it is sent looks after it this much later, whatever became of the sender.
const LOOK_AFTER: Duration = Duration::minutes(1);

/// What the buyer wants to say, and on whose behalf it is sent.
pub struct Wish<'a> {
    pub customer: CustomerId,
    pub token: &'a SecretString,
    pub text: &'a str,
    /// This status is reposted; without one the product's page is shared.
    pub status_id: Option<i64>,
    /// Weibo wants the real address of the person who acts (oauth-and-statuses.md §3).
    pub ip: IpAddr,
    /// What she said yes to beside the button.
    pub gift: Option<Yes>,
}

#[derive(Debug, thiserror::Error)]
pub enum RepostError {
    /// It was sent before, or is on its way.
    #[error("this order was reposted already")]
    Already,
    #[error("only a paid order can be reposted")]
    NotPaid,
    /// What she was shown for it is not to be had, or cannot be seen to be earned, any more: nothing was sent.
    #[error("there is no gift for it any more")]
    NoGift,
    #[error("Weibo refused: {0:?}")]
    Refused(Trouble),
    /// Nothing was sent.
    #[error("Weibo was not reached")]
    Unreached,
    /// Nothing that can be trusted came back: it may stand on Weibo or not, and is not sent again before it was
    /// looked for.
    #[error("the outcome is not known")]
    Unknown,
    /// The same, and Weibo does not let the shop look, or what it shows does not tell.
    #[error("whether it stands cannot be asked")]
    Unasked,
    /// What was sent before is not on Weibo: she may send it again.
    #[error("what was sent before is not there")]
    NotThere,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for RepostError {
    fn from(error: sqlx::Error) -> RepostError {
        RepostError::Unexpected(error.into())
    }
}

/// Reposts for a paid order. The wish is written down before Weibo is asked, so that nothing is posted twice: a
/// refusal may be tried again with another text, and what had no answer only once Weibo has shown that it is not there.
pub async fn repost(
    db: &Db,
    weibo: &weibo::Client,
    order: &Order,
    wish: &Wish<'_>,
    now: OffsetDateTime,
) -> Result<(), RepostError> {
    if !order.is_paid() || order.is_given_back() {
        return Err(RepostError::NotPaid);
    }
    if is_there(db, weibo, order, wish, now).await? {
        return Ok(());
    }
    // What nobody can see stand is not promised.
    if wish.gift.is_some() && !weibo.sees_statuses() {
        return Err(RepostError::NoGift);
    }
    let sent = begin(db, order, wish, now).await?;
    let said = match wish.status_id {
        Some(id) => weibo.repost(wish.token, id, wish.text, wish.ip).await,
        None => weibo.share(wish.token, wish.text, wish.ip).await,
    };
    match said {
        Ok(posted) => {
            let id = match posted {
                Posted::Published { id } => Some(id),
                Posted::Accepted => None,
            };
            let mut tx = db.begin().await?;
            stands(&mut tx, &sent, id, now).await?;
            Ok(tx.commit().await?)
        }
        Err(CallError::Refused { code, message }) => {
            let trouble = Trouble::of(&code);
            tracing::info!(order = %order.number, code, message, "repost refused");
            store::refused(db, &sent, &code, trouble == Trouble::StatusGone).await?;
            if let (NO_STATUS, Some(id)) = (code.as_str(), wish.status_id) {
                store::vanished(db, id, now).await?;
            }
            Err(RepostError::Refused(trouble))
        }
        Err(error) if error.never_left() => {
            store::refused(db, &sent, UNREACHED, false).await?;
            Err(RepostError::Unreached)
        }
        Err(error) => {
            tracing::warn!(order = %order.number, error = format!("{error:#}"), "repost without an answer");
            Err(RepostError::Unknown)
        }
    }
}

/// Whether what was sent before without an answer stands, as far as anything was. Where that cannot be known, or
/// becomes known only now, nothing is sent by this press.
async fn is_there(
    db: &Db,
    weibo: &weibo::Client,
    order: &Order,
    wish: &Wish<'_>,
    now: OffsetDateTime,
) -> Result<bool, RepostError> {
    let mut conn = db.reader().await?;
    let lost = store::lost(&mut conn, order.id).await?;
    drop(conn);
    // Of what Weibo has accepted only the id is missing.
    let Some(lost) = lost.filter(|lost| !lost.is_accepted) else { return Ok(false) };
    match finding::look(db, weibo, &lost, wish.token, now).await? {
        Looked::Found => Ok(true),
        // What reaches back less far than once it did says nothing against that.
        Looked::NotThere | Looked::NotYet if lost.was_absent => Ok(false),
        Looked::NotThere => Err(RepostError::NotThere),
        Looked::NotYet => Err(RepostError::Unknown),
        Looked::Alike => Err(RepostError::Unasked),
        Looked::Unasked(CallError::Refused { code, .. }) if Trouble::of(&code) == Trouble::SignInAgain => {
            Err(RepostError::Refused(Trouble::SignInAgain))
        }
        Looked::Unasked(error) => {
            tracing::info!(order = %order.number, error = format!("{error:#}"), "her statuses cannot be read");
            Err(RepostError::Unasked)
        }
    }
}

/// Writes the wish down, and that somebody looks after it.
async fn begin(db: &Db, order: &Order, wish: &Wish<'_>, now: OffsetDateTime) -> Result<Sent, RepostError> {
    let mut tx = db.begin().await?;
    let sent = store::begin(&mut tx, order.id, wish, now).await?.ok_or(RepostError::Already)?;
    if let Some(yes) = wish.gift {
        if !gifts::hold(&mut tx, yes, (wish.customer, order.id), now).await? {
            return Err(RepostError::NoGift);
        }
        store::says_yes(&mut tx, &sent, yes).await?;
    }
    jobs::enqueue(&mut tx, &Job::FindRepost { order: order.id.0 }, now + LOOK_AFTER).await?;
    tx.commit().await?;
    Ok(sent)
}

/// Weibo has it: of one that stands with a delay the status is not known yet. Said once more, it is the same.
async fn stands(tx: &mut Tx, sent: &Sent, status_id: Option<i64>, now: OffsetDateTime) -> anyhow::Result<()> {
    let Some(confirmed) = store::done(tx, sent, status_id).await? else { return Ok(()) };
    if confirmed.is_first {
        let source = status_id.map_or_else(|| Source::Order(confirmed.number), Source::Status);
        relations::learn(tx, sent.customer, &Fact { kind: Kind::Repost, happened_at: now, source }, now)
            .await?;
        if let Some(gift) = confirmed.gift {
            gifts::claim(tx, gift, sent.customer, sent.order, now).await?;
        }
    }
    Ok(())
}

/// The short address by which those come who follow what the buyer of this order tells; `path` is without a language.
pub async fn link(db: &Db, order: &Order, path: &str, now: OffsetDateTime) -> anyhow::Result<String> {
    if let Some(code) = store::link(&mut *db.reader().await?, order.id, path).await? {
        return Ok(code);
    }
    let mut tx = db.begin().await?;
    let code = links::make(&mut tx, path, links::Source::Repost(order.id.0), now).await?;
    tx.commit().await?;
    Ok(code)
}
