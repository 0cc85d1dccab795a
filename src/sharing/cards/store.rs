//! How it is kept how often Weibo asked.

use super::counts::{KEPT_FOR, Key, Tally};
use crate::catalog::{ProductId, Slug};
use crate::clock::shop_day;
use crate::db::{Db, Tx};
use crate::text::Text;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use time::{Date, OffsetDateTime};

/// How often Weibo asked about a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub product: ProductId,
    pub slug: Slug,
    pub name: Text,
    pub tally: Tally,
}

/// How often it asked in vain about no product of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub why: String,
    pub tally: Tally,
}

/// Columns for one statement.
struct Columns<K> {
    days: Vec<Date>,
    keys: Vec<K>,
    calls: Vec<i64>,
    refusals: Vec<i64>,
    last: Vec<OffsetDateTime>,
}

impl<K> Columns<K> {
    fn new() -> Columns<K> {
        Columns { days: vec![], keys: vec![], calls: vec![], refusals: vec![], last: vec![] }
    }

    fn push(&mut self, day: Date, key: K, tally: &Tally) {
        self.days.push(day);
        self.keys.push(key);
        self.calls.push(tally.calls);
        self.refusals.push(tally.refusals);
        self.last.push(tally.last_at);
    }
}

/// Adds what was counted, in the order of the keys: two processes do not wait for each other in a circle.
pub async fn add(tx: &mut Tx, counted: &BTreeMap<(Date, Key), Tally>) -> sqlx::Result<()> {
    let mut products = Columns::<ProductId>::new();
    let mut others = Columns::<String>::new();
    for ((day, key), tally) in counted {
        match name(*key) {
            Ok(why) => others.push(*day, why.to_owned(), tally),
            Err(product) => products.push(*day, product, tally),
        }
    }
    sqlx::query!(
        "INSERT INTO card_calls (day, product_id, calls, refusals, last_at)
         SELECT a.* FROM unnest($1::date[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
             AS a (day, product_id, calls, refusals, last_at) JOIN products p ON p.id = a.product_id
         ORDER BY a.day, a.product_id
         ON CONFLICT (day, product_id) DO UPDATE SET calls = card_calls.calls + excluded.calls,
             refusals = card_calls.refusals + excluded.refusals,
             last_at = greatest(card_calls.last_at, excluded.last_at)",
        &products.days,
        &products.keys as &[ProductId],
        &products.calls,
        &products.refusals,
        &products.last
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO card_refusals (day, why, calls, last_at)
         SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[], $4::timestamptz[])
             AS a (day, why, calls, last_at) ORDER BY 1, 2
         ON CONFLICT (day, why) DO UPDATE SET calls = card_refusals.calls + excluded.calls,
             last_at = greatest(card_refusals.last_at, excluded.last_at)",
        &others.days,
        &others.keys,
        &others.calls,
        &others.last
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The name of a reason, or the product.
fn name(key: Key) -> Result<&'static str, ProductId> {
    match key {
        Key::Product(product) => Err(product),
        Key::Malformed => Ok("malformed"),
        Key::Foreign => Ok("foreign"),
        Key::Unknown => Ok("unknown"),
        Key::TooMany => Ok("too-many"),
        Key::Busy => Ok("busy"),
    }
}

/// Of which products Weibo asked since this day, the last asked first, and no more than `most` of them.
pub async fn asked_since(conn: &mut PgConnection, day: Date, most: i64) -> sqlx::Result<Vec<Asked>> {
    let rows = sqlx::query!(
        r#"SELECT p.id AS "id: ProductId", p.slug AS "slug: Slug", p.name_zh, p.name_en,
             c.calls AS "calls!", c.refusals AS "refusals!", c.last_at AS "last_at!"
         FROM (SELECT product_id, sum(calls)::bigint AS calls, sum(refusals)::bigint AS refusals,
                 max(last_at) AS last_at
             FROM card_calls WHERE day >= $1 GROUP BY product_id ORDER BY max(last_at) DESC, product_id LIMIT $2) c
         JOIN products p ON p.id = c.product_id ORDER BY c.last_at DESC, p.id"#,
        day,
        most
    )
    .fetch_all(conn)
    .await?;
    let asked = rows.into_iter().map(|row| Asked {
        product: row.id,
        slug: row.slug,
        name: Text { zh: row.name_zh, en: row.name_en },
        tally: Tally { calls: row.calls, refusals: row.refusals, last_at: row.last_at },
    });
    Ok(asked.collect())
}

/// How often it asked about this product since this day; nothing where it never did.
pub async fn tally(conn: &mut PgConnection, product: ProductId, since: Date) -> sqlx::Result<Option<Tally>> {
    let row = sqlx::query!(
        "SELECT sum(calls)::bigint AS calls, sum(refusals)::bigint AS refusals, max(last_at) AS last_at
         FROM card_calls WHERE product_id = $1 AND day >= $2",
        product as ProductId,
        since
    )
    .fetch_one(conn)
    .await?;
    let counted = row.calls.zip(row.refusals).zip(row.last_at);
    Ok(counted.map(|((calls, refusals), last_at)| Tally { calls, refusals, last_at }))
}

/// What it asked in vain since this day, by the reason, the most frequent first.
pub async fn refused_since(conn: &mut PgConnection, day: Date) -> sqlx::Result<Vec<Refused>> {
    let rows = sqlx::query!(
        r#"SELECT why, sum(calls)::bigint AS "calls!", max(last_at) AS "last_at!"
         FROM card_refusals WHERE day >= $1 GROUP BY why ORDER BY 2 DESC, why"#,
        day
    )
    .fetch_all(conn)
    .await?;
    let refused = rows.into_iter().map(|row| Refused {
        why: row.why,
        tally: Tally { calls: row.calls, refusals: row.calls, last_at: row.last_at },
    });
    Ok(refused.collect())
}

/// Forgets what was asked long ago.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let before = shop_day(now - KEPT_FOR);
    let mut tx = db.begin().await?;
    sqlx::query!("DELETE FROM card_calls WHERE day < $1", before).execute(&mut *tx).await?;
    sqlx::query!("DELETE FROM card_refusals WHERE day < $1", before).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
