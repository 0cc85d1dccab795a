//! How it is kept what was answered, by whom, and after how long; and who read what.

use crate::clock::shop_day;
use crate::db::Tx;
use crate::fans::MessageId;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

/// Whether this form has sent something.
pub async fn was_sent(tx: &mut Tx, form: Uuid) -> sqlx::Result<bool> {
    sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM fan_messages WHERE form_key = $1) AS "sent!""#, form)
        .fetch_one(&mut **tx)
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

/// How many of hers came after this message; no more than `most`.
pub async fn unread_after(tx: &mut Tx, fan: i64, message: i64, most: i32) -> sqlx::Result<i32> {
    let count = sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT FROM fan_messages WHERE fan = $1 AND id > $2 AND author = 'fan'
             LIMIT $3) AS few"#,
        fan,
        message,
        i64::from(most)
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(i32::try_from(count).unwrap_or(most))
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
