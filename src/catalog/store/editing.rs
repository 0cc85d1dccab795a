//! What a merchant says of a product, its variants aside: making it, changing it.

use super::search;
use super::shelf::mind_later;
use super::version::{TouchError, touch};
use super::whole::find_draft;
use crate::catalog::ids::{CategoryId, ProductId, Slug};
use crate::catalog::naming;
use crate::catalog::product::Draft;
use crate::catalog::shelf::Shelf;
use crate::db::{Tx, violates};
use crate::text::Text;
use time::OffsetDateTime;

/// What is said on the first page of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basics {
    /// Proposed from the name where it is nothing.
    pub slug: Option<Slug>,
    pub category: CategoryId,
    pub name: Text,
    pub summary: Text,
    /// Markdown.
    pub description: Text,
    pub shelf: Shelf,
}

/// Why a product was not saved. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Somebody has changed it since this version was shown.
    #[error("changed by somebody else meanwhile")]
    Outdated,
    #[error("no such product")]
    NoSuchProduct,
    #[error("another product has this address")]
    SlugTaken,
    #[error("no such category")]
    NoSuchCategory,
    /// It cannot come onto the shelf without a variant.
    #[error("nothing to sell yet")]
    NothingToSell,
    #[error("it is archived")]
    Archived,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<TouchError> for EditError {
    fn from(error: TouchError) -> EditError {
        match error {
            TouchError::Outdated => EditError::Outdated,
            TouchError::NoSuchProduct => EditError::NoSuchProduct,
            TouchError::Unexpected(error) => error.into(),
        }
    }
}

impl From<sqlx::Error> for EditError {
    fn from(error: sqlx::Error) -> EditError {
        if violates(&error, "products_slug_unique") {
            EditError::SlugTaken
        } else if violates(&error, "products_category_id_fkey") {
            EditError::NoSuchCategory
        } else {
            EditError::Unexpected(error.into())
        }
    }
}

/// Makes a product, off the shelf and without variants, behind the others.
pub async fn create(tx: &mut Tx, new: &Basics, now: OffsetDateTime) -> Result<ProductId, EditError> {
    if new.shelf != Shelf::Off {
        return Err(EditError::NothingToSell);
    }
    let slug = slug_of(tx, new, None).await?;
    let id = sqlx::query_scalar!(
        r#"INSERT INTO products (slug, category_id, name_zh, name_en, summary_zh, summary_en,
            description_zh, description_en, created_at, updated_at, position)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, (SELECT coalesce(max(position), 0) + 1 FROM products))
        RETURNING id AS "id: ProductId""#,
        slug.as_str(),
        new.category as CategoryId,
        new.name.zh,
        new.name.en,
        new.summary.zh,
        new.summary.en,
        new.description.zh,
        new.description.en,
        now
    )
    .fetch_one(&mut **tx)
    .await?;
    search::index(tx, id).await?;
    Ok(id)
}

/// Saves what was said of the product whose version `expected` was shown, puts it on the shelf or takes it off
/// at once where that is due, and sees to it that the clock does the rest. Returns what it was before.
pub async fn save(
    tx: &mut Tx,
    id: ProductId,
    expected: i32,
    new: &Basics,
    now: OffsetDateTime,
) -> Result<Draft, EditError> {
    touch(tx, id, expected, now).await?;
    let before = find_draft(tx, id).await?.ok_or(EditError::NoSuchProduct)?;
    if before.archived_at.is_some() && new.shelf != Shelf::Off {
        return Err(EditError::Archived);
    }
    if before.product.variants.is_empty() && new.shelf != Shelf::Off {
        return Err(EditError::NothingToSell);
    }
    let slug = slug_of(tx, new, Some(id)).await?;
    sqlx::query!(
        "UPDATE products SET slug = $2, category_id = $3, name_zh = $4, name_en = $5, summary_zh = $6,
            summary_en = $7, description_zh = $8, description_en = $9, on_shelf = $10, shelf_from = $11,
            shelf_until = $12
        WHERE id = $1",
        id as ProductId,
        slug.as_str(),
        new.category as CategoryId,
        new.name.zh,
        new.name.en,
        new.summary.zh,
        new.summary.en,
        new.description.zh,
        new.description.en,
        new.shelf.shows_at(now),
        new.shelf.from(),
        new.shelf.until()
    )
    .execute(&mut **tx)
    .await?;
    mind_later(tx, id, new.shelf, now).await?;
    search::index(tx, id).await?;
    Ok(before)
}

/// Archives the product whose version `expected` was shown, or brings it back, off the shelf.
pub async fn archive(
    tx: &mut Tx,
    id: ProductId,
    expected: i32,
    archived: bool,
    now: OffsetDateTime,
) -> Result<(), EditError> {
    touch(tx, id, expected, now).await?;
    sqlx::query!(
        "UPDATE products SET on_shelf = false, shelf_from = NULL, shelf_until = NULL, archived_at = $2
        WHERE id = $1",
        id as ProductId,
        archived.then_some(now)
    )
    .execute(&mut **tx)
    .await?;
    search::index(tx, id).await?;
    Ok(())
}

/// The address that was typed, or a free one made of the name.
async fn slug_of(tx: &mut Tx, new: &Basics, own: Option<ProductId>) -> Result<Slug, EditError> {
    if let Some(slug) = &new.slug {
        return Ok(slug.clone());
    }
    let made = naming::propose(&new.name).or_else(|| Slug::parse("product").ok());
    let Some(wanted) = made else { return Err(EditError::SlugTaken) };
    // A slug that leads on to another product is left to it.
    let taken = sqlx::query_scalar!(
        r#"SELECT slug AS "slug!: Slug" FROM products WHERE slug = ANY($1) AND id IS DISTINCT FROM $2
        UNION SELECT slug FROM product_slugs_past WHERE slug = ANY($1) AND product_id IS DISTINCT FROM $2"#,
        &numbered(&wanted),
        own as Option<ProductId>
    )
    .fetch_all(&mut **tx)
    .await?;
    naming::free(&wanted, &taken).ok_or(EditError::SlugTaken)
}

/// The addresses that [`naming::free`] tries first.
fn numbered(wanted: &Slug) -> Vec<String> {
    let more = (2..200).map(|n| format!("{wanted}-{n}"));
    std::iter::once(wanted.to_string()).chain(more).collect()
}
