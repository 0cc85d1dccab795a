//! What our books say of payments and refunds, for whoever compares them with others.

use crate::money::Money;
use crate::orders::OrderNumber;
use crate::payments::attempt::AttemptId;
use crate::payments::refund::{Refund, RefundId};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Something that moved in a time, as it stood when this was read.
#[derive(Debug, Clone)]
pub struct Moved<Id> {
    pub id: Id,
    pub order: OrderNumber,
    /// Ours.
    pub number: String,
    /// Of an attempt `paid` or `unpaid`, of a refund the name of its state.
    pub state: String,
}

#[derive(Debug, Default)]
pub struct Snapshot {
    pub attempts: Vec<Moved<AttemptId>>,
    pub refunds: Vec<Moved<RefundId>>,
}

/// Every attempt that was begun or settled, and every refund that was begun or ended, from then until before then.
pub async fn moved_between(
    conn: &mut PgConnection,
    from: OffsetDateTime,
    until: OffsetDateTime,
) -> sqlx::Result<Snapshot> {
    let attempts = sqlx::query_as!(
        Moved::<AttemptId>,
        r#"SELECT a.id AS "id: AttemptId", o.number AS "order: OrderNumber", a.out_pay_id AS number,
             CASE WHEN EXISTS (SELECT FROM payments p WHERE p.attempt_id = a.id) THEN 'paid' ELSE 'unpaid' END AS "state!"
         FROM attempts a JOIN orders o ON o.id = a.order_id
         WHERE a.id IN (SELECT id FROM attempts WHERE begun_at >= $1 AND begun_at < $2
             UNION SELECT attempt_id FROM payments WHERE settled_at >= $1 AND settled_at < $2)
         ORDER BY a.id"#,
        from,
        until
    )
    .fetch_all(&mut *conn)
    .await?;
    let refunds = sqlx::query_as!(
        Moved::<RefundId>,
        r#"SELECT r.id AS "id: RefundId", o.number AS "order: OrderNumber", r.out_refund_id AS number, r.state
         FROM refunds r JOIN orders o ON o.id = r.order_id
         WHERE r.id IN (SELECT id FROM refunds WHERE begun_at >= $1 AND begun_at < $2
             UNION SELECT id FROM refunds WHERE ended_at >= $1 AND ended_at < $2)
         ORDER BY r.id"#,
        from,
        until
    )
    .fetch_all(conn)
    .await?;
    Ok(Snapshot { attempts, refunds })
}

/// A visit to the cashier, and the payment that came by it.
#[derive(Debug, Clone)]
pub struct Booked {
    pub order: OrderNumber,
    pub out_pay_id: String,
    /// Nothing while no money has come.
    pub payment: Option<BookedPayment>,
}

#[derive(Debug, Clone)]
pub struct BookedPayment {
    pub pay_id: String,
    pub amount: Money,
    pub entered_at: OffsetDateTime,
    /// Weibo told by itself; else it was asked.
    pub by_notice: bool,
}

struct Row {
    order: OrderNumber,
    out_pay_id: String,
    pay_id: Option<String>,
    amount: Option<Money>,
    entered_at: Option<OffsetDateTime>,
    by_notice: Option<bool>,
}

impl From<Row> for Booked {
    fn from(row: Row) -> Booked {
        let payment = match (row.pay_id, row.amount, row.entered_at) {
            (Some(pay_id), Some(amount), Some(entered_at)) => {
                Some(BookedPayment { pay_id, amount, entered_at, by_notice: row.by_notice.unwrap_or(false) })
            }
            _ => None,
        };
        Booked { order: row.order, out_pay_id: row.out_pay_id, payment }
    }
}

/// What is booked for this attempt; of several payments the one of this number of Weibo's, else the first.
pub async fn booked(
    conn: &mut PgConnection,
    attempt: AttemptId,
    pay_id: Option<&str>,
) -> sqlx::Result<Option<Booked>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT o.number AS "order: OrderNumber", a.out_pay_id, p.pay_id AS "pay_id?", p.amount_fen AS "amount?: Money",
             l.entered_at AS "entered_at?", n.source = 'notice' AS by_notice
         FROM attempts a JOIN orders o ON o.id = a.order_id LEFT JOIN payments p ON p.attempt_id = a.id
             LEFT JOIN ledger l ON l.payment_id = p.id AND l.refund_id IS NULL LEFT JOIN notices n ON n.digest = l.notice
         WHERE a.id = $1 ORDER BY p.pay_id = $2 DESC NULLS LAST, p.id LIMIT 1"#,
        attempt.0,
        pay_id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(Booked::from))
}

/// Every attempt and payment of any of these numbers, Weibo's or ours.
pub async fn payments_named(conn: &mut PgConnection, numbers: &[String]) -> sqlx::Result<Vec<Booked>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT o.number AS "order: OrderNumber", a.out_pay_id, p.pay_id AS "pay_id?", p.amount_fen AS "amount?: Money",
             l.entered_at AS "entered_at?", n.source = 'notice' AS by_notice
         FROM attempts a JOIN orders o ON o.id = a.order_id LEFT JOIN payments p ON p.attempt_id = a.id
             LEFT JOIN ledger l ON l.payment_id = p.id AND l.refund_id IS NULL LEFT JOIN notices n ON n.digest = l.notice
         WHERE a.id IN (SELECT id FROM attempts WHERE out_pay_id = ANY($1)
             UNION ALL SELECT attempt_id FROM payments WHERE pay_id = ANY($1))
         ORDER BY p.id"#,
        numbers
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Booked::from).collect())
}

/// A refund as it stands in our books.
#[derive(Debug, Clone)]
pub struct BookedRefund {
    pub order: OrderNumber,
    pub out_refund_id: String,
    pub weibo_id: Option<String>,
    pub amount: Money,
    /// The name of its state.
    pub state: String,
}

/// A refund and the number of its order.
pub async fn booked_refund(
    conn: &mut PgConnection,
    id: RefundId,
) -> anyhow::Result<Option<(OrderNumber, Refund)>> {
    let order = sqlx::query_scalar!(
        r#"SELECT o.number AS "number: OrderNumber" FROM refunds r JOIN orders o ON o.id = r.order_id WHERE r.id = $1"#,
        id.0
    )
    .fetch_optional(&mut *conn)
    .await?;
    let refund = super::refunds::find_refund(conn, id).await?;
    Ok(order.zip(refund))
}

/// Every refund of any of these numbers, Weibo's or ours.
pub async fn refunds_named(conn: &mut PgConnection, numbers: &[String]) -> sqlx::Result<Vec<BookedRefund>> {
    sqlx::query_as!(
        BookedRefund,
        r#"SELECT o.number AS "order: OrderNumber", r.out_refund_id, r.weibo_id, r.amount_fen AS "amount: Money", r.state
         FROM refunds r JOIN orders o ON o.id = r.order_id
         WHERE r.id IN (SELECT id FROM refunds WHERE out_refund_id = ANY($1)
             UNION ALL SELECT id FROM refunds WHERE weibo_id = ANY($1))
         ORDER BY r.id"#,
        numbers
    )
    .fetch_all(conn)
    .await
}

/// A row of the ledger that stands: money that came, or that is back.
#[derive(Debug, Clone)]
pub struct Happened {
    /// Its place in the ledger.
    pub id: i64,
    pub order: OrderNumber,
    pub out_pay_id: String,
    pub pay_id: String,
    /// Of a refund our number and Weibo's.
    pub out_refund_id: Option<String>,
    pub refund_weibo_id: Option<String>,
    pub amount: Money,
}

/// At most `most` rows of the ledger of what happened at Weibo from then until before then, behind the place `after`.
/// Refunds that failed after all are not among them.
pub async fn happened_between(
    conn: &mut PgConnection,
    (from, until): (OffsetDateTime, OffsetDateTime),
    after: i64,
    most: i64,
) -> sqlx::Result<Vec<Happened>> {
    sqlx::query_as!(
        Happened,
        r#"SELECT l.id, o.number AS "order: OrderNumber", a.out_pay_id, p.pay_id,
             r.out_refund_id AS "out_refund_id?", r.weibo_id AS refund_weibo_id, abs(l.amount_fen) AS "amount!: Money"
         FROM ledger l JOIN orders o ON o.id = l.order_id JOIN payments p ON p.id = l.payment_id
             JOIN attempts a ON a.id = p.attempt_id LEFT JOIN refunds r ON r.id = l.refund_id
         WHERE l.happened_at >= $1 AND l.happened_at < $2 AND l.id > $3
             AND (l.refund_id IS NULL OR (l.kind = 'refunded' AND r.state = 'succeeded' AND l.id =
                 (SELECT max(id) FROM ledger WHERE refund_id = r.id AND kind = 'refunded')))
         ORDER BY l.id LIMIT $4"#,
        from,
        until,
        after,
        most
    )
    .fetch_all(conn)
    .await
}
