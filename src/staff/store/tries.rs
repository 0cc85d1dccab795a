//! Counts of tries in vain.

use crate::db::Tx;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Counts one more, from one again when the last was before `forgotten`; `None`, and nothing is counted,
/// while the key has to wait.
pub async fn count(
    tx: &mut Tx,
    key: &str,
    now: OffsetDateTime,
    forgotten: OffsetDateTime,
) -> sqlx::Result<Option<i32>> {
    sqlx::query_scalar!(
        "INSERT INTO staff_tries AS t (key, failures, last_at, wait_until) VALUES ($1, 1, $2, $2)
         ON CONFLICT (key) DO UPDATE
         SET failures = CASE WHEN t.last_at < $3 THEN 1 ELSE least(t.failures, 1000) + 1 END, last_at = $2
         WHERE t.wait_until <= $2
         RETURNING failures",
        key,
        now,
        forgotten
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn wait_until(tx: &mut Tx, key: &str) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!("SELECT wait_until FROM staff_tries WHERE key = $1", key)
        .fetch_optional(&mut **tx)
        .await
}

pub async fn wait(tx: &mut Tx, key: &str, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff_tries SET wait_until = $2 WHERE key = $1", key, until)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn forget(tx: &mut Tx, key: &str) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_tries WHERE key = $1", key).execute(&mut **tx).await?;
    Ok(())
}

/// Takes one back, and the wait that it brought.
pub async fn give_back(tx: &mut Tx, key: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE staff_tries SET failures = greatest(failures - 1, 0), wait_until = last_at WHERE key = $1",
        key
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_tries WHERE last_at < $1", before).execute(conn).await?;
    Ok(())
}
