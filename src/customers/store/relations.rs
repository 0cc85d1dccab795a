//! How relations are kept.

use crate::customers::CustomerId;
use crate::customers::relations::{Fact, Kind, Source};
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
    let kept = sqlx::query!(
        "INSERT INTO relations (customer_id, kind, happened_at, learned_at, source, reference)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT ON CONSTRAINT relations_once DO NOTHING",
        customer.0,
        fact.kind.name(),
        fact.happened_at,
        now,
        fact.source.name(),
        fact.source.reference()
    )
    .execute(&mut **tx)
    .await?;
    Ok(kept.rows_affected() == 1)
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
    let facts = rows.into_iter().map(|row| {
        Ok(Fact {
            kind: Kind::named(&row.kind).with_context(|| format!("a relation of kind {:?}", row.kind))?,
            happened_at: row.happened_at,
            source: Source::read(&row.source, row.reference).context("a relation without a source")?,
        })
    });
    Ok((facts.collect::<anyhow::Result<_>>()?, all))
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
