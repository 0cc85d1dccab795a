//! How pieces are taken and counted anew: the stock and its movement in one transaction, most often in one statement.
//!
//! Each call locks the variants' rows until the transaction ends, by ascending [`VariantId`], so that no two wait
//! for each other. Whoever calls [`take`] for several variants in one transaction goes in that order too.

use super::count;
use super::offer::offers;
use crate::actor::Actor;
use crate::catalog::ids::{ProductId, Sku, Slug, VariantId};
use crate::catalog::product::Offer;
use crate::catalog::stock::{Correction, Reason, StockError};
use crate::db::Tx;
use crate::money::Money;
use anyhow::ensure;
use std::collections::BTreeMap;
use time::OffsetDateTime;

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

/// Takes `quantity` pieces off the stock of a variant on the shelf, for the order of this id that is placed in
/// the same transaction, and returns what it is and costs now. All or nothing. `quantity` is at least 1.
pub async fn take(
    tx: &mut Tx,
    order: i64,
    sku: &Sku,
    quantity: u32,
    now: OffsetDateTime,
) -> Result<Offer, TakeError> {
    let Ok(pieces) = i32::try_from(quantity) else { return Err(why_not(tx, sku).await) };
    let taken = offers!(
        "WITH taken AS (
            UPDATE variants SET stock = variants.stock - $2 FROM products
            WHERE variants.sku = $1 AND variants.retired_at IS NULL AND variants.stock >= $2
                AND products.id = variants.product_id AND products.on_shelf
            RETURNING variants.*),
        moved AS (
            INSERT INTO stock_movements (variant_id, delta, balance, reason, order_id, actor, at)
            SELECT id, -$2, stock, 'sale', $3, 'buyer', $4 FROM taken)",
        "taken",
        "true",
        sku as &Sku,
        pieces,
        order,
        now
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

/// Takes all these pieces for an order that had given them back and is now to be fulfilled after all, on the
/// shelf or not, each at the price that stands beside it. False when too few of one are left or one costs something
/// else now; then nothing is taken.
pub async fn take_again(
    tx: &mut Tx,
    order: i64,
    pieces: &[(VariantId, u32, Money)],
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let wanted = together(pieces.iter().map(|(variant, quantity, _)| (*variant, *quantity)));
    // Held, so that neither changes before the order has them.
    let held = hold(tx, wanted.keys()).await?;
    let same_price = |(variant, _, price): &(VariantId, u32, Money)| {
        held.get(variant).is_some_and(|held| held.price == *price)
    };
    if !pieces.iter().all(same_price) {
        return Ok(false);
    }
    let mut moves = Vec::new();
    for (variant, wanted) in wanted {
        let left = held.get(&variant).map_or(0, |held| held.stock);
        let Some(balance) = left.checked_sub(wanted).filter(|left| *left >= 0) else { return Ok(false) };
        moves.push(Move { variant, delta: balance - left, balance });
    }
    let cause = Cause { reason: Reason::Reopening, order: Some(order), refund: None, note: "", actor, now };
    let written = write(tx, &moves, &cause).await?;
    // Nobody reopens an order twice; if somebody did, it would be sent without its pieces being taken.
    ensure!(written == moves.len(), "order {order} has taken its pieces again before");
    Ok(true)
}

/// Writes down what new variants have, once they are inserted with their stock.
pub async fn open(
    tx: &mut Tx,
    variants: &[VariantId],
    actor: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO stock_movements (variant_id, delta, balance, reason, actor, staff_id, staff_name, at)
        SELECT v.id, v.stock, v.stock, 'opening', $2, $3, $4, $5 FROM variants v
        WHERE v.id = ANY($1) AND v.stock > 0
            AND NOT EXISTS (SELECT FROM stock_movements m WHERE m.variant_id = v.id)
        ORDER BY v.id",
        variants as &[VariantId],
        actor.kind(),
        actor.staff_id(),
        actor.staff_name(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Corrects one variant to what somebody counted: see [`Correction`]. `reason` is hers, in words. Returns what it
/// had and has now, where that is not the same.
#[expect(
    clippy::too_many_arguments,
    reason = "what, to what, from what, why, who and when: none can be left out"
)]
pub async fn correct(
    tx: &mut Tx,
    variant: VariantId,
    to: u32,
    expected: u32,
    reason: &str,
    actor: &Actor,
    now: OffsetDateTime,
) -> Result<Option<(u32, u32)>, StockError> {
    let correction = Correction { variant, to, expected };
    let moves = apply(tx, &[correction], (Reason::Correction, reason), actor, now).await?;
    Ok(moves.first().map(|moved| (count(moved.balance - moved.delta), count(moved.balance))))
}

/// Corrects many variants, all or none. `why` is [`Reason::Correction`] or [`Reason::Import`], and words of
/// hers. A variant that stands there twice counts as it stands last.
pub async fn correct_many(
    tx: &mut Tx,
    corrections: &[Correction],
    why: (Reason, &str),
    actor: &Actor,
    now: OffsetDateTime,
) -> Result<(), StockError> {
    apply(tx, corrections, why, actor, now).await.map(drop)
}

async fn apply(
    tx: &mut Tx,
    corrections: &[Correction],
    why: (Reason, &str),
    actor: &Actor,
    now: OffsetDateTime,
) -> Result<Vec<Move>, StockError> {
    let wanted: BTreeMap<VariantId, &Correction> = corrections.iter().map(|c| (c.variant, c)).collect();
    let held = hold(tx, wanted.keys()).await?;
    let (mut moves, mut refused) = (Vec::new(), Vec::new());
    for (variant, Correction { to, expected, .. }) in wanted {
        let left = held.get(&variant).ok_or(StockError::NoSuchVariant)?.stock;
        let applied = i64::from(left) + i64::from(*to) - i64::from(*expected);
        match i32::try_from(applied) {
            Ok(balance) if balance == left => {}
            Ok(balance) if balance >= 0 => moves.push(Move { variant, delta: balance - left, balance }),
            _ => refused.push((variant, count(left))),
        }
    }
    if !refused.is_empty() {
        return Err(StockError::OutOfRange(refused));
    }
    write(tx, &moves, &Cause { reason: why.0, order: None, refund: None, note: why.1, actor, now }).await?;
    Ok(moves)
}

/// Pieces by variant in lock order, those of one variant together.
pub(super) fn together(pieces: impl Iterator<Item = (VariantId, u32)>) -> BTreeMap<VariantId, i32> {
    let mut all = BTreeMap::<VariantId, i32>::new();
    for (variant, quantity) in pieces {
        let sum = all.entry(variant).or_default();
        *sum = sum.saturating_add(i32::try_from(quantity).unwrap_or(i32::MAX));
    }
    all
}

/// A variant whose row is held.
pub(super) struct Held {
    pub stock: i32,
    price: Money,
}

/// Holds the variants' rows until the transaction ends, and tells what each has and costs.
pub(super) async fn hold(
    tx: &mut Tx,
    variants: impl Iterator<Item = &VariantId>,
) -> sqlx::Result<BTreeMap<VariantId, Held>> {
    let variants: Vec<VariantId> = variants.copied().collect();
    let rows = sqlx::query!(
        r#"SELECT id AS "id: VariantId", stock, price_fen AS "price: Money" FROM variants
         WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE"#,
        &variants as &[VariantId]
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, Held { stock: row.stock, price: row.price })).collect())
}

/// Pieces that come or go, of a variant whose row is held.
pub(super) struct Move {
    pub variant: VariantId,
    pub delta: i32,
    pub balance: i32,
}

pub(super) struct Cause<'a> {
    pub reason: Reason,
    pub order: Option<i64>,
    pub refund: Option<i64>,
    pub note: &'a str,
    pub actor: &'a Actor,
    pub now: OffsetDateTime,
}

/// Writes movements and with them the stock. What the ledger has already for this order and reason moves
/// nothing again; of a refund, in this turn. Returns how many moved.
pub(super) async fn write(tx: &mut Tx, moves: &[Move], cause: &Cause<'_>) -> sqlx::Result<usize> {
    let moves = moves.iter().filter(|m| m.delta != 0);
    let (mut variants, mut deltas, mut balances) = (Vec::new(), Vec::new(), Vec::new());
    for Move { variant, delta, balance } in moves {
        variants.push(*variant);
        deltas.push(*delta);
        balances.push(*balance);
    }
    let done = sqlx::query!(
        "WITH moved AS (
            INSERT INTO stock_movements
                (variant_id, delta, balance, reason, order_id, note, actor, staff_id, staff_name, at, refund_id, turn)
            SELECT m.variant, m.delta, m.balance, $4, $5, $6, $7, $8, $9, $10, $11::bigint,
                (SELECT count(*) FROM stock_movements b WHERE $11::bigint IS NOT NULL AND b.refund_id = $11
                    AND b.order_id = $5 AND b.variant_id = m.variant AND b.reason = $4)
            FROM unnest($1::bigint[], $2::integer[], $3::integer[]) AS m (variant, delta, balance)
            ON CONFLICT (order_id, variant_id, reason, coalesce(refund_id, 0), turn) DO NOTHING
            RETURNING variant_id, balance)
        UPDATE variants v SET stock = moved.balance FROM moved WHERE v.id = moved.variant_id",
        &variants as &[VariantId],
        &deltas,
        &balances,
        cause.reason.name(),
        cause.order,
        cause.note,
        cause.actor.kind(),
        cause.actor.staff_id(),
        cause.actor.staff_name(),
        cause.now,
        cause.refund
    )
    .execute(&mut **tx)
    .await?;
    Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
}

/// Remembers the merchant's status in which the card of this product stands.
pub async fn mark_status(tx: &mut Tx, product: ProductId, status_id: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE products SET weibo_status_id = $2 WHERE id = $1", product as ProductId, status_id)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
