//! From single changes to days. Everything is made in the caller's transaction or not at all: a worker that dies in
//! the middle has changed nothing.

use super::BATCH;
use crate::db::Tx;
use time::Date;

/// What a call of [`fold`] came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Folded {
    /// Nothing is left that was there when it began.
    All,
    /// More than one go may take: call again, in a new transaction.
    More,
    /// Another worker is at it.
    NotMine,
}

/// Moves what has happened into the tables by day, and the windows of best sellers to `today`. Only one worker at a
/// time does it; those who place and pay orders wait for none.
pub async fn fold(tx: &mut Tx, today: Date) -> sqlx::Result<Folded> {
    let mine = sqlx::query_scalar!("SELECT days FROM product_windows ORDER BY days FOR UPDATE SKIP LOCKED")
        .fetch_all(&mut **tx)
        .await?;
    if mine.len() != crate::figures::WINDOWS.len() {
        return Ok(Folded::NotMine);
    }
    move_windows(tx, today).await?;
    let orders = fold_orders(tx).await?;
    let products = fold_products(tx).await?;
    Ok(if orders.max(products) < BATCH { Folded::All } else { Folded::More })
}

/// Takes out of each window the days that have left it. Windows only move forward.
async fn move_windows(tx: &mut Tx, today: Date) -> sqlx::Result<()> {
    let moved = sqlx::query!(
        "WITH moved AS (
             SELECT days, from_day AS old_first, $1::date - days + 1 AS new_first FROM product_windows
             WHERE from_day < $1::date - days + 1),
         gone AS (
             SELECT m.days, f.product_id, sum(f.pieces)::bigint AS pieces, sum(f.fen)::bigint AS fen
             FROM moved m JOIN daily_product_figures f ON f.day >= m.old_first AND f.day < m.new_first
             GROUP BY 1, 2),
         less AS (
             UPDATE product_window_figures w SET pieces = w.pieces - g.pieces, fen = w.fen - g.fen
             FROM gone g WHERE w.days = g.days AND w.product_id = g.product_id)
         UPDATE product_windows w SET from_day = m.new_first FROM moved m WHERE w.days = m.days",
        today
    )
    .execute(&mut **tx)
    .await?;
    if moved.rows_affected() > 0 {
        sqlx::query!("DELETE FROM product_window_figures WHERE pieces = 0 AND fen = 0")
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// How many changes there were.
async fn fold_orders(tx: &mut Tx) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"WITH taken AS (
             DELETE FROM figure_deltas WHERE ctid = ANY (ARRAY(SELECT ctid FROM figure_deltas LIMIT $1))
             RETURNING day, placed, paid, paid_fen, refunds, refunded_fen),
         folded AS (
             INSERT INTO daily_figures AS d (day, placed, paid, paid_fen, refunds, refunded_fen)
             SELECT day, sum(placed), sum(paid), sum(paid_fen), sum(refunds), sum(refunded_fen) FROM taken GROUP BY day
             ON CONFLICT (day) DO UPDATE SET placed = d.placed + excluded.placed, paid = d.paid + excluded.paid,
                 paid_fen = d.paid_fen + excluded.paid_fen, refunds = d.refunds + excluded.refunds,
                 refunded_fen = d.refunded_fen + excluded.refunded_fen)
         SELECT count(*) AS "count!" FROM taken"#,
        BATCH
    )
    .fetch_one(&mut **tx)
    .await
}

/// How many changes there were. What is older than a window does not enter it.
async fn fold_products(tx: &mut Tx) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"WITH taken AS (
             DELETE FROM product_deltas WHERE ctid = ANY (ARRAY(SELECT ctid FROM product_deltas LIMIT $1))
             RETURNING day, product_id, pieces, fen),
         folded AS (
             INSERT INTO daily_product_figures AS d (day, product_id, pieces, fen)
             SELECT day, product_id, sum(pieces), sum(fen) FROM taken GROUP BY day, product_id
             ON CONFLICT (day, product_id)
             DO UPDATE SET pieces = d.pieces + excluded.pieces, fen = d.fen + excluded.fen),
         windowed AS (
             INSERT INTO product_window_figures AS f (days, product_id, pieces, fen)
             SELECT w.days, t.product_id, sum(t.pieces), sum(t.fen)
             FROM taken t JOIN product_windows w ON t.day >= w.from_day GROUP BY 1, 2
             ON CONFLICT (days, product_id)
             DO UPDATE SET pieces = f.pieces + excluded.pieces, fen = f.fen + excluded.fen)
         SELECT count(*) AS "count!" FROM taken"#,
        BATCH
    )
    .fetch_one(&mut **tx)
    .await
}
