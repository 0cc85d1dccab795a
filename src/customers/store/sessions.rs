//! How sessions are kept.

use super::super::CustomerId;
use crate::db::{Db, Tx};
use crate::seal::fingerprint;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What the session behind this key holds, when it has not ended, nor was begun in an earlier round of hers.
pub async fn load_session(db: &Db, key: &str, now: OffsetDateTime) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "SELECT state FROM sessions s WHERE fingerprint = $1 AND expires_at > $2 AND (customer_id IS NULL
             OR coalesce(state->>'round', '0') = (SELECT session_round::text FROM customers WHERE id = s.customer_id))",
        fingerprint(key),
        now
    )
    .fetch_optional(&mut *db.reader().await?)
    .await
}

/// Replaces what the session of this key holds. One that has ended meanwhile stays ended.
pub async fn keep_session(db: &Db, key: &str, state: &Value, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE sessions SET state = $2, expires_at = $3 WHERE fingerprint = $1",
        fingerprint(key),
        state,
        until
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// Begins the session of this key.
pub async fn begin_session(db: &Db, key: &str, state: &Value, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sessions (fingerprint, state, expires_at) VALUES ($1, $2, $3)",
        fingerprint(key),
        state,
        until
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

pub async fn end_session(db: &Db, key: &str) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM sessions WHERE fingerprint = $1", fingerprint(key))
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}

/// Forgets sessions that have ended.
pub async fn sweep_sessions(db: &Db, now: OffsetDateTime) -> sqlx::Result<u64> {
    let swept = sqlx::query!("DELETE FROM sessions WHERE expires_at <= $1", now)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(swept.rows_affected())
}

/// On how many browsers she is signed in.
pub async fn open_sessions(
    conn: &mut PgConnection,
    customer: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM sessions WHERE customer_id = $1 AND expires_at > $2
             AND coalesce(state->>'round', '0') = (SELECT session_round::text FROM customers WHERE id = $1)"#,
        customer.0,
        now
    )
    .fetch_one(conn)
    .await
}

/// Ends all her sessions, those that are just being begun too, and what a phone of hers has said yes to.
pub async fn end_sessions_of(tx: &mut Tx, customer: CustomerId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE customers SET session_round = session_round + 1 WHERE id = $1", customer.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("DELETE FROM scans WHERE customer_id = $1", customer.0).execute(&mut **tx).await?;
    sqlx::query!("DELETE FROM sessions WHERE customer_id = $1", customer.0).execute(&mut **tx).await?;
    Ok(())
}
