//! How the queue is kept.

use super::{GivenUp, Job, Load, Outcome, Taken};
use crate::db::{Db, Tx};
use anyhow::Context;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// A worker that dies holds its job no longer than this.
const LEASE: Duration = Duration::minutes(2);

/// Puts `job` in the queue if, and only if, `tx` commits. When the same work waits already, the earlier
/// of the two times counts; when somebody is at it, it is done once more afterwards.
pub async fn enqueue(tx: &mut Tx, job: &Job, run_at: OffsetDateTime) -> anyhow::Result<()> {
    sqlx::query!(
        "INSERT INTO jobs (key, job, run_at) VALUES ($1, $2, $3)
         ON CONFLICT (key) DO UPDATE
         SET run_at = CASE WHEN jobs.leased_until IS NULL OR jobs.again THEN least(jobs.run_at, excluded.run_at)
                 ELSE excluded.run_at END,
             again = jobs.leased_until IS NOT NULL, tries = 0, given_up_at = NULL",
        job.key(),
        serde_json::to_value(job)?,
        run_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The next job that is due, leased to the caller.
pub async fn take(db: &Db, now: OffsetDateTime) -> anyhow::Result<Option<Taken>> {
    let row = sqlx::query!(
        r#"UPDATE jobs SET leased_until = $2, tries = tries + 1, again = false
         WHERE id = (
             SELECT id FROM jobs
             WHERE run_at <= $1 AND given_up_at IS NULL AND (leased_until IS NULL OR leased_until <= $1)
             ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id, job, tries, leased_until AS "leased_until!""#,
        now,
        now + LEASE
    )
    .fetch_optional(&mut *db.reader().await?)
    .await?;
    row.map(|row| {
        let job = serde_json::from_value(row.job).with_context(|| format!("job {} is not known", row.id))?;
        Ok(Taken { job, tries: row.tries, id: row.id, leased_until: row.leased_until })
    })
    .transpose()
}

/// Records how a taken job ended. Work that was enqueued anew while it ran stays in the queue.
pub async fn finish(db: &Db, taken: &Taken, outcome: &Outcome, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut conn = db.reader().await?;
    let (id, lease) = (taken.id, taken.leased_until);
    match outcome {
        Outcome::Done => {
            sqlx::query!("DELETE FROM jobs WHERE id = $1 AND leased_until = $2 AND NOT again", id, lease)
                .execute(&mut *conn)
                .await?;
            sqlx::query!(
                "UPDATE jobs SET leased_until = NULL WHERE id = $1 AND leased_until = $2",
                id,
                lease
            )
            .execute(&mut *conn)
            .await?;
        }
        Outcome::Retry { at, why } => {
            sqlx::query!(
                "UPDATE jobs SET run_at = CASE WHEN again THEN least(run_at, $3) ELSE $3::timestamptz END, trouble = $4,
                     leased_until = NULL
                 WHERE id = $1 AND leased_until = $2",
                id,
                lease,
                at,
                why
            )
            .execute(&mut *conn)
            .await?;
        }
        Outcome::GiveUp { why } => {
            sqlx::query!(
                "UPDATE jobs SET given_up_at = CASE WHEN again THEN NULL ELSE $3::timestamptz END, trouble = $4,
                     leased_until = NULL
                 WHERE id = $1 AND leased_until = $2",
                id,
                lease,
                now,
                why
            )
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}

/// All jobs in the queue with the time they are due at, the earliest first.
pub async fn waiting(db: &Db) -> anyhow::Result<Vec<(Job, OffsetDateTime)>> {
    let rows = sqlx::query!("SELECT job, run_at FROM jobs WHERE given_up_at IS NULL ORDER BY run_at, id")
        .fetch_all(&mut *db.reader().await?)
        .await?;
    rows.into_iter().map(|row| Ok((serde_json::from_value(row.job)?, row.run_at))).collect()
}

/// How the queue stands at `now`.
pub async fn load(conn: &mut PgConnection, now: OffsetDateTime) -> anyhow::Result<Load> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM jobs WHERE given_up_at IS NULL) AS "waiting!",
             (SELECT count(*) FROM jobs WHERE given_up_at IS NOT NULL) AS "given_up!",
             (SELECT min(run_at) FROM jobs WHERE given_up_at IS NULL AND run_at <= $1) AS oldest"#,
        now
    )
    .fetch_one(conn)
    .await?;
    let overdue = row.oldest.map_or(Duration::ZERO, |at| now - at);
    Ok(Load { waiting: row.waiting, given_up: row.given_up, overdue })
}

/// The jobs that nobody tries any more, the oldest first, at most so many.
pub async fn given_up(conn: &mut PgConnection, most: i64) -> anyhow::Result<Vec<GivenUp>> {
    let rows = sqlx::query!(
        r#"SELECT key, coalesce(trouble, '') AS "why!", given_up_at AS "at!" FROM jobs
         WHERE given_up_at IS NOT NULL ORDER BY given_up_at, id LIMIT $1"#,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| GivenUp { what: row.key, why: row.why, at: row.at }).collect())
}
