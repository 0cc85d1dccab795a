//! How it is kept who brought an order.

use crate::customers::CustomerId;
use crate::db::Tx;
use crate::orders::OrderId;
use crate::orders::origin::{Counting, Origin};
use sqlx::PgConnection;
use uuid::Uuid;

/// Which of these links are there and are not in her own reposts, and how long a link counts.
pub async fn counting(
    conn: &mut PgConnection,
    (visitor, customer): (Uuid, Option<CustomerId>),
    codes: &[String],
) -> sqlx::Result<Counting> {
    let row = sqlx::query!(
        r#"SELECT origin_days, ARRAY(SELECT l.code FROM short_links l WHERE l.code = ANY($1) AND NOT EXISTS (
                SELECT FROM orders o WHERE l.source = 'repost' AND o.id = l.source_id
                    AND (o.visitor = $2 OR o.customer_id = $3))) AS "codes!"
         FROM shop"#,
        codes,
        visitor,
        customer.map(|customer| customer.0)
    )
    .fetch_one(conn)
    .await?;
    Ok(Counting { codes: row.codes, days: row.origin_days })
}

/// Writes it down unless something is written down already. A link that is gone by now is no origin.
pub async fn record(tx: &mut Tx, order: OrderId, origin: &Origin) -> sqlx::Result<()> {
    let Origin { last, first, days } = origin;
    sqlx::query!(
        "INSERT INTO order_origins (order_id, code, came_at, known_by, first_code, first_came_at, first_known_by,
             window_days)
         SELECT $1, l.code, $3, $4, f.code, $6, $7, $8 FROM short_links l, short_links f WHERE l.code = $2 AND f.code = $5
         ON CONFLICT (order_id) DO NOTHING",
        order.0,
        last.touch.code(),
        last.touch.at(),
        last.known_by.name(),
        first.touch.code(),
        first.touch.at(),
        first.known_by.name(),
        days
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
