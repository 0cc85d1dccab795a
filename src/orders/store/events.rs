//! How what happened to an order is kept. Rows are only ever added.

use crate::actor::Actor;
use crate::db::Tx;
use crate::orders::OrderId;
use crate::orders::event::{Event, What};
use anyhow::Context;
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Writes down what happens in `tx`.
pub async fn record(
    tx: &mut Tx,
    order: OrderId,
    what: &What,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let detail = serde_json::to_value(what)?.get("detail").cloned().unwrap_or_default();
    sqlx::query!(
        "INSERT INTO order_events (order_id, at, kind, actor, staff_id, staff_name, detail)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        order.0,
        now,
        what.name(),
        by.kind(),
        by.staff_id(),
        by.staff_name(),
        detail
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All that happened to the order, the first first.
pub async fn history(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Vec<Event>> {
    let rows = sqlx::query!(
        "SELECT id, at, kind, actor, staff_id, staff_name, detail FROM order_events
         WHERE order_id = $1 ORDER BY at, id",
        order.0
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let what = serde_json::from_value(json!({ "kind": row.kind, "detail": row.detail }))
                .with_context(|| format!("event {} of an order", row.id))?;
            let by = Actor::from_columns(&row.actor, row.staff_id, row.staff_name);
            Ok(Event { at: row.at, what, by })
        })
        .collect()
}
