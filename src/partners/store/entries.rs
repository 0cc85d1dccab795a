//! The ledger of commission. It is only ever added to.

use super::rate;
use crate::db::Tx;
use crate::money::Money;
use crate::orders::{OrderId, OrderNumber};
use crate::partners::commission::{Entered, Facts};
use crate::partners::{Entry, Kind, PartnerId};
use crate::text::Text;
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What was entered for this order, whose row is held.
pub async fn of_order(tx: &mut Tx, order: OrderId) -> sqlx::Result<Entered> {
    sqlx::query_as!(
        Entered,
        r#"SELECT coalesce(sum(amount_fen), 0)::bigint AS "fen!", count(*)::integer AS "entries!"
         FROM commission_entries WHERE order_id = $1"#,
        order.0
    )
    .fetch_one(&mut **tx)
    .await
}

pub async fn insert(
    tx: &mut Tx,
    (order, seq): (OrderId, i32),
    facts: &Facts,
    (kind, fen): (Kind, i64),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO commission_entries (order_id, partner_id, seq, kind, amount_fen, base_fen, rate_bp, at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        order.0,
        facts.partner.0,
        seq,
        kind.name(),
        fen,
        facts.kept.fen(),
        facts.rate.bp(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

struct Row {
    id: i64,
    order: OrderId,
    number: OrderNumber,
    product_zh: String,
    product_en: String,
    kind: String,
    fen: i64,
    base: Money,
    rate_bp: i32,
    at: OffsetDateTime,
}

impl Row {
    fn entry(self) -> anyhow::Result<Entry> {
        Ok(Entry {
            id: self.id,
            order: self.order,
            number: self.number,
            product: Text { zh: self.product_zh, en: self.product_en },
            kind: Kind::parse(&self.kind).with_context(|| format!("an unknown entry {:?}", self.kind))?,
            fen: self.fen,
            base: self.base,
            rate: rate(self.rate_bp)?,
            at: self.at,
        })
    }
}

/// The last so many of hers, the latest first.
pub async fn latest(conn: &mut PgConnection, partner: PartnerId, most: i64) -> anyhow::Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.order_id AS "order: OrderId", o.number AS "number: OrderNumber", l.product_zh, l.product_en,
             e.kind, e.amount_fen AS fen, e.base_fen AS "base: Money", e.rate_bp, e.at
         FROM commission_entries e JOIN orders o ON o.id = e.order_id
         JOIN order_lines l ON l.order_id = e.order_id AND l.position = 1
         WHERE e.partner_id = $1 ORDER BY e.id DESC LIMIT $2"#,
        partner.0,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::entry).collect()
}

/// Those of hers from one instant up to another, in their order: at most so many, behind `after` where there is one.
pub async fn within(
    conn: &mut PgConnection,
    partner: PartnerId,
    (from, until): (OffsetDateTime, OffsetDateTime),
    (after, most): (Option<i64>, i64),
) -> anyhow::Result<Vec<Entry>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT e.id, e.order_id AS "order: OrderId", o.number AS "number: OrderNumber", l.product_zh, l.product_en,
             e.kind, e.amount_fen AS fen, e.base_fen AS "base: Money", e.rate_bp, e.at
         FROM commission_entries e JOIN orders o ON o.id = e.order_id
         JOIN order_lines l ON l.order_id = e.order_id AND l.position = 1
         WHERE e.partner_id = $1 AND e.at >= $2 AND e.at < $3 AND e.id > coalesce($4::bigint, 0)
         ORDER BY e.id LIMIT $5"#,
        partner.0,
        from,
        until,
        after,
        most
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(Row::entry).collect()
}
