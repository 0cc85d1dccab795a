//! Money that somebody has to look after: answers that are not there yet, and amounts that must go back.

use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use sqlx::PgConnection;

/// An order of which only Weibo knows whether it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirming {
    pub order: OrderId,
    /// How often Weibo was asked about it.
    pub asked: i32,
}

/// Open orders whose buyer says that she has paid and Weibo has not answered since, or about which Weibo's last
/// answer was none.
pub async fn confirming(conn: &mut PgConnection) -> sqlx::Result<Vec<Confirming>> {
    sqlx::query_as!(
        Confirming,
        r#"SELECT a.order_id AS "order: OrderId", max(a.asked_times) AS "asked!"
         FROM attempts a JOIN orders o ON o.id = a.order_id
         WHERE a.state = 'open' AND (a.returned_at IS NOT NULL OR a.answer = 'unknown')
             AND (a.answer IS NULL OR a.answer = 'unknown' OR a.asked_at < a.returned_at)
             AND o.payment = 'pending' AND o.closed_at IS NULL
         GROUP BY a.order_id"#
    )
    .fetch_all(conn)
    .await
}

/// Money that has to go back: surplus of a paid order, and what came for an order that was closed and whose
/// goods are gone.
#[derive(Debug, Clone, Default)]
pub struct Owed {
    /// How many payments, and their sum.
    pub payments: i64,
    pub sum: Money,
    /// The latest of them first: the order, Weibo's payment number, and the amount.
    pub latest: Vec<(OrderNumber, String, Money)>,
}

pub async fn owed_back(conn: &mut PgConnection) -> sqlx::Result<Owed> {
    // Two questions, each with an index of its own: one with OR would read the whole ledger.
    let rows = sqlx::query!(
        r#"SELECT o.number AS "number: OrderNumber", p.pay_id, p.amount_fen AS "amount: Money",
             count(*) OVER () AS "payments!", (sum(p.amount_fen) OVER ())::bigint AS "sum!: Money"
         FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.id IN (
             SELECT id FROM payments WHERE kind = 'surplus'
             UNION SELECT l.id FROM orders late JOIN payments l ON l.order_id = late.id WHERE late.payment = 'late')
         ORDER BY p.id DESC LIMIT 50"#
    )
    .fetch_all(conn)
    .await?;
    let (payments, sum) = rows.first().map(|row| (row.payments, row.sum)).unwrap_or_default();
    let latest = rows.into_iter().map(|row| (row.number, row.pay_id, row.amount)).collect();
    Ok(Owed { payments, sum, latest })
}
