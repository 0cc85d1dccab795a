//! How it is kept what becomes of a message that is sent by itself.

use crate::db::Tx;
use crate::fans::store::messages;
use crate::fans::{Delivery, Message, MessageId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A message that is to be sent, with what only its sending needs to know.
pub struct Outgoing {
    pub message: Message,
    /// The mention whose one answer it is.
    pub mention_at: Option<OffsetDateTime>,
    /// How often Weibo asked to wait with it.
    pub waits: i32,
}

pub async fn fan_of(conn: &mut PgConnection, id: MessageId) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!("SELECT fan FROM fan_messages WHERE id = $1", id.0).fetch_optional(conn).await
}

/// Nobody else's until the end of the transaction. Lock the fan first.
pub async fn lock(tx: &mut Tx, id: MessageId) -> anyhow::Result<Option<Outgoing>> {
    let row = sqlx::query!("SELECT mention_at, waits FROM fan_messages WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    let Some((row, message)) = row.zip(messages::message(tx, id).await?) else { return Ok(None) };
    Ok(Some(Outgoing { message, mention_at: row.mention_at, waits: row.waits }))
}

/// The next of this fan's that waits or is being sent, in their order.
pub async fn first_to_send(conn: &mut PgConnection, fan: i64) -> sqlx::Result<Option<MessageId>> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id: MessageId" FROM fan_messages WHERE fan = $1 AND state IN ('waiting', 'sending')
         ORDER BY id LIMIT 1"#,
        fan
    )
    .fetch_optional(conn)
    .await
}

/// It is the one answer to this mention.
pub async fn spend(tx: &mut Tx, id: MessageId, mention_at: Option<OffsetDateTime>) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_messages SET mention_at = $2 WHERE id = $1", id.0, mention_at)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Its call begins.
pub async fn begin(tx: &mut Tx, id: MessageId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE fan_messages SET state = 'sending', begun_at = $2 WHERE id = $1", id.0, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Its call did nothing: it waits again, and this counts when Weibo asked for it. False when somebody has concluded
/// that nobody knows.
pub async fn take_back(tx: &mut Tx, id: MessageId, counts: bool) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE fan_messages SET state = 'waiting', begun_at = NULL, waits = waits + $2::int
         WHERE id = $1 AND state = 'sending'",
        id.0,
        i32::from(counts)
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// What became of it at last. What somebody has concluded already stays: false.
pub async fn conclude(tx: &mut Tx, id: MessageId, what: &Delivery) -> sqlx::Result<bool> {
    let (state, at, why) = match what {
        Delivery::Sent { at } => ("sent", *at, ""),
        Delivery::Refused { at, why } => ("refused", *at, why.as_str()),
        Delivery::Unknown { at } => ("unknown", *at, ""),
        Delivery::Dropped { at, why } => ("dropped", *at, why.as_str()),
        Delivery::Heard | Delivery::Given | Delivery::Waiting | Delivery::Sending { .. } => return Ok(false),
    };
    let done = sqlx::query!(
        "UPDATE fan_messages SET state = $2, ended_at = $3, why = $4
         WHERE id = $1 AND state IN ('waiting', 'sending')",
        id.0,
        state,
        at,
        why
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The mention whose one answer this was may be answered again, unless there is a later one.
pub async fn give_back(tx: &mut Tx, id: MessageId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fans SET mention_answered = false FROM fan_messages m
         WHERE m.id = $1 AND uid = m.fan AND mentioned_at = m.mention_at",
        id.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
