//! Writing what a table says into the catalog: many products at once, each kind of thing in one statement.

use super::chosen::{self, Made};
use super::{hung, search, shelf};
use crate::actor::Actor;
use crate::catalog::ids::{CategoryId, ChoiceId, ProductId, Sku, Slug, VariantId};
use crate::catalog::picture::Picture;
use crate::catalog::shelf::Shelf;
use crate::catalog::stock::{self, Correction, Reason};
use crate::db::Tx;
use crate::money::Money;
use crate::text::Text;
use anyhow::Context;
use std::collections::HashMap;
use time::OffsetDateTime;

/// A product as it shall be, of which something is new or changed. Its rows are held, or it is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Nothing for a new one.
    pub id: Option<ProductId>,
    pub slug: Slug,
    pub category: CategoryId,
    pub name: Text,
    pub summary: Text,
    pub description: Text,
    pub shelf: Shelf,
    pub archived: bool,
    /// Its place among the others; nothing leaves it, or puts a new one behind them.
    pub position: Option<u32>,
    /// All of them; those of a product that is there differ in their English names only.
    pub axes: Vec<Text>,
    /// All choices of an axis in their order; nothing of an axis leaves that as it is.
    pub choices: Vec<Listed>,
    /// All of them, with their words; nothing leaves them as they are.
    pub pictures: Option<Vec<Picture>>,
    /// New or changed ones only.
    pub variants: Vec<WantedVariant>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedVariant {
    /// Nothing for a new one.
    pub id: Option<VariantId>,
    pub sku: Sku,
    /// On each axis.
    pub choices: [Option<WantedChoice>; 3],
    /// Choices that were its own and are no longer; they go when no other variant has them.
    pub left: Vec<ChoiceId>,
    pub price: Money,
    pub weight_g: u32,
    /// Its own number from which on its stock is low.
    pub low_at: Option<u32>,
    /// Nothing puts a new one behind the others.
    pub position: Option<u32>,
    /// What is there and what shall be, where that differs.
    pub stock: Option<(u32, u32)>,
}

/// A choice in the place that it has on its axis, which is counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub axis: usize,
    pub choice: WantedChoice,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedChoice {
    /// Nothing for one that its axis does not have yet.
    pub id: Option<ChoiceId>,
    /// An empty English name leaves that as it is.
    pub name: Text,
}

pub(super) fn all<T, U>(of: &[T], what: impl Fn(&T) -> U) -> Vec<U> {
    of.iter().map(what).collect()
}

/// Writes all of these, and their stock into the ledger with `note`. A name that somebody else took meanwhile
/// violates `products_slug_unique` or `variants_sku_unique`.
pub async fn write(
    tx: &mut Tx,
    wanted: &[Wanted],
    note: &str,
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    add_products(tx, wanted, now).await?;
    change_products(tx, wanted, now).await?;
    let ids = ids(tx, wanted).await?;
    write_axes(tx, wanted, &ids).await?;
    let made = chosen::write(tx, wanted, &ids).await?;
    let rows = rows(wanted, &ids, &made)?;
    let added = add_variants(tx, &rows).await?;
    change_variants(tx, &rows).await?;
    let corrections: Vec<Correction> = rows.iter().filter_map(|row| correction(row, &added)).collect();
    stock::correct_many(tx, &corrections, (Reason::Import, note), actor, now).await?;
    chosen::drop_left(tx, wanted).await?;
    hung::write(tx, wanted, &ids, now).await?;
    for (product, id) in wanted.iter().zip(&ids) {
        shelf::mind_later(tx, *id, product.shelf, now).await?;
    }
    Ok(search::index_many(tx, &ids).await?)
}

async fn add_products(tx: &mut Tx, wanted: &[Wanted], now: OffsetDateTime) -> sqlx::Result<()> {
    let new: Vec<&Wanted> = wanted.iter().filter(|product| product.id.is_none()).collect();
    sqlx::query!(
        "INSERT INTO products (slug, category_id, name_zh, name_en, summary_zh, summary_en, description_zh,
            description_en, on_shelf, shelf_from, shelf_until, archived_at, created_at, updated_at, position)
        SELECT n.slug, n.category, n.name_zh, n.name_en, n.summary_zh, n.summary_en, n.description_zh,
            n.description_en, n.on_shelf, n.shelf_from, n.shelf_until, CASE WHEN n.archived THEN $14::timestamptz END, $14, $14,
            coalesce(n.position::integer, (SELECT coalesce(max(position), 0) FROM products) + n.number::integer)
        FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::boolean[], $13::bigint[])
            WITH ORDINALITY AS n (slug, category, name_zh, name_en, summary_zh, summary_en, description_zh,
                description_en, on_shelf, shelf_from, shelf_until, archived, position, number)
        ORDER BY n.number",
        &all(&new, |p| p.slug.as_str().to_owned()),
        &all(&new, |p| p.category) as &[CategoryId],
        &all(&new, |p| p.name.zh.clone()),
        &all(&new, |p| p.name.en.clone()),
        &all(&new, |p| p.summary.zh.clone()),
        &all(&new, |p| p.summary.en.clone()),
        &all(&new, |p| p.description.zh.clone()),
        &all(&new, |p| p.description.en.clone()),
        &all(&new, |p| p.shelf.shows_at(now)),
        &all(&new, |p| p.shelf.from()) as &[Option<OffsetDateTime>],
        &all(&new, |p| p.shelf.until()) as &[Option<OffsetDateTime>],
        &all(&new, |p| p.archived),
        &all(&new, |p| p.position.map(i64::from)) as &[Option<i64>],
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn change_products(tx: &mut Tx, wanted: &[Wanted], now: OffsetDateTime) -> sqlx::Result<()> {
    let known: Vec<&Wanted> = wanted.iter().filter(|product| product.id.is_some()).collect();
    sqlx::query!(
        "UPDATE products p SET category_id = n.category, name_zh = n.name_zh, name_en = n.name_en,
            summary_zh = n.summary_zh, summary_en = n.summary_en, description_zh = n.description_zh,
            description_en = n.description_en, on_shelf = n.on_shelf, shelf_from = n.shelf_from,
            shelf_until = n.shelf_until, archived_at = CASE WHEN n.archived THEN coalesce(p.archived_at, $14) END,
            position = coalesce(n.position::integer, p.position), updated_at = $14, version = p.version + 1
        FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::boolean[], $10::timestamptz[], $11::timestamptz[], $12::boolean[], $13::bigint[])
            AS n (id, category, name_zh, name_en, summary_zh, summary_en, description_zh, description_en, on_shelf,
                shelf_from, shelf_until, archived, position)
        WHERE p.id = n.id",
        &known.iter().filter_map(|p| p.id).collect::<Vec<_>>() as &[ProductId],
        &all(&known, |p| p.category) as &[CategoryId],
        &all(&known, |p| p.name.zh.clone()),
        &all(&known, |p| p.name.en.clone()),
        &all(&known, |p| p.summary.zh.clone()),
        &all(&known, |p| p.summary.en.clone()),
        &all(&known, |p| p.description.zh.clone()),
        &all(&known, |p| p.description.en.clone()),
        &all(&known, |p| p.shelf.shows_at(now)),
        &all(&known, |p| p.shelf.from()) as &[Option<OffsetDateTime>],
        &all(&known, |p| p.shelf.until()) as &[Option<OffsetDateTime>],
        &all(&known, |p| p.archived),
        &all(&known, |p| p.position.map(i64::from)) as &[Option<i64>],
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The id of each of the products, in their order.
async fn ids(tx: &mut Tx, wanted: &[Wanted]) -> anyhow::Result<Vec<ProductId>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ProductId", slug FROM products WHERE slug = ANY($1)"#,
        &all(wanted, |p| p.slug.as_str().to_owned())
    )
    .fetch_all(&mut **tx)
    .await?;
    let known: HashMap<String, ProductId> = rows.into_iter().map(|row| (row.slug, row.id)).collect();
    let id = |product: &Wanted| known.get(product.slug.as_str()).copied().context("a product vanished");
    wanted.iter().map(id).collect()
}

async fn write_axes(tx: &mut Tx, wanted: &[Wanted], ids: &[ProductId]) -> sqlx::Result<()> {
    let axes: Vec<(ProductId, i16, &Text)> = wanted
        .iter()
        .zip(ids)
        .flat_map(|(product, id)| (1_i16..).zip(&product.axes).map(|(number, name)| (*id, number, name)))
        .collect();
    sqlx::query!(
        "INSERT INTO axes (product_id, number, name_zh, name_en)
        SELECT * FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[])
        ON CONFLICT (product_id, number) DO UPDATE SET name_en = excluded.name_en
            WHERE axes.name_en <> excluded.name_en",
        &all(&axes, |axis| axis.0) as &[ProductId],
        &all(&axes, |axis| axis.1),
        &all(&axes, |axis| axis.2.zh.clone()),
        &all(&axes, |axis| axis.2.en.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A variant with the ids of what it refers to.
struct Row<'a> {
    product: ProductId,
    choices: [Option<ChoiceId>; 3],
    variant: &'a WantedVariant,
}

fn rows<'a>(wanted: &'a [Wanted], ids: &[ProductId], made: &Made) -> anyhow::Result<Vec<Row<'a>>> {
    let mut rows = Vec::new();
    for (product, id) in wanted.iter().zip(ids) {
        for variant in &product.variants {
            let mut choices = [None; 3];
            for ((axis, choice), place) in (1_i16..).zip(&variant.choices).zip(&mut choices) {
                let Some(choice) = choice else { continue };
                let made = || made.get(&(*id, axis, choice.name.zh.clone())).copied();
                *place = Some(choice.id.or_else(made).context("a choice vanished")?);
            }
            rows.push(Row { product: *id, choices, variant });
        }
    }
    Ok(rows)
}

/// Adds the new ones behind the others, without any stock yet, and returns their ids by SKU.
async fn add_variants(tx: &mut Tx, rows: &[Row<'_>]) -> sqlx::Result<HashMap<String, VariantId>> {
    let new: Vec<&Row<'_>> = rows.iter().filter(|row| row.variant.id.is_none()).collect();
    let added = sqlx::query!(
        r#"INSERT INTO variants
            (product_id, sku, choice_1, choice_2, choice_3, price_fen, weight_g, low_at, stock, position)
        SELECT n.product, n.sku, n.one, n.two, n.three, n.price, n.weight::integer, n.low_at::integer, 0,
            coalesce(n.position::integer, n.number::integer + coalesce(
                (SELECT max(v.position) FROM variants v WHERE v.product_id = n.product), 0))
        FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[], $9::bigint[]) WITH ORDINALITY
            AS n (product, sku, one, two, three, price, weight, low_at, position, number)
        ORDER BY n.number
        RETURNING id AS "id: VariantId", sku"#,
        &all(&new, |row| row.product) as &[ProductId],
        &all(&new, |row| row.variant.sku.as_str().to_owned()),
        &all(&new, |row| row.choices[0]) as &[Option<ChoiceId>],
        &all(&new, |row| row.choices[1]) as &[Option<ChoiceId>],
        &all(&new, |row| row.choices[2]) as &[Option<ChoiceId>],
        &all(&new, |row| row.variant.price.fen()),
        &all(&new, |row| i64::from(row.variant.weight_g)),
        &all(&new, |row| row.variant.low_at.map(i64::from)) as &[Option<i64>],
        &all(&new, |row| row.variant.position.map(i64::from)) as &[Option<i64>]
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(added.into_iter().map(|row| (row.sku, row.id)).collect())
}

async fn change_variants(tx: &mut Tx, rows: &[Row<'_>]) -> sqlx::Result<()> {
    let known: Vec<&Row<'_>> = rows.iter().filter(|row| row.variant.id.is_some()).collect();
    sqlx::query!(
        "UPDATE variants v SET choice_1 = n.one, choice_2 = n.two, choice_3 = n.three, price_fen = n.price,
            weight_g = n.weight::integer, low_at = n.low_at::integer,
            position = coalesce(n.position::integer, v.position)
        FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
            $8::bigint[]) AS n (id, one, two, three, price, weight, low_at, position)
        WHERE v.id = n.id",
        &known.iter().filter_map(|row| row.variant.id).collect::<Vec<_>>() as &[VariantId],
        &all(&known, |row| row.choices[0]) as &[Option<ChoiceId>],
        &all(&known, |row| row.choices[1]) as &[Option<ChoiceId>],
        &all(&known, |row| row.choices[2]) as &[Option<ChoiceId>],
        &all(&known, |row| row.variant.price.fen()),
        &all(&known, |row| i64::from(row.variant.weight_g)),
        &all(&known, |row| row.variant.low_at.map(i64::from)) as &[Option<i64>],
        &all(&known, |row| row.variant.position.map(i64::from)) as &[Option<i64>]
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn correction(row: &Row<'_>, added: &HashMap<String, VariantId>) -> Option<Correction> {
    let (expected, to) = row.variant.stock?;
    let variant = row.variant.id.or_else(|| added.get(row.variant.sku.as_str()).copied())?;
    Some(Correction { variant, to, expected })
}
