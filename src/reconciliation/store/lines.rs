//! The rows of files as they came, until they are compared.

use crate::db::Tx;
use crate::reconciliation::run::ReconciliationId;
use crate::transfers::reading::Record;
use serde_json::Value;
use sqlx::PgConnection;
use sqlx::types::Json;

pub async fn add(conn: &mut PgConnection, id: ReconciliationId, lines: &[Record]) -> anyhow::Result<()> {
    let cells: Vec<Value> =
        lines.iter().map(|row| serde_json::to_value(&row.cells)).collect::<Result<_, _>>()?;
    sqlx::query!(
        "INSERT INTO reconciliation_lines (reconciliation_id, line, cells)
         SELECT $1, * FROM unnest($2::integer[], $3::jsonb[])",
        id.0,
        &lines.iter().map(|row| row.line).collect::<Vec<_>>(),
        &cells
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// At most `most` lines behind `after`.
pub async fn next(
    conn: &mut PgConnection,
    id: ReconciliationId,
    after: i32,
    most: i64,
) -> sqlx::Result<Vec<Record>> {
    let rows = sqlx::query!(
        r#"SELECT line, cells AS "cells: Json<Vec<String>>" FROM reconciliation_lines
         WHERE reconciliation_id = $1 AND line > $2 ORDER BY line LIMIT $3"#,
        id.0,
        after,
        most
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Record { line: row.line, cells: row.cells.0 }).collect())
}

/// The first lines of a file, for whoever says what its columns are.
pub async fn first_lines(
    conn: &mut PgConnection,
    id: ReconciliationId,
    most: i64,
) -> sqlx::Result<Vec<Vec<String>>> {
    Ok(next(conn, id, 0, most).await?.into_iter().map(|record| record.cells).collect())
}

pub async fn forget(tx: &mut Tx, id: ReconciliationId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM reconciliation_lines WHERE reconciliation_id = $1", id.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
