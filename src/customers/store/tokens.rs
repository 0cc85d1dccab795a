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

/// The sealed token that the owner of this Weibo account has left, good or not. Whoever takes her leave back at this
/// moment is waited for.
pub async fn left_by(tx: &mut Tx, weibo_uid: i64) -> sqlx::Result<Option<(CustomerId, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"SELECT id AS "id: CustomerId", token_sealed FROM customers WHERE weibo_uid = $1 FOR UPDATE"#,
        weibo_uid
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.and_then(|row| Some((row.id, row.token_sealed?))))
}

/// Forgets exactly this token: one that she has given meanwhile stays.
pub async fn forget(conn: &mut PgConnection, id: CustomerId, sealed: &[u8]) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE customers SET token_sealed = NULL, token_expires_at = NULL WHERE id = $1 AND token_sealed = $2",
        id.0,
        sealed
    )
    .execute(conn)
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

/// Whose token is to be revoked, and the token, sealed, while Weibo may still know it.
pub async fn to_revoke(
    conn: &mut PgConnection,
    id: RevocationId,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(CustomerId, Vec<u8>)>> {
    let row = sqlx::query!(
        r#"SELECT customer_id AS "customer: CustomerId", token_sealed FROM revocations
         WHERE id = $1 AND token_expires_at > $2"#,
        id.0,
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.customer, row.token_sealed)))
}

/// Whether it is still to be revoked.
pub async fn is_pending(tx: &mut Tx, id: RevocationId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM revocations WHERE id = $1) AS "pending!""#, id.0)
        .fetch_one(&mut **tx)
        .await
}

/// Weibo knows of it, or never will. False when nothing was to be revoked any more.
pub async fn revoked(tx: &mut Tx, id: RevocationId) -> sqlx::Result<bool> {
    let gone = sqlx::query!("DELETE FROM revocations WHERE id = $1", id.0).execute(&mut **tx).await?;
    Ok(gone.rows_affected() == 1)
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
