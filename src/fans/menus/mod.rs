//! The menu below the conversation with the shop's account: every version that was saved, what was asked of Weibo
//! about it, and what is known to be there. A call that is lost is not guessed about: Weibo is asked what it shows.

mod difference;

pub use super::store::menus::{begin, change, find, last_changes, latest, save};
pub use difference::{Difference, Row, differences};

use super::store::menus as store;
use crate::clock::Clock;
use crate::db::Db;
use crate::weibo::messages::Menu;
use crate::weibo::{self, CallError};
use anyhow::Context;
use time::{Duration, OffsetDateTime};

/// A call that began so long ago does not end any more: who made it did not live to write down what came of it.
pub const LOST_AFTER: Duration = Duration::minutes(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct MenuId(pub i64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct ChangeId(pub i64);

/// A menu as it was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub id: MenuId,
    pub menu: Menu,
    pub saved_at: OffsetDateTime,
    /// The name of whoever saved it.
    pub by: String,
}

/// What was asked of Weibo, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuChange {
    pub id: ChangeId,
    /// Nothing: no menu shall be there.
    pub menu: Option<MenuId>,
    pub asked_at: OffsetDateTime,
    pub by: String,
    pub state: ChangeState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeState {
    /// Its call has begun.
    Asking,
    Done {
        at: OffsetDateTime,
    },
    Refused {
        at: OffsetDateTime,
        why: String,
    },
    /// Nothing that can be trusted came back, and Weibo has not been asked since what it shows.
    Unknown {
        at: OffsetDateTime,
    },
    /// Weibo was asked, and shows something else.
    Missing {
        at: OffsetDateTime,
    },
}

/// Another change is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl MenuChange {
    /// Whether it may be asked again what Weibo shows.
    pub fn can_be_checked(&self, now: OffsetDateTime) -> bool {
        match self.state {
            ChangeState::Asking => self.asked_at + LOST_AFTER <= now,
            ChangeState::Unknown { .. } | ChangeState::Missing { .. } => true,
            ChangeState::Done { .. } | ChangeState::Refused { .. } => false,
        }
    }
}

impl ChangeState {
    /// The word in the `state` column.
    pub fn name(&self) -> &'static str {
        match self {
            ChangeState::Asking => "asking",
            ChangeState::Done { .. } => "done",
            ChangeState::Refused { .. } => "refused",
            ChangeState::Unknown { .. } => "unknown",
            ChangeState::Missing { .. } => "missing",
        }
    }
}

/// Does what was begun, and gives what became of it. No transaction is open while Weibo is called.
pub async fn carry_out(
    db: &Db,
    weibo: &weibo::Client,
    id: ChangeId,
    clock: &Clock,
) -> anyhow::Result<ChangeState> {
    let (change, wanted) = wanted(db, id).await?;
    if change.state != ChangeState::Asking {
        return Ok(change.state);
    }
    let said = match &wanted {
        Some(menu) => weibo.save_menu(menu).await,
        None => weibo.delete_menu().await,
    };
    let state = match said {
        Ok(()) => ChangeState::Done { at: clock.now() },
        Err(CallError::Refused { code, message }) => {
            ChangeState::Refused { at: clock.now(), why: format!("{code} {message}") }
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(change = id.0, error = format!("{error:#}"), "the menu's change has no answer");
            shown(weibo, wanted.as_ref(), clock).await?
        }
    };
    conclude(db, &change, &state).await
}

/// Asks what Weibo shows, for a change of which nobody knows what became of it.
pub async fn check_again(
    db: &Db,
    weibo: &weibo::Client,
    id: ChangeId,
    clock: &Clock,
) -> anyhow::Result<ChangeState> {
    let (change, wanted) = wanted(db, id).await?;
    if !change.can_be_checked(clock.now()) {
        return Ok(change.state);
    }
    let state = shown(weibo, wanted.as_ref(), clock).await?;
    conclude(db, &change, &state).await
}

async fn wanted(db: &Db, id: ChangeId) -> anyhow::Result<(MenuChange, Option<Menu>)> {
    let mut conn = db.reader().await?;
    let change = store::change(&mut conn, id).await?.context("no such change of the menu")?;
    let menu = match change.menu {
        Some(menu) => Some(store::find(&mut conn, menu).await?.context("a change to no menu")?.menu),
        None => None,
    };
    Ok((change, menu))
}

/// What the menu that Weibo shows tells of a change to `wanted`.
async fn shown(weibo: &weibo::Client, wanted: Option<&Menu>, clock: &Clock) -> anyhow::Result<ChangeState> {
    let there = weibo.menu().await;
    let at = clock.now();
    Ok(match there {
        Ok(menu) if menu == wanted.cloned().unwrap_or_default() => ChangeState::Done { at },
        Ok(_) => ChangeState::Missing { at },
        Err(_) => ChangeState::Unknown { at },
    })
}

/// Writes down what became of it; whoever was faster is right.
async fn conclude(db: &Db, change: &MenuChange, state: &ChangeState) -> anyhow::Result<ChangeState> {
    let mut tx = db.begin().await?;
    let saved = store::conclude(&mut tx, change.id, &change.state, state).await?;
    tx.commit().await?;
    if saved {
        return Ok(state.clone());
    }
    Ok(store::change(&mut *db.reader().await?, change.id).await?.context("a change that is gone")?.state)
}
