//! How the pieces of an order come back, and are taken once more when a refund that brought them came to nothing.

use super::stock::{Cause, Move, hold, together, write};
use crate::actor::Actor;
use crate::catalog::ids::VariantId;
use crate::catalog::stock::Reason;
use crate::db::Tx;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Why an order gives pieces back.
#[derive(Debug, Clone, Copy)]
pub enum Because {
    Expired,
    Cancelled,
    /// The refund of this id.
    Refunded(i64),
}

/// Puts pieces of an order back, on the shelf or not: once for each reason, however often it is called. A refund, whose
/// end can turn round, puts back what of them it does not have there; its order must be held.
pub async fn give_back(
    tx: &mut Tx,
    order: i64,
    pieces: &[(VariantId, u32)],
    (because, actor): (Because, &Actor),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let pieces = together(pieces.iter().copied());
    let held = hold(tx, pieces.keys()).await?;
    let (reason, refund) = match because {
        Because::Expired => (Reason::Expiry, None),
        Because::Cancelled => (Reason::Cancellation, None),
        Because::Refunded(refund) => (Reason::Refund, Some(refund)),
    };
    let shelved = match refund {
        Some(refund) => shelved_by(tx, (order, refund)).await?,
        None => BTreeMap::new(),
    };
    let back = |(variant, quantity): (VariantId, i32)| {
        let delta = quantity.saturating_sub(shelved.get(&variant).copied().unwrap_or(0)).max(0);
        let balance = held.get(&variant)?.stock.checked_add(delta)?;
        Some(Move { variant, delta, balance })
    };
    let moves: Vec<Move> = pieces.into_iter().filter_map(back).collect();
    write(tx, &moves, &Cause { reason, order: Some(order), refund, note: "", actor, now }).await?;
    Ok(())
}

/// Takes the pieces again that a refund has put on the shelf: its money is the shop's after all. False when too few are
/// left; then nothing is taken. The order must be held.
pub async fn take_from_refund(
    tx: &mut Tx,
    (order, refund): (i64, i64),
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let shelved = shelved_by(tx, (order, refund)).await?;
    let held = hold(tx, shelved.keys()).await?;
    let mut moves = Vec::new();
    for (variant, wanted) in shelved {
        let left = held.get(&variant).map_or(0, |held| held.stock);
        let Some(balance) = left.checked_sub(wanted).filter(|left| *left >= 0) else { return Ok(false) };
        moves.push(Move { variant, delta: balance - left, balance });
    }
    let actor = &Actor::Weibo;
    let cause =
        Cause { reason: Reason::Reopening, order: Some(order), refund: Some(refund), note: "", actor, now };
    write(tx, &moves, &cause).await?;
    Ok(true)
}

/// What of each variant a refund has put on the shelf and not taken again.
async fn shelved_by(tx: &mut Tx, (order, refund): (i64, i64)) -> sqlx::Result<BTreeMap<VariantId, i32>> {
    let rows = sqlx::query!(
        r#"SELECT variant_id AS "variant: VariantId", sum(delta)::integer AS "pieces!" FROM stock_movements
         WHERE order_id = $1 AND refund_id = $2 GROUP BY variant_id"#,
        order,
        refund
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.variant, row.pieces)).collect())
}
