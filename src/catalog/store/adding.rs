//! Adding to the catalog: categories, whole products.

use super::{search, stock};
use crate::actor::Actor;
use crate::catalog::ids::{CategoryId, ChoiceId, ProductId, Sku, Slug, VariantId};
use crate::catalog::picture::{Picture, Rgb};
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use time::OffsetDateTime;

pub struct NewCategory {
    pub slug: Slug,
    pub name: Text,
    pub ground: Rgb,
}

pub struct NewProduct {
    pub slug: Slug,
    pub category: CategoryId,
    pub name: Text,
    pub summary: Text,
    pub description: Text,
    pub on_shelf: bool,
    /// At most three.
    pub axes: Vec<NewAxis>,
    pub variants: Vec<NewVariant>,
    pub pictures: Vec<Picture>,
}

pub struct NewAxis {
    pub name: Text,
    pub choices: Vec<Text>,
}

pub struct NewVariant {
    pub sku: Sku,
    /// For each axis of the product, which of its choices, counted from 0.
    pub choices: Vec<usize>,
    pub price: Money,
    pub stock: u32,
    pub weight_g: u32,
}

/// Adds a category behind the others. A slug that is taken violates `categories_slug_unique`.
pub async fn add_category(tx: &mut Tx, new: &NewCategory) -> sqlx::Result<CategoryId> {
    sqlx::query_scalar!(
        r#"INSERT INTO categories (slug, name_zh, name_en, ground, position)
        VALUES ($1, $2, $3, $4, (SELECT coalesce(max(position), 0) + 1 FROM categories))
        RETURNING id AS "id: CategoryId""#,
        new.slug.as_str(),
        new.name.zh,
        new.name.en,
        new.ground.to_string()
    )
    .fetch_one(&mut **tx)
    .await
}

/// Adds a product behind the others, with all its parts. A name that is taken violates
/// `products_slug_unique` or `variants_sku_unique`.
pub async fn add_product(tx: &mut Tx, new: &NewProduct, now: OffsetDateTime) -> sqlx::Result<ProductId> {
    let product = sqlx::query_scalar!(
        r#"INSERT INTO products (slug, category_id, name_zh, name_en, summary_zh, summary_en,
            description_zh, description_en, on_shelf, created_at, updated_at, position)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10,
            (SELECT coalesce(max(position), 0) + 1 FROM products))
        RETURNING id AS "id: ProductId""#,
        new.slug.as_str(),
        new.category as CategoryId,
        new.name.zh,
        new.name.en,
        new.summary.zh,
        new.summary.en,
        new.description.zh,
        new.description.en,
        new.on_shelf,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    let choices = add_axes(tx, product, &new.axes).await?;
    add_variants(tx, product, &choices, &new.variants, now).await?;
    add_pictures(tx, product, &new.pictures).await?;
    search::index(tx, product).await?;
    Ok(product)
}

/// Adds the axes and returns the ids of their choices, axis by axis.
async fn add_axes(tx: &mut Tx, product: ProductId, axes: &[NewAxis]) -> sqlx::Result<Vec<Vec<ChoiceId>>> {
    let mut ids = Vec::new();
    for (number, axis) in (1_i16..).zip(axes) {
        sqlx::query!(
            "INSERT INTO axes (product_id, number, name_zh, name_en) VALUES ($1, $2, $3, $4)",
            product as ProductId,
            number,
            axis.name.zh,
            axis.name.en
        )
        .execute(&mut **tx)
        .await?;
        let mut choices = Vec::new();
        for (position, name) in (1_i32..).zip(&axis.choices) {
            choices.push(add_choice(tx, product, number, position, name).await?);
        }
        ids.push(choices);
    }
    Ok(ids)
}

async fn add_choice(
    tx: &mut Tx,
    product: ProductId,
    axis: i16,
    position: i32,
    name: &Text,
) -> sqlx::Result<ChoiceId> {
    sqlx::query_scalar!(
        r#"INSERT INTO choices (product_id, axis, position, name_zh, name_en) VALUES ($1, $2, $3, $4, $5)
        RETURNING id AS "id: ChoiceId""#,
        product as ProductId,
        axis,
        position,
        name.zh,
        name.en
    )
    .fetch_one(&mut **tx)
    .await
}

async fn add_variants(
    tx: &mut Tx,
    product: ProductId,
    choices: &[Vec<ChoiceId>],
    variants: &[NewVariant],
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let mut added = Vec::new();
    for (position, variant) in (1_i32..).zip(variants) {
        let choice = |axis: usize| Some(*choices.get(axis)?.get(*variant.choices.get(axis)?)?);
        let id = sqlx::query_scalar!(
            r#"INSERT INTO variants (product_id, sku, position, choice_1, choice_2, choice_3, price_fen, stock, weight_g)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint::integer, $9::bigint::integer)
            RETURNING id AS "id: VariantId""#,
            product as ProductId,
            variant.sku.as_str(),
            position,
            choice(0) as Option<ChoiceId>,
            choice(1) as Option<ChoiceId>,
            choice(2) as Option<ChoiceId>,
            variant.price as Money,
            i64::from(variant.stock),
            i64::from(variant.weight_g)
        )
        .fetch_one(&mut **tx)
        .await?;
        added.push(id);
    }
    stock::open(tx, &added, &Actor::Shop, now).await
}

async fn add_pictures(tx: &mut Tx, product: ProductId, pictures: &[Picture]) -> sqlx::Result<()> {
    for (position, picture) in (1_i32..).zip(pictures) {
        sqlx::query!(
            "INSERT INTO pictures (product_id, position, name, alt_zh, alt_en) VALUES ($1, $2, $3, $4, $5)",
            product as ProductId,
            position,
            picture.name,
            picture.alt.zh,
            picture.alt.en
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Puts a product on the shelf or takes it off, at once and without an end. Off the shelf nobody sees or takes
/// it. One that is archived violates `products_archived_are_off`.
pub async fn put_on_shelf(tx: &mut Tx, id: ProductId, on: bool, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE products SET on_shelf = $2, shelf_from = NULL, shelf_until = NULL, version = version + 1,
            updated_at = $3 WHERE id = $1",
        id as ProductId,
        on,
        now
    )
    .execute(&mut **tx)
    .await?;
    search::index(tx, id).await
}
