//! Which orders have been on their way so long that they count as received.

use crate::orders::OrderId;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// Those sent so long ago, and no shorter than what was said then, at most so many, the first sent first. Not those
/// whose money is being sent back, or all is.
pub async fn due(
    conn: &mut PgConnection,
    wait: Duration,
    now: OffsetDateTime,
    most: i64,
) -> sqlx::Result<Vec<OrderId>> {
    sqlx::query_scalar!(
        r#"SELECT id AS "id: OrderId" FROM orders
         WHERE fulfilment = 'shipped' AND back_fen < total_fen AND pieces_left > 0
           AND shipped_at <= $1 AND shipped_at + receive_days * interval '24 hours' <= $2 AND back_fen = refunded_fen
         ORDER BY shipped_at, id LIMIT $3"#,
        now - wait,
        now,
        most
    )
    .fetch_all(conn)
    .await
}
