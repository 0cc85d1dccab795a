//! Whether the figures are what the orders and the ledger say.

use crate::db::Db;
use sqlx::PgConnection;

/// So many differences are told; one is enough to know that something is wrong.
const TOLD: i64 = 20;

/// [`check`] with as much time as it takes: of a million orders some seconds.
pub async fn recount(db: &Db) -> sqlx::Result<Vec<String>> {
    let mut tx = db.begin().await?;
    sqlx::query!("SET LOCAL statement_timeout = '5min'").execute(&mut *tx).await?;
    check(&mut tx).await
}

/// Counts everything anew and tells where the figures, folded and unfolded together, are something else; empty when
/// all is well. Reads every order: for a worker and for tests, not for a page.
pub async fn check(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut differences = days(conn).await?;
    differences.extend(products(conn).await?);
    differences.extend(windows(conn).await?);
    Ok(differences)
}

/// Money is what the ledger says; that the orders say the same, `payments::check` looks.
async fn days(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH happened AS (
             SELECT shop_day(placed_at) AS day, 1 AS placed, 0 AS paid, 0 AS fen, 0 AS refunds, 0 AS refunded FROM orders
             UNION ALL SELECT shop_day(entered_at), 0, 1, amount_fen, 0, 0 FROM ledger WHERE kind = 'paid'
             UNION ALL SELECT shop_day(r.entered_at), 0, 0, 0, -sign(r.amount_fen)::integer, -r.amount_fen
                 FROM ledger r JOIN ledger p ON p.payment_id = r.payment_id AND p.kind = 'paid'
                 WHERE r.refund_id IS NOT NULL),
         should AS (SELECT day, ARRAY[sum(placed), sum(paid), sum(fen), sum(refunds), sum(refunded)] AS sums
             FROM happened GROUP BY day),
         is_so AS (
             SELECT day, ARRAY[sum(placed), sum(paid), sum(paid_fen), sum(refunds), sum(refunded_fen)] AS sums
             FROM (SELECT day, placed, paid, paid_fen, refunds, refunded_fen FROM daily_figures
                 UNION ALL SELECT day, placed, paid, paid_fen, refunds, refunded_fen FROM figure_deltas) AS all_of_it
             GROUP BY day)
         SELECT format('%s: placed, paid, fen, refunds, fen %s; should be %s', day, i.sums, s.sums) AS "told!"
         FROM should s FULL JOIN is_so i USING (day)
         WHERE s.sums IS DISTINCT FROM i.sums ORDER BY day LIMIT $1"#,
        TOLD
    )
    .fetch_all(conn)
    .await
}

async fn products(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH should AS (
             SELECT shop_day(p.entered_at) AS day, l.product_id, sum(l.quantity) AS pieces, sum(l.paid_fen) AS fen
             FROM ledger p JOIN order_lines l ON l.order_id = p.order_id WHERE p.kind = 'paid' GROUP BY 1, 2),
         is_so AS (
             SELECT day, product_id, sum(pieces) AS pieces, sum(fen) AS fen
             FROM (SELECT * FROM daily_product_figures UNION ALL SELECT * FROM product_deltas) AS all_of_it
             GROUP BY day, product_id)
         SELECT format('%s: product %s sold %s, %s fen; should be %s, %s', day, product_id, i.pieces, i.fen,
             s.pieces, s.fen) AS "told!"
         FROM should s FULL JOIN is_so i USING (day, product_id)
         WHERE (s.pieces, s.fen) IS DISTINCT FROM (i.pieces, i.fen) ORDER BY day, product_id LIMIT $1"#,
        TOLD
    )
    .fetch_all(conn)
    .await
}

/// A window holds what its folded days hold.
async fn windows(conn: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    sqlx::query_scalar!(
        r#"WITH should AS (
             SELECT w.days, f.product_id, sum(f.pieces) AS pieces, sum(f.fen) AS fen
             FROM product_windows w JOIN daily_product_figures f ON f.day >= w.from_day GROUP BY 1, 2)
         SELECT format('%s days: product %s sold %s, %s fen; should be %s, %s', days, product_id, i.pieces, i.fen,
             s.pieces, s.fen) AS "told!"
         FROM should s FULL JOIN product_window_figures i USING (days, product_id)
         WHERE (s.pieces, s.fen) IS DISTINCT FROM (i.pieces, i.fen) ORDER BY days, product_id LIMIT $1"#,
        TOLD
    )
    .fetch_all(conn)
    .await
}
