//! How transfers are kept: what each is and how far it has come. Its bytes are in `pieces`, its rows in `rows`.

pub mod pieces;
pub mod rows;

use super::transfer::{Kind, State, Transfer, TransferId};
use crate::actor::Actor;
use crate::db::{Db, Tx};
use crate::text::Language;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

struct Row {
    id: TransferId,
    kind: String,
    state: String,
    file_name: String,
    encoding: String,
    header: Json<Vec<String>>,
    query: String,
    masked: bool,
    language: String,
    position: i64,
    position_at: Option<OffsetDateTime>,
    done: i32,
    goal: Option<i32>,
    new_rows: i32,
    changed_rows: i32,
    unchanged_rows: i32,
    wrong_rows: i32,
    overtaken_rows: i32,
    bytes: i64,
    pieces: i32,
    why: String,
    why_with: String,
    failures: i16,
    asked_at: OffsetDateTime,
    checked_at: Option<OffsetDateTime>,
    ended_at: Option<OffsetDateTime>,
    expires_at: OffsetDateTime,
    actor: String,
    staff_id: Option<i64>,
    staff_name: Option<String>,
}

impl Row {
    fn into_transfer(self) -> anyhow::Result<Transfer> {
        let (Some(kind), Some(state)) = (Kind::parse(&self.kind), State::parse(&self.state)) else {
            anyhow::bail!("transfer {} is {} and {}", self.id.0, self.kind, self.state);
        };
        Ok(Transfer {
            id: self.id,
            kind,
            state,
            file_name: self.file_name,
            encoding: self.encoding,
            header: self.header.0,
            query: self.query,
            masked: self.masked,
            language: Language::of_code(&self.language),
            position: self.position,
            position_at: self.position_at,
            done: self.done,
            goal: self.goal,
            new_rows: self.new_rows,
            changed_rows: self.changed_rows,
            unchanged_rows: self.unchanged_rows,
            wrong_rows: self.wrong_rows,
            overtaken_rows: self.overtaken_rows,
            bytes: self.bytes,
            pieces: self.pieces,
            why: self.why,
            why_with: self.why_with,
            failures: self.failures,
            asked_at: self.asked_at,
            checked_at: self.checked_at,
            ended_at: self.ended_at,
            expires_at: self.expires_at,
            actor: Actor::from_columns(&self.actor, self.staff_id, self.staff_name),
        })
    }
}

/// Transfers: the rest of the statement, and the arguments.
macro_rules! transfers {
    ($rest:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT id AS "id: TransferId", kind, state, file_name, encoding,
                header AS "header: Json<Vec<String>>", query, masked, language, position, position_at, done, goal,
                new_rows, changed_rows, unchanged_rows, wrong_rows, overtaken_rows, bytes, pieces, why, why_with,
                failures, asked_at, checked_at, ended_at, expires_at, actor, staff_id, staff_name
            FROM transfers "# + $rest,
            $($argument),*
        )
    };
}

/// Writes a new transfer down; of `new` everything but the id counts.
pub async fn insert(conn: &mut PgConnection, new: &Transfer) -> sqlx::Result<TransferId> {
    sqlx::query_scalar!(
        r#"INSERT INTO transfers (kind, state, file_name, query, masked, language, position, asked_at, expires_at,
            actor, staff_id, staff_name)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id AS "id: TransferId""#,
        new.kind.name(),
        new.state.name(),
        new.file_name,
        new.query,
        new.masked,
        new.language.code(),
        new.position,
        new.asked_at,
        new.expires_at,
        new.actor.kind(),
        new.actor.staff_id(),
        new.actor.staff_name()
    )
    .fetch_one(conn)
    .await
}

pub async fn find(conn: &mut PgConnection, id: TransferId) -> anyhow::Result<Option<Transfer>> {
    let row = transfers!("WHERE id = $1", id as TransferId).fetch_optional(conn).await?;
    row.map(Row::into_transfer).transpose()
}

/// Holds the transfer until `tx` ends.
pub async fn lock(tx: &mut Tx, id: TransferId) -> anyhow::Result<Option<Transfer>> {
    let row = transfers!("WHERE id = $1 FOR UPDATE", id as TransferId).fetch_optional(&mut **tx).await?;
    row.map(Row::into_transfer).transpose()
}

/// At most `limit` of them before `before`, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    before: TransferId,
    limit: i64,
) -> anyhow::Result<Vec<Transfer>> {
    let rows = transfers!(
        "WHERE id < $1 AND state <> 'receiving' ORDER BY id DESC LIMIT $2",
        before as TransferId,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::into_transfer).collect()
}

/// Writes down how far a transfer has come, whose row is held.
pub async fn save(tx: &mut Tx, transfer: &Transfer) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE transfers SET state = $2, encoding = $3, header = $4, position = $5, position_at = $6, done = $7,
            goal = $8, new_rows = $9, changed_rows = $10, unchanged_rows = $11, wrong_rows = $12,
            overtaken_rows = $13, bytes = $14, pieces = $15, why = $16, why_with = $17, failures = $18,
            checked_at = $19, ended_at = $20
        WHERE id = $1",
        transfer.id as TransferId,
        transfer.state.name(),
        transfer.encoding,
        Json(&transfer.header) as Json<&Vec<String>>,
        transfer.position,
        transfer.position_at,
        transfer.done,
        transfer.goal,
        transfer.new_rows,
        transfer.changed_rows,
        transfer.unchanged_rows,
        transfer.wrong_rows,
        transfer.overtaken_rows,
        transfer.bytes,
        transfer.pieces,
        transfer.why,
        transfer.why_with,
        transfer.failures,
        transfer.checked_at,
        transfer.ended_at
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// As if it had never been.
pub async fn forget(db: &Db, id: TransferId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM transfers WHERE id = $1", id as TransferId)
        .execute(&mut *db.reader().await?)
        .await?;
    Ok(())
}

/// Forgets the contents of transfers whose time is over, a few at a time, and files that never came in whole.
pub async fn sweep(db: &Db, now: OffsetDateTime, half: OffsetDateTime) -> sqlx::Result<()> {
    let mut conn = db.reader().await?;
    sqlx::query!("DELETE FROM transfers WHERE state = 'receiving' AND asked_at < $1", half)
        .execute(&mut *conn)
        .await?;
    for _ in 0..1000 {
        let rows = sqlx::query!(
            "DELETE FROM transfer_rows WHERE ctid = ANY(ARRAY(SELECT r.ctid FROM transfers t
                JOIN transfer_rows r ON r.transfer_id = t.id WHERE t.expires_at <= $1 LIMIT 5000))",
            now
        )
        .execute(&mut *conn)
        .await?
        .rows_affected();
        let pieces = sqlx::query!(
            "DELETE FROM transfer_pieces WHERE ctid = ANY(ARRAY(SELECT p.ctid FROM transfers t
                JOIN transfer_pieces p ON p.transfer_id = t.id WHERE t.expires_at <= $1 LIMIT 200))",
            now
        )
        .execute(&mut *conn)
        .await?
        .rows_affected();
        if rows + pieces == 0 {
            break;
        }
    }
    Ok(())
}
