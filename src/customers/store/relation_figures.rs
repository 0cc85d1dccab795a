//! What customers did, by day and in what order: folded from single facts by the worker, read at once however many facts
//! there are.

use super::relations::named;
use crate::customers::relations::{Kind, OnDay, Path, Turn};
use crate::db::Tx;
use sqlx::PgConnection;
use time::{Date, OffsetDateTime};

/// At most so many facts are folded in one transaction.
const BATCH: i64 = 10_000;

/// Counts what was learned since the last time. True when more is left than one go may take: call again, in a new
/// transaction. Only one worker at a time does it; those who learn something wait for none.
pub async fn fold(tx: &mut Tx) -> sqlx::Result<bool> {
    let mine = sqlx::query!("SELECT alone FROM relation_folding FOR UPDATE SKIP LOCKED");
    if mine.fetch_optional(&mut **tx).await?.is_none() {
        return Ok(false);
    }
    let taken = sqlx::query!(
        r#"WITH taken AS (
               DELETE FROM relation_news WHERE ctid = ANY (ARRAY(SELECT ctid FROM relation_news LIMIT $1))
               RETURNING customer_id, kind, happened_at),
           folded AS (
               INSERT INTO relation_days AS d (day, kind, facts)
               SELECT shop_day(happened_at), kind, count(*) FROM taken GROUP BY 1, 2
               ON CONFLICT (day, kind) DO UPDATE SET facts = d.facts + excluded.facts)
           SELECT customer_id, kind, count(*) AS "facts!", min(happened_at) AS "at!" FROM taken GROUP BY 1, 2"#,
        BATCH
    )
    .fetch_all(&mut **tx)
    .await?;
    let is_step = |kind: &str| Kind::named(kind).is_some_and(Kind::is_step);
    let mut steps = Steps::default();
    for row in taken.iter().filter(|row| is_step(&row.kind)) {
        steps.customers.push(row.customer_id);
        steps.kinds.push(row.kind.clone());
        steps.at.push(row.at);
    }
    move_customers(tx, &steps).await?;
    Ok(taken.iter().map(|row| row.facts).sum::<i64>() == BATCH)
}

/// When customers did something, the earliest of each kind.
#[derive(Default)]
struct Steps {
    customers: Vec<i64>,
    kinds: Vec<String>,
    at: Vec<OffsetDateTime>,
}

/// Whose first time is new, or earlier than was known, leaves the turns and the path that she was counted in, and
/// enters her own.
async fn move_customers(tx: &mut Tx, steps: &Steps) -> sqlx::Result<()> {
    let moved = sqlx::query_scalar!(
        r#"SELECT DISTINCT n.customer_id AS "customer!"
           FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS n (customer_id, kind, at)
           LEFT JOIN relation_firsts f ON f.customer_id = n.customer_id AND f.kind = n.kind
           WHERE f.at IS NULL OR f.at > n.at"#,
        &steps.customers,
        &steps.kinds,
        &steps.at
    )
    .fetch_all(&mut **tx)
    .await?;
    if moved.is_empty() {
        return Ok(());
    }
    count(tx, &moved, -1).await?;
    sqlx::query!(
        "INSERT INTO relation_firsts AS f (customer_id, kind, at)
         SELECT customer_id, kind, at FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS n (customer_id, kind, at)
         ON CONFLICT (customer_id, kind) DO UPDATE SET at = excluded.at WHERE f.at > excluded.at",
        &steps.customers,
        &steps.kinds,
        &steps.at
    )
    .execute(&mut **tx)
    .await?;
    count(tx, &moved, 1).await
}

/// Counts these customers, as their first times stand, once more or once less.
async fn count(tx: &mut Tx, customers: &[i64], by: i64) -> sqlx::Result<()> {
    sqlx::query!(
        "WITH firsts AS (SELECT customer_id, kind, at FROM relation_firsts WHERE customer_id = ANY ($1)),
         turned AS (
             INSERT INTO relation_turns AS t (day, earlier, later, customers)
             SELECT shop_day(b.at), a.kind, b.kind, $2 * count(*)
             FROM firsts a JOIN firsts b ON b.customer_id = a.customer_id AND a.at < b.at GROUP BY 1, 2, 3
             ON CONFLICT (day, earlier, later) DO UPDATE SET customers = t.customers + excluded.customers)
         INSERT INTO relation_paths AS p (path, customers)
         SELECT path, $2 * count(*)
         FROM (SELECT string_agg(kind, ' ' ORDER BY at, kind) AS path FROM firsts GROUP BY customer_id) AS walked
         GROUP BY path ON CONFLICT (path) DO UPDATE SET customers = p.customers + excluded.customers",
        customers,
        by
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// How often each thing happened from one day to another, both included, the earliest day first. What was learned in
/// the last seconds may not be counted yet.
pub async fn by_day(conn: &mut PgConnection, first: Date, last: Date) -> anyhow::Result<Vec<OnDay>> {
    let rows = sqlx::query!(
        "SELECT day, kind, facts FROM relation_days WHERE day BETWEEN $1 AND $2 ORDER BY day, kind",
        first,
        last
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok(OnDay { day: row.day, kind: named(&row.kind)?, facts: row.facts }))
        .collect()
}

/// Who went from one thing to another, in the days in which they did the later for the first time; only what somebody
/// did.
pub async fn turns(conn: &mut PgConnection, first: Date, last: Date) -> anyhow::Result<Vec<Turn>> {
    let rows = sqlx::query!(
        r#"SELECT earlier, later, sum(customers)::bigint AS "customers!" FROM relation_turns
           WHERE day BETWEEN $1 AND $2 GROUP BY 1, 2 HAVING sum(customers) > 0"#,
        first,
        last
    )
    .fetch_all(conn)
    .await?;
    let turn = |earlier: &str, later: &str, customers| {
        anyhow::Ok(Turn { earlier: named(earlier)?, later: named(later)?, customers })
    };
    rows.into_iter().map(|row| turn(&row.earlier, &row.later, row.customers)).collect()
}

/// The ways that most have gone, of all times.
pub async fn paths(conn: &mut PgConnection, most: i64) -> anyhow::Result<Vec<Path>> {
    let rows = sqlx::query!(
        "SELECT path, customers FROM relation_paths WHERE customers > 0 ORDER BY customers DESC, path LIMIT $1",
        most
    )
    .fetch_all(conn)
    .await?;
    let path = |path: &str, customers| {
        let steps = path.split(' ').map(named).collect::<anyhow::Result<_>>()?;
        anyhow::Ok(Path { steps, customers })
    };
    rows.into_iter().map(|row| path(&row.path, row.customers)).collect()
}
