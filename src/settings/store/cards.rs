//! How the settings of commodity cards are kept.

use super::one;
use crate::db::Tx;
use crate::settings::{Cards, Stale};

/// Saves them over those of `version`.
pub async fn save_cards(tx: &mut Tx, new: &Cards, version: i64) -> sqlx::Result<Result<(), Stale>> {
    let saved = sqlx::query!(
        "UPDATE shop SET card_price_field = $2, card_verification = $3, origin_days = $4,
             cards_version = cards_version + 1
         WHERE cards_version = $1",
        version,
        new.price_field,
        new.verification,
        i32::try_from(new.origin_days).unwrap_or(i32::MAX)
    )
    .execute(&mut **tx)
    .await?;
    Ok(one(saved.rows_affected()))
}
