//! Orders that partners brought: which are due to be worked out, and how each stands.

use super::{hold_for, rate};
use crate::db::Tx;
use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use crate::partners::commission::Facts;
use crate::partners::{Brought, PartnerId};
use crate::text::Text;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Those whose time is over, the longest due first, and those that have changed since they were worked out; at most so
/// many of each. As the indexes have it: they hold nothing else.
pub async fn due(conn: &mut PgConnection, now: OffsetDateTime, most: i64) -> sqlx::Result<Vec<OrderId>> {
    sqlx::query_scalar!(
        r#"(SELECT order_id AS "id!: OrderId" FROM partner_orders
             WHERE paid AND freed_at IS NULL AND NOT refunding AND received_at IS NOT NULL
                 AND received_at <= $1::timestamptz
                     - least(hold_days, (SELECT commission_days FROM shop)) * interval '24 hours'
             ORDER BY received_at, order_id LIMIT $2)
         UNION ALL
         (SELECT order_id FROM partner_orders WHERE changed AND freed_at IS NOT NULL
             ORDER BY partner_id, order_id LIMIT $2)"#,
        now,
        most
    )
    .fetch_all(conn)
    .await
}

/// Those of hers that have changed since they were worked out.
pub async fn changed(conn: &mut PgConnection, partner: PartnerId, most: i64) -> sqlx::Result<Vec<OrderId>> {
    sqlx::query_scalar!(
        r#"SELECT order_id AS "id: OrderId" FROM partner_orders
         WHERE partner_id = $1 AND changed AND freed_at IS NOT NULL ORDER BY order_id LIMIT $2"#,
        partner.0,
        most
    )
    .fetch_all(conn)
    .await
}

/// What is known of an order that a partner brought; its row is held.
pub async fn facts(tx: &mut Tx, order: OrderId) -> anyhow::Result<Option<Facts>> {
    let row = sqlx::query!(
        r#"SELECT p.partner_id AS "partner: PartnerId", p.rate_bp, p.paid, p.refunding, p.received_at,
             p.freed_at IS NOT NULL AS "freed!", b.own AS "own!", b.kept_fen AS "kept!: Money",
             least(p.hold_days, s.commission_days) AS "days!"
         FROM partner_orders p JOIN partner_order_bases b ON b.order_id = p.order_id CROSS JOIN shop s
         WHERE p.order_id = $1"#,
        order.0
    )
    .fetch_optional(&mut **tx)
    .await?;
    let facts = row.map(|row| {
        Ok(Facts {
            partner: row.partner,
            rate: rate(row.rate_bp)?,
            own: row.own,
            kept: row.kept,
            refunding: row.refunding,
            received_at: row.received_at.filter(|_| row.paid),
            is_freed: row.freed,
            is_paid: false,
            hold: hold_for(row.days),
        })
    });
    facts.transpose()
}

/// What there is to enter of it is entered.
pub async fn worked_out(tx: &mut Tx, order: OrderId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE partner_orders SET freed_at = coalesce(freed_at, $2), changed = false WHERE order_id = $1",
        order.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Paid orders that she brought, the latest first: at most so many, behind so many. Their ids are not
/// told: they would count what the whole shop sells.
pub async fn brought(
    conn: &mut PgConnection,
    partner: PartnerId,
    (behind, most): (i64, i64),
) -> anyhow::Result<Vec<Brought>> {
    let rows = sqlx::query!(
        r#"SELECT p.order_id AS "order: OrderId", o.number AS "number: OrderNumber", o.placed_at, p.rate_bp, p.paid,
             p.refunding, p.received_at, p.freed_at IS NOT NULL AS "freed!", b.own AS "own!",
             b.kept_fen AS "kept!: Money", least(p.hold_days, s.commission_days) AS "days!", l.product_zh, l.product_en,
             coalesce((SELECT max(id) FROM commission_entries WHERE order_id = p.order_id)
                 <= (SELECT max(through_entry) FROM partner_payouts WHERE partner_id = $1 AND state = 'paid'), false)
                 AS "is_paid!",
             (SELECT count(*) - 1 FROM order_lines WHERE order_id = p.order_id) AS "more!"
         FROM partner_orders p
         JOIN orders o ON o.id = p.order_id
         JOIN partner_order_bases b ON b.order_id = p.order_id
         JOIN order_lines l ON l.order_id = p.order_id AND l.position = 1
         CROSS JOIN shop s
         WHERE p.partner_id = $1 AND p.paid
         ORDER BY p.placed_at DESC, p.order_id DESC OFFSET $2 LIMIT $3"#,
        partner.0,
        behind,
        most
    )
    .fetch_all(conn)
    .await?;
    let brought = rows.into_iter().map(|row| {
        let facts = Facts {
            partner,
            rate: rate(row.rate_bp)?,
            own: row.own,
            kept: row.kept,
            refunding: row.refunding,
            received_at: row.received_at.filter(|_| row.paid),
            is_freed: row.freed,
            is_paid: row.is_paid,
            hold: hold_for(row.days),
        };
        Ok(Brought {
            order: row.order,
            number: row.number,
            placed_at: row.placed_at,
            product: Text { zh: row.product_zh, en: row.product_en },
            more: row.more,
            rate: facts.rate,
            kept: facts.kept,
            standing: facts.standing(),
        })
    });
    brought.collect()
}
