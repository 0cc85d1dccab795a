//! How relations are kept.

use crate::customers::CustomerId;
use crate::customers::relations::{Fact, Kind, Known, Source};
use crate::db::Tx;
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Keeps a fact; false when it is known already.
pub async fn learn(
    tx: &mut Tx,
    customer: CustomerId,
    fact: &Fact,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    Ok(learn_all(tx, customer, std::slice::from_ref(fact), now).await? == 1)
}

/// Keeps facts in their order, and tells how many were not known.
pub async fn learn_all(
    tx: &mut Tx,
    customer: CustomerId,
    facts: &[Fact],
    now: OffsetDateTime,
) -> sqlx::Result<u64> {
    let names = |name: fn(&Fact) -> String| facts.iter().map(name).collect::<Vec<_>>();
    let kept = sqlx::query!(
        "INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
         SELECT $1, kind, happened_at, $2, source, reference
         FROM unnest($3::text[], $4::timestamptz[], $5::text[], $6::text[]) WITH ORDINALITY
             AS told (kind, happened_at, source, reference, place)
         ORDER BY place ON CONFLICT ON CONSTRAINT relations_once DO NOTHING",
        customer.0,
        now,
        &names(|fact| fact.kind.name().to_owned()),
        &facts.iter().map(|fact| fact.happened_at).collect::<Vec<_>>(),
        &names(|fact| fact.source.name().to_owned()),
        &names(|fact| fact.source.reference())
    )
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected())
}

/// The latest facts, at most so many, and how many there are.
pub async fn latest(
    conn: &mut PgConnection,
    customer: CustomerId,
    most: i64,
) -> anyhow::Result<(Vec<Fact>, i64)> {
    let all =
        sqlx::query_scalar!(r#"SELECT count(*) AS "all!" FROM relations WHERE customer_id = $1"#, customer.0)
            .fetch_one(&mut *conn)
            .await?;
    let rows = sqlx::query!(
        "SELECT kind, happened_at, source, reference FROM relations WHERE customer_id = $1
         ORDER BY happened_at DESC, id DESC LIMIT $2",
        customer.0,
        most
    )
    .fetch_all(conn)
    .await?;
    let facts = rows.into_iter().map(|row| fact(&row.kind, row.happened_at, &row.source, row.reference));
    Ok((facts.collect::<anyhow::Result<_>>()?, all))
}

/// The facts of all customers, of this kind or any, those learned last first; behind the one with this id.
pub async fn known(
    conn: &mut PgConnection,
    kind: Option<Kind>,
    behind: Option<i64>,
    most: i64,
) -> anyhow::Result<Vec<Known>> {
    let rows = sqlx::query!(
        r#"SELECT r.id, r.customer_id AS "customer: CustomerId", c.screen_name, r.kind, r.happened_at, r.source, r.reference
           FROM relations r JOIN customers c ON c.id = r.customer_id
           WHERE ($1::text IS NULL OR r.kind = $1) AND ($2::bigint IS NULL OR r.id < $2)
           ORDER BY r.id DESC LIMIT $3"#,
        kind.map(Kind::name),
        behind,
        most
    )
    .fetch_all(conn)
    .await?;
    let known = rows.into_iter().map(|row| {
        let fact = fact(&row.kind, row.happened_at, &row.source, row.reference)?;
        Ok(Known { id: row.id, customer: row.customer, name: row.screen_name, fact })
    });
    known.collect()
}

fn fact(kind: &str, happened_at: OffsetDateTime, source: &str, reference: String) -> anyhow::Result<Fact> {
    Ok(Fact {
        kind: named(kind)?,
        happened_at,
        source: Source::read(source, reference).context("a relation without a source")?,
    })
}

pub fn named(kind: &str) -> anyhow::Result<Kind> {
    Kind::named(kind).with_context(|| format!("a relation of kind {kind:?}"))
}

/// Whether she may be asked to follow the shop: she has not declined, and we do not know that she follows it.
pub async fn may_offer_follow(conn: &mut PgConnection, customer: CustomerId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT c.follow_declined_at IS NULL AND coalesce((
               SELECT r.kind = 'unfollow' FROM relations r
               WHERE r.customer_id = c.id AND r.kind IN ('follow', 'unfollow')
               ORDER BY r.happened_at DESC, r.id DESC LIMIT 1), true) AS "may!"
           FROM customers c WHERE c.id = $1"#,
        customer.0
    )
    .fetch_one(conn)
    .await
}

/// She does not want to be asked again.
pub async fn decline_follow(tx: &mut Tx, customer: CustomerId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE customers SET follow_declined_at = $2 WHERE id = $1 AND follow_declined_at IS NULL",
        customer.0,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
