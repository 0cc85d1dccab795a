//! What others may know of: every address on the shelf in parts of a bounded size, and whose an address is or was.

use crate::catalog::ids::{ProductId, Slug};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Numbers of products in a part: whatever of them is on the shelf stands in it.
const NUMBERS: i64 = 25_000;

/// A stretch of the products by their numbers, in which something is on the shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub number: i64,
    /// When something in it was last changed.
    pub updated_at: OffsetDateTime,
}

/// All parts in which something is on the shelf.
pub async fn parts_outside(conn: &mut PgConnection) -> sqlx::Result<Vec<Part>> {
    sqlx::query_as!(
        Part,
        r#"SELECT id / $1 AS "number!", max(updated_at) AS "updated_at!" FROM products p
        WHERE on_shelf AND EXISTS (SELECT FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL)
        GROUP BY 1 ORDER BY 1"#,
        NUMBERS
    )
    .fetch_all(conn)
    .await
}

/// What is on the shelf in a part, at most 25,000, and when each was last changed.
pub async fn products_outside(
    conn: &mut PgConnection,
    part: i64,
) -> sqlx::Result<Vec<(Slug, OffsetDateTime)>> {
    let Some(first) = part.checked_mul(NUMBERS).filter(|first| *first >= 0) else { return Ok(Vec::new()) };
    let rows = sqlx::query!(
        r#"SELECT slug AS "slug: Slug", updated_at FROM products p
        WHERE on_shelf AND id >= $1 AND id - $1 < $2
            AND EXISTS (SELECT FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL)
        ORDER BY id"#,
        first,
        NUMBERS
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slug, row.updated_at)).collect())
}

/// The categories in the merchant's order, no more than fit into a part.
pub async fn categories_outside(conn: &mut PgConnection) -> sqlx::Result<Vec<Slug>> {
    sqlx::query_scalar!(
        r#"SELECT slug AS "slug: Slug" FROM categories ORDER BY position, id LIMIT $1"#,
        NUMBERS - 1
    )
    .fetch_all(conn)
    .await
}

/// The product that has this address, or had it: its number and its address now, on the shelf or not.
pub async fn whose_slug(conn: &mut PgConnection, slug: &Slug) -> sqlx::Result<Option<(ProductId, Slug)>> {
    let row = sqlx::query!(
        r#"SELECT id AS "id!: ProductId", slug AS "slug!: Slug" FROM (
            SELECT id, slug, 1 AS place FROM products WHERE slug = $1
            UNION ALL SELECT p.id, p.slug, 2 FROM product_slugs_past s JOIN products p ON p.id = s.product_id
                WHERE s.slug = $1) found
        ORDER BY place LIMIT 1"#,
        slug as &Slug
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.id, row.slug)))
}
