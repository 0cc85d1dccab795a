//! The audit log's table, which refuses every change but an addition.

use crate::db::Tx;
use crate::staff::StaffId;
use crate::staff::audit::{Change, Entry, Filter};
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn record(
    tx: &mut Tx,
    who: Option<(StaffId, &str)>,
    change: &Change<'_>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO audit (at, staff_id, staff_name, action, subject, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        now,
        who.map(|(id, _)| id.0),
        who.map_or("", |(_, name)| name),
        change.action,
        change.subject,
        change.before,
        change.after
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn list(conn: &mut PgConnection, filter: &Filter, most: i64) -> sqlx::Result<Vec<Entry>> {
    sqlx::query_as!(
        Entry,
        "SELECT id, at, staff_name, action, subject, before, after FROM audit
         WHERE ($1::bigint IS NULL OR staff_id = $1) AND ($2::text IS NULL OR action = $2)
             AND ($3::text IS NULL OR subject = $3) AND ($4::timestamptz IS NULL OR at >= $4)
             AND ($5::timestamptz IS NULL OR at < $5) AND ($6::bigint IS NULL OR id < $6)
         ORDER BY id DESC LIMIT $7",
        filter.member.map(|id| id.0),
        filter.action,
        filter.subject,
        filter.from,
        filter.to,
        filter.before,
        most
    )
    .fetch_all(conn)
    .await
}

/// From one action to the next along the index: the log is long, and the actions are few.
pub async fn actions(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH RECURSIVE found AS (
             (SELECT action FROM audit ORDER BY action LIMIT 1)
             UNION ALL
             SELECT (SELECT a.action FROM audit a WHERE a.action > found.action ORDER BY a.action LIMIT 1)
             FROM found WHERE found.action IS NOT NULL
         ) SELECT action AS "action!" FROM found WHERE action IS NOT NULL"#
    )
    .fetch_all(conn)
    .await
}
