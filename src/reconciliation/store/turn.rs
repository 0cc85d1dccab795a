//! Whose turn it is to ask Weibo: one reconciliation's at a time, until it leaves it, or dies and it runs out.

use crate::reconciliation::run::ReconciliationId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// Takes the turn, or keeps it, until then. False when it is another one's.
pub async fn take(
    conn: &mut PgConnection,
    id: ReconciliationId,
    now: OffsetDateTime,
    until: OffsetDateTime,
) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "INSERT INTO reconciliation_turn AS t (reconciliation_id, until) VALUES ($1, $3)
         ON CONFLICT (only_one) DO UPDATE SET reconciliation_id = excluded.reconciliation_id, until = excluded.until
         WHERE t.reconciliation_id = excluded.reconciliation_id OR t.until <= $2",
        id.0,
        now,
        until
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Leaves the turn to whoever comes next, if it is still its own.
pub async fn leave(conn: &mut PgConnection, id: ReconciliationId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM reconciliation_turn WHERE reconciliation_id = $1", id.0).execute(conn).await?;
    Ok(())
}
