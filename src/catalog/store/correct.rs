//! Corrections of stock by what somebody counted, until the ledger keeps them.

use crate::actor::Actor;
use crate::catalog::ids::VariantId;
use crate::db::Tx;
use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    Correction,
}

/// What somebody counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Correction {
    pub variant: VariantId,
    /// The number that it shall be, had nothing moved meanwhile.
    pub to: u32,
    /// The number that she saw. The difference is what is applied: a sale in between stays sold.
    pub expected: u32,
}

/// Why nothing was corrected. Then nothing at all was changed.
#[derive(Debug, thiserror::Error)]
pub enum StockError {
    #[error("the number cannot be applied to what is left now: {0:?}")]
    OutOfRange(Vec<(VariantId, u32)>),
    #[error("no such variant")]
    NoSuchVariant,
    #[error(transparent)]
    Unexpected(#[from] sqlx::Error),
}

/// Writes down what new variants have, once they are inserted with their stock.
pub async fn open(_: &mut Tx, _: &[VariantId], _: &Actor, _: OffsetDateTime) -> sqlx::Result<()> {
    Ok(())
}

/// Corrects many variants, all or none.
pub async fn correct_many(
    tx: &mut Tx,
    corrections: &[Correction],
    _why: (Reason, &str),
    _actor: &Actor,
    _now: OffsetDateTime,
) -> Result<(), StockError> {
    for Correction { variant, to, expected } in corrections {
        let left = sqlx::query_scalar!(
            "SELECT stock FROM variants WHERE id = $1 FOR NO KEY UPDATE",
            variant as &VariantId
        )
        .fetch_optional(&mut **tx)
        .await?
        .ok_or(StockError::NoSuchVariant)?;
        let Ok(stock) = i32::try_from(i64::from(left) + i64::from(*to) - i64::from(*expected)) else {
            return Err(StockError::OutOfRange(vec![(*variant, super::count(left))]));
        };
        if stock < 0 {
            return Err(StockError::OutOfRange(vec![(*variant, super::count(left))]));
        }
        sqlx::query!("UPDATE variants SET stock = $2 WHERE id = $1", variant as &VariantId, stock)
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
