//! Money that somebody has to look after: answers that are not there yet, and amounts that must go back.

use crate::money::Money;
use crate::orders::OrderNumber;
use sqlx::PgConnection;

/// Orders of which only Weibo knows whether they are paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Confirming {
    pub orders: i64,
    /// How often Weibo was asked about the one that it was asked about most.
    pub asked: i32,
}

/// Open orders whose buyer says that she has paid and Weibo has not answered since, or about which Weibo's last
/// answer was none.
pub async fn confirming(conn: &mut PgConnection) -> sqlx::Result<Confirming> {
    let row = sqlx::query!(
        r#"SELECT count(DISTINCT a.order_id) AS "orders!", coalesce(max(a.asked_times), 0) AS "asked!"
         FROM attempts a JOIN orders o ON o.id = a.order_id
         WHERE a.state = 'open' AND (a.returned_at IS NOT NULL OR a.answer = 'unknown')
             AND (a.answer IS NULL OR a.answer = 'unknown' OR a.asked_at < a.returned_at)
             AND o.payment = 'pending' AND o.closed_at IS NULL"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Confirming { orders: row.orders, asked: row.asked })
}

/// How much has to go back in all: how many payments, and their sum.
pub async fn owed_in_all(conn: &mut PgConnection) -> sqlx::Result<(i64, Money)> {
    let row = sqlx::query!(
        r#"SELECT count(*) AS "payments!", coalesce(sum(p.amount_fen), 0)::bigint AS "sum!: Money"
         FROM payments p WHERE p.id IN (
             SELECT id FROM payments WHERE kind = 'surplus'
             UNION SELECT l.id FROM orders late JOIN payments l ON l.order_id = late.id WHERE late.payment = 'late')"#
    )
    .fetch_one(conn)
    .await?;
    Ok((row.payments, row.sum))
}

/// Money that has to go back, the latest first: the order, Weibo's payment number, and the amount. Surplus of a paid
/// order, and what came for an order that was closed and whose goods are gone.
pub async fn owed_back(conn: &mut PgConnection) -> sqlx::Result<Vec<(OrderNumber, String, Money)>> {
    // Two questions, each with an index of its own: one with OR would read the whole ledger.
    let rows = sqlx::query!(
        r#"SELECT o.number AS "number: OrderNumber", p.pay_id, p.amount_fen AS "amount: Money"
         FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.id IN (
             (SELECT id FROM payments WHERE kind = 'surplus' ORDER BY id DESC LIMIT 50)
             UNION (SELECT l.id FROM orders late JOIN payments l ON l.order_id = late.id
                    WHERE late.payment = 'late' ORDER BY late.id DESC LIMIT 50))
         ORDER BY p.id DESC LIMIT 50"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.number, row.pay_id, row.amount)).collect())
}
