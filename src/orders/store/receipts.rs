//! How long orders on their way wait to count as received, and whose time is over.

use crate::db::Tx;
use crate::orders::OrderId;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// Those whose time is over, at most so many, the longest due first. Not those whose money is being sent back, or all
/// is.
pub async fn due(conn: &mut PgConnection, now: OffsetDateTime, most: i64) -> sqlx::Result<Vec<OrderId>> {
    // As the index has it: it holds nothing else, so what is on its way is not looked through.
    sqlx::query_scalar!(
        r#"SELECT id AS "id: OrderId" FROM orders
         WHERE fulfilment = 'shipped' AND back_fen < total_fen AND pieces_left > 0 AND back_fen = refunded_fen
           AND shipped_at AT TIME ZONE 'UTC' + receive_days * interval '24 hours'
               <= $1::timestamptz AT TIME ZONE 'UTC'
         ORDER BY shipped_at AT TIME ZONE 'UTC' + receive_days * interval '24 hours', id LIMIT $2"#,
        now,
        most
    )
    .fetch_all(conn)
    .await
}

/// Whatever is on its way waits no shorter than this. Their rows are held in the order of their numbers.
pub async fn wait_no_shorter(tx: &mut Tx, wait: Duration) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH held AS (SELECT id FROM orders WHERE fulfilment = 'shipped' AND receive_days < $1 ORDER BY id FOR UPDATE)
         UPDATE orders SET receive_days = $1 FROM held WHERE orders.id = held.id",
        i32::try_from(wait.whole_days()).unwrap_or(i32::MAX)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// When money of this order was last sent back, or could not be.
pub async fn last_refund_ended_at(
    conn: &mut PgConnection,
    order: OrderId,
) -> sqlx::Result<Option<OffsetDateTime>> {
    sqlx::query_scalar!(
        "SELECT max(at) FROM order_events WHERE order_id = $1 AND kind IN ('refunded', 'refund_failed')",
        order.0
    )
    .fetch_one(conn)
    .await
}
