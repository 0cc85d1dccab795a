//! How reminders are kept, and whose turn it is.

use super::{About, Goods, ReminderId, SHOWN_FOR};
use crate::catalog::{ProductId, VariantId};
use crate::customers::CustomerId;
use crate::db::Tx;
use crate::money::Money;
use crate::text::{Language, Text};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// The variants of a product on the shelf, held so that neither stock nor price changes; nothing when it is not there.
pub async fn hold_goods(tx: &mut Tx, product: ProductId) -> sqlx::Result<Option<Vec<Goods>>> {
    let there = sqlx::query!("SELECT id FROM products WHERE id = $1 AND on_shelf FOR SHARE", product.0)
        .fetch_optional(&mut **tx)
        .await?;
    if there.is_none() {
        return Ok(None);
    }
    let goods = sqlx::query_as!(
        Goods,
        r#"SELECT id AS "variant: VariantId", stock, price_fen AS "price: Money" FROM variants
         WHERE product_id = $1 AND retired_at IS NULL ORDER BY id FOR SHARE"#,
        product.0
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Some(goods))
}

/// For how many things she waits.
pub async fn waiting(conn: &mut PgConnection, customer: CustomerId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM reminders WHERE customer_id = $1 AND state = 'waiting'"#,
        customer.0
    )
    .fetch_one(conn)
    .await
}

pub async fn insert(
    tx: &mut Tx,
    (customer, language): (CustomerId, Language),
    (product, about, price): (ProductId, About, Option<Money>),
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let variant = match about {
        About::Restock(variant) => Some(variant.0),
        About::Price => None,
    };
    sqlx::query!(
        "INSERT INTO reminders (customer_id, about, product_id, variant_id, price_fen, language, asked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        customer.0,
        about.name(),
        product.0,
        variant,
        price.map(Money::fen),
        language.code(),
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The oldest word from `first` on that goods have changed, and of which product; nobody else has it until the
/// transaction ends.
pub async fn next_wake(tx: &mut Tx, first: i64) -> sqlx::Result<Option<(i64, ProductId)>> {
    let row = sqlx::query!(
        r#"SELECT id, product_id AS "product: ProductId" FROM reminder_wakes
         WHERE id >= $1 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"#,
        first
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (row.id, row.product)))
}

pub async fn forget_wake(tx: &mut Tx, id: i64) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM reminder_wakes WHERE id = $1", id).execute(&mut **tx).await?;
    Ok(())
}

/// A reminder whose turn has come.
pub struct Due {
    pub id: ReminderId,
    pub uid: i64,
    pub about: About,
    pub language: Language,
    pub slug: String,
    pub product: Text,
    pub choice: Text,
    /// The least that it cost and costs.
    pub was: Money,
    pub price: Money,
}

/// Those who wait for this product as it is now, behind a reminder, at most so many. What is sold out costs nothing.
pub async fn due(tx: &mut Tx, product: ProductId, after: ReminderId, most: i64) -> sqlx::Result<Vec<Due>> {
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: ReminderId", c.weibo_uid, r.variant_id AS "variant: VariantId", r.language, p.slug,
             p.name_zh, p.name_en, least.price AS "price!: Money", coalesce(r.price_fen, least.price) AS "was!: Money",
             concat_ws(' / ', c1.name_zh, c2.name_zh, c3.name_zh) AS "choice_zh!",
             concat_ws(' / ', nullif(c1.name_en, ''), nullif(c2.name_en, ''), nullif(c3.name_en, '')) AS "choice_en!"
           FROM reminders r
           JOIN customers c ON c.id = r.customer_id
           JOIN products p ON p.id = r.product_id AND p.on_shelf
           CROSS JOIN (SELECT min(price_fen) AS price FROM variants
                       WHERE product_id = $1 AND retired_at IS NULL AND stock > 0) least
           LEFT JOIN variants v ON v.id = r.variant_id AND v.retired_at IS NULL
           LEFT JOIN choices c1 ON c1.id = v.choice_1
           LEFT JOIN choices c2 ON c2.id = v.choice_2
           LEFT JOIN choices c3 ON c3.id = v.choice_3
           WHERE r.product_id = $1 AND r.id > $3 AND r.state = 'waiting' AND least.price IS NOT NULL
             AND CASE r.about WHEN 'restock' THEN v.stock > 0 ELSE least.price < r.price_fen END
           ORDER BY r.id LIMIT $2 FOR UPDATE OF r"#,
        product.0,
        most,
        after.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let due = rows.into_iter().map(|row| Due {
        id: row.id,
        uid: row.weibo_uid,
        about: row.variant.map_or(About::Price, About::Restock),
        language: Language::of_code(&row.language),
        slug: row.slug,
        product: Text { zh: row.name_zh, en: row.name_en },
        choice: Text { zh: row.choice_zh, en: row.choice_en },
        was: row.was,
        price: row.price,
    });
    Ok(due.collect())
}

/// She was told by this message; on her page only where there is none.
pub async fn end(tx: &mut Tx, id: ReminderId, message: Option<i64>, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE reminders SET state = CASE WHEN $2::bigint IS NULL THEN 'shown' ELSE 'said' END, fan_message = $2,
             ended_at = $3
         WHERE id = $1 AND state = 'waiting'",
        id.0,
        message,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A reminder as it stands on her page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub id: ReminderId,
    /// Behind `word-reminder-` in the texts.
    pub about: String,
    pub slug: String,
    pub product: Text,
    pub choice: Text,
    /// The least that it cost when she asked.
    pub price: Option<Money>,
    /// It has come true; since when.
    pub told_at: Option<OffsetDateTime>,
}

/// All she waits for, and what came true of late, the latest first.
pub async fn listed(
    conn: &mut PgConnection,
    customer: CustomerId,
    now: OffsetDateTime,
) -> sqlx::Result<Vec<Asked>> {
    let rows = sqlx::query!(
        r#"SELECT r.id AS "id: ReminderId", r.about, p.slug, p.name_zh, p.name_en, r.price_fen AS "price: Money",
             r.ended_at, concat_ws(' / ', c1.name_zh, c2.name_zh, c3.name_zh) AS "choice_zh!",
             concat_ws(' / ', nullif(c1.name_en, ''), nullif(c2.name_en, ''), nullif(c3.name_en, '')) AS "choice_en!"
           FROM reminders r JOIN products p ON p.id = r.product_id
           LEFT JOIN variants v ON v.id = r.variant_id
           LEFT JOIN choices c1 ON c1.id = v.choice_1
           LEFT JOIN choices c2 ON c2.id = v.choice_2
           LEFT JOIN choices c3 ON c3.id = v.choice_3
           WHERE r.customer_id = $1 AND (r.state = 'waiting' OR (r.state IN ('said', 'shown') AND r.ended_at > $2))
           ORDER BY r.ended_at DESC NULLS LAST, r.id DESC LIMIT 200"#,
        customer.0,
        now - SHOWN_FOR
    )
    .fetch_all(conn)
    .await?;
    let all = rows.into_iter().map(|row| Asked {
        id: row.id,
        about: row.about,
        slug: row.slug,
        product: Text { zh: row.name_zh, en: row.name_en },
        choice: Text { zh: row.choice_zh, en: row.choice_en },
        price: row.price,
        told_at: row.ended_at,
    });
    Ok(all.collect())
}

/// She does not want it any more; of hers only.
pub async fn withdraw(
    tx: &mut Tx,
    customer: CustomerId,
    id: ReminderId,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE reminders SET state = 'withdrawn', ended_at = $3
         WHERE id = $1 AND customer_id = $2 AND state = 'waiting'",
        id.0,
        customer.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}
