//! How messages are kept.

use crate::db::Tx;
use crate::fans::{Author, Delivery, Message, MessageId, Said};
use crate::weibo::messages::Reply;
use anyhow::{Context, bail};
use sqlx::PgConnection;
use time::OffsetDateTime;

struct Row {
    id: MessageId,
    fan: i64,
    author: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
    content: serde_json::Value,
    text: String,
    said_at: OffsetDateTime,
    state: String,
    begun_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    why: String,
}

impl TryFrom<Row> for Message {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Message> {
        let id = row.id;
        let author = match (row.author.as_str(), row.staff_id, row.staff_name) {
            ("fan", None, None) => Author::Fan,
            ("rule", None, None) => Author::Rule,
            ("shop", None, None) => Author::Shop,
            ("staff", Some(id), Some(name)) => Author::Staff { id, name },
            (author, ..) => bail!("message {id:?} is by {author:?}"),
        };
        let said = match author {
            Author::Fan => Said::ByFan(serde_json::from_value(row.content)?),
            _ => Said::ByShop(serde_json::from_value(row.content)?),
        };
        let delivery = match (row.state.as_str(), row.begun_at, row.ended_at) {
            ("heard", _, None) => Delivery::Heard,
            ("given", _, None) => Delivery::Given,
            ("waiting", _, None) => Delivery::Waiting,
            ("sending", Some(since), None) => Delivery::Sending { since },
            ("sent", Some(_), Some(at)) => Delivery::Sent { at },
            ("refused", _, Some(at)) => Delivery::Refused { at, why: row.why },
            ("unknown", Some(_), Some(at)) => Delivery::Unknown { at },
            ("dropped", _, Some(at)) => Delivery::Dropped { at, why: row.why },
            (state, ..) => bail!("message {id:?} is inconsistent in state {state:?}"),
        };
        Ok(Message { id, fan: row.fan, author, said, text: row.text, said_at: row.said_at, delivery })
    }
}

pub async fn message(conn: &mut PgConnection, id: MessageId) -> anyhow::Result<Option<Message>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: MessageId", fan, author, staff_id, staff_name, content, text, said_at, state,
             begun_at, ended_at, why FROM fan_messages WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Message::try_from).transpose()
}

/// The last words with a fan before a message, at most so many, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    fan: i64,
    before: Option<MessageId>,
    most: i64,
) -> anyhow::Result<Vec<Message>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: MessageId", fan, author, staff_id, staff_name, content, text, said_at, state,
             begun_at, ended_at, why FROM fan_messages WHERE fan = $1 AND id < $2 ORDER BY id DESC LIMIT $3"#,
        fan,
        before.map_or(i64::MAX, |before| before.0),
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// What shall be sent to a fan.
pub async fn insert_waiting(
    tx: &mut Tx,
    fan: i64,
    reply: &Reply,
    author: &Author,
    now: OffsetDateTime,
) -> anyhow::Result<MessageId> {
    let (staff_id, staff_name) = match author {
        Author::Staff { id, name } => (Some(*id), Some(name.as_str())),
        Author::Fan => bail!("a fan says nothing to herself"),
        Author::Rule | Author::Shop => (None, None),
    };
    let content = serde_json::to_value(reply).context("a reply that cannot be written down")?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO fan_messages (fan, author, staff_id, staff_name, kind, content, text, said_at, state)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting') RETURNING id AS "id: MessageId""#,
        fan,
        author.name(),
        staff_id,
        staff_name,
        reply.name(),
        content,
        reply.words(),
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok(id)
}
