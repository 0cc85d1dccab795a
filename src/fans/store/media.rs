//! Whose pictures and voices may still be kept.

use crate::db::Tx;
use crate::fans::MessageId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A message whose copies may still be there.
#[derive(Debug, Clone, Copy)]
pub struct Kept {
    pub message: MessageId,
    pub said_at: OffsetDateTime,
    /// The number of its file.
    pub file: Option<i64>,
}

/// Those said until `end` that were not swept, the oldest first; behind one of them.
pub async fn kept_since_before(
    conn: &mut PgConnection,
    end: OffsetDateTime,
    behind: Option<Kept>,
    most: i64,
) -> sqlx::Result<Vec<Kept>> {
    sqlx::query_as!(
        Kept,
        r#"SELECT id AS "message: MessageId", said_at, (content->>'file')::bigint AS file FROM fan_messages
         WHERE kind IN ('image', 'voice') AND media_swept_at IS NULL AND said_at <= $1
           AND (said_at, id) > (coalesce($2, '-infinity'::timestamptz), $3)
         ORDER BY said_at, id LIMIT $4"#,
        end,
        behind.map(|kept| kept.said_at),
        behind.map_or(0, |kept| kept.message.0),
        most
    )
    .fetch_all(conn)
    .await
}

/// Nothing is kept of them any more.
pub async fn swept(tx: &mut Tx, messages: &[i64], now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_messages SET media_swept_at = $2 WHERE id = ANY($1)", messages, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
