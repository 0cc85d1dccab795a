//! How what a fan said is kept, and what is known of her by it.

use crate::customers::CustomerId;
use crate::db::{Db, Tx};
use crate::fans::desk::CHANNEL;
use crate::fans::rules::RuleId;
use crate::fans::{Fan, MessageId};
use crate::weibo::messages::{Content, Packet, Reply};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What she did as it stands now.
pub async fn save_facts(tx: &mut Tx, fan: &Fan, as_of: &AsOf) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE fans SET follows = $2, follows_as_of = $3, subscribes = $4, subscribes_as_of = $5, acted_at = $6,
             mentioned_at = $7, mention_answered = $8, unfollowed_at = $9 WHERE uid = $1",
        fan.uid,
        fan.follows,
        as_of.follows,
        fan.subscribes,
        as_of.subscribes,
        fan.acted_at,
        fan.mentioned_at,
        fan.mention_answered,
        fan.unfollowed_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Of when it is that she follows or subscribes, or does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AsOf {
    pub follows: Option<OffsetDateTime>,
    pub subscribes: Option<OffsetDateTime>,
}

pub async fn as_of(conn: &mut PgConnection, fan: i64) -> sqlx::Result<AsOf> {
    sqlx::query_as!(
        AsOf,
        "SELECT follows_as_of AS follows, subscribes_as_of AS subscribes FROM fans WHERE uid = $1",
        fan
    )
    .fetch_one(conn)
    .await
}

/// Whether she wrote or sent something before this message.
pub async fn has_written_before(conn: &mut PgConnection, fan: i64, message: MessageId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM fan_messages WHERE fan = $1 AND author = 'fan'
             AND kind IN ('text', 'image', 'voice', 'position') AND id < $2) AS "has!""#,
        fan,
        message.0
    )
    .fetch_one(conn)
    .await
}

/// What she said.
pub async fn insert_heard(tx: &mut Tx, packet: &Packet, at: OffsetDateTime) -> anyhow::Result<MessageId> {
    let content = serde_json::to_value(&packet.content)?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
           VALUES ($1, 'fan', $2, $3, $4, $5, 'heard') RETURNING id AS "id: MessageId""#,
        packet.sender,
        packet.content.name(),
        content,
        packet.text,
        at
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// What a rule said in the answer to her message.
pub async fn insert_given(
    tx: &mut Tx,
    fan: i64,
    reply: &Reply,
    rule: Option<RuleId>,
    now: OffsetDateTime,
) -> anyhow::Result<MessageId> {
    let content = serde_json::to_value(reply)?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state, rule)
           VALUES ($1, 'rule', $2, $3, $4, $5, 'given', $6) RETURNING id AS "id: MessageId""#,
        fan,
        reply.name(),
        content,
        reply.words(),
        now,
        rule.map(|rule| rule.0)
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}

/// The customer who has signed in with this account, if one has.
pub async fn customer(conn: &mut PgConnection, uid: i64) -> sqlx::Result<Option<CustomerId>> {
    crate::customers::find_by_weibo(conn, uid).await
}

/// What she ever did that says whether she follows or subscribes, the latest first, at most so many.
pub async fn relations_of(
    conn: &mut PgConnection,
    fan: i64,
    most: i64,
) -> anyhow::Result<Vec<(MessageId, Content, OffsetDateTime)>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: MessageId", content, said_at FROM fan_messages
         WHERE fan = $1 AND kind = 'event'
             AND content->'event'->>'subtype' IN ('follow', 'unfollow', 'subscribe', 'unsubscribe', 'scan_follow')
         ORDER BY id DESC LIMIT $2"#,
        fan,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(|row| Ok((row.id, serde_json::from_value(row.content)?, row.said_at))).collect()
}

/// Whoever listens hears that the conversations of these fans have changed. The disk is not waited for: nothing that is
/// kept depends on it.
pub async fn tell(db: &Db, fans: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, fan::text)
         FROM unnest($2::bigint[]) AS fan",
        CHANNEL,
        fans
    )
    .fetch_all(&mut *db.reader().await?)
    .await?;
    Ok(())
}
