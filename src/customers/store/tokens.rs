//! How tokens are kept, doubted and let go of. They leave the database sealed.

use super::super::{CustomerId, RevocationId};
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The sealed token while its time is not over.
pub async fn sealed(
    conn: &mut PgConnection,
    id: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        r#"SELECT token_sealed AS "sealed!" FROM customers
         WHERE id = $1 AND token_sealed IS NOT NULL AND token_expires_at > $2"#,
        id.0,
        now
    )
    .fetch_optional(conn)
    .await
}

/// Forgets exactly this token: one that she has given meanwhile stays.
pub async fn forget(db: &Db, id: CustomerId, sealed: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE customers SET token_sealed = NULL, token_expires_at = NULL WHERE id = $1 AND token_sealed = $2",
        id.0,
        sealed
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(())
}

/// Takes the token away from her and keeps it for its revocation; nothing when there is none.
pub async fn withdraw(
    tx: &mut Tx,
    id: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<RevocationId>> {
    let held = sqlx::query!(
        r#"SELECT token_sealed AS "sealed!", token_expires_at AS "expires_at!" FROM customers
         WHERE id = $1 AND token_sealed IS NOT NULL FOR UPDATE"#,
        id.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let Some(held) = held else { return Ok(None) };
    sqlx::query!("UPDATE customers SET token_sealed = NULL, token_expires_at = NULL WHERE id = $1", id.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query_scalar!(
        r#"INSERT INTO revocations (customer_id, token_sealed, token_expires_at, withdrawn_at)
         VALUES ($1, $2, $3, $4) RETURNING id AS "id: RevocationId""#,
        id.0,
        held.sealed,
        held.expires_at,
        now
    )
    .fetch_one(&mut **tx)
    .await
    .map(Some)
}

/// The sealed token that is to be revoked while Weibo may still know it.
pub async fn to_revoke(
    conn: &mut PgConnection,
    id: RevocationId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar!(
        "SELECT token_sealed FROM revocations WHERE id = $1 AND token_expires_at > $2",
        id.0,
        now
    )
    .fetch_optional(conn)
    .await
}

/// Weibo knows of it, or never will.
pub async fn revoked(db: &Db, id: RevocationId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM revocations WHERE id = $1", id.0).execute(&mut *db.reader().await?).await?;
    Ok(())
}

/// Which of these Weibo accounts are customers with a token, and when Weibo was last asked about it.
pub async fn with_token(
    conn: &mut PgConnection,
    uids: &[i64],
) -> sqlx::Result<Vec<(CustomerId, Option<OffsetDateTime>)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CustomerId", token_asked_at FROM customers
         WHERE weibo_uid = ANY($1) AND token_sealed IS NOT NULL"#,
        uids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.token_asked_at)).collect())
}

/// Weibo is being asked whether her token holds; gives whose it has to be.
pub async fn asking(db: &Db, id: CustomerId, now: OffsetDateTime) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "UPDATE customers SET token_asked_at = $2 WHERE id = $1 RETURNING weibo_uid",
        id.0,
        now
    )
    .fetch_optional(&mut *db.reader().await?)
    .await
}
