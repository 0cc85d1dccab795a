//! Reposts as the desk lists them: without anybody's name or words.

use super::{Columns, State};
use crate::orders::{OrderId, OrderNumber};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A repost in the list.
pub struct Listed {
    pub order: OrderId,
    pub number: OrderNumber,
    pub is_repost: bool,
    pub state: State,
    pub asked_at: OffsetDateTime,
}

/// Reposts together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// That stand, or stood.
    pub stood: i64,
    /// Orders that came by their links, were paid and not given back whole, and what of their money was kept.
    pub orders: i64,
    pub fen: i64,
}

/// The latest, before that of this order; at most so many.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<OrderId>,
    most: i64,
) -> anyhow::Result<Vec<Listed>> {
    let rows = sqlx::query!(
        r#"SELECT r.order_id AS "order: OrderId", o.number, r.kind, r.state, r.status_id, r.trouble, r.gone_at, r.asked_at
           FROM reposts r JOIN orders o ON o.id = r.order_id
           WHERE $1::bigint IS NULL OR r.order_id < $1 ORDER BY r.order_id DESC LIMIT $2"#,
        before.map(|order| order.0),
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let (state, status_id, trouble, gone_at) = (row.state, row.status_id, row.trouble, row.gone_at);
            Ok(Listed {
                order: row.order,
                number: row.number.parse()?,
                is_repost: row.kind == "repost",
                state: Columns { state, status_id, trouble, gone_at }.read()?,
                asked_at: row.asked_at,
            })
        })
        .collect()
}

/// What the reposts since then have done together.
pub async fn tally(conn: &mut PgConnection, since: OffsetDateTime) -> sqlx::Result<Tally> {
    sqlx::query_as!(
        Tally,
        r#"SELECT (SELECT count(*) FROM reposts WHERE asked_at >= $1 AND state IN ('done', 'deleted')) AS "stood!",
             count(*) AS "orders!", coalesce(sum(o.total_fen - o.back_fen), 0)::bigint AS "fen!"
           FROM reposts r JOIN short_links l ON l.source = 'repost' AND l.source_id = r.order_id
               JOIN order_origins g ON g.code = l.code JOIN orders o ON o.id = g.order_id
           WHERE r.asked_at >= $1 AND o.payment = 'paid' AND o.back_fen < o.total_fen"#,
        since
    )
    .fetch_one(conn)
    .await
}
