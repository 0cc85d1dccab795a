//! Reading what is on the shelf: lists and offers. A whole product is read in `whole`.

use super::colour;
use super::offer::{cover, offers};
use crate::catalog::ids::{CategoryId, ProductId, Sku, Slug, VariantId};
use crate::catalog::product::{Category, Offer, Tile};
use crate::money::Money;
use crate::text::Text;
use sqlx::PgConnection;

struct CategoryRow {
    id: CategoryId,
    parent: Option<CategoryId>,
    slug: Slug,
    name_zh: String,
    name_en: String,
    ground: String,
    version: i32,
}

impl TryFrom<CategoryRow> for Category {
    type Error = sqlx::Error;

    fn try_from(row: CategoryRow) -> sqlx::Result<Category> {
        let CategoryRow { id, parent, slug, name_zh, name_en, ground, version } = row;
        let ground = colour("ground", &ground)?;
        Ok(Category { id, parent, slug, name: Text { zh: name_zh, en: name_en }, ground, version })
    }
}

/// All categories in the merchant's order.
pub async fn categories(conn: &mut PgConnection) -> sqlx::Result<Vec<Category>> {
    sqlx::query_as!(
        CategoryRow,
        r#"SELECT id AS "id: CategoryId", parent_id AS "parent: CategoryId", slug AS "slug: Slug",
            name_zh, name_en, ground, version
        FROM categories ORDER BY position, id"#
    )
    .fetch_all(conn)
    .await?
    .into_iter()
    .map(Category::try_from)
    .collect()
}

pub async fn find_category(conn: &mut PgConnection, slug: &Slug) -> sqlx::Result<Option<Category>> {
    sqlx::query_as!(
        CategoryRow,
        r#"SELECT id AS "id: CategoryId", parent_id AS "parent: CategoryId", slug AS "slug: Slug",
            name_zh, name_en, ground, version
        FROM categories WHERE slug = $1"#,
        slug as &Slug
    )
    .fetch_optional(conn)
    .await?
    .map(Category::try_from)
    .transpose()
}

struct TileRow {
    id: ProductId,
    slug: Slug,
    name_zh: String,
    name_en: String,
    summary_zh: String,
    summary_en: String,
    from: Money,
    one_price: bool,
    sold_out: bool,
    category: Slug,
    cover: Option<String>,
    cover_alt_zh: Option<String>,
    cover_alt_en: Option<String>,
}

impl From<TileRow> for Tile {
    fn from(row: TileRow) -> Tile {
        Tile {
            id: row.id,
            slug: row.slug,
            name: Text { zh: row.name_zh, en: row.name_en },
            summary: Text { zh: row.summary_zh, en: row.summary_en },
            from: row.from,
            one_price: row.one_price,
            cover: cover(row.cover, row.cover_alt_zh, row.cover_alt_en),
            sold_out: row.sold_out,
            category: row.category,
        }
    }
}

/// What is on the shelf of each of these groups of categories, in the order of the group and then the merchant's:
/// at most `take` behind the first `skip`. Nothing behind those is read, however much there is.
pub async fn window(
    conn: &mut PgConnection,
    groups: &[Vec<CategoryId>],
    skip: usize,
    take: usize,
) -> sqlx::Result<Vec<Tile>> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let (numbers, categories): (Vec<i64>, Vec<CategoryId>) =
        (0..).zip(groups).flat_map(|(number, group)| group.iter().map(move |id| (number, *id))).unzip();
    let products = sqlx::query_scalar!(
        r#"SELECT id AS "id!: ProductId" FROM (
            SELECT p.id, g.number, row_number() OVER (PARTITION BY g.number ORDER BY g.nth, p.position, p.id) AS place
            FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS g (number, category, nth)
            CROSS JOIN LATERAL (SELECT id, position FROM products WHERE category_id = g.category AND on_shelf
                ORDER BY position, id LIMIT $3::bigint + $4::bigint) p) found
        WHERE place > $3 AND place <= $3 + $4 ORDER BY number, place"#,
        &numbers,
        &categories as &[CategoryId],
        number(skip),
        number(take)
    )
    .fetch_all(&mut *conn)
    .await?;
    tiles_of(conn, &products).await
}

/// Those of these products that are on the shelf, in their order.
pub async fn tiles_of(conn: &mut PgConnection, products: &[ProductId]) -> sqlx::Result<Vec<Tile>> {
    let rows = sqlx::query_as!(
        TileRow,
        r#"SELECT p.id AS "id: ProductId", p.slug AS "slug: Slug", p.name_zh, p.name_en, p.summary_zh, p.summary_en,
            prices.lowest AS "from!: Money", prices.one_price AS "one_price!", prices.sold_out AS "sold_out!",
            c.slug AS "category: Slug",
            cover.name AS "cover?", cover.alt_zh AS "cover_alt_zh?", cover.alt_en AS "cover_alt_en?"
        FROM unnest($1::bigint[]) WITH ORDINALITY AS wanted (id, number)
        JOIN products p ON p.id = wanted.id
        JOIN categories c ON c.id = p.category_id
        JOIN LATERAL (SELECT min(price_fen) AS lowest, min(price_fen) = max(price_fen) AS one_price,
                bool_and(stock = 0) AS sold_out
            FROM variants WHERE product_id = p.id AND retired_at IS NULL) prices ON prices.lowest IS NOT NULL
        LEFT JOIN LATERAL (SELECT name, alt_zh, alt_en FROM pictures
            WHERE product_id = p.id ORDER BY position LIMIT 1) cover ON true
        WHERE p.on_shelf ORDER BY wanted.number"#,
        products as &[ProductId]
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Tile::from).collect())
}

/// A variant on the shelf, whether or not any is left.
pub async fn find_offer(conn: &mut PgConnection, sku: &Sku) -> sqlx::Result<Option<Offer>> {
    let row = offers!("", "variants", "v.sku = $1 AND v.retired_at IS NULL AND p.on_shelf", sku as &Sku)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(Offer::from))
}

/// Where the product went that had this address before; only one on the shelf is told of.
pub async fn moved_product(conn: &mut PgConnection, slug: &Slug) -> sqlx::Result<Option<Slug>> {
    sqlx::query_scalar!(
        r#"SELECT p.slug AS "slug: Slug" FROM product_slugs_past s JOIN products p ON p.id = s.product_id
        WHERE s.slug = $1 AND p.on_shelf"#,
        slug as &Slug
    )
    .fetch_optional(conn)
    .await
}

/// Where the category went that had this address before.
pub async fn moved_category(conn: &mut PgConnection, slug: &Slug) -> sqlx::Result<Option<Slug>> {
    sqlx::query_scalar!(
        r#"SELECT c.slug AS "slug: Slug" FROM category_slugs_past s JOIN categories c ON c.id = s.category_id
        WHERE s.slug = $1"#,
        slug as &Slug
    )
    .fetch_optional(conn)
    .await
}
