//! The links of partners, and how often each was opened.

use crate::db::Tx;
use crate::partners::PartnerId;
use crate::sharing::links::is_code;
use crate::text::Text;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// A link of a partner's.
#[derive(Debug, Clone)]
pub struct Link {
    pub code: String,
    /// A path of ours.
    pub path: String,
    /// Of the product that it leads to.
    pub product: Option<Text>,
    pub clicks: i64,
    pub made_at: OffsetDateTime,
}

/// Hers, the latest first.
pub async fn all(conn: &mut PgConnection, partner: PartnerId) -> sqlx::Result<Vec<Link>> {
    read(conn, partner, None).await
}

/// This one, if it is hers.
pub async fn own(conn: &mut PgConnection, partner: PartnerId, code: &str) -> sqlx::Result<Option<Link>> {
    if !is_code(code) {
        return Ok(None);
    }
    Ok(read(conn, partner, Some(code)).await?.pop())
}

/// The code of hers to this path, and how many she has; her row is held.
pub async fn to(tx: &mut Tx, partner: PartnerId, path: &str) -> sqlx::Result<(Option<String>, i64)> {
    let row = sqlx::query!(
        r#"SELECT max(code) FILTER (WHERE path = $2) AS code, count(*) AS "links!" FROM short_links
         WHERE source = 'partner' AND source_id = $1"#,
        partner.0,
        path
    )
    .fetch_one(&mut **tx)
    .await?;
    Ok((row.code, row.links))
}

async fn read(conn: &mut PgConnection, partner: PartnerId, code: Option<&str>) -> sqlx::Result<Vec<Link>> {
    let rows = sqlx::query!(
        r#"SELECT l.code, l.path, l.made_at, p.name_zh AS "zh?", p.name_en AS "en?",
             (SELECT coalesce(sum(clicks), 0)::bigint FROM short_link_clicks WHERE code = l.code) AS "clicks!"
         FROM short_links l LEFT JOIN products p ON l.path = '/p/' || p.slug
         WHERE l.source = 'partner' AND l.source_id = $1 AND ($2::text IS NULL OR l.code = $2)
         ORDER BY l.made_at DESC, l.code"#,
        partner.0,
        code
    )
    .fetch_all(conn)
    .await?;
    let link = rows.into_iter().map(|row| Link {
        code: row.code,
        path: row.path,
        product: row.zh.map(|zh| Text { zh, en: row.en.unwrap_or_default() }),
        clicks: row.clicks,
        made_at: row.made_at,
    });
    Ok(link.collect())
}
