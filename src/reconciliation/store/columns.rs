//! Which columns are what, for the next file with the same header.

use crate::db::Tx;
use crate::reconciliation::columns::Columns;
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

/// A header may be longer than an index takes.
fn mark(header: &[String]) -> String {
    let text = serde_json::Value::from(header).to_string();
    HEXLOWER.encode(digest(&SHA256, text.as_bytes()).as_ref())
}

pub async fn remember(
    tx: &mut Tx,
    header: &[String],
    columns: &Columns,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    sqlx::query!(
        "INSERT INTO console_columns (header, columns, saved_at) VALUES ($1, $2, $3)
         ON CONFLICT (header) DO UPDATE SET columns = excluded.columns, saved_at = excluded.saved_at",
        mark(header),
        serde_json::to_value(columns)?,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What somebody said of the columns of a file with this very header.
pub async fn remembered(conn: &mut PgConnection, header: &[String]) -> sqlx::Result<Option<Columns>> {
    let columns = sqlx::query_scalar!(
        r#"SELECT columns AS "columns: Json<Columns>" FROM console_columns WHERE header = $1"#,
        mark(header)
    );
    Ok(columns.fetch_optional(conn).await?.map(|columns| columns.0))
}
