//! Whether the money adds up: what must hold of orders, payments, refunds and the ledger, looked up anew from the rows
//! themselves (reliability.md I1, I2, I5, I8).

use sqlx::PgConnection;
use time::OffsetDateTime;

/// Something that may never be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Breach {
    /// Behind `word-breach-` in the texts.
    pub rule: String,
    pub order: String,
    /// The numbers that differ, in fen.
    pub detail: String,
}

/// So many are told; one is enough to know that something is wrong.
const TOLD: i64 = 50;

/// What one look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// How many orders it looked at.
    pub orders: i64,
    pub breaches: Vec<Breach>,
    /// False when there may be more breaches than it tells.
    pub is_all: bool,
}

/// Looks at the orders whose money moved since then and at those that are known to be wrong, or at all of them: of a
/// million orders that takes some seconds.
pub async fn check(conn: &mut PgConnection, since: Option<OffsetDateTime>) -> sqlx::Result<Vec<Breach>> {
    Ok(look(conn, since).await?.breaches)
}

/// As [`check`], and tells of how many orders.
pub async fn look(conn: &mut PgConnection, since: Option<OffsetDateTime>) -> sqlx::Result<Look> {
    let moved = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM orders_moved($1)"#, since);
    let count = moved.fetch_one(&mut *conn).await?;
    let mut breaches = orders(conn, since).await?;
    let more = payments(&mut *conn, since).await?;
    let coupons = coupons(conn, since).await?;
    let all = |told: &[Breach]| i64::try_from(told.len()).is_ok_and(|told| told < TOLD);
    let is_all = all(&breaches) && all(&more) && all(&coupons);
    breaches.extend(more);
    breaches.extend(coupons);
    Ok(Look { orders: count, breaches, is_all })
}

/// What orders say of their money is what the ledger says.
async fn orders(conn: &mut PgConnection, since: Option<OffsetDateTime>) -> sqlx::Result<Vec<Breach>> {
    sqlx::query_as!(
        Breach,
        r#"WITH looked_at AS (SELECT id FROM orders_moved($1) AS id),
         moved AS (
             SELECT l.order_id, p.kind = 'pay' AS kept,
                 count(*) FILTER (WHERE l.kind = 'paid') AS paid,
                 count(*) FILTER (WHERE l.kind = 'late') AS late,
                 coalesce(sum(l.amount_fen) FILTER (WHERE l.refund_id IS NULL), 0) AS came,
                 coalesce(-sum(l.amount_fen) FILTER (WHERE l.refund_id IS NOT NULL), 0) AS went
             FROM ledger l JOIN looked_at o ON o.id = l.order_id JOIN payments p ON p.id = l.payment_id
             GROUP BY l.order_id, p.kind = 'pay'),
         kept AS (SELECT * FROM moved WHERE kept),
         going AS (
             SELECT r.order_id, sum(r.amount_fen) AS fen
             FROM refunds r JOIN looked_at o ON o.id = r.order_id JOIN payments p ON p.id = r.payment_id AND p.kind = 'pay'
             WHERE r.state <> 'failed' GROUP BY r.order_id),
         lines AS (
             SELECT l.order_id, sum(l.paid_fen) AS paid, sum(l.unit_price_fen * l.quantity) AS cost,
                 sum(l.quantity) AS pieces
             FROM order_lines l JOIN looked_at o ON o.id = l.order_id GROUP BY l.order_id)
         SELECT rule AS "rule!", number AS "order!", detail AS "detail!" FROM (
             -- An order is paid by the ledger, with its whole amount, and not otherwise.
             SELECT 'paid-by-ledger' AS rule, o.number,
                 format('%s; ledger: %s paid, %s late, %s of %s', o.payment, k.paid, k.late, k.came, o.total_fen) AS detail
             FROM orders o JOIN looked_at USING (id) LEFT JOIN kept k ON k.order_id = o.id
             WHERE (o.payment = 'paid') <> (coalesce(k.paid, 0) = 1) OR (o.payment = 'late') <> (coalesce(k.late, 0) = 1)
                 OR coalesce(k.paid + k.late, 0) > 1 OR (k.came IS NOT NULL AND k.came <> o.total_fen)
             UNION ALL
             SELECT 'refunded-by-ledger', o.number, format('order %s, ledger %s', o.refunded_fen, coalesce(k.went, 0))
             FROM orders o JOIN looked_at USING (id) LEFT JOIN kept k ON k.order_id = o.id
             WHERE o.refunded_fen <> coalesce(k.went, 0)
             UNION ALL
             SELECT 'going-back', o.number, format('order %s, refunds %s', o.back_fen, coalesce(g.fen, 0))
             FROM orders o JOIN looked_at USING (id) LEFT JOIN going g ON g.order_id = o.id
             WHERE o.back_fen <> coalesce(g.fen, 0)
             UNION ALL
             SELECT 'lines-add-up', o.number, format('lines %s, cost %s, off %s, freight %s, total %s', l.paid, l.cost,
                 o.discount_fen, o.freight_fen, o.total_fen)
             FROM orders o JOIN looked_at USING (id) JOIN lines l ON l.order_id = o.id
             WHERE l.paid + o.freight_fen <> o.total_fen OR l.cost - o.discount_fen <> l.paid
             UNION ALL
             SELECT 'pieces-left', o.number, format('%s left of %s, refunds %s', o.pieces_left, l.pieces, g.pieces)
             FROM orders o JOIN looked_at USING (id) JOIN lines l ON l.order_id = o.id
                 CROSS JOIN LATERAL (SELECT coalesce(sum(rl.quantity - rl.elsewhere), 0) AS pieces FROM refund_lines rl
                     JOIN refunds r ON r.id = rl.refund_id WHERE r.order_id = o.id AND r.state <> 'failed') g
             WHERE o.pieces_left <> l.pieces - g.pieces) AS breaches
         ORDER BY number, rule LIMIT $2"#,
        since,
        TOLD
    )
    .fetch_all(conn)
    .await
}

/// Each payment is in the ledger as it came, each refund as it ended, and no more goes back than came.
async fn payments(conn: &mut PgConnection, since: Option<OffsetDateTime>) -> sqlx::Result<Vec<Breach>> {
    sqlx::query_as!(
        Breach,
        r#"WITH looked_at AS (SELECT id FROM orders_moved($1) AS id)
         SELECT rule AS "rule!", number AS "order!", detail AS "detail!" FROM (
             -- Each payment came once, and goes back in refunds that have not failed.
             SELECT 'payment-in-ledger' AS rule, o.number, format('payment %s: %s, ledger %s', p.pay_id, p.amount_fen, l.amount_fen) AS detail
             FROM payments p JOIN looked_at t ON t.id = p.order_id JOIN orders o ON o.id = p.order_id
                 LEFT JOIN ledger l ON l.payment_id = p.id AND l.refund_id IS NULL
             WHERE l.amount_fen IS DISTINCT FROM p.amount_fen OR (p.kind = 'surplus') <> (l.kind = 'surplus')
             UNION ALL
             SELECT 'payment-going-back', o.number, format('payment %s: %s, refunds %s', p.pay_id, p.back_fen, g.fen)
             FROM payments p JOIN looked_at t ON t.id = p.order_id JOIN orders o ON o.id = p.order_id
                 CROSS JOIN LATERAL (SELECT coalesce(sum(r.amount_fen), 0) AS fen FROM refunds r
                     WHERE r.payment_id = p.id AND r.state <> 'failed') g
             WHERE p.back_fen <> g.fen OR p.back_fen > p.amount_fen
             UNION ALL
             -- A refund is done when the ledger says so, and not otherwise.
             SELECT 'refund-in-ledger', o.number, format('refund %s is %s, ledger %s', r.out_refund_id, r.state, g.fen)
             FROM refunds r JOIN looked_at t ON t.id = r.order_id JOIN orders o ON o.id = r.order_id
                 CROSS JOIN LATERAL (SELECT coalesce(-sum(l.amount_fen), 0) AS fen FROM ledger l
                     WHERE l.refund_id = r.id) g
             WHERE g.fen <> CASE WHEN r.state = 'succeeded' THEN r.amount_fen ELSE 0 END
             UNION ALL
             SELECT 'pieces-back', o.number, format('line %s: %s of %s pieces', l.position, g.pieces, l.quantity)
             FROM order_lines l JOIN looked_at t ON t.id = l.order_id JOIN orders o ON o.id = l.order_id
                 JOIN LATERAL (SELECT sum(rl.quantity - rl.elsewhere) AS pieces FROM refund_lines rl JOIN refunds r ON r.id = rl.refund_id
                     WHERE rl.order_id = l.order_id AND rl.position = l.position AND r.state <> 'failed') g ON true
             WHERE g.pieces > l.quantity) AS breaches
         ORDER BY number, rule LIMIT $2"#,
        since,
        TOLD
    )
    .fetch_all(conn)
    .await
}

/// What is taken off an order is what its coupon took off, and a coupon is used by an order that counts.
async fn coupons(conn: &mut PgConnection, since: Option<OffsetDateTime>) -> sqlx::Result<Vec<Breach>> {
    sqlx::query_as!(
        Breach,
        r#"WITH looked_at AS (SELECT id FROM orders_moved($1) AS id)
         SELECT rule AS "rule!", number AS "order!", detail AS "detail!" FROM (
             SELECT 'discount-by-coupon' AS rule, o.number,
                 format('order %s, coupon %s', o.discount_fen, coalesce(u.discount_fen, 0)) AS detail
             FROM orders o JOIN looked_at USING (id) LEFT JOIN coupon_uses u ON u.order_id = o.id
             WHERE o.discount_fen <> coalesce(u.discount_fen, 0)
             UNION ALL
             SELECT 'coupon-of-closed', o.number, format('%s, coupon %s', o.payment, g.id)
             FROM orders o JOIN looked_at USING (id) JOIN coupons_given g ON g.order_id = o.id
             WHERE g.state = 'used' AND o.closed_at IS NOT NULL AND o.payment <> 'paid') AS breaches
         ORDER BY number, rule LIMIT $2"#,
        since,
        TOLD
    )
    .fetch_all(conn)
    .await
}
