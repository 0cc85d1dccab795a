//! What signs somebody in once: it is known again by its fingerprint.

use crate::db::Db;
use time::OffsetDateTime;

/// Whether this is the first time: of many at once, for one. It is known again until it could not be used any more.
pub async fn take_once(db: &Db, fingerprint: &[u8], until: OffsetDateTime) -> sqlx::Result<bool> {
    let taken = sqlx::query!(
        "INSERT INTO taken_once (fingerprint, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        fingerprint,
        until
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// Forgets what could not be used any more.
pub async fn sweep_taken(db: &Db, now: OffsetDateTime) -> sqlx::Result<u64> {
    let swept = sqlx::query!("DELETE FROM taken_once WHERE expires_at <= $1", now)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(swept.rows_affected())
}
