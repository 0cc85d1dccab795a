//! The merchant's list of products, page by page, by what was changed last.

use super::count;
use super::offer::cover;
use crate::catalog::ids::{CategoryId, ProductId, Slug};
use crate::catalog::picture::Picture;
use crate::catalog::shelf::Standing;
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Which products a list shows.
#[derive(Debug, Clone, Default)]
pub struct Which {
    /// All but those that are archived, where it is nothing.
    pub standing: Option<Standing>,
    /// Of one of these categories; of all where it is nothing.
    pub categories: Option<Vec<CategoryId>>,
    /// Only these, as the search found them; all where it is nothing.
    pub among: Option<Vec<ProductId>>,
    /// Those behind this one: when it was changed, and its id.
    pub after: Option<(OffsetDateTime, ProductId)>,
}

/// A product as it stands in the merchant's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: ProductId,
    pub slug: Slug,
    pub name: Text,
    pub category: Text,
    pub cover: Option<Picture>,
    pub standing: Standing,
    pub shelf_from: Option<OffsetDateTime>,
    pub shelf_until: Option<OffsetDateTime>,
    /// The lowest and the highest price; nothing without a variant.
    pub prices: Option<(Money, Money)>,
    pub variants: u32,
    /// Of all variants together.
    pub stock: i64,
    pub updated_at: OffsetDateTime,
}

/// So many stand on a page.
pub const PAGE: usize = 50;

/// One page, and one more where there is a next page. In a transaction, because the plan that is right for one
/// filter is slow for another: it is made anew each time.
pub async fn list(tx: &mut Tx, which: &Which, now: OffsetDateTime) -> sqlx::Result<Vec<Entry>> {
    sqlx::query!("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")
        .fetch_one(&mut **tx)
        .await?;
    let among = which.among.as_ref().map(|all| all.iter().map(|p| p.0).collect::<Vec<_>>());
    let categories = which.categories.as_ref().map(|all| all.iter().map(|c| c.0).collect::<Vec<_>>());
    let rows = sqlx::query_as!(
        Row,
        r#"WITH page AS (
            SELECT p.* FROM products p
            WHERE CASE $1 WHEN 'shown' THEN p.on_shelf
                    WHEN 'archived' THEN p.archived_at IS NOT NULL
                    WHEN 'scheduled' THEN NOT p.on_shelf AND p.archived_at IS NULL AND p.shelf_from > $6
                    WHEN 'off' THEN NOT p.on_shelf AND p.archived_at IS NULL
                        AND (p.shelf_from IS NULL OR p.shelf_from <= $6)
                    ELSE p.archived_at IS NULL END
                AND ($2::bigint[] IS NULL OR p.category_id = ANY($2))
                AND ($3::bigint[] IS NULL OR p.id = ANY($3))
                AND ($4::timestamptz IS NULL OR (p.updated_at, p.id) < ($4, $5))
            ORDER BY p.updated_at DESC, p.id DESC LIMIT 51)
        SELECT p.id AS "id: ProductId", p.slug AS "slug: Slug", p.name_zh, p.name_en, p.on_shelf,
            p.shelf_from, p.shelf_until, p.archived_at, p.updated_at,
            c.name_zh AS category_zh, c.name_en AS category_en,
            v.lowest AS "lowest: Money", v.highest AS "highest: Money", v.variants AS "variants!", v.stock AS "stock!",
            cover.name AS "cover?", cover.alt_zh AS "cover_alt_zh?", cover.alt_en AS "cover_alt_en?"
        FROM page p
        JOIN categories c ON c.id = p.category_id
        CROSS JOIN LATERAL (SELECT min(price_fen) AS lowest, max(price_fen) AS highest,
                count(*)::integer AS variants, coalesce(sum(stock), 0)::bigint AS stock
            FROM variants WHERE product_id = p.id AND retired_at IS NULL) v
        LEFT JOIN LATERAL (SELECT name, alt_zh, alt_en FROM pictures
            WHERE product_id = p.id ORDER BY position LIMIT 1) cover ON true
        ORDER BY p.updated_at DESC, p.id DESC"#,
        which.standing.map_or("", Standing::name),
        categories.as_deref(),
        among.as_deref(),
        which.after.map(|(at, _)| at),
        which.after.map(|(_, id)| id.0),
        now
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| row.entry(now)).collect())
}

/// What these products say of themselves in Chinese, in a few words.
pub async fn summaries(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> sqlx::Result<BTreeMap<ProductId, String>> {
    let ids: Vec<i64> = products.iter().map(|product| product.0).collect();
    let rows =
        sqlx::query!(r#"SELECT id AS "id: ProductId", summary_zh FROM products WHERE id = ANY($1)"#, &ids)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.summary_zh)).collect())
}

/// What these products are called, on the shelf or not.
pub async fn names(
    conn: &mut PgConnection,
    products: &[ProductId],
) -> sqlx::Result<BTreeMap<ProductId, Text>> {
    let ids: Vec<i64> = products.iter().map(|product| product.0).collect();
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ProductId", name_zh, name_en FROM products WHERE id = ANY($1)"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Text { zh: row.name_zh, en: row.name_en })).collect())
}

struct Row {
    id: ProductId,
    slug: Slug,
    name_zh: String,
    name_en: String,
    on_shelf: bool,
    shelf_from: Option<OffsetDateTime>,
    shelf_until: Option<OffsetDateTime>,
    archived_at: Option<OffsetDateTime>,
    updated_at: OffsetDateTime,
    category_zh: String,
    category_en: String,
    lowest: Option<Money>,
    highest: Option<Money>,
    variants: i32,
    stock: i64,
    cover: Option<String>,
    cover_alt_zh: Option<String>,
    cover_alt_en: Option<String>,
}

impl Row {
    fn entry(self, now: OffsetDateTime) -> Entry {
        Entry {
            standing: Standing::of(self.on_shelf, self.shelf_from, self.archived_at, now),
            id: self.id,
            slug: self.slug,
            name: Text { zh: self.name_zh, en: self.name_en },
            category: Text { zh: self.category_zh, en: self.category_en },
            cover: cover(self.cover, self.cover_alt_zh, self.cover_alt_en),
            shelf_from: self.shelf_from,
            shelf_until: self.shelf_until,
            prices: self.lowest.zip(self.highest),
            variants: count(self.variants),
            stock: self.stock,
            updated_at: self.updated_at,
        }
    }
}
