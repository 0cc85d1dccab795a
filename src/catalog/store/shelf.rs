//! The shelf and the archive: one product by the clock, many at once by the merchant.

use super::search;
use crate::catalog::ids::{CategoryId, ProductId};
use crate::catalog::shelf::Shelf;
use crate::db::Tx;
use crate::jobs::{self, Job};
use time::OffsetDateTime;

/// Holds a product's row: whether it is shown, and what the merchant wants.
pub(in crate::catalog) async fn hold(tx: &mut Tx, id: ProductId) -> sqlx::Result<Option<(bool, Shelf)>> {
    let row = sqlx::query!(
        "SELECT on_shelf, shelf_from, shelf_until FROM products WHERE id = $1 FOR NO KEY UPDATE",
        id as ProductId
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.on_shelf, Shelf::from_columns(row.on_shelf, row.shelf_from, row.shelf_until))))
}

pub(in crate::catalog) async fn turn(
    tx: &mut Tx,
    id: ProductId,
    shown: bool,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE products SET on_shelf = $2, updated_at = $3 WHERE id = $1",
        id as ProductId,
        shown,
        now
    )
    .execute(&mut **tx)
    .await?;
    search::index(tx, id).await?;
    Ok(())
}

/// Sees to it that the schedule of this product is minded.
pub(in crate::catalog) async fn mind_later(
    tx: &mut Tx,
    id: ProductId,
    shelf: Shelf,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    match shelf.next_change(now) {
        Some(at) => jobs::enqueue(tx, &Job::MindShelf { product: id.0 }, at).await,
        None => Ok(()),
    }
}

/// How a product stands before something is done to many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    pub id: ProductId,
    pub shelf: Shelf,
    pub category: CategoryId,
}

/// Holds the rows of these products until the transaction ends, in the order in which [`change_many`] does.
pub async fn hold_many(tx: &mut Tx, products: &[ProductId]) -> sqlx::Result<Vec<Held>> {
    let rows = sqlx::query!(
        r#"SELECT id AS "id: ProductId", on_shelf, shelf_from, shelf_until, category_id AS "category: CategoryId"
        FROM products WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"#,
        products as &[ProductId]
    )
    .fetch_all(&mut **tx)
    .await?;
    let held = rows.into_iter().map(|row| {
        let shelf = Shelf::from_columns(row.on_shelf, row.shelf_from, row.shelf_until);
        Held { id: row.id, shelf, category: row.category }
    });
    Ok(held.collect())
}

/// What can be done to many products at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Many {
    /// At once and without an end; what has nothing to sell or is archived stays where it is.
    PutOnShelf,
    TakeOff,
    Archive,
    BringBack,
    MoveTo(CategoryId),
}

/// Does it to those of `products` to which it can be done, and returns which those were. Their versions rise:
/// whoever has one of them open is told. Moving to no category violates `products_category_id_fkey`.
pub async fn change_many(
    tx: &mut Tx,
    products: &[ProductId],
    what: Many,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<ProductId>> {
    let (put, off) = (what == Many::PutOnShelf, what == Many::TakeOff);
    let (archive, back) = (what == Many::Archive, what == Many::BringBack);
    let to = if let Many::MoveTo(category) = what { Some(category) } else { None };
    let done = sqlx::query_scalar!(
        r#"UPDATE products SET version = version + 1, updated_at = $2,
            on_shelf = CASE WHEN $3 THEN true WHEN $4 OR $5 THEN false ELSE on_shelf END,
            shelf_from = CASE WHEN $3 OR $4 OR $5 THEN NULL ELSE shelf_from END,
            shelf_until = CASE WHEN $3 OR $4 OR $5 THEN NULL ELSE shelf_until END,
            archived_at = CASE WHEN $5 THEN $2 WHEN $6 THEN NULL ELSE archived_at END,
            category_id = coalesce($7, category_id)
        WHERE id IN (SELECT id FROM products WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE)
            AND (archived_at IS NOT NULL) = $6
            AND (NOT $3 OR EXISTS (SELECT FROM variants v WHERE v.product_id = products.id AND v.retired_at IS NULL))
        RETURNING id AS "id: ProductId""#,
        products as &[ProductId],
        now,
        put,
        off,
        archive,
        back,
        to as Option<CategoryId>
    )
    .fetch_all(&mut **tx)
    .await?;
    search::index_many(tx, &done).await?;
    Ok(done)
}
