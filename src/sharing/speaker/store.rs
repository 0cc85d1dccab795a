//! How the account is kept that posts.

use super::{Offered, Speaker, TOKEN};
use crate::actor::Actor;
use crate::db::Tx;
use crate::seal::Keyring;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn find(conn: &mut PgConnection, keys: &Keyring) -> sqlx::Result<Option<Speaker>> {
    let row = sqlx::query!(
        "SELECT weibo_uid, screen_name, token_sealed, expires_at, ended_at, connected_at, actor, staff_id, staff_name
         FROM speaker"
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Speaker {
        uid: row.weibo_uid,
        name: row.screen_name,
        expires_at: row.expires_at,
        ended_at: row.ended_at,
        opens: keys.open(TOKEN, &row.token_sealed).is_some(),
        connected_at: row.connected_at,
        by: Actor::from_columns(&row.actor, row.staff_id, row.staff_name),
    }))
}

pub async fn save(tx: &mut Tx, offered: &Offered, by: &Actor, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO speaker (weibo_uid, screen_name, token_sealed, expires_at, connected_at, actor, staff_id, staff_name)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (one) DO UPDATE SET weibo_uid = excluded.weibo_uid, screen_name = excluded.screen_name,
             token_sealed = excluded.token_sealed, expires_at = excluded.expires_at, ended_at = NULL,
             connected_at = excluded.connected_at, actor = excluded.actor, staff_id = excluded.staff_id,
             staff_name = excluded.staff_name",
        offered.uid,
        offered.name,
        offered.sealed,
        offered.expires_at,
        now,
        by.kind(),
        by.staff_id(),
        by.staff_name()
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The shop forgets the account and its token. False when there was none.
pub async fn disconnect(tx: &mut Tx) -> sqlx::Result<bool> {
    let gone = sqlx::query!("DELETE FROM speaker").execute(&mut **tx).await?;
    Ok(gone.rows_affected() == 1)
}

/// Whose it is, and the token while its time is not over.
pub async fn sealed(conn: &mut PgConnection, now: OffsetDateTime) -> sqlx::Result<Option<(i64, Vec<u8>)>> {
    let row = sqlx::query!(
        "SELECT weibo_uid, token_sealed FROM speaker WHERE ended_at IS NULL AND expires_at > $1",
        now
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.weibo_uid, row.token_sealed)))
}

pub async fn end(tx: &mut Tx, sealed: &[u8], now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!(
        "UPDATE speaker SET ended_at = $2 WHERE token_sealed = $1 AND ended_at IS NULL",
        sealed,
        now
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
