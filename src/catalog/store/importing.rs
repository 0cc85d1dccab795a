//! What is in the catalog, read and held for many products at once: for tables that go in and out.

use super::count;
use crate::catalog::ids::{CategoryId, ChoiceId, ProductId, Sku, Slug, VariantId};
use crate::catalog::picture::Picture;
use crate::catalog::shelf::Shelf;
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// A product as a table sees it, on the shelf or not; without variants that are not made any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Present {
    pub id: ProductId,
    pub slug: Slug,
    pub category: CategoryId,
    pub name: Text,
    pub summary: Text,
    pub description: Text,
    /// At this moment.
    pub on_shelf: bool,
    pub shelf: Shelf,
    pub archived: bool,
    /// Its place among the others.
    pub position: u32,
    pub updated_at: OffsetDateTime,
    /// In their order, at most three.
    pub axes: Vec<Text>,
    pub choices: Vec<PresentChoice>,
    pub variants: Vec<PresentVariant>,
    pub pictures: Vec<Picture>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentChoice {
    pub id: ChoiceId,
    /// Which axis, counted from 0.
    pub axis: usize,
    pub name: Text,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentVariant {
    pub id: VariantId,
    pub sku: Sku,
    pub choices: [Option<ChoiceId>; 3],
    pub price: Money,
    pub stock: u32,
    pub weight_g: u32,
    /// Its own number from which on its stock is low.
    pub low_at: Option<u32>,
    pub position: u32,
}

impl Present {
    pub fn choice(&self, id: ChoiceId) -> Option<&PresentChoice> {
        self.choices.iter().find(|choice| choice.id == id)
    }
}

/// A category and what it is called.
#[derive(Debug, Clone)]
pub struct NamedCategory {
    pub id: CategoryId,
    pub slug: Slug,
    pub name: Text,
}

struct Row {
    id: ProductId,
    slug: Slug,
    category: CategoryId,
    name_zh: String,
    name_en: String,
    summary_zh: String,
    summary_en: String,
    description_zh: String,
    description_en: String,
    on_shelf: bool,
    shelf_from: Option<OffsetDateTime>,
    shelf_until: Option<OffsetDateTime>,
    archived: bool,
    position: i32,
    updated_at: OffsetDateTime,
    axes: Json<Vec<AxisRow>>,
    choices: Json<Vec<ChoiceRow>>,
    pictures: Json<Vec<PictureRow>>,
}

#[derive(Deserialize)]
struct PictureRow {
    name: String,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct AxisRow {
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct ChoiceRow {
    id: ChoiceId,
    axis: usize,
    zh: String,
    en: String,
}

impl From<Row> for Present {
    fn from(row: Row) -> Present {
        let choice = |c: ChoiceRow| PresentChoice {
            id: c.id,
            axis: c.axis.saturating_sub(1),
            name: Text { zh: c.zh, en: c.en },
        };
        let picture = |p: PictureRow| Picture { name: p.name, alt: Text { zh: p.zh, en: p.en } };
        Present {
            id: row.id,
            slug: row.slug,
            category: row.category,
            name: Text { zh: row.name_zh, en: row.name_en },
            summary: Text { zh: row.summary_zh, en: row.summary_en },
            description: Text { zh: row.description_zh, en: row.description_en },
            on_shelf: row.on_shelf,
            shelf: Shelf::from_columns(row.on_shelf, row.shelf_from, row.shelf_until),
            archived: row.archived,
            position: count(row.position),
            updated_at: row.updated_at,
            axes: row.axes.0.into_iter().map(|axis| Text { zh: axis.zh, en: axis.en }).collect(),
            choices: row.choices.0.into_iter().map(choice).collect(),
            variants: Vec::new(),
            pictures: row.pictures.0.into_iter().map(picture).collect(),
        }
    }
}

/// Products: which, and the arguments.
macro_rules! products {
    ($which:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT p.id AS "id: ProductId", p.slug AS "slug: Slug", p.category_id AS "category: CategoryId",
                p.name_zh, p.name_en, p.summary_zh, p.summary_en, p.description_zh, p.description_en, p.on_shelf,
                p.shelf_from, p.shelf_until, p.archived_at IS NOT NULL AS "archived!", p.position, p.updated_at,
                (SELECT coalesce(json_agg(json_build_object('zh', a.name_zh, 'en', a.name_en) ORDER BY a.number), '[]')
                    FROM axes a WHERE a.product_id = p.id) AS "axes!: Json<Vec<AxisRow>>",
                (SELECT coalesce(json_agg(json_build_object('id', o.id, 'axis', o.axis, 'zh', o.name_zh, 'en', o.name_en)
                        ORDER BY o.axis, o.position, o.id), '[]')
                    FROM choices o WHERE o.product_id = p.id) AS "choices!: Json<Vec<ChoiceRow>>",
                (SELECT coalesce(json_agg(json_build_object('name', i.name, 'zh', i.alt_zh, 'en', i.alt_en)
                        ORDER BY i.position), '[]')
                    FROM pictures i WHERE i.product_id = p.id) AS "pictures!: Json<Vec<PictureRow>>"
            FROM products p WHERE "# + $which,
            $($argument),*
        )
    };
}

/// The products of these slugs.
pub async fn present(conn: &mut PgConnection, slugs: &[String]) -> sqlx::Result<Vec<Present>> {
    let rows = products!("p.slug = ANY($1) ORDER BY p.id", slugs).fetch_all(&mut *conn).await?;
    with_variants(conn, rows).await
}

/// At most `limit` products behind `after`, archived ones too, in the order in which they were made.
pub async fn present_after(
    conn: &mut PgConnection,
    after: ProductId,
    limit: i64,
) -> sqlx::Result<Vec<Present>> {
    let rows = products!("p.id > $1 ORDER BY p.id LIMIT $2", after as ProductId, limit)
        .fetch_all(&mut *conn)
        .await?;
    with_variants(conn, rows).await
}

async fn with_variants(conn: &mut PgConnection, rows: Vec<Row>) -> sqlx::Result<Vec<Present>> {
    let mut products: Vec<Present> = rows.into_iter().map(Present::from).collect();
    let ids: Vec<ProductId> = products.iter().map(|product| product.id).collect();
    let place: HashMap<ProductId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let variants = sqlx::query!(
        r#"SELECT product_id AS "product: ProductId", id AS "id: VariantId", sku AS "sku: Sku",
            choice_1 AS "one: ChoiceId", choice_2 AS "two: ChoiceId", choice_3 AS "three: ChoiceId",
            price_fen AS "price: Money", stock, weight_g, low_at, position
        FROM variants WHERE product_id = ANY($1) AND retired_at IS NULL ORDER BY product_id, position, id"#,
        &ids as &[ProductId]
    )
    .fetch_all(conn)
    .await?;
    for row in variants {
        let Some(at) = place.get(&row.product) else { continue };
        products[*at].variants.push(PresentVariant {
            id: row.id,
            sku: row.sku,
            choices: [row.one, row.two, row.three],
            price: row.price,
            stock: count(row.stock),
            weight_g: count(row.weight_g),
            low_at: row.low_at.map(count),
            position: count(row.position),
        });
    }
    Ok(products)
}

/// How many products there are, archived ones too.
pub async fn how_many(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM products"#).fetch_one(conn).await
}

/// Whose these SKUs are: the slugs of their products.
pub async fn owners(conn: &mut PgConnection, skus: &[String]) -> sqlx::Result<HashMap<String, String>> {
    let rows = sqlx::query!(
        "SELECT v.sku, p.slug FROM variants v JOIN products p ON p.id = v.product_id
        WHERE v.sku = ANY($1) AND v.retired_at IS NULL",
        skus
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.sku, row.slug)).collect())
}

/// Which of these pictures the shop has. They are held until the transaction ends: no sweep takes them away.
pub async fn stored_pictures(conn: &mut PgConnection, names: &[String]) -> sqlx::Result<HashSet<String>> {
    let known = sqlx::query_scalar!(
        "SELECT name FROM stored_pictures WHERE name = ANY($1) ORDER BY name FOR NO KEY UPDATE",
        names
    )
    .fetch_all(conn)
    .await?;
    Ok(known.into_iter().collect())
}

/// Holds these products and their variants until `tx` ends, each in the order of their ids as everybody does.
pub async fn hold(tx: &mut Tx, slugs: &[String]) -> sqlx::Result<()> {
    let ids = sqlx::query_scalar!(
        r#"SELECT id AS "id: ProductId" FROM products WHERE slug = ANY($1) ORDER BY id FOR NO KEY UPDATE"#,
        slugs
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "SELECT FROM variants WHERE product_id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        &ids as &[ProductId]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All categories by their names.
pub async fn named_categories(conn: &mut PgConnection) -> sqlx::Result<Vec<NamedCategory>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: CategoryId", slug AS "slug: Slug", name_zh, name_en FROM categories ORDER BY id"#
    )
    .fetch_all(conn)
    .await?;
    let named = rows.into_iter().map(|row| NamedCategory {
        id: row.id,
        slug: row.slug,
        name: Text { zh: row.name_zh, en: row.name_en },
    });
    Ok(named.collect())
}
