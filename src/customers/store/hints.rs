//! How the links of private messages are kept.

use super::super::hints::Hint;
use crate::seal::fingerprint;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn keep(
    conn: &mut PgConnection,
    token: &str,
    (weibo_uid, path): (i64, &str),
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO hints (fingerprint, weibo_uid, path, expires_at) VALUES ($1, $2, $3, $4)",
        fingerprint(token),
        weibo_uid,
        path,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// What is known of the link with these letters, whether it is still good or not.
pub async fn find(conn: &mut PgConnection, token: &str, now: OffsetDateTime) -> sqlx::Result<Option<Hint>> {
    sqlx::query_as!(
        Hint,
        r#"SELECT fingerprint AS mark, weibo_uid, path, (used_at IS NULL AND expires_at > $2) AS "fresh!"
         FROM hints WHERE fingerprint = $1"#,
        fingerprint(token),
        now
    )
    .fetch_optional(conn)
    .await
}

/// Uses it up for the one it was meant for; gives where it leads, once.
pub async fn spend(
    conn: &mut PgConnection,
    (mark, weibo_uid): (&[u8], i64),
    now: OffsetDateTime,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "UPDATE hints SET used_at = $3
         WHERE fingerprint = $1 AND weibo_uid = $2 AND used_at IS NULL AND expires_at > $3 RETURNING path",
        mark,
        weibo_uid,
        now
    )
    .fetch_optional(conn)
    .await
}

/// Whether it was meant for somebody else.
pub async fn is_for_another(conn: &mut PgConnection, mark: &[u8], weibo_uid: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM hints WHERE fingerprint = $1 AND weibo_uid <> $2) AS "another!""#,
        mark,
        weibo_uid
    )
    .fetch_one(conn)
    .await
}
