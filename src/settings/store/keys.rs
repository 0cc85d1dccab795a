//! How Weibo's keys are kept: sealed, each with what may be shown of it.

use super::one;
use crate::actor::Actor;
use crate::db::Tx;
use crate::settings::Stale;
use crate::settings::keys::Kind;
use anyhow::Context;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// One key as it is kept.
pub struct Kept {
    pub kind: Kind,
    pub sealed: Vec<u8>,
    pub mark: String,
    pub set_at: OffsetDateTime,
    pub by: Actor,
}

pub async fn read(conn: &mut PgConnection) -> anyhow::Result<Vec<Kept>> {
    let rows = sqlx::query!(
        "SELECT kind, sealed, mark, set_at, actor, staff_id, staff_name FROM weibo_keys ORDER BY id"
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Kept {
                kind: Kind::parse(&row.kind).context("a key of no known kind")?,
                sealed: row.sealed,
                mark: row.mark,
                set_at: row.set_at,
                by: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
            })
        })
        .collect()
}

/// Goes on from `version`, and holds everybody else who wants to until the transaction ends.
pub async fn next_version(tx: &mut Tx, version: i64) -> sqlx::Result<Result<(), Stale>> {
    let saved =
        sqlx::query!("UPDATE shop SET weibo_version = weibo_version + 1 WHERE weibo_version = $1", version)
            .execute(&mut **tx)
            .await?;
    Ok(one(saved.rows_affected()))
}

/// Puts a key in the place of the one of its kind; a public key of Weibo's beside the others.
pub async fn put(
    tx: &mut Tx,
    kind: Kind,
    (sealed, mark): (&[u8], &str),
    by: &Actor,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM weibo_keys WHERE kind = $1 AND (kind <> 'public_key' OR mark = $2)",
        kind.name(),
        mark
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "INSERT INTO weibo_keys (kind, sealed, mark, set_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        kind.name(),
        sealed,
        mark,
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes one of Weibo's public keys away unless it is the last; false when nothing was taken.
pub async fn remove_public(tx: &mut Tx, mark: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "DELETE FROM weibo_keys WHERE kind = 'public_key' AND mark = $1
             AND (SELECT count(*) FROM weibo_keys WHERE kind = 'public_key') > 1",
        mark
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes a key away that was entered; false when none was.
pub async fn remove(tx: &mut Tx, kind: Kind) -> sqlx::Result<bool> {
    let done = sqlx::query!("DELETE FROM weibo_keys WHERE kind = $1", kind.name()).execute(&mut **tx).await?;
    Ok(done.rows_affected() > 0)
}
