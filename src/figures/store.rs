//! How figures are kept. Whoever looks reads what is folded and what is not in one statement, so in one picture of
//! the database: a change is in exactly one of the two.

mod beginnings;
mod checking;
mod folding;

pub use beginnings::{Beginnings, beginnings};
pub use checking::{check, recount};
pub use folding::{Folded, fold};

use super::{Figures, Takings};
use crate::catalog::ProductId;
use crate::text::Text;
use sqlx::PgConnection;
use time::{Date, Duration};

/// So many changes are folded in one go.
const BATCH: i64 = 20_000;

/// What was sold of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sold {
    pub product: ProductId,
    pub name: Text,
    pub pieces: i64,
    pub takings: Takings,
}

struct Row {
    product: ProductId,
    name_zh: String,
    name_en: String,
    pieces: i64,
    takings: Takings,
}

impl From<Row> for Sold {
    fn from(row: Row) -> Sold {
        let name = Text { zh: row.name_zh, en: row.name_en };
        Sold { product: row.product, name, pieces: row.pieces, takings: row.takings }
    }
}

/// The figures of the days from `first` to `last`, one after the other; days without any are zero.
pub async fn by_day(conn: &mut PgConnection, first: Date, last: Date) -> sqlx::Result<Vec<(Date, Figures)>> {
    let rows = sqlx::query!(
        r#"SELECT day AS "day!", sum(placed)::bigint AS "placed!", sum(paid)::bigint AS "paid!",
             sum(paid_fen)::bigint AS "takings!: Takings", sum(refunds)::bigint AS "refunds!",
             sum(refunded_fen)::bigint AS "refunded!: Takings"
         FROM (SELECT day, placed, paid, paid_fen, refunds, refunded_fen FROM daily_figures
                 WHERE day BETWEEN $1 AND $2
             UNION ALL SELECT day, placed, paid, paid_fen, refunds, refunded_fen FROM figure_deltas
                 WHERE day BETWEEN $1 AND $2) AS all_of_it
         GROUP BY day ORDER BY day"#,
        first,
        last
    )
    .fetch_all(conn)
    .await?;
    let mut rows = rows.into_iter().peekable();
    let days = std::iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last);
    Ok(days
        .map(|day| {
            let found = rows.next_if(|row| row.day == day);
            let figures = found.map(|row| Figures {
                placed: row.placed,
                paid: row.paid,
                takings: row.takings,
                refunds: row.refunds,
                refunded: row.refunded,
            });
            (day, figures.unwrap_or_default())
        })
        .collect())
}

/// The eight products that brought most in the `days` days up to `today`, the best first. Of [`super::WINDOWS`] they
/// are kept ready; of other spans they are added up.
pub async fn best_sellers(conn: &mut PgConnection, today: Date, days: u8) -> sqlx::Result<Vec<Sold>> {
    let first = today - Duration::days(i64::from(days) - 1);
    let mut rows = best_of_window(conn, first, days).await?;
    if rows.is_empty() {
        // Nothing was sold, or the worker has not moved the window to today yet.
        rows = best_by_adding_up(conn, first, today).await?;
    }
    Ok(rows.into_iter().map(Sold::from).collect())
}

/// Of those not among the window's best, only one that was sold since the last folding can be among them now. A
/// limit that Postgres cannot see, or a join it may turn round, and it would read the whole window.
async fn best_of_window(conn: &mut PgConnection, first: Date, days: u8) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"WITH fresh AS (
             SELECT product_id, sum(pieces)::bigint AS pieces, sum(fen)::bigint AS fen
             FROM product_deltas WHERE day >= $2 GROUP BY product_id),
         named AS (
             (SELECT product_id FROM product_window_figures WHERE days = $1 ORDER BY fen DESC, product_id LIMIT 8)
             UNION SELECT product_id FROM fresh),
         best AS (
             SELECT named.product_id, coalesce(w.pieces, 0) + coalesce(f.pieces, 0) AS pieces,
                 coalesce(w.fen, 0) + coalesce(f.fen, 0) AS fen
             FROM named LEFT JOIN LATERAL (SELECT pieces, fen FROM product_window_figures
                 WHERE days = $1 AND product_id = named.product_id LIMIT 1) w ON true
             LEFT JOIN fresh f ON f.product_id = named.product_id
             ORDER BY 3 DESC, 1 LIMIT 8)
         SELECT b.product_id AS "product!: ProductId", p.name_zh, p.name_en, b.pieces AS "pieces!",
             b.fen AS "takings!: Takings"
         FROM best b JOIN products p ON p.id = b.product_id
         WHERE EXISTS (SELECT FROM product_windows WHERE days = $1 AND from_day = $2)
         ORDER BY b.fen DESC, b.product_id"#,
        i16::from(days),
        first
    )
    .fetch_all(conn)
    .await
}

async fn best_by_adding_up(conn: &mut PgConnection, first: Date, last: Date) -> sqlx::Result<Vec<Row>> {
    sqlx::query_as!(
        Row,
        r#"WITH best AS (
             SELECT product_id, sum(pieces)::bigint AS pieces, sum(fen)::bigint AS fen
             FROM (SELECT product_id, pieces, fen FROM daily_product_figures WHERE day BETWEEN $1 AND $2
                 UNION ALL SELECT product_id, pieces, fen FROM product_deltas WHERE day BETWEEN $1 AND $2) AS all_of_it
             GROUP BY product_id ORDER BY 3 DESC, 1 LIMIT 8)
         SELECT b.product_id AS "product!: ProductId", p.name_zh, p.name_en, b.pieces AS "pieces!",
             b.fen AS "takings!: Takings"
         FROM best b JOIN products p ON p.id = b.product_id ORDER BY b.fen DESC, b.product_id"#,
        first,
        last
    )
    .fetch_all(conn)
    .await
}
