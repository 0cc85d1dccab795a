//! Reading the ledger and what is in stock, and whether the two agree.

use super::{count, decode_error};
use crate::actor::Actor;
use crate::catalog::ids::{ProductId, Sku, VariantId};
use crate::catalog::product::joined;
use crate::catalog::stock::{Check, Cursor, Difference, LOW_COUNTED, Level, Movement, Reason, View};
use crate::db::{Db, Tx};
use crate::text::Text;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;

/// How many variants on the shelf are sold out or run low; counted up to one more than [`LOW_COUNTED`].
pub async fn low_count(conn: &mut PgConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM (SELECT FROM variants v JOIN products p ON p.id = v.product_id
            WHERE v.shortage IS NOT NULL AND p.on_shelf LIMIT $1) AS short"#,
        LOW_COUNTED + 1
    )
    .fetch_one(conn)
    .await
}

/// Selects [`Level`]s: which variants, the rest of the statement, and the arguments.
macro_rules! levels {
    ($which:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            LevelRow,
            r#"SELECT v.id AS "variant: VariantId", p.id AS "product: ProductId", v.sku AS "sku: Sku",
                p.name_zh, p.name_en, p.on_shelf, v.stock, v.low_at, v.low_default,
                c1.name_zh AS "choice_1_zh?", c1.name_en AS "choice_1_en?",
                c2.name_zh AS "choice_2_zh?", c2.name_en AS "choice_2_en?",
                c3.name_zh AS "choice_3_zh?", c3.name_en AS "choice_3_en?"
            FROM variants v
            JOIN products p ON p.id = v.product_id
            LEFT JOIN choices c1 ON c1.id = v.choice_1
            LEFT JOIN choices c2 ON c2.id = v.choice_2
            LEFT JOIN choices c3 ON c3.id = v.choice_3
            WHERE v.retired_at IS NULL AND "# + $which,
            $($argument),*
        )
    };
}

struct LevelRow {
    variant: VariantId,
    product: ProductId,
    sku: Sku,
    name_zh: String,
    name_en: String,
    on_shelf: bool,
    stock: i32,
    low_at: Option<i32>,
    low_default: i32,
    choice_1_zh: Option<String>,
    choice_1_en: Option<String>,
    choice_2_zh: Option<String>,
    choice_2_en: Option<String>,
    choice_3_zh: Option<String>,
    choice_3_en: Option<String>,
}

impl From<LevelRow> for Level {
    fn from(row: LevelRow) -> Level {
        let choices = [
            (row.choice_1_zh, row.choice_1_en),
            (row.choice_2_zh, row.choice_2_en),
            (row.choice_3_zh, row.choice_3_en),
        ];
        let name =
            |(zh, en): (Option<String>, Option<String>)| Some(Text { zh: zh?, en: en.unwrap_or_default() });
        let choices: Vec<Text> = choices.into_iter().filter_map(name).collect();
        Level {
            variant: row.variant,
            product: row.product,
            sku: row.sku,
            product_name: Text { zh: row.name_zh, en: row.name_en },
            choice_name: joined(choices.iter()),
            on_shelf: row.on_shelf,
            stock: count(row.stock),
            low_at: row.low_at.map(count),
            low_default: count(row.low_default),
        }
    }
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// At most `limit` variants behind `after`, in the order of the view.
pub async fn levels(
    conn: &mut PgConnection,
    view: View,
    after: Option<Cursor>,
    limit: usize,
) -> sqlx::Result<Vec<Level>> {
    let Cursor { shortage, variant } = after.unwrap_or(Cursor::START);
    let found = match view {
        View::Short => {
            levels!(
                "v.shortage IS NOT NULL AND p.on_shelf AND (v.shortage, v.id) > ($1, $2)
                ORDER BY v.shortage, v.id LIMIT $3",
                shortage,
                variant as VariantId,
                rows(limit)
            )
            .fetch_all(conn)
            .await?
        }
        View::All => {
            levels!("v.id > $1 ORDER BY v.id LIMIT $2", variant as VariantId, rows(limit))
                .fetch_all(conn)
                .await?
        }
    };
    Ok(found.into_iter().map(Level::from).collect())
}

/// The variants of these products, in their order; at most `limit`.
pub async fn levels_of(
    conn: &mut PgConnection,
    products: &[ProductId],
    limit: usize,
) -> sqlx::Result<Vec<Level>> {
    let found = levels!(
        "v.product_id = ANY($1) ORDER BY array_position($1, v.product_id), v.position, v.id LIMIT $2",
        products as &[ProductId],
        rows(limit)
    );
    Ok(found.fetch_all(conn).await?.into_iter().map(Level::from).collect())
}

/// One variant that is made, on the shelf or not.
pub async fn level(conn: &mut PgConnection, sku: &Sku) -> sqlx::Result<Option<Level>> {
    let row = levels!("v.sku = $1", sku as &Sku).fetch_optional(conn).await?;
    Ok(row.map(Level::from))
}

/// At most `limit` movements of a variant before that of the id `before`, the latest first.
pub async fn movements(
    conn: &mut PgConnection,
    variant: VariantId,
    before: Option<i64>,
    limit: usize,
) -> sqlx::Result<Vec<Movement>> {
    let found = sqlx::query!(
        "SELECT id, delta, balance, reason, order_id, note, actor, staff_id, staff_name, at
        FROM stock_movements WHERE variant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        variant as VariantId,
        before.unwrap_or(i64::MAX),
        rows(limit)
    )
    .fetch_all(conn)
    .await?;
    let mut movements = Vec::new();
    for row in found {
        let reason = Reason::parse(&row.reason).ok_or_else(|| decode_error("reason", "is not known"))?;
        let actor = Actor::from_columns(&row.actor, row.staff_id, row.staff_name);
        let (balance, order) = (count(row.balance), row.order_id);
        movements.push(Movement {
            id: row.id,
            delta: row.delta,
            balance,
            reason,
            order,
            note: row.note,
            actor,
            at: row.at,
        });
    }
    Ok(movements)
}

/// The variants whose movements do not add up to their stock.
pub async fn check(conn: &mut PgConnection) -> sqlx::Result<Vec<Difference>> {
    sqlx::query_as!(
        Difference,
        r#"SELECT v.id AS "variant: VariantId", v.sku AS "sku: Sku", v.stock::bigint AS "stock!",
            coalesce(m.sum, 0) AS "ledger!"
        FROM variants v
        LEFT JOIN (SELECT variant_id, sum(delta) AS sum FROM stock_movements GROUP BY variant_id) m
            ON m.variant_id = v.id
        WHERE v.stock <> coalesce(m.sum, 0) ORDER BY v.id LIMIT 100"#
    )
    .fetch_all(conn)
    .await
}

/// Compares the ledger with the stock and keeps what was found for the page that shows it.
pub async fn compare(db: &Db, now: OffsetDateTime) -> sqlx::Result<Check> {
    let mut conn = db.reader().await?;
    let found = Check { at: now, differences: check(&mut conn).await? };
    if !found.differences.is_empty() {
        tracing::error!(differences = ?found.differences, "the stock ledger and the stock differ");
    }
    sqlx::query!(
        "INSERT INTO stock_checks (checked_at, differences) VALUES ($1, $2)
        ON CONFLICT (only_one) DO UPDATE SET checked_at = excluded.checked_at, differences = excluded.differences",
        found.at,
        Json(&found.differences) as _
    )
    .execute(&mut *conn)
    .await?;
    Ok(found)
}

/// What the last check has found; nothing before the first.
pub async fn last_check(conn: &mut PgConnection) -> sqlx::Result<Option<Check>> {
    let row = sqlx::query!(
        r#"SELECT checked_at, differences AS "differences: Json<Vec<Difference>>" FROM stock_checks"#
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Check { at: row.checked_at, differences: row.differences.0 }))
}

/// From how many pieces on a variant runs low; nothing for the shop's own number.
pub async fn set_threshold(tx: &mut Tx, variant: VariantId, low_at: Option<u32>) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE variants SET low_at = $2::bigint::integer WHERE id = $1",
        variant as VariantId,
        low_at.map(i64::from)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// From how many pieces on every variant runs low that has no threshold of its own. New ones follow by themselves.
pub async fn set_default(tx: &mut Tx, low_at: u32) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE variants v SET low_default = $1::bigint::integer
         FROM (SELECT id FROM variants WHERE low_default <> $1::bigint::integer
             ORDER BY id FOR NO KEY UPDATE) AS other
         WHERE v.id = other.id",
        i64::from(low_at)
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
