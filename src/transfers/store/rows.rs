//! The rows of imports.

use crate::transfers::plan::Outcome;
use crate::transfers::row::Wrong;
use crate::transfers::transfer::TransferId;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

/// A row as it came, and which product and variant it names; empty for none.
pub struct NewRow {
    pub line: i32,
    pub cells: Vec<String>,
    pub slug: String,
    pub sku: String,
}

/// A row and its place in the file.
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

pub async fn add(conn: &mut PgConnection, id: TransferId, rows: &[NewRow]) -> anyhow::Result<()> {
    let cells: Vec<Value> =
        rows.iter().map(|row| serde_json::to_value(&row.cells)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "INSERT INTO transfer_rows (transfer_id, line, cells, slug, sku, leader)
        SELECT $1, n.line, n.cells, n.slug, n.sku, n.line
        FROM unnest($2::integer[], $3::jsonb[], $4::text[], $5::text[]) AS n (line, cells, slug, sku)",
        id as TransferId,
        &rows.iter().map(|row| row.line).collect::<Vec<_>>(),
        &cells,
        &rows.iter().map(|row| row.slug.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|row| row.sku.clone()).collect::<Vec<_>>()
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Tells each row the first line of its product. Rows beyond `most` of one product stand alone: nobody has to
/// hold more than that many at once.
pub async fn lead(conn: &mut PgConnection, id: TransferId, most: i32) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE transfer_rows r SET place = p.place,
            leader = CASE WHEN p.place <= $2 THEN p.leader ELSE r.line END
        FROM (SELECT line, min(line) OVER (PARTITION BY slug) AS leader,
                row_number() OVER (PARTITION BY slug ORDER BY line)::integer AS place
            FROM transfer_rows WHERE transfer_id = $1 AND slug <> '') AS p
        WHERE r.transfer_id = $1 AND r.line = p.line AND (p.leader <> r.line OR p.place <> r.place)",
        id as TransferId,
        most
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
        r#"SELECT r.line, r.cells AS "cells: Json<Vec<String>>", r.slug, r.sku, r.leader, r.place,
            CASE WHEN r.sku = '' THEN r.line ELSE
                (SELECT min(s.line) FROM transfer_rows s WHERE s.transfer_id = r.transfer_id AND s.sku = r.sku)
            END AS "first_of_sku!"
        FROM transfer_rows r WHERE r.transfer_id = $1 AND r.leader > $2::bigint::integer
        ORDER BY r.leader, r.line LIMIT $3"#,
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
