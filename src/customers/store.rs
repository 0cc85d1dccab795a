//! How customers and their sessions are kept.

pub mod away;
pub mod hints;
pub mod once;
pub mod relation_figures;
pub mod relations;
pub mod scans;
pub mod sessions;
pub mod tokens;
pub mod touches;

use super::{Customer, CustomerId, Entered, SignIn, Way};
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Finds or makes her. A token of hers that still holds, and longer, is kept. While she is taking her leave back, only
/// a press of hers gives it anew; then nothing is to be revoked any more.
pub async fn upsert(
    tx: &mut Tx,
    who: &SignIn<'_>,
    sealed: &[u8],
    now: OffsetDateTime,
) -> anyhow::Result<Entered> {
    let entered = sqlx::query_as!(
        Entered,
        r#"INSERT INTO customers (weibo_uid, screen_name, token_sealed, token_expires_at, created_at, signed_in_at)
         VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (weibo_uid) DO UPDATE
         SET screen_name = excluded.screen_name, signed_in_at = excluded.signed_in_at,
             (token_sealed, token_expires_at) = (
                 SELECT CASE WHEN stays THEN customers.token_sealed ELSE excluded.token_sealed END,
                        CASE WHEN stays THEN customers.token_expires_at ELSE excluded.token_expires_at END
                 FROM (SELECT (customers.token_sealed IS NOT NULL
                           AND customers.token_expires_at > greatest(excluded.token_expires_at, $5))
                       OR (NOT $6 AND EXISTS (SELECT FROM revocations WHERE customer_id = customers.id))
                       AS stays) AS held)
         RETURNING id AS "customer: CustomerId", session_round AS round"#,
        who.weibo_uid,
        who.screen_name,
        sealed,
        who.expires_at,
        now,
        who.by == Way::Press
    )
    .fetch_one(&mut **tx)
    .await?;
    if who.by == Way::Press {
        sqlx::query!("DELETE FROM revocations WHERE customer_id = $1", entered.customer.0)
            .execute(&mut **tx)
            .await?;
    }
    Ok(entered)
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

/// The customer who has signed in with this Weibo account.
pub async fn find_by_weibo(conn: &mut PgConnection, uid: i64) -> sqlx::Result<Option<CustomerId>> {
    sqlx::query_scalar!(r#"SELECT id AS "id: CustomerId" FROM customers WHERE weibo_uid = $1"#, uid)
        .fetch_optional(conn)
        .await
}

/// Somebody who has entered, unless she has ended all her sessions since.
pub async fn find_entered(conn: &mut PgConnection, who: Entered) -> sqlx::Result<Option<Customer>> {
    sqlx::query_as!(
        Customer,
        r#"SELECT id AS "id: CustomerId", weibo_uid, screen_name, token_expires_at FROM customers
         WHERE id = $1 AND session_round = $2"#,
        who.customer.0,
        who.round
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

/// Forgets what nobody can use any more: those who did not come back from Weibo, codes that nobody scanned, what could be
/// used once, links that have long expired, and tokens that Weibo has forgotten by itself.
pub async fn sweep_sign_ins(db: &Db, now: OffsetDateTime) -> sqlx::Result<()> {
    let mut conn = db.reader().await?;
    sqlx::query!("DELETE FROM sign_ins WHERE expires_at <= $1", now).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM scans WHERE expires_at <= $1", now).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM taken_once WHERE expires_at <= $1", now).execute(&mut *conn).await?;
    sqlx::query!("DELETE FROM revocations WHERE token_expires_at <= $1", now).execute(&mut *conn).await?;
    // Until then a link that is too old still leads to its page, by the ordinary way.
    let long_ago = now - time::Duration::days(30);
    sqlx::query!("DELETE FROM hints WHERE expires_at <= $1", long_ago).execute(&mut *conn).await?;
    Ok(())
}
