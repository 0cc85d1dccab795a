//! Whose pictures and voices may still be kept.

use crate::db::Tx;
use crate::fans::MessageId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Those said until `end` that were not swept, the oldest first, each with the number of its file.
pub async fn kept_since_before(
    conn: &mut PgConnection,
    end: OffsetDateTime,
    most: i64,
) -> sqlx::Result<Vec<(MessageId, Option<i64>)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MessageId", (content->>'file')::bigint AS file FROM fan_messages
         WHERE kind IN ('image', 'voice') AND media_swept_at IS NULL AND said_at <= $1 ORDER BY said_at LIMIT $2"#,
        end,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.file)).collect())
}

/// Nothing is kept of them any more.
pub async fn swept(tx: &mut Tx, messages: &[i64], now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_messages SET media_swept_at = $2 WHERE id = ANY($1)", messages, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
