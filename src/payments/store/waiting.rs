//! Money that somebody has to look after: answers that are not there yet, and amounts that must go back.

use crate::money::Money;
use crate::orders::{Order, OrderId, OrderNumber};
use crate::payments::refund::{Cause, PaymentId};
use sqlx::PgConnection;
use time::OffsetDateTime;

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

/// A payment that the order does not keep and of which something has not been sent back.
#[derive(Debug, Clone)]
pub struct OwedPayment {
    pub order: OrderNumber,
    pub pay_id: String,
    pub cause: Cause,
    /// What of it is left.
    pub left: Money,
    pub paid_at: OffsetDateTime,
}

/// Money that has to go back and that the shop does not send by itself: surplus of a paid order, and what came for an
/// order that was closed and whose goods are gone.
#[derive(Debug, Clone, Default)]
pub struct Owed {
    /// How many payments, and their sum.
    pub payments: i64,
    pub sum: Money,
    /// The latest of them first.
    pub latest: Vec<OwedPayment>,
}

/// At most so many are named.
const NAMED: i64 = 50;

pub async fn owed_back(conn: &mut PgConnection) -> sqlx::Result<Owed> {
    // Two questions, each with an index of its own: one with OR would read all payments.
    let rows = sqlx::query!(
        r#"SELECT o.number AS "number: OrderNumber", p.pay_id, p.kind, p.paid_at,
             p.amount_fen - p.back_fen AS "left!: Money", count(*) OVER () AS "payments!",
             (sum(p.amount_fen - p.back_fen) OVER ())::bigint AS "sum!: Money"
         FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.id IN (
             SELECT id FROM payments WHERE kind = 'surplus' AND back_fen < amount_fen
             UNION SELECT l.id FROM orders late JOIN payments l ON l.order_id = late.id AND l.kind = 'pay'
                WHERE late.payment = 'late' AND late.back_fen < late.total_fen)
         ORDER BY p.id DESC LIMIT $1"#,
        NAMED
    )
    .fetch_all(conn)
    .await?;
    let (payments, sum) = rows.first().map(|row| (row.payments, row.sum)).unwrap_or_default();
    let latest = rows.into_iter().map(|row| OwedPayment {
        order: row.number,
        cause: cause(&row.kind),
        pay_id: row.pay_id,
        left: row.left,
        paid_at: row.paid_at,
    });
    Ok(Owed { payments, sum, latest: latest.collect() })
}

/// What of an order's payments has to go back and does not go by itself, the first first.
pub async fn owed_by(conn: &mut PgConnection, order: &Order) -> sqlx::Result<Vec<OwedPayment>> {
    let rows = sqlx::query!(
        r#"SELECT p.pay_id, p.kind, p.paid_at, p.amount_fen - p.back_fen AS "left!: Money"
         FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.order_id = $1 AND p.back_fen < p.amount_fen AND (p.kind = 'surplus' OR o.payment = 'late')
         ORDER BY p.id"#,
        order.id.0
    )
    .fetch_all(conn)
    .await?;
    let owed = rows.into_iter().map(|row| OwedPayment {
        order: order.number.clone(),
        cause: cause(&row.kind),
        pay_id: row.pay_id,
        left: row.left,
        paid_at: row.paid_at,
    });
    Ok(owed.collect())
}

/// A payment of the other kind that has to go back is one that came late.
fn cause(kind: &str) -> Cause {
    if kind == "surplus" { Cause::Surplus } else { Cause::Late }
}

/// The payment of this number that the order owes back, why, and what is left of it.
pub async fn owed_of(
    conn: &mut PgConnection,
    order: OrderId,
    pay_id: &str,
) -> sqlx::Result<Option<(PaymentId, Cause, Money)>> {
    let row = sqlx::query!(
        r#"SELECT p.id AS "id: PaymentId", p.kind, p.amount_fen - p.back_fen AS "left!: Money"
         FROM payments p JOIN orders o ON o.id = p.order_id
         WHERE p.order_id = $1 AND p.pay_id = $2 AND p.back_fen < p.amount_fen
             AND (p.kind = 'surplus' OR o.payment = 'late')"#,
        order.0,
        pay_id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id, cause(&row.kind), row.left)))
}

/// How many things about money wait for somebody, counted up to about `most`: payments that have to go back, refunds of
/// the staff's that failed, messages that are not believed. A payment of the first kind whose refund failed is one.
pub async fn to_look_after(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT (SELECT count(*) FROM (SELECT FROM payments WHERE kind = 'surplus' AND back_fen < amount_fen LIMIT $1) a)
             + (SELECT count(*) FROM (SELECT FROM orders WHERE payment = 'late' AND back_fen < total_fen LIMIT $1) b)
             + (SELECT count(*) FROM (SELECT FROM refunds
                WHERE state = 'failed' AND seen_at IS NULL AND cause = 'staff' LIMIT $1) c)
             + (SELECT count(*) FROM (SELECT FROM notices
                WHERE outcome = 'refused' AND seen_at IS NULL LIMIT $1) d) AS "count!""#,
        most
    )
    .fetch_one(conn)
    .await
}
