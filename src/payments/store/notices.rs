//! What Weibo told us, word for word: by itself, or because it was asked.

use crate::db::Tx;
use crate::orders::OrderId;
use crate::payments::settling::{Mismatch, Settled};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// How a message came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Weibo sent and signed it.
    Notice,
    /// Weibo answered a question of ours.
    Answer,
}

impl Source {
    fn name(self) -> &'static str {
        match self {
            Source::Notice => "notice",
            Source::Answer => "answer",
        }
    }
}

/// Whether this very notice has done its work already.
pub async fn was_settled(conn: &mut PgConnection, digest: &str) -> sqlx::Result<bool> {
    let done =
        sqlx::query_scalar!("SELECT digest FROM notices WHERE digest = $1 AND outcome <> 'refused'", digest)
            .fetch_optional(conn)
            .await?;
    Ok(done.is_some())
}

/// Stores a message word for word; the same one again is only counted.
pub async fn insert_notice(
    tx: &mut Tx,
    (digest, source): (&str, Source),
    body: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO notices (digest, body, received_at, outcome, source) VALUES ($1, $2, $3, 'noted', $4)
         ON CONFLICT (digest) DO UPDATE SET times = notices.times + 1",
        digest,
        body,
        now,
        source.name()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn conclude_notice(
    tx: &mut Tx,
    digest: &str,
    settled: &Result<(OrderId, Settled), Mismatch>,
) -> sqlx::Result<()> {
    let (outcome, order, why) = match settled {
        Ok((order, Settled::Kept(_) | Settled::Surplus | Settled::Refunded | Settled::RefundFailed)) => {
            ("settled", Some(order.0), String::new())
        }
        Ok((order, Settled::Repeated)) => ("repeated", Some(order.0), String::new()),
        Ok((order, Settled::Noted)) => ("noted", Some(order.0), String::new()),
        Err(mismatch) => ("refused", None, mismatch.to_string()),
    };
    // Of two that came at once the second finds the work done; the first one's word stands.
    sqlx::query!(
        "UPDATE notices SET outcome = $2, order_id = $3, why = $4 WHERE digest = $1 AND outcome <> 'settled'",
        digest,
        outcome,
        order,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A message that is not believed, for the merchant to look at.
#[derive(Debug, Clone)]
pub struct Doubted {
    pub digest: String,
    /// Why, in English: one of [`Mismatch`].
    pub why: String,
    pub body: String,
    pub source: Source,
    pub received_at: OffsetDateTime,
    pub times: i32,
}

/// What Weibo told that does not match what was asked for and nobody has seen to, the latest first.
pub async fn doubted(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<Doubted>> {
    let rows = sqlx::query!(
        "SELECT digest, why, body, source, received_at, times FROM notices
         WHERE outcome = 'refused' AND seen_at IS NULL ORDER BY received_at DESC, digest LIMIT $1",
        most
    )
    .fetch_all(conn)
    .await?;
    let of = |row: &str| if row == "notice" { Source::Notice } else { Source::Answer };
    Ok(rows
        .into_iter()
        .map(|row| Doubted {
            digest: row.digest,
            why: row.why,
            body: row.body,
            source: of(&row.source),
            received_at: row.received_at,
            times: row.times,
        })
        .collect())
}

/// Somebody has seen to a message that was not believed. False when it is not one, or was seen to before.
pub async fn see_to(tx: &mut Tx, digest: &str, by: &str, now: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE notices SET seen_at = $2, seen_by = $3
         WHERE digest = $1 AND outcome = 'refused' AND seen_at IS NULL",
        digest,
        now,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes away what was told before `before` and proves nothing.
pub async fn sweep(tx: &mut Tx, before: OffsetDateTime) -> sqlx::Result<u64> {
    let done = sqlx::query!(
        "DELETE FROM notices n WHERE received_at < $1 AND (outcome <> 'refused' OR seen_at IS NOT NULL)
             AND NOT EXISTS (SELECT FROM ledger l WHERE l.notice = n.digest)",
        before
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
