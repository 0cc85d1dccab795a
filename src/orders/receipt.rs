//! Orders being received: somebody says so, or their time is over.

use super::locked::{ChangeError, lock};
use super::{OrderId, OrderNumber, hold, store};
use crate::actor::Actor;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job};
use time::{Duration, OffsetDateTime};

/// So many are looked at in one round; the next is a minute later.
const AT_ONCE: i64 = 1000;
/// Of what came true longer ago nobody is told: a shop that was away, or is new to this, would tell very many at once.
const NEWS: Duration = Duration::days(3);

/// The order is with the buyer, as `by` says. False when that was known: the one who was first said so. The row of
/// the order is held, so of several at once one is.
pub async fn receive(
    tx: &mut Tx,
    number: &OrderNumber,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<bool, ChangeError> {
    let mut order = hold(tx, number).await?;
    if order.order().is_received() {
        return Ok(false);
    }
    order.receive(tx, by, now).await?;
    Ok(true)
}

/// From now on orders wait so long: what is on its way already does too, unless it was told a longer time. A shorter one
/// takes nothing from what was told.
pub async fn wait_no_shorter(tx: &mut Tx, wait: Duration) -> sqlx::Result<()> {
    store::receipts::wait_no_shorter(tx, wait).await
}

/// Counts orders as received whose time is over, the longest due first. One whose money is being sent back waits for
/// how that ends. Each is a transaction of its own: one that fails keeps no other from its turn.
pub async fn receive_due(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let due = store::receipts::due(&mut *db.reader().await?, now, AT_ONCE).await?;
    let mut failed = Ok(());
    for id in due {
        if let Err(error) = count_as_received(db, id, now).await {
            failed = Err(error.context(format!("order {} cannot be received", id.0)));
        }
    }
    failed
}

/// Nothing changes when somebody was first, or something holds it back now.
async fn count_as_received(db: &Db, id: OrderId, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let Some(mut held) = lock(&mut tx, id).await? else { return Ok(()) };
    let order = held.order();
    let due = order.counts_as_received_at().filter(|due| *due <= now && !order.is_being_refunded());
    let Some(due) = due else { return Ok(()) };
    held.receive(&mut tx, &Actor::Shop, now).await?;
    // One that a refund held back came true when that ended.
    let ended = store::receipts::last_refund_ended_at(&mut tx, id).await?;
    if now - ended.map_or(due, |ended| ended.max(due)) <= NEWS {
        jobs::enqueue(&mut tx, &Job::TellOfReceipt { order: id.0 }, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
