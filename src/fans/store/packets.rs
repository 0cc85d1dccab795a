//! How pushes are kept: verbatim, each once.

use crate::db::{Db, Tx};
use crate::fans::MessageId;
use time::OffsetDateTime;

/// What a push's time and nonce were used for before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nonce {
    /// For nothing, or for this same body.
    Ours,
    /// For another body.
    Anothers,
}

/// A push that came before.
pub struct Earlier {
    pub id: i64,
    pub reply: Option<MessageId>,
    /// When its answer went out in Weibo's time.
    pub answered_at: Option<OffsetDateTime>,
}

pub async fn keep_nonce(tx: &mut Tx, mark: &[u8], body: &[u8], now: OffsetDateTime) -> sqlx::Result<Nonce> {
    let first = sqlx::query_scalar!(
        "INSERT INTO fan_nonces (mark, body, at) VALUES ($1, $2, $3)
         ON CONFLICT (mark) DO UPDATE SET mark = excluded.mark RETURNING body",
        mark,
        body,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(if first == body { Nonce::Ours } else { Nonce::Anothers })
}

/// Keeps a push; nothing when one of this digest is kept already.
pub async fn insert(
    tx: &mut Tx,
    digest: &[u8],
    body: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "INSERT INTO fan_packets (digest, body, received_at) VALUES ($1, $2, $3)
         ON CONFLICT ON CONSTRAINT fan_packets_once DO NOTHING RETURNING id",
        digest,
        body,
        now
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn earlier(tx: &mut Tx, digest: &[u8]) -> sqlx::Result<Option<Earlier>> {
    sqlx::query_as!(
        Earlier,
        r#"SELECT id, reply AS "reply: MessageId", answered_at FROM fan_packets WHERE digest = $1"#,
        digest
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn replied(tx: &mut Tx, id: i64, reply: MessageId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_packets SET reply = $2 WHERE id = $1", id, reply.0).execute(&mut **tx).await?;
    Ok(())
}

/// Its answer is about to go out in Weibo's time; false when one did before. Should the database forget this, she is
/// answered once more.
pub async fn answer_once(db: &Db, id: i64, now: OffsetDateTime) -> sqlx::Result<bool> {
    let first = sqlx::query!(
        "WITH soon AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS so)
         UPDATE fan_packets SET answered_at = $2 FROM soon
         WHERE id = $1 AND answered_at IS NULL AND soon.so = 'off'",
        id,
        now
    )
    .execute(&mut *db.reader().await?)
    .await?;
    Ok(first.rows_affected() == 1)
}

/// Forgets what came before, at most so many, but never the last: it tells when something last came. True when there is
/// more.
pub async fn sweep(db: &Db, before: OffsetDateTime, most: i64) -> sqlx::Result<bool> {
    let mut conn = db.reader().await?;
    let packets = sqlx::query!(
        "DELETE FROM fan_packets WHERE id IN (SELECT id FROM fan_packets WHERE received_at <= $1
             AND id <> (SELECT id FROM fan_packets ORDER BY received_at DESC, id DESC LIMIT 1) LIMIT $2)",
        before,
        most
    )
    .execute(&mut *conn)
    .await?;
    let nonces = sqlx::query!(
        "DELETE FROM fan_nonces WHERE mark IN (SELECT mark FROM fan_nonces WHERE at <= $1 LIMIT $2)",
        before,
        most
    )
    .execute(&mut *conn)
    .await?;
    Ok(packets.rows_affected().max(nonces.rows_affected()) >= most.unsigned_abs())
}
