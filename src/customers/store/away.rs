//! How those who are away at Weibo are kept.

use super::super::{Away, Purpose};
use crate::seal::fingerprint;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Somebody leaves for Weibo with this state.
pub async fn leave(
    conn: &mut PgConnection,
    state: &str,
    away: &Away,
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO sign_ins (state, visitor, purpose, next, hint, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        fingerprint(state),
        away.visitor,
        away.purpose.name(),
        away.next,
        away.hint,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who left with this state, in time. Whoever brings it, nobody can bring it again; whose browser it is has still to be
/// compared.
pub async fn come_back(
    conn: &mut PgConnection,
    state: &str,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Away>> {
    let row = sqlx::query!(
        "DELETE FROM sign_ins WHERE state = $1 RETURNING visitor, purpose, next, hint, expires_at",
        fingerprint(state)
    )
    .fetch_optional(conn)
    .await?;
    let in_time = row.filter(|row| row.expires_at > now);
    Ok(in_time.and_then(|row| {
        let purpose = Purpose::parse(&row.purpose)?;
        Some(Away { visitor: row.visitor, purpose, next: row.next, hint: row.hint })
    }))
}
