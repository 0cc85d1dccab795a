//! How short links are kept, and who came by them.

use super::Source;
use super::code::Key;
use super::explained::{Coming, Explained};
use crate::db::Tx;
use crate::orders::OrderId;
use crate::orders::origin::KnownBy;
use crate::text::Text;
use anyhow::Context;
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
    code_of(tx, path, (source, id)).await
}

/// The code of this path for this purpose, if there is one.
pub async fn code_of(
    conn: &mut PgConnection,
    path: &str,
    (source, id): (&str, i64),
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "SELECT code FROM short_links WHERE source = $1 AND source_id = $2 AND path = $3",
        source,
        id,
        path
    )
    .fetch_optional(conn)
    .await
}

/// What signs the shop's links.
pub async fn key(conn: &mut PgConnection) -> sqlx::Result<Key> {
    let secret = sqlx::query_scalar!("SELECT link_key FROM shop").fetch_one(conn).await?;
    Ok(Key::new(&secret))
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

/// Who brought this order, the last first. Names that sources have are found here and nowhere else.
pub async fn explain(conn: &mut PgConnection, order: OrderId) -> anyhow::Result<Option<Explained>> {
    let rows = sqlx::query!(
        r#"SELECT l.code, l.source, l.source_id, t.came_at AS "came_at!", t.known_by AS "known_by!", g.window_days,
             coalesce(CASE l.source
                 WHEN 'broadcast' THEN (SELECT name FROM broadcasts WHERE id = l.source_id)
                 WHEN 'product' THEN (SELECT name_zh FROM products WHERE id = l.source_id)
                 WHEN 'post' THEN (SELECT left(text, 20) FROM posts WHERE id = l.source_id)
                 WHEN 'campaign' THEN (SELECT name FROM campaigns WHERE id = l.source_id)
                 WHEN 'partner' THEN (SELECT name FROM partners WHERE id = l.source_id)
                 WHEN 'repost' THEN (SELECT number FROM orders WHERE id = l.source_id) END, '') AS "name_zh!",
             coalesce(CASE l.source
                 WHEN 'product' THEN (SELECT name_en FROM products WHERE id = l.source_id) END, '') AS "name_en!"
           FROM order_origins g CROSS JOIN LATERAL (VALUES (1, g.code, g.came_at, g.known_by),
                 (2, g.first_code, g.first_came_at, g.first_known_by)) AS t (turn, code, came_at, known_by)
             JOIN short_links l ON l.code = t.code
           WHERE g.order_id = $1 ORDER BY t.turn"#,
        order.0
    )
    .fetch_all(conn)
    .await?;
    let Some(days) = rows.first().map(|row| row.window_days) else { return Ok(None) };
    let mut comings = rows.into_iter().map(|row| -> anyhow::Result<Coming> {
        Ok(Coming {
            source: Source::read(&row.source, row.source_id)?,
            name: Text { zh: row.name_zh, en: row.name_en },
            known_by: KnownBy::parse(&row.known_by).context("an origin is known in no known way")?,
            code: row.code,
            at: row.came_at,
        })
    });
    let (last, first) = (comings.next(), comings.next());
    let (last, first) = (last.context("no last link")??, first.context("no first link")??);
    let once = first.code == last.code && first.at == last.at;
    Ok(Some(Explained { first: (!once).then_some(first), last, days }))
}
