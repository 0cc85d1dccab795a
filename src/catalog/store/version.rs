//! Two who edit the same product: whoever saves second is told, and overwrites nothing unseen.

use crate::catalog::ids::ProductId;
use crate::db::Tx;
use time::OffsetDateTime;

/// Why nothing may be saved.
#[derive(Debug, thiserror::Error)]
pub enum TouchError {
    /// Somebody has changed the product since this version was shown.
    #[error("changed by somebody else meanwhile")]
    Outdated,
    #[error("no such product")]
    NoSuchProduct,
    #[error(transparent)]
    Unexpected(#[from] sqlx::Error),
}

/// Begins a change of a product of which `expected` is the version that was shown: holds its row until the
/// transaction ends and returns the new version. Called first, by everything that edits a product or its parts.
pub async fn touch(
    tx: &mut Tx,
    product: ProductId,
    expected: i32,
    now: OffsetDateTime,
) -> Result<i32, TouchError> {
    let version = sqlx::query_scalar!(
        "UPDATE products SET version = version + 1, updated_at = $3 WHERE id = $1 AND version = $2
        RETURNING version",
        product as ProductId,
        expected,
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    match version {
        Some(version) => Ok(version),
        None if exists(tx, product).await? => Err(TouchError::Outdated),
        None => Err(TouchError::NoSuchProduct),
    }
}

async fn exists(tx: &mut Tx, product: ProductId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM products WHERE id = $1) AS "exists!""#,
        product as ProductId
    )
    .fetch_one(&mut **tx)
    .await
}
