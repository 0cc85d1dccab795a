//! Money that somebody has to look after: answers that are not there yet, and amounts that must go back.

use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use crate::payments::refund::{Cause, PaymentId};
use sqlx::PgConnection;
use time::OffsetDateTime;

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

/// A payment that the order does not keep and of which something has not been sent back.
#[derive(Debug, Clone)]
pub struct Owed {
    pub order: OrderNumber,
    pub pay_id: String,
    pub cause: Cause,
    /// What of it is left.
    pub left: Money,
    pub paid_at: OffsetDateTime,
}

/// The payments that have to go back and are not on their way: surplus of a paid order, and what came for an order
/// that was closed and whose goods are gone. In one wording for all who ask.
macro_rules! owed {
    ($select:literal, $after:literal $(, $argument:expr)*) => {
        // Two questions, each with an index of its own: one with OR would read all payments.
        sqlx::query!(
            "WITH owed AS (
                 SELECT id FROM payments WHERE kind = 'surplus' AND back_fen < amount_fen
                 UNION SELECT l.id FROM orders late JOIN payments l ON l.order_id = late.id AND l.kind = 'pay'
                    WHERE late.payment = 'late' AND late.back_fen < late.total_fen) "
                + $select
                + " FROM owed JOIN payments p USING (id) JOIN orders o ON o.id = p.order_id "
                + $after
            $(, $argument)*
        )
    };
}

/// How much has to go back in all: how many payments, and their sum.
pub async fn owed_in_all(conn: &mut PgConnection) -> sqlx::Result<(i64, Money)> {
    let row = owed!(
        r#"SELECT count(*) AS "payments!", coalesce(sum(p.amount_fen - p.back_fen), 0)::bigint AS "sum!: Money""#,
        ""
    )
    .fetch_one(conn)
    .await?;
    Ok((row.payments, row.sum))
}

/// Money that has to go back and that the shop does not send by itself, the latest first.
pub async fn owed_back(conn: &mut PgConnection, most: i64) -> sqlx::Result<Vec<Owed>> {
    let rows = owed!(
        r#"SELECT o.number AS "number: OrderNumber", p.pay_id, p.kind, p.amount_fen - p.back_fen AS "left!: Money", p.paid_at"#,
        "ORDER BY p.id DESC LIMIT $1",
        most
    )
    .fetch_all(conn)
    .await?;
    let cause = |kind: &str| if kind == "surplus" { Cause::Surplus } else { Cause::Late };
    Ok(rows
        .into_iter()
        .map(|row| Owed {
            order: row.number,
            cause: cause(&row.kind),
            pay_id: row.pay_id,
            left: row.left,
            paid_at: row.paid_at,
        })
        .collect())
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
    let cause = |kind: &str| if kind == "surplus" { Cause::Surplus } else { Cause::Late };
    Ok(row.map(|row| (row.id, cause(&row.kind), row.left)))
}
