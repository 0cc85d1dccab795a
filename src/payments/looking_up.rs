//! Asking Weibo about a payment or refund whatever we believe of it, to compare. What it says is settled in the one
//! way in which everything is settled.

use super::settling::{Mismatch, Settled};
use super::{AttemptId, RefundId, asking, pursuing, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::weibo;
use crate::weibo::pay::{Payment, Refund};
use anyhow::Context;

/// What Weibo said when it was asked.
#[derive(Debug, Clone)]
pub enum Said<T> {
    /// This, and what it did here.
    Told { told: T, settled: Result<Settled, Mismatch> },
    /// It answers well and clearly that it has no such thing.
    No,
    /// Nothing that can be trusted.
    Nothing,
}

/// Asks about a visit to the cashier, also one whose end is known.
pub async fn look_up(
    db: &Db,
    weibo: &weibo::Client,
    id: AttemptId,
    clock: &Clock,
) -> anyhow::Result<Said<Payment>> {
    let attempt = store::find_attempt_by_id(&mut *db.reader().await?, id).await?;
    let attempt = attempt.context("an attempt that vanished")?;
    Ok(asking::ask_now(db, weibo, &attempt, clock).await?.1)
}

/// Asks about a refund, also one whose end is known. It is not sent by this.
pub async fn look_up_refund(
    db: &Db,
    weibo: &weibo::Client,
    id: RefundId,
    clock: &Clock,
) -> anyhow::Result<Said<Refund>> {
    let refund = store::refunds::find_refund(&mut *db.reader().await?, id).await?;
    let refund = refund.context("a refund that vanished")?;
    pursuing::ask_now(db, weibo, &refund, clock).await
}
