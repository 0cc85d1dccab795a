//! How reconciliations are kept.

pub mod columns;
pub mod lines;
pub mod rows;
pub mod turn;

use super::columns::Columns;
use super::run::{Kind, Reconciliation, ReconciliationId, State};
use crate::actor::Actor;
use crate::db::Tx;
use anyhow::Context;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::{Date, OffsetDateTime};

struct Run {
    id: ReconciliationId,
    kind: String,
    state: String,
    from_day: Option<Date>,
    to_day: Option<Date>,
    begun_at: OffsetDateTime,
    ended_at: Option<OffsetDateTime>,
    again_at: Option<OffsetDateTime>,
    goal: i32,
    done: i32,
    differences: i32,
    unresolved: i32,
    unknown: i32,
    ours_fen: i64,
    theirs_fen: i64,
    ours_back_fen: i64,
    theirs_back_fen: i64,
    file_name: String,
    header: Json<Vec<String>>,
    line: i32,
    position: i64,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
}

impl TryFrom<Run> for Reconciliation {
    type Error = anyhow::Error;

    fn try_from(row: Run) -> anyhow::Result<Reconciliation> {
        Ok(Reconciliation {
            id: row.id,
            kind: Kind::parse(&row.kind).context("a reconciliation of no known kind")?,
            state: State::parse(&row.state).context("a reconciliation in no known state")?,
            days: row.from_day.zip(row.to_day),
            begun_at: row.begun_at,
            ended_at: row.ended_at,
            again_at: row.again_at,
            goal: row.goal,
            done: row.done,
            differences: row.differences,
            unresolved: row.unresolved,
            unknown: row.unknown,
            ours_fen: row.ours_fen,
            theirs_fen: row.theirs_fen,
            ours_back_fen: row.ours_back_fen,
            theirs_back_fen: row.theirs_back_fen,
            file_name: row.file_name,
            header: row.header.0,
            line: row.line,
            position: row.position,
            actor: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
        })
    }
}

/// The one of this number, or at most `most` before one, the latest first; files that are still coming are nobody's.
async fn read(
    conn: &mut PgConnection,
    id: Option<ReconciliationId>,
    (before, most): (i64, i64),
) -> anyhow::Result<Vec<Reconciliation>> {
    let rows = sqlx::query_as!(
        Run,
        r#"SELECT id AS "id: ReconciliationId", kind, state, from_day, to_day, begun_at, ended_at, again_at, goal, done,
             differences, unresolved, unknown, ours_fen, theirs_fen, ours_back_fen, theirs_back_fen, file_name,
             header AS "header: Json<Vec<String>>", line, position, actor, staff_id, staff_name
         FROM reconciliations WHERE id = $1 OR ($1::bigint IS NULL AND id < $2 AND state <> 'receiving')
         ORDER BY id DESC LIMIT $3"#,
        id.map(|id| id.0),
        before,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Reconciliation::try_from).collect()
}

pub async fn find(conn: &mut PgConnection, id: ReconciliationId) -> anyhow::Result<Option<Reconciliation>> {
    Ok(read(conn, Some(id), (0, 1)).await?.pop())
}

/// At most `most` reconciliations before `before`, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<ReconciliationId>,
    most: i64,
) -> anyhow::Result<Vec<Reconciliation>> {
    read(conn, None, (before.map_or(i64::MAX, |id| id.0), most)).await
}

/// Nobody else goes on with it while `tx` is open.
pub async fn lock(tx: &mut Tx, id: ReconciliationId) -> anyhow::Result<Option<Reconciliation>> {
    let held = sqlx::query_scalar!("SELECT id FROM reconciliations WHERE id = $1 FOR UPDATE", id.0);
    match held.fetch_optional(&mut **tx).await? {
        Some(_) => find(tx, id).await,
        None => Ok(None),
    }
}

/// The one that asks about this day now.
pub async fn running(conn: &mut PgConnection, day: Date) -> sqlx::Result<Option<ReconciliationId>> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id: ReconciliationId" FROM reconciliations
         WHERE from_day = $1 AND kind = 'day' AND state = 'running'"#,
        day
    )
    .fetch_optional(conn)
    .await
}

/// Whether the shop has begun with this day by itself.
pub async fn was_made(conn: &mut PgConnection, day: Date) -> sqlx::Result<bool> {
    let made = sqlx::query_scalar!(
        "SELECT id FROM reconciliations WHERE from_day = $1 AND kind = 'day' AND actor = 'shop'",
        day
    );
    Ok(made.fetch_optional(conn).await?.is_some())
}

/// Nothing when the shop has begun with this day before, or somebody is at it.
pub async fn insert_day(
    tx: &mut Tx,
    day: Date,
    actor: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<Option<ReconciliationId>> {
    sqlx::query_scalar!(
        r#"INSERT INTO reconciliations (kind, state, from_day, to_day, begun_at, actor, staff_id, staff_name)
         VALUES ('day', 'running', $1, $1, $2, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id AS "id: ReconciliationId""#,
        day,
        now,
        actor.kind(),
        actor.staff_id(),
        actor.staff_name()
    )
    .fetch_optional(&mut **tx)
    .await
}

pub async fn insert_file(
    conn: &mut PgConnection,
    name: &str,
    actor: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<ReconciliationId> {
    sqlx::query_scalar!(
        r#"INSERT INTO reconciliations (kind, state, begun_at, file_name, actor, staff_id, staff_name)
         VALUES ('console', 'receiving', $1, $2, $3, $4, $5) RETURNING id AS "id: ReconciliationId""#,
        now,
        name,
        actor.kind(),
        actor.staff_id(),
        actor.staff_name()
    )
    .fetch_one(conn)
    .await
}

/// The file is here in whole: somebody may say what its columns are.
pub async fn received(
    tx: &mut Tx,
    id: ReconciliationId,
    header: &[String],
    lines: i32,
) -> anyhow::Result<()> {
    let header = serde_json::to_value(header)?;
    sqlx::query!(
        "UPDATE reconciliations SET state = 'mapping', header = $2, goal = $3 WHERE id = $1 AND state = 'receiving'",
        id.0,
        header,
        lines
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn forget(conn: &mut PgConnection, id: ReconciliationId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM reconciliations WHERE id = $1 AND state = 'receiving'", id.0)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn set_columns(tx: &mut Tx, id: ReconciliationId, columns: &Columns) -> anyhow::Result<()> {
    let columns = serde_json::to_value(columns)?;
    sqlx::query!("UPDATE reconciliations SET columns = $2, state = 'running' WHERE id = $1", id.0, columns)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn columns_of(conn: &mut PgConnection, id: ReconciliationId) -> sqlx::Result<Option<Columns>> {
    let columns = sqlx::query_scalar!(
        r#"SELECT columns AS "columns: Json<Columns>" FROM reconciliations WHERE id = $1"#,
        id.0
    );
    Ok(columns.fetch_optional(conn).await?.flatten().map(|columns| columns.0))
}

/// How far a file has come.
pub async fn save_place(tx: &mut Tx, run: &Reconciliation) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reconciliations SET line = $2, position = $3, done = $4, from_day = $5, to_day = $6 WHERE id = $1",
        run.id.0,
        run.line,
        run.position,
        run.done,
        run.days.map(|days| days.0),
        run.days.map(|days| days.1)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, id: ReconciliationId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reconciliations SET state = 'done', ended_at = $2 WHERE id = $1 AND state = 'running'",
        id.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds its rows up anew. A row that the file has twice counts once.
pub async fn tally(tx: &mut Tx, id: ReconciliationId) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reconciliations SET (goal, done, differences, unresolved, unknown, again_at, ours_fen, theirs_fen,
             ours_back_fen, theirs_back_fen) = (
             SELECT CASE kind WHEN 'day' THEN count(*) ELSE goal END, CASE kind WHEN 'day' THEN count(compared_at) ELSE done END,
                 count(difference), count(difference) FILTER (WHERE resolved_at IS NULL),
                 count(*) FILTER (WHERE difference = 'unknown'), min(not_before) FILTER (WHERE round = 3),
                 coalesce(sum(r.ours_fen) FILTER (WHERE subject = 'payment'), 0),
                 coalesce(sum(r.theirs_fen) FILTER (WHERE subject = 'payment' AND difference IS DISTINCT FROM 'twice'), 0),
                 coalesce(sum(r.ours_fen) FILTER (WHERE subject = 'refund'), 0),
                 coalesce(sum(r.theirs_fen) FILTER (WHERE subject = 'refund' AND difference IS DISTINCT FROM 'twice'), 0)
             FROM reconciliation_rows r WHERE reconciliation_id = $1)
         WHERE id = $1",
        id.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets files of before then that were not taken in, or whose columns nobody told.
pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM reconciliations WHERE state IN ('receiving', 'mapping') AND begun_at < $1",
        before
    )
    .execute(conn)
    .await?;
    Ok(())
}
