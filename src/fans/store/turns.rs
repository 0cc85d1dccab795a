//! How it is kept what was answered, by whom, and after how long; and who read what.

use crate::clock::shop_day;
use crate::db::Tx;
use crate::fans::MessageId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a form has sent, and to whom.
pub struct Sent {
    pub fan: i64,
    pub content: serde_json::Value,
    pub text: String,
}

/// What this form has sent, if it has.
pub async fn sent(tx: &mut Tx, form: Uuid) -> sqlx::Result<Option<Sent>> {
    sqlx::query_as!(Sent, "SELECT fan, content, text FROM fan_messages WHERE form_key = $1", form)
        .fetch_optional(&mut **tx)
        .await
}

pub async fn mark_sent(tx: &mut Tx, message: MessageId, form: Uuid) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_messages SET form_key = $2 WHERE id = $1", message.0, form)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Who else at the desk has said something since this message.
pub async fn answered_since(
    tx: &mut Tx,
    fan: i64,
    since: MessageId,
    but: i64,
) -> sqlx::Result<Option<String>> {
    let name = sqlx::query_scalar!(
        "SELECT staff_name FROM fan_messages WHERE fan = $1 AND id > $2 AND author = 'staff' AND staff_id <> $3
         ORDER BY id DESC LIMIT 1",
        fan,
        since.0,
        but
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(name.flatten())
}

/// Something took from then until now.
pub async fn insert(
    tx: &mut Tx,
    fan: i64,
    (kind, since): (&str, OffsetDateTime),
    (staff, name): (i64, &str),
    last: MessageId,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let seconds = i32::try_from((now - since).whole_seconds().max(0)).unwrap_or(i32::MAX);
    sqlx::query!(
        "INSERT INTO desk_turns (fan, kind, staff_id, staff_name, ended_on, took_seconds, last_message, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        fan,
        kind,
        staff,
        name,
        shop_day(now),
        seconds,
        last.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// When she first said something since the conversation was last closed.
pub async fn began(tx: &mut Tx, fan: i64) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "SELECT said_at FROM fan_messages WHERE fan = $1 AND author = 'fan' AND id > coalesce(
             (SELECT last_message FROM desk_turns WHERE fan = $1 AND kind = 'resolution' ORDER BY id DESC LIMIT 1), 0)
         ORDER BY fan, id LIMIT 1",
        fan
    )
    .fetch_optional(&mut **tx)
    .await
}

/// What a fan said and did after a message.
pub struct Unseen {
    /// So many messages with words, or what stands in their place; a thousand are as many as any.
    pub words: i32,
    /// When she said the first of them.
    pub since: Option<OffsetDateTime>,
    /// Whether she did anything at all.
    pub anything: bool,
}

pub async fn unseen(tx: &mut Tx, fan: i64, after: MessageId) -> sqlx::Result<Unseen> {
    sqlx::query_as!(
        Unseen,
        r#"SELECT count(*) FILTER (WHERE speaks)::integer AS "words!", min(said_at) FILTER (WHERE speaks) AS since,
             count(*) > 0 AS "anything!"
           FROM (SELECT said_at, kind IN ('text', 'image', 'voice', 'position', 'mention') AS speaks FROM fan_messages
                 WHERE fan = $1 AND id > $2 AND author = 'fan' ORDER BY id LIMIT 1000) AS hers"#,
        fan,
        after.0
    )
    .fetch_one(&mut **tx)
    .await
}

pub async fn mark_read(tx: &mut Tx, fan: i64, by: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE conversations SET read_at = $2, read_by = $3 WHERE fan = $1", fan, now, by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Who last read a conversation that was unread, and when.
pub async fn last_read(conn: &mut PgConnection, fan: i64) -> sqlx::Result<Option<(OffsetDateTime, String)>> {
    let row = sqlx::query!("SELECT read_at, read_by FROM conversations WHERE fan = $1", fan)
        .fetch_optional(conn)
        .await?;
    Ok(row.and_then(|row| row.read_at.zip(row.read_by)))
}
