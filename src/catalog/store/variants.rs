//! The variants of one product, saved all together: no statement is repeated for each of them.

use super::count;
use super::search;
use super::version::{TouchError, touch};
use super::whole::find_draft;
use crate::actor::Actor;
use crate::catalog::ids::{ChoiceId, ProductId, Sku, VariantId};
use crate::catalog::options::ROWS;
use crate::catalog::product::{Axis, Draft, Product};
use crate::catalog::shelf::Shelf;
use crate::catalog::stock::{self, Correction, Reason, StockError};
use crate::db::{Tx, violates};
use crate::money::Money;
use std::collections::BTreeSet;
use time::OffsetDateTime;

/// A row of the matrix as the merchant wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedVariant {
    /// Nothing for a new one.
    pub id: Option<VariantId>,
    /// One on each axis; only looked at for a new one.
    pub choices: Vec<ChoiceId>,
    pub sku: Sku,
    pub price: Money,
    pub weight_g: u32,
    pub stock: u32,
    /// The stock that she saw.
    pub seen: u32,
}

/// All rows, in their order, and those that are not made any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WantedMatrix {
    pub rows: Vec<WantedVariant>,
    pub gone: Vec<VariantId>,
}

/// Who saves the variants, and what the ledger of stock says of it, in words.
#[derive(Debug, Clone, Copy)]
pub struct SavedBy<'a> {
    pub actor: &'a Actor,
    /// Of a number that she counted anew.
    pub counted: &'a str,
    /// Of what was left of a variant that is not made any more.
    pub retired: &'a str,
}

/// Stock of variants that are not made any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GivenUp {
    pub variants: usize,
    pub pieces: u32,
}

/// Why the variants were not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VariantsError {
    #[error("changed by somebody else meanwhile")]
    Outdated,
    #[error("no such product")]
    NoSuchProduct,
    /// Other products have these.
    #[error("taken by other products: {0:?}")]
    SkusTaken(Vec<Sku>),
    /// A product on the shelf keeps at least one variant.
    #[error("nothing would be left to sell")]
    NothingLeft,
    #[error("more than {ROWS} variants")]
    TooMany,
    /// Rows or choices that are not this product's.
    #[error("not of this product")]
    Foreign,
    /// So much was sold meanwhile that these numbers cannot be; each with what is left.
    #[error("stock moved meanwhile")]
    StockMoved(Vec<(VariantId, u32)>),
    /// This stock would be written off, and nobody has agreed to it.
    #[error("{0:?} would be given up")]
    GivesUp(GivenUp),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<TouchError> for VariantsError {
    fn from(error: TouchError) -> VariantsError {
        match error {
            TouchError::Outdated => VariantsError::Outdated,
            TouchError::NoSuchProduct => VariantsError::NoSuchProduct,
            TouchError::Unexpected(error) => error.into(),
        }
    }
}

impl From<sqlx::Error> for VariantsError {
    fn from(error: sqlx::Error) -> VariantsError {
        if violates(&error, "variants_choices_unique") {
            return VariantsError::Foreign;
        }
        // Two products that take the same SKU at the same moment: the second is asked to look again.
        if violates(&error, "variants_sku_unique") {
            return VariantsError::SkusTaken(Vec::new());
        }
        VariantsError::Unexpected(error.into())
    }
}

impl From<StockError> for VariantsError {
    fn from(error: StockError) -> VariantsError {
        match error {
            StockError::OutOfRange(left) => VariantsError::StockMoved(left),
            StockError::NoSuchVariant => VariantsError::Foreign,
            StockError::Unexpected(error) => error.into(),
        }
    }
}

/// Saves the variants of the product whose version `expected` was shown. A row that is gone is retired: no
/// shopper finds it, orders keep it, its SKU is free, what is left of it is written off. Returns what it was before.
pub async fn save_variants(
    tx: &mut Tx,
    (id, expected): (ProductId, i32),
    wanted: &WantedMatrix,
    by: SavedBy<'_>,
    now: OffsetDateTime,
) -> Result<Draft, VariantsError> {
    touch(tx, id, expected, now).await?;
    let before = find_draft(tx, id).await?.ok_or(VariantsError::NoSuchProduct)?;
    fits(&before, wanted)?;
    let skus: Vec<&str> = wanted.rows.iter().map(|row| row.sku.as_str()).collect();
    let taken = taken_elsewhere(tx, id, &skus).await?;
    if !taken.is_empty() {
        return Err(VariantsError::SkusTaken(taken));
    }
    hold(tx, id).await?;
    retire(tx, id, &wanted.gone, by, now).await?;
    change(tx, &before.product, wanted).await?;
    let added = add(tx, id, wanted).await?;
    stock::open(tx, &added, by.actor, now).await?;
    let counted = |row: &WantedVariant| {
        let variant = row.id.filter(|_| row.stock != row.seen)?;
        Some(Correction { variant, to: row.stock, expected: row.seen })
    };
    let corrections: Vec<Correction> = wanted.rows.iter().filter_map(counted).collect();
    stock::correct_many(tx, &corrections, (Reason::Correction, by.counted), by.actor, now).await?;
    search::index(tx, id).await?;
    Ok(before)
}

/// Whether these rows can be this product's.
fn fits(before: &Draft, wanted: &WantedMatrix) -> Result<(), VariantsError> {
    let product = &before.product;
    let known = |id: &VariantId| product.variants.iter().any(|v| v.id == *id);
    let rows: Vec<VariantId> = wanted.rows.iter().filter_map(|row| row.id).collect();
    let distinct: BTreeSet<&VariantId> = rows.iter().chain(&wanted.gone).collect();
    let on_axes = |row: &&WantedVariant| {
        let fits = |(choice, axis): (&ChoiceId, &Axis)| axis.choices.iter().any(|c| c.id == *choice);
        row.choices.len() == product.axes.len() && row.choices.iter().zip(&product.axes).all(fits)
    };
    let new: Vec<&WantedVariant> = wanted.rows.iter().filter(|row| row.id.is_none()).collect();
    if distinct.len() != rows.len() + wanted.gone.len()
        || !distinct.into_iter().all(known)
        || !new.iter().all(on_axes)
    {
        return Err(VariantsError::Foreign);
    }
    let left = product.variants.len() - wanted.gone.len() + new.len();
    match left {
        0 if before.shown || before.shelf != Shelf::Off => Err(VariantsError::NothingLeft),
        left if left > ROWS => Err(VariantsError::TooMany),
        _ => Ok(()),
    }
}

async fn taken_elsewhere(tx: &mut Tx, id: ProductId, skus: &[&str]) -> sqlx::Result<Vec<Sku>> {
    sqlx::query_scalar!(
        r#"SELECT sku AS "sku: Sku" FROM variants
        WHERE sku = ANY($2::text[]) AND product_id <> $1 AND retired_at IS NULL"#,
        id as ProductId,
        skus as &[&str]
    )
    .fetch_all(&mut **tx)
    .await
}

/// Holds them in the order in which everybody does, so that a buyer and this wait for each other in turn.
pub(super) async fn hold(tx: &mut Tx, id: ProductId) -> sqlx::Result<()> {
    sqlx::query!(
        "SELECT id FROM variants WHERE product_id = $1 AND retired_at IS NULL ORDER BY id FOR NO KEY UPDATE",
        id as ProductId
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(())
}

/// What is left of these.
pub(super) async fn given_up(tx: &mut Tx, id: ProductId, gone: &[VariantId]) -> sqlx::Result<GivenUp> {
    let left = sqlx::query!(
        r#"SELECT count(*) AS "variants!", coalesce(sum(stock), 0) AS "pieces!" FROM variants
        WHERE product_id = $1 AND id = ANY($2) AND retired_at IS NULL AND stock > 0"#,
        id as ProductId,
        gone as &[VariantId]
    )
    .fetch_one(&mut **tx)
    .await?;
    let variants = usize::try_from(left.variants).unwrap_or(usize::MAX);
    Ok(GivenUp { variants, pieces: u32::try_from(left.pieces).unwrap_or(u32::MAX) })
}

/// Takes variants that are held out of the shop. What is left of them is written off, so that every page counts
/// the same pieces; what an order of theirs gives back later stays in the ledger alone.
pub(super) async fn retire(
    tx: &mut Tx,
    id: ProductId,
    gone: &[VariantId],
    by: SavedBy<'_>,
    now: OffsetDateTime,
) -> Result<(), StockError> {
    let left = sqlx::query!(
        r#"SELECT id AS "id: VariantId", stock FROM variants
        WHERE product_id = $1 AND id = ANY($2) AND retired_at IS NULL AND stock > 0"#,
        id as ProductId,
        gone as &[VariantId]
    )
    .fetch_all(&mut **tx)
    .await?;
    let nothing = |variant, stock| Correction { variant, to: 0, expected: count(stock) };
    let left: Vec<Correction> = left.into_iter().map(|row| nothing(row.id, row.stock)).collect();
    stock::correct_many(tx, &left, (Reason::Correction, by.retired), by.actor, now).await?;
    sqlx::query!(
        "UPDATE variants SET retired_at = $3, choice_1 = NULL, choice_2 = NULL, choice_3 = NULL
        WHERE product_id = $1 AND id = ANY($2) AND retired_at IS NULL",
        id as ProductId,
        gone as &[VariantId],
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn all<T>(rows: &[(usize, &WantedVariant)], of: impl Fn(&WantedVariant) -> T) -> Vec<T> {
    rows.iter().map(|(_, row)| of(row)).collect()
}

fn weight(row: &WantedVariant) -> i32 {
    i32::try_from(row.weight_g).unwrap_or(i32::MAX)
}

fn positions(rows: &[(usize, &WantedVariant)]) -> Vec<i32> {
    rows.iter().map(|(at, _)| i32::try_from(at + 1).unwrap_or(i32::MAX)).collect()
}

async fn change(tx: &mut Tx, before: &Product, wanted: &WantedMatrix) -> sqlx::Result<()> {
    let rows: Vec<_> = wanted.rows.iter().enumerate().filter(|(_, row)| row.id.is_some()).collect();
    let ids: Vec<VariantId> = rows.iter().filter_map(|(_, row)| row.id).collect();
    let renamed = |(_, row): &&(usize, &WantedVariant)| {
        let old = before.variants.iter().find(|v| Some(v.id) == row.id);
        old.is_some_and(|old| old.sku != row.sku)
    };
    let renamed: Vec<VariantId> = rows.iter().filter(renamed).filter_map(|(_, row)| row.id).collect();
    // Two that swap their SKUs would each find the other's taken. No SKU begins like this.
    sqlx::query!(
        "UPDATE variants SET sku = '~' || id WHERE product_id = $1 AND id = ANY($2)",
        before.id as ProductId,
        &renamed as &[VariantId]
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "UPDATE variants v SET sku = n.sku, price_fen = n.price, weight_g = n.weight, position = n.position
        FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::integer[], $6::integer[])
            AS n (id, sku, price, weight, position)
        WHERE v.product_id = $1 AND v.id = n.id AND v.retired_at IS NULL
            AND (v.sku, v.price_fen, v.weight_g, v.position) IS DISTINCT FROM (n.sku, n.price, n.weight, n.position)",
        before.id as ProductId,
        &ids as &[VariantId],
        &all(&rows, |row| row.sku.to_string()),
        &all(&rows, |row| row.price.fen()),
        &all(&rows, weight),
        &positions(&rows)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn add(tx: &mut Tx, product: ProductId, wanted: &WantedMatrix) -> sqlx::Result<Vec<VariantId>> {
    let rows: Vec<_> = wanted.rows.iter().enumerate().filter(|(_, row)| row.id.is_none()).collect();
    let choice = |axis: usize| all(&rows, |row| row.choices.get(axis).map(|choice| choice.0));
    sqlx::query_scalar!(
        r#"INSERT INTO variants (product_id, sku, position, choice_1, choice_2, choice_3, price_fen, stock, weight_g)
        SELECT $1, n.* FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::integer[], $9::integer[]) AS n
        RETURNING id AS "id: VariantId""#,
        product as ProductId,
        &all(&rows, |row| row.sku.to_string()),
        &positions(&rows),
        &choice(0) as &[Option<i64>],
        &choice(1) as &[Option<i64>],
        &choice(2) as &[Option<i64>],
        &all(&rows, |row| row.price.fen()),
        &all(&rows, |row| i32::try_from(row.stock).unwrap_or(i32::MAX)),
        &all(&rows, weight)
    )
    .fetch_all(&mut **tx)
    .await
}
