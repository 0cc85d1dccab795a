//! The loop that brings people: a buyer tells her followers what she bought, once for an order.

pub mod campaigns;
pub mod cards;
pub mod funnel;
pub mod links;
pub mod posts;
pub mod speaker;
mod store;

pub use store::{Repost, State, find};

use crate::customers::CustomerId;
use crate::customers::relations::{self, Fact, Kind, Source};
use crate::db::Db;
use crate::orders::Order;
use crate::weibo::statuses::{Posted, Trouble};
use crate::weibo::{self, CallError};
use secrecy::SecretString;
use std::net::IpAddr;
use time::OffsetDateTime;

/// What the buyer wants to say, and on whose behalf it is sent.
pub struct Wish<'a> {
    pub customer: CustomerId,
    pub token: &'a SecretString,
    pub text: &'a str,
    /// The product's own status is reposted; without one its page is shared.
    pub status_id: Option<i64>,
    /// Weibo wants the real address of the person who acts (oauth-and-statuses.md §3).
    pub ip: IpAddr,
}

#[derive(Debug, thiserror::Error)]
pub enum RepostError {
    /// It was sent before, or is on its way.
    #[error("this order was reposted already")]
    Already,
    #[error("only a paid order can be reposted")]
    NotPaid,
    #[error("Weibo refused: {0:?}")]
    Refused(Trouble),
    /// Nothing that can be trusted came back: it may stand on Weibo or not, and is not sent again.
    #[error("the outcome is not known")]
    Unknown,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

/// Reposts for a paid order. The wish is written down before Weibo is asked, so that nothing is posted
/// twice; a refusal may be tried again with another text, an unknown outcome may not.
pub async fn repost(
    db: &Db,
    weibo: &weibo::Client,
    order: &Order,
    wish: &Wish<'_>,
    now: OffsetDateTime,
) -> Result<(), RepostError> {
    if !order.is_paid() {
        return Err(RepostError::NotPaid);
    }
    if !store::begin(db, order.id, wish, now).await? {
        return Err(RepostError::Already);
    }
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
            Ok(confirmed(db, order, wish.customer, id, now).await?)
        }
        Err(CallError::Refused { code, message }) => {
            let trouble = Trouble::of(&code);
            tracing::info!(order = %order.number, code, message, "repost refused");
            store::refused(db, order.id, &code).await?;
            Err(RepostError::Refused(trouble))
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(order = %order.number, error = format!("{error:#}"), "repost without an answer");
            Err(RepostError::Unknown)
        }
    }
}

/// Weibo has it: of one that stands with a delay the status is not known yet.
async fn confirmed(
    db: &Db,
    order: &Order,
    customer: CustomerId,
    status_id: Option<i64>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let source = status_id.map_or_else(|| Source::Order(order.number.to_string()), Source::Status);
    let mut tx = db.begin().await?;
    store::done(&mut tx, order.id, status_id).await?;
    relations::learn(&mut tx, customer, &Fact { kind: Kind::Repost, happened_at: now, source }, now).await?;
    tx.commit().await?;
    Ok(())
}
