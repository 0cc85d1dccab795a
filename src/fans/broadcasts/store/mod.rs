//! How broadcasts and their calls are kept.

pub mod recipients;

use super::{Audience, Batch, Broadcast, BroadcastId, Pace, State, Wanted};
use crate::actor::Actor;
use crate::db::Tx;
use crate::weibo::messages::Reply;
use anyhow::bail;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

struct Row {
    id: BroadcastId,
    name: String,
    audience: serde_json::Value,
    draft: serde_json::Value,
    message: serde_json::Value,
    state: String,
    version: i32,
    due_at: Option<OffsetDateTime>,
    begun_at: Option<OffsetDateTime>,
    gathered_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    held_why: String,
    made_at: OffsetDateTime,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
}

impl TryFrom<Row> for Broadcast {
    type Error = anyhow::Error;

    fn try_from(row: Row) -> anyhow::Result<Broadcast> {
        let state = match (row.state.as_str(), row.due_at, row.ended_at) {
            ("draft", _, None) => State::Draft,
            ("scheduled", Some(at), None) => State::Scheduled { at },
            ("gathering", _, None) => State::Gathering,
            ("sending", _, None) => State::Sending,
            ("held", _, None) => State::Held { why: row.held_why },
            ("cancelled", _, Some(at)) => State::Cancelled { at },
            ("done", _, Some(at)) => State::Done { at },
            (state, ..) => bail!("broadcast {:?} is inconsistent in state {state:?}", row.id),
        };
        let by = Actor::from_columns(&row.actor, row.staff_id, row.staff_name);
        let audience: Audience = serde_json::from_value(row.audience)?;
        Ok(Broadcast {
            id: row.id,
            name: row.name,
            audience,
            draft: row.draft,
            message: serde_json::from_value(row.message)?,
            state,
            version: row.version,
            begun_at: row.begun_at,
            gathered: row.gathered_at.is_some(),
            made_at: row.made_at,
            by,
        })
    }
}

pub async fn find(conn: &mut PgConnection, id: BroadcastId) -> anyhow::Result<Option<Broadcast>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: BroadcastId", name, audience, draft, message, state, version, due_at, begun_at,
             gathered_at, ended_at, held_why, made_at, actor, staff_id, staff_name
         FROM broadcasts WHERE id = $1"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(Broadcast::try_from).transpose()
}

/// The same, nobody else's until the end of the transaction.
pub async fn lock(tx: &mut Tx, id: BroadcastId) -> anyhow::Result<Option<Broadcast>> {
    sqlx::query!("SELECT id FROM broadcasts WHERE id = $1 FOR UPDATE", id.0)
        .fetch_optional(&mut **tx)
        .await?;
    find(tx, id).await
}

/// At most so many before one, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<BroadcastId>,
    most: i64,
) -> anyhow::Result<Vec<Broadcast>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT id AS "id: BroadcastId", name, audience, draft, message, state, version, due_at, begun_at,
             gathered_at, ended_at, held_why, made_at, actor, staff_id, staff_name
         FROM broadcasts WHERE id < $1 ORDER BY id DESC LIMIT $2"#,
        before.map_or(i64::MAX, |before| before.0),
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Broadcast::try_from).collect()
}

/// The same form sent again finds what it made.
pub async fn insert(
    tx: &mut Tx,
    form: Uuid,
    wanted: &Wanted<'_>,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<(BroadcastId, bool)> {
    let made = sqlx::query_scalar!(
        r#"INSERT INTO broadcasts (form_key, name, audience, draft, message, made_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT ON CONSTRAINT broadcasts_form_once DO NOTHING
         RETURNING id AS "id: BroadcastId""#,
        form,
        wanted.name,
        serde_json::to_value(wanted.audience)?,
        wanted.draft,
        serde_json::to_value(wanted.message)?,
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .fetch_optional(&mut **tx)
    .await?;
    if let Some(id) = made {
        return Ok((id, true));
    }
    let made =
        sqlx::query_scalar!(r#"SELECT id AS "id: BroadcastId" FROM broadcasts WHERE form_key = $1"#, form);
    Ok((made.fetch_one(&mut **tx).await?, false))
}

/// The message as it goes out, of a draft.
pub async fn put_message(tx: &mut Tx, id: BroadcastId, message: &Reply) -> anyhow::Result<()> {
    let message = serde_json::to_value(message)?;
    sqlx::query!("UPDATE broadcasts SET message = $2 WHERE id = $1 AND state = 'draft'", id.0, message)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn rewrite(tx: &mut Tx, id: BroadcastId, wanted: &Wanted<'_>) -> anyhow::Result<()> {
    sqlx::query!(
        "UPDATE broadcasts SET name = $2, audience = $3, draft = $4, message = $5, version = version + 1
         WHERE id = $1 AND state = 'draft'",
        id.0,
        wanted.name,
        serde_json::to_value(wanted.audience)?,
        wanted.draft,
        serde_json::to_value(wanted.message)?
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down how far it came.
pub async fn save_state(
    tx: &mut Tx,
    id: BroadcastId,
    state: &State,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let (due_at, ended_at, why) = match state {
        State::Scheduled { at } => (Some(*at), None, ""),
        State::Cancelled { at } | State::Done { at } => (None, Some(*at), ""),
        State::Held { why } => (None, None, why.as_str()),
        State::Draft | State::Gathering | State::Sending => (None, None, ""),
    };
    sqlx::query!(
        "UPDATE broadcasts SET state = $2, due_at = coalesce($3, due_at), ended_at = $4, held_why = $5,
             begun_at = CASE WHEN $2 = 'gathering' THEN coalesce(begun_at, $6) ELSE begun_at END
         WHERE id = $1",
        id.0,
        state.name(),
        due_at,
        ended_at,
        why,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Its calls, the latest first, at most so many.
pub async fn batches(conn: &mut PgConnection, id: BroadcastId, most: i64) -> sqlx::Result<Vec<Batch>> {
    sqlx::query_as!(
        Batch,
        "SELECT id, size, state, begun_at, msg_id, why FROM broadcast_batches
         WHERE broadcast = $1 ORDER BY id DESC LIMIT $2",
        id.0,
        most
    )
    .fetch_all(conn)
    .await
}

/// Its call is about to be made.
pub async fn begin_batch(
    tx: &mut Tx,
    id: BroadcastId,
    size: Option<i32>,
    now: OffsetDateTime,
) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO broadcast_batches (broadcast, size, state, begun_at) VALUES ($1, $2, 'sending', $3) RETURNING id",
        id.0,
        size,
        now
    )
    .fetch_one(&mut **tx)
    .await
}

/// What came of a call: also of one that was given up as unknown meanwhile, when its answer came all the same.
pub async fn end_batch(
    tx: &mut Tx,
    batch: i64,
    (state, msg_id, why): (&str, Option<i64>, &str),
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE broadcast_batches SET state = $2, msg_id = $3, why = $4, ended_at = $5
         WHERE id = $1 AND (state = 'sending' OR (state = 'unknown' AND $2 IN ('sent', 'refused')))",
        batch,
        state,
        msg_id,
        why,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Weibo has said that it is too often: no broadcast goes on before.
pub async fn rest(tx: &mut Tx, batch: i64, until: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE broadcast_batches SET rest_until = $2 WHERE id = $1", batch, until)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// When the next call of any broadcast may begin; nothing when none was made.
pub async fn free_at(conn: &mut PgConnection, pace: Pace) -> sqlx::Result<Option<OffsetDateTime>> {
    let row = sqlx::query!(
        "SELECT (SELECT begun_at FROM broadcast_batches ORDER BY id DESC LIMIT 1) AS last,
             (SELECT max(rest_until) FROM broadcast_batches WHERE rest_until IS NOT NULL) AS rest"
    )
    .fetch_one(conn)
    .await?;
    Ok(row.last.map(|last| last + pace.pause).max(row.rest))
}

/// The pace, and nobody else takes the next call until the end of the transaction.
pub async fn pace_alone(tx: &mut Tx) -> sqlx::Result<Pace> {
    sqlx::query!("SELECT broadcast_batch FROM shop FOR NO KEY UPDATE").fetch_one(&mut **tx).await?;
    pace(tx).await
}

pub async fn pace(conn: &mut PgConnection) -> sqlx::Result<Pace> {
    let row =
        sqlx::query!("SELECT broadcast_batch, broadcast_pause_seconds FROM shop").fetch_one(conn).await?;
    Ok(Pace { batch: row.broadcast_batch, pause: Duration::seconds(row.broadcast_pause_seconds.into()) })
}

pub async fn save_pace(tx: &mut Tx, pace: Pace) -> anyhow::Result<()> {
    let pause = i32::try_from(pace.pause.whole_seconds())?;
    sqlx::query!("UPDATE shop SET broadcast_batch = $1, broadcast_pause_seconds = $2", pace.batch, pause)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
