//! The rows of imports.

use crate::transfers::plan::Outcome;
use crate::transfers::row::Wrong;
use crate::transfers::transfer::TransferId;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row as it came, which product and variant it names (empty for none), and its place in the file.
pub struct StoredRow {
    pub line: i32,
    pub cells: Vec<String>,
    pub slug: String,
    pub sku: String,
    pub leader: i32,
    pub place: i32,
    pub first_of_sku: i32,
}

/// A row and everything that is wrong with it.
pub struct WrongRow {
    pub line: i32,
    pub cells: Vec<String>,
    pub wrongs: Vec<Wrong>,
}

pub async fn add(conn: &mut PgConnection, id: TransferId, rows: &[StoredRow]) -> anyhow::Result<()> {
    fn all<T>(rows: &[StoredRow], of: impl Fn(&StoredRow) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    let cells: Vec<Value> =
        rows.iter().map(|row| serde_json::to_value(&row.cells)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "INSERT INTO transfer_rows (transfer_id, line, cells, slug, sku, leader, place, first_of_sku)
        SELECT $1, n.* FROM unnest($2::integer[], $3::jsonb[], $4::text[], $5::text[], $6::integer[], $7::integer[],
            $8::integer[]) AS n",
        id as TransferId,
        &all(rows, |row| row.line),
        &cells,
        &all(rows, |row| row.slug.clone()),
        &all(rows, |row| row.sku.clone()),
        &all(rows, |row| row.leader),
        &all(rows, |row| row.place),
        &all(rows, |row| row.first_of_sku)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// At most `limit` rows of the products whose first line is behind `after`, product by product.
pub async fn next(
    conn: &mut PgConnection,
    id: TransferId,
    after: i64,
    limit: i64,
) -> sqlx::Result<Vec<StoredRow>> {
    let rows = sqlx::query!(
        r#"SELECT line, cells AS "cells: Json<Vec<String>>", slug, sku, leader, place, first_of_sku
        FROM transfer_rows WHERE transfer_id = $1 AND leader > $2::bigint::integer
        ORDER BY leader, line LIMIT $3"#,
        id as TransferId,
        after,
        limit
    )
    .fetch_all(conn)
    .await?;
    let stored = rows.into_iter().map(|row| StoredRow {
        line: row.line,
        cells: row.cells.0,
        slug: row.slug,
        sku: row.sku,
        leader: row.leader,
        place: row.place,
        first_of_sku: row.first_of_sku,
    });
    Ok(stored.collect())
}

/// Writes down how rows end.
pub async fn end(conn: &mut PgConnection, id: TransferId, ends: &[(i32, Outcome)]) -> anyhow::Result<()> {
    let wrongs = |outcome: &Outcome| match outcome {
        Outcome::Wrong(wrongs) => serde_json::to_value(wrongs),
        _ => Ok(Value::Array(Vec::new())),
    };
    let wrongs: Vec<Value> = ends.iter().map(|(_, outcome)| wrongs(outcome)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "UPDATE transfer_rows r SET outcome = n.outcome, wrongs = n.wrongs
        FROM unnest($2::integer[], $3::text[], $4::jsonb[]) AS n (line, outcome, wrongs)
        WHERE r.transfer_id = $1 AND r.line = n.line",
        id as TransferId,
        &ends.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
        &ends.iter().map(|(_, outcome)| outcome.name().to_owned()).collect::<Vec<_>>(),
        &wrongs
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// At most `limit` wrong rows behind this line.
pub async fn wrong(
    conn: &mut PgConnection,
    id: TransferId,
    after: i32,
    limit: i64,
) -> sqlx::Result<Vec<WrongRow>> {
    let rows = sqlx::query!(
        r#"SELECT line, cells AS "cells: Json<Vec<String>>", wrongs AS "wrongs: Json<Vec<Wrong>>"
        FROM transfer_rows WHERE transfer_id = $1 AND outcome = 'wrong' AND line > $2 ORDER BY line LIMIT $3"#,
        id as TransferId,
        after,
        limit
    )
    .fetch_all(conn)
    .await?;
    let wrong = |line, cells: Json<_>, wrongs: Json<_>| WrongRow { line, cells: cells.0, wrongs: wrongs.0 };
    Ok(rows.into_iter().map(|row| wrong(row.line, row.cells, row.wrongs)).collect())
}

pub async fn forget(conn: &mut PgConnection, id: TransferId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM transfer_rows WHERE transfer_id = $1", id as TransferId).execute(conn).await?;
    Ok(())
}
