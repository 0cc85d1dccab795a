//! How conversations are kept.

use crate::db::Tx;
use crate::fans::{Conversation, MessageId, State};
use anyhow::bail;
use sqlx::PgConnection;
use time::OffsetDateTime;

struct Row {
    fan: i64,
    state: String,
    snoozed_until: Option<OffsetDateTime>,
    staff_id: Option<i64>,
    staff_name: Option<String>,
    human_at: Option<OffsetDateTime>,
    waiting_since: Option<OffsetDateTime>,
    unread: i32,
    last_at: OffsetDateTime,
    last_message: MessageId,
}

impl TryFrom<Row> for Conversation {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Conversation> {
        let state = match (row.state.as_str(), row.snoozed_until) {
            ("open", None) => State::Open,
            ("snoozed", Some(until)) => State::Snoozed { until },
            ("closed", None) => State::Closed,
            (state, _) => bail!("the conversation with {} is in state {state:?}", row.fan),
        };
        Ok(Conversation {
            fan: row.fan,
            state,
            assigned: row.staff_id.zip(row.staff_name),
            human_at: row.human_at,
            waiting_since: row.waiting_since,
            unread: row.unread,
            last_at: row.last_at,
            last_message: row.last_message,
        })
    }
}

pub async fn find(conn: &mut PgConnection, fan: i64) -> anyhow::Result<Option<Conversation>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT fan, state, snoozed_until, staff_id, staff_name, human_at, waiting_since, unread, last_at,
             last_message AS "last_message: MessageId" FROM conversations WHERE fan = $1"#,
        fan
    )
    .fetch_optional(conn)
    .await?;
    row.map(Conversation::try_from).transpose()
}

/// Those with these fans, in no order.
pub async fn find_all(conn: &mut PgConnection, fans: &[i64]) -> anyhow::Result<Vec<Conversation>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT fan, state, snoozed_until, staff_id, staff_name, human_at, waiting_since, unread, last_at,
             last_message AS "last_message: MessageId" FROM conversations WHERE fan = ANY($1)"#,
        fans
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Conversation::try_from).collect()
}

/// As [`find`], nobody else's until the end of the transaction. Lock the fan first.
pub async fn lock(tx: &mut Tx, fan: i64) -> anyhow::Result<Option<Conversation>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT fan, state, snoozed_until, staff_id, staff_name, human_at, waiting_since, unread, last_at,
             last_message AS "last_message: MessageId" FROM conversations WHERE fan = $1 FOR UPDATE"#,
        fan
    )
    .fetch_optional(&mut **tx)
    .await?;
    row.map(Conversation::try_from).transpose()
}

/// Keeps it as it is now, whether it was there or not.
pub async fn save(tx: &mut Tx, conversation: &Conversation) -> sqlx::Result<()> {
    let Conversation { fan, state, assigned, human_at, waiting_since, unread, last_at, last_message } =
        conversation;
    let (state, snoozed_until) = match state {
        State::Open => ("open", None),
        State::Snoozed { until } => ("snoozed", Some(*until)),
        State::Closed => ("closed", None),
    };
    sqlx::query!(
        "INSERT INTO conversations (fan, state, snoozed_until, staff_id, staff_name, human_at, waiting_since, unread,
             last_at, last_message)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (fan) DO UPDATE SET state = $2, snoozed_until = $3, staff_id = $4, staff_name = $5, human_at = $6,
             waiting_since = $7, unread = $8, last_at = $9, last_message = $10",
        fan,
        state,
        snoozed_until,
        assigned.as_ref().map(|(id, _)| *id),
        assigned.as_ref().map(|(_, name)| name.as_str()),
        *human_at,
        *waiting_since,
        unread,
        last_at,
        last_message.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
