//! Stock: taking pieces, taking them again, giving them back. Stock never goes below zero: one conditional
//! UPDATE decides, and a CHECK stands behind it.
//!
//! Each call locks the variant's row until the transaction ends. Whoever moves several variants in one
//! transaction goes by ascending [`VariantId`] (an [`Offer`] tells it), so that no two wait for each other.

use super::count;
use super::offer::offers;
use crate::catalog::ids::{ProductId, Sku, Slug, VariantId};
use crate::catalog::product::Offer;
use crate::db::Tx;
use crate::money::Money;

/// Why nothing was taken.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// `left` were there when it was looked up right afterwards.
    #[error("only {left} left")]
    SoldOut { left: u32 },
    /// No such SKU, or its product is not on the shelf.
    #[error("nothing on the shelf has this SKU")]
    NoSuchVariant,
    #[error(transparent)]
    Unexpected(#[from] sqlx::Error),
}

/// Takes `quantity` pieces off the stock of a variant on the shelf and returns what it is and costs now.
/// All or nothing. `quantity` is at least 1.
pub async fn take(tx: &mut Tx, sku: &Sku, quantity: u32) -> Result<Offer, TakeError> {
    let Ok(pieces) = i32::try_from(quantity) else { return Err(why_not(tx, sku).await) };
    let taken = offers!(
        "WITH taken AS (
            UPDATE variants SET stock = variants.stock - $2 FROM products
            WHERE variants.sku = $1 AND variants.retired_at IS NULL AND variants.stock >= $2
                AND products.id = variants.product_id AND products.on_shelf
            RETURNING variants.*)",
        "taken",
        "true",
        sku as &Sku,
        pieces
    )
    .fetch_optional(&mut **tx)
    .await?;
    match taken {
        Some(row) => Ok(row.into()),
        None => Err(why_not(tx, sku).await),
    }
}

async fn why_not(tx: &mut Tx, sku: &Sku) -> TakeError {
    let left = sqlx::query_scalar!(
        "SELECT stock FROM variants v JOIN products p ON p.id = v.product_id
        WHERE v.sku = $1 AND v.retired_at IS NULL AND p.on_shelf",
        sku as &Sku
    )
    .fetch_optional(&mut **tx)
    .await;
    match left {
        Ok(Some(left)) => TakeError::SoldOut { left: count(left) },
        Ok(None) => TakeError::NoSuchVariant,
        Err(error) => TakeError::Unexpected(error),
    }
}

/// Takes pieces for an order that had given them back and is now to be fulfilled after all, on the shelf or
/// not. False when too few are left; then nothing is taken.
pub async fn take_again(tx: &mut Tx, variant: VariantId, quantity: u32) -> sqlx::Result<bool> {
    let Ok(pieces) = i32::try_from(quantity) else { return Ok(false) };
    let done = sqlx::query!(
        "UPDATE variants SET stock = stock - $2 WHERE id = $1 AND stock >= $2",
        variant as VariantId,
        pieces
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts pieces back, on the shelf or not. That it happens once is for the caller to see to: it is part of the
/// transaction that closes the order.
pub async fn give_back(tx: &mut Tx, variant: VariantId, quantity: u32) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE variants SET stock = stock + $2::bigint::integer WHERE id = $1",
        variant as VariantId,
        i64::from(quantity)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Remembers the merchant's status in which the card of this product stands.
pub async fn mark_status(tx: &mut Tx, product: ProductId, status_id: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE products SET weibo_status_id = $2 WHERE id = $1", product as ProductId, status_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
