//! How customers and their sessions are kept.

pub mod relations;

use super::{Customer, CustomerId, SignIn, TOKEN};
use crate::db::{Db, Tx};
use crate::seal::{Keyring, fingerprint};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn upsert(
    tx: &mut Tx,
    who: &SignIn<'_>,
    sealed: &[u8],
    now: OffsetDateTime,
) -> anyhow::Result<CustomerId> {
    let id = sqlx::query_scalar!(
        r#"INSERT INTO customers (weibo_uid, screen_name, token_sealed, token_expires_at, created_at, signed_in_at)
         VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (weibo_uid) DO UPDATE
         SET screen_name = excluded.screen_name, token_sealed = excluded.token_sealed,
             token_expires_at = excluded.token_expires_at, signed_in_at = excluded.signed_in_at
         RETURNING id AS "id: CustomerId""#,
        who.weibo_uid,
        who.screen_name,
        sealed,
        who.expires_at,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

pub async fn find(conn: &mut PgConnection, id: CustomerId) -> sqlx::Result<Option<Customer>> {
    sqlx::query_as!(
        Customer,
        r#"SELECT id AS "id: CustomerId", weibo_uid, screen_name, token_expires_at FROM customers WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await
}

/// The Weibo accounts of these customers.
pub async fn weibo_uids(conn: &mut PgConnection, ids: &[CustomerId]) -> sqlx::Result<Vec<(CustomerId, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CustomerId", weibo_uid FROM customers WHERE id = ANY($1)"#,
        ids as &[CustomerId]
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.weibo_uid)).collect())
}

/// Her access token while it is good; nothing when there is none, it has expired, or the key is gone.
pub async fn token(
    conn: &mut PgConnection,
    id: CustomerId,
    keys: &Keyring,
    now: OffsetDateTime,
) -> sqlx::Result<Option<SecretString>> {
    let sealed = sqlx::query_scalar!(
        r#"SELECT token_sealed AS "sealed!" FROM customers
         WHERE id = $1 AND token_sealed IS NOT NULL AND token_expires_at > $2"#,
        id.0,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(sealed
        .and_then(|sealed| keys.open(TOKEN, &sealed))
        .and_then(|plain| String::from_utf8(plain).ok())
        .map(SecretString::from))
}

/// The shop may not act for her any more: Weibo does not know her token.
pub async fn forget_token(db: &Db, id: CustomerId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE customers SET token_sealed = NULL, token_expires_at = NULL WHERE id = $1", id.0)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}

/// What the session behind this key holds, when it has not ended.
pub async fn load_session(db: &Db, key: &str, now: OffsetDateTime) -> sqlx::Result<Option<Value>> {
    sqlx::query_scalar!(
        "SELECT state FROM sessions WHERE fingerprint = $1 AND expires_at > $2",
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
