//! How short links are kept, and who came by them.

use super::{COUNTS_FOR, Source};
use crate::db::Tx;
use crate::orders::OrderNumber;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What came by the links of one purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Harvest {
    pub clicks: i64,
    /// Orders that were paid and not given back whole, and what of their money was kept.
    pub orders: i64,
    pub fen: i64,
}

/// The code of this path for this purpose, this one where there was none; nothing when the code is taken.
pub async fn insert(
    tx: &mut Tx,
    code: &str,
    path: &str,
    (source, id): (&str, i64),
    now: OffsetDateTime,
) -> sqlx::Result<Option<String>> {
    sqlx::query!(
        "INSERT INTO short_links (code, path, source, source_id, made_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
        code,
        path,
        source,
        id,
        now
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query_scalar!(
        "SELECT code FROM short_links WHERE source = $1 AND source_id = $2 AND path = $3",
        source,
        id,
        path
    )
    .fetch_optional(&mut **tx)
    .await
}

/// Where a code leads.
pub async fn find(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!("SELECT path FROM short_links WHERE code = $1", code).fetch_optional(conn).await
}

/// Somebody came by it. Rows are as many as minutes and lanes, whoever calls it how often.
pub async fn click(tx: &mut Tx, code: &str, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO short_link_clicks (code, minute, lane)
         VALUES ($1, date_trunc('minute', $2::timestamptz), floor(random() * 4)::smallint)
         ON CONFLICT (code, minute, lane) DO UPDATE SET clicks = short_link_clicks.clicks + 1",
        code,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Writes down that whoever placed an order had come by a link; the first word on an order stays.
pub async fn credit(
    tx: &mut Tx,
    number: &OrderNumber,
    code: &str,
    came_at: OffsetDateTime,
) -> anyhow::Result<()> {
    sqlx::query!(
        "INSERT INTO order_origins (order_id, code, came_at, first_code, first_came_at)
         SELECT o.id, l.code, $3, l.code, $3 FROM orders o, short_links l
         WHERE o.number = $1 AND l.code = $2 AND o.placed_at BETWEEN $3 AND $4
         ON CONFLICT (order_id) DO NOTHING",
        number.as_str(),
        code,
        came_at,
        came_at + COUNTS_FOR
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What came by all links that were made for this.
pub async fn harvest(conn: &mut PgConnection, source: Source) -> sqlx::Result<Harvest> {
    let (source, id) = source.columns();
    let row = sqlx::query!(
        r#"SELECT (SELECT coalesce(sum(c.clicks), 0)::bigint FROM short_links l JOIN short_link_clicks c ON c.code = l.code
                   WHERE l.source = $1 AND l.source_id = $2) AS "clicks!",
             count(*) AS "orders!", coalesce(sum(o.total_fen - o.back_fen), 0)::bigint AS "fen!"
           FROM short_links l JOIN order_origins g ON g.code = l.code JOIN orders o ON o.id = g.order_id
           WHERE l.source = $1 AND l.source_id = $2 AND o.payment = 'paid' AND o.back_fen < o.total_fen"#,
        source,
        id
    )
    .fetch_one(conn)
    .await?;
    Ok(Harvest { clicks: row.clicks, orders: row.orders, fen: row.fen })
}
