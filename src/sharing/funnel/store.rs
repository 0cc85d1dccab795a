//! How it is counted what came of a card.

use super::Came;
use crate::catalog::ProductId;
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// What came by each of these links since then, which is a moment of somebody's: clicks are counted by the minute, and
/// those of its own minute are among them.
pub async fn by_code(
    conn: &mut PgConnection,
    codes: &[String],
    since: OffsetDateTime,
) -> sqlx::Result<BTreeMap<String, Came>> {
    let rows = sqlx::query!(
        r#"SELECT c.code AS "code!", k.clicks AS "clicks!", o.placed AS "placed!", o.paid AS "paid!", o.fen AS "fen!",
             o.reposted AS "reposted!"
         FROM unnest($1::text[]) AS c (code)
         CROSS JOIN LATERAL (SELECT coalesce(sum(clicks), 0)::bigint AS clicks FROM short_link_clicks
             WHERE code = c.code AND minute >= date_trunc('minute', $2::timestamptz)) k
         CROSS JOIN LATERAL (
             SELECT count(*) AS placed, count(*) FILTER (WHERE kept) AS paid,
                 coalesce(sum(total_fen - back_fen) FILTER (WHERE kept), 0)::bigint AS fen,
                 count(*) FILTER (WHERE told) AS reposted
             FROM (SELECT o.total_fen, o.back_fen, o.payment = 'paid' AND o.back_fen < o.total_fen AS kept,
                     EXISTS (SELECT FROM reposts r WHERE r.order_id = o.id AND r.state = 'done') AS told
                 FROM order_origins g JOIN orders o ON o.id = g.order_id
                 WHERE g.code = c.code AND o.placed_at >= $2) of_it) o"#,
        codes,
        since
    )
    .fetch_all(conn)
    .await?;
    let came = rows.into_iter().map(|row| {
        let came = Came {
            clicks: row.clicks,
            placed: row.placed,
            paid: row.paid,
            fen: row.fen,
            reposted: row.reposted,
        };
        (row.code, came)
    });
    Ok(came.collect())
}

/// All links that lead to these products from the shop's own doing: of their cards, of posts, of campaigns.
pub async fn codes_of_products(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> sqlx::Result<Vec<(ProductId, String)>> {
    let ids: Vec<i64> = products.iter().map(|product| product.0).collect();
    let rows = sqlx::query!(
        r#"SELECT source_id AS "product!: ProductId", code AS "code!" FROM short_links
             WHERE source = 'product' AND source_id = ANY($1)
         UNION SELECT product_id, code FROM posts WHERE product_id = ANY($1) AND code IS NOT NULL
         UNION SELECT product_id, code FROM campaign_links WHERE product_id = ANY($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.product, row.code)).collect())
}

/// The links of a product's own card, and where each leads, the latest first.
pub async fn links_of_product(
    conn: &mut PgConnection,
    product: ProductId,
) -> sqlx::Result<Vec<(String, String)>> {
    let rows = sqlx::query!(
        "SELECT code, path FROM short_links WHERE source = 'product' AND source_id = $1 ORDER BY made_at DESC, code",
        product.0
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.path)).collect())
}

/// How often Weibo asked about each of these products since this day, and was told of it.
pub async fn calls(
    conn: &mut PgConnection,
    products: &[ProductId],
    since: Date,
) -> sqlx::Result<BTreeMap<ProductId, i64>> {
    let ids: Vec<i64> = products.iter().map(|product| product.0).collect();
    let rows = sqlx::query!(
        r#"SELECT product_id AS "product: ProductId", sum(calls - refusals)::bigint AS "calls!" FROM card_calls
         WHERE product_id = ANY($1) AND day >= $2 GROUP BY product_id"#,
        &ids,
        since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.product, row.calls)).collect())
}

/// How often the pages of these products were opened since this day.
pub async fn views(
    conn: &mut PgConnection,
    products: &[ProductId],
    since: Date,
) -> sqlx::Result<BTreeMap<ProductId, i64>> {
    let ids: Vec<i64> = products.iter().map(|product| product.0).collect();
    let rows = sqlx::query!(
        r#"SELECT product_id AS "product: ProductId", sum(views)::bigint AS "views!" FROM product_views
         WHERE product_id = ANY($1) AND day >= $2 GROUP BY product_id"#,
        &ids,
        since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.product, row.views)).collect())
}

/// Adds what was counted, by the slugs that the products have now.
pub async fn add(tx: &mut Tx, days: &[Date], slugs: &[String], views: &[i64]) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO product_views (day, product_id, views)
         SELECT a.day, p.id, sum(a.views)::bigint FROM unnest($1::date[], $2::text[], $3::bigint[]) AS a (day, slug, views)
             JOIN products p ON p.slug = a.slug
         GROUP BY 1, 2 ORDER BY 1, 2
         ON CONFLICT (day, product_id) DO UPDATE SET views = product_views.views + excluded.views",
        days,
        slugs,
        views
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets what was counted before this day.
pub async fn forget(db: &Db, before: Date) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query!("DELETE FROM product_views WHERE day < $1", before).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
