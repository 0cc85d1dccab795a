//! Reading one product with all its parts, in one statement, so that they are of one moment.

use super::{colour, decode_error};
use crate::catalog::ids::{CategoryId, ChoiceId, ProductId, Sku, Slug, VariantId};
use crate::catalog::picture::Picture;
use crate::catalog::product::{Axis, Category, Choice, Draft, Product, Variant};
use crate::catalog::shelf::Shelf;
use crate::money::Money;
use crate::text::Text;
use serde::Deserialize;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

struct Row {
    id: ProductId,
    slug: Slug,
    name_zh: String,
    name_en: String,
    summary_zh: String,
    summary_en: String,
    description_zh: String,
    description_en: String,
    weibo_status_id: Option<i64>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    version: i32,
    on_shelf: bool,
    shelf_from: Option<OffsetDateTime>,
    shelf_until: Option<OffsetDateTime>,
    archived_at: Option<OffsetDateTime>,
    category: CategoryId,
    category_slug: Slug,
    category_zh: String,
    category_en: String,
    ground: String,
    category_version: i32,
    parent: Option<CategoryId>,
    axes: Json<Vec<AxisRow>>,
    variants: Json<Vec<VariantRow>>,
    pictures: Json<Vec<PictureRow>>,
}

#[derive(Deserialize)]
struct AxisRow {
    zh: String,
    en: String,
    choices: Vec<ChoiceRow>,
}

#[derive(Deserialize)]
struct ChoiceRow {
    id: ChoiceId,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
struct VariantRow {
    id: VariantId,
    sku: Sku,
    choices: Vec<ChoiceId>,
    price_fen: i64,
    stock: u32,
    weight_g: u32,
}

#[derive(Deserialize)]
struct PictureRow {
    name: String,
    zh: String,
    en: String,
}

/// Selects the one [`Row`] of this condition, in which `p` is the product.
macro_rules! whole {
    ($condition:literal, $argument:expr) => {
        sqlx::query_as!(
            Row,
            r#"SELECT p.id AS "id: ProductId", p.slug AS "slug: Slug", p.name_zh, p.name_en,
            p.summary_zh, p.summary_en, p.description_zh, p.description_en, p.weibo_status_id, p.created_at, p.updated_at,
            p.version, p.on_shelf, p.shelf_from, p.shelf_until, p.archived_at,
            c.id AS "category: CategoryId", c.slug AS "category_slug: Slug",
            c.name_zh AS category_zh, c.name_en AS category_en, c.ground,
            c.version AS category_version,
            c.parent_id AS "parent: CategoryId",
            (SELECT coalesce(json_agg(json_build_object('zh', a.name_zh, 'en', a.name_en, 'choices',
                    (SELECT coalesce(json_agg(json_build_object('id', o.id, 'zh', o.name_zh, 'en', o.name_en)
                        ORDER BY o.position, o.id), '[]')
                    FROM choices o WHERE o.product_id = a.product_id AND o.axis = a.number)
                ) ORDER BY a.number), '[]')
            FROM axes a WHERE a.product_id = p.id) AS "axes!: Json<Vec<AxisRow>>",
            (SELECT coalesce(json_agg(json_build_object('id', v.id, 'sku', v.sku,
                    'choices', array_remove(ARRAY[v.choice_1, v.choice_2, v.choice_3], NULL),
                    'price_fen', v.price_fen, 'stock', v.stock, 'weight_g', v.weight_g)
                ORDER BY v.position, v.id), '[]')
            FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL) AS "variants!: Json<Vec<VariantRow>>",
            (SELECT coalesce(json_agg(json_build_object('name', i.name, 'zh', i.alt_zh, 'en', i.alt_en)
                ORDER BY i.position), '[]')
            FROM pictures i WHERE i.product_id = p.id) AS "pictures!: Json<Vec<PictureRow>>"
        FROM products p JOIN categories c ON c.id = p.category_id
        WHERE "# + $condition,
            $argument
        )
    };
}

/// The product of this slug, when it is on the shelf and has a variant.
pub async fn find_product(conn: &mut PgConnection, slug: &Slug) -> sqlx::Result<Option<Product>> {
    let found = whole!(
        "p.slug = $1 AND p.on_shelf AND EXISTS
            (SELECT FROM variants v WHERE v.product_id = p.id AND v.retired_at IS NULL)",
        slug as &Slug
    );
    found.fetch_optional(conn).await?.map(Product::try_from).transpose()
}

/// A product for those who run the shop: on the shelf or not, archived or not, with variants or without.
pub async fn find_draft(conn: &mut PgConnection, id: ProductId) -> sqlx::Result<Option<Draft>> {
    let found = whole!("p.id = $1", id as ProductId).fetch_optional(conn).await?;
    found.map(Draft::try_from).transpose()
}

impl TryFrom<Row> for Draft {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Draft> {
        Ok(Draft {
            version: row.version,
            shown: row.on_shelf,
            shelf: Shelf::from_columns(row.on_shelf, row.shelf_from, row.shelf_until),
            archived_at: row.archived_at,
            product: row.try_into()?,
        })
    }
}

impl TryFrom<Row> for Product {
    type Error = sqlx::Error;

    fn try_from(row: Row) -> sqlx::Result<Product> {
        Ok(Product {
            id: row.id,
            slug: row.slug,
            name: Text { zh: row.name_zh, en: row.name_en },
            summary: Text { zh: row.summary_zh, en: row.summary_en },
            description: Text { zh: row.description_zh, en: row.description_en },
            category: Category {
                id: row.category,
                parent: row.parent,
                slug: row.category_slug,
                name: Text { zh: row.category_zh, en: row.category_en },
                ground: colour("ground", &row.ground)?,
                version: row.category_version,
            },
            axes: row.axes.0.into_iter().map(Axis::from).collect(),
            variants: row.variants.0.into_iter().map(Variant::try_from).collect::<Result<_, _>>()?,
            pictures: row.pictures.0.into_iter().map(Picture::from).collect(),
            weibo_status_id: row.weibo_status_id,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}

impl From<AxisRow> for Axis {
    fn from(row: AxisRow) -> Axis {
        let choice = |row: ChoiceRow| Choice { id: row.id, name: Text { zh: row.zh, en: row.en } };
        Axis { name: Text { zh: row.zh, en: row.en }, choices: row.choices.into_iter().map(choice).collect() }
    }
}

impl TryFrom<VariantRow> for Variant {
    type Error = sqlx::Error;

    fn try_from(row: VariantRow) -> sqlx::Result<Variant> {
        let VariantRow { id, sku, choices, price_fen, stock, weight_g } = row;
        let price = Money::from_fen(price_fen).ok_or_else(|| decode_error("price_fen", "is out of range"))?;
        Ok(Variant { id, sku, choices, price, stock, weight_g })
    }
}

impl From<PictureRow> for Picture {
    fn from(row: PictureRow) -> Picture {
        Picture { name: row.name, alt: Text { zh: row.zh, en: row.en } }
    }
}
