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
