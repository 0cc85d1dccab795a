//! Second factors: the sealed secret, the last step used, and the fingerprints of recovery codes.

use crate::db::Tx;
use crate::staff::StaffId;
use sqlx::PgConnection;
use time::OffsetDateTime;

pub async fn find(tx: &mut Tx, of: StaffId) -> sqlx::Result<Option<Vec<u8>>> {
    let sealed = sqlx::query_scalar!("SELECT totp_sealed FROM staff WHERE id = $1", of.0);
    Ok(sealed.fetch_optional(&mut **tx).await?.flatten())
}

pub async fn keep(tx: &mut Tx, of: StaffId, sealed: &[u8], step: i64) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET totp_sealed = $2, totp_step = $3 WHERE id = $1", of.0, sealed, step)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// False when the code of this step, or of a later one, was used before.
pub async fn use_step(tx: &mut Tx, of: StaffId, step: i64) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "UPDATE staff SET totp_step = $2 WHERE id = $1 AND totp_step < $2 AND totp_sealed IS NOT NULL",
        of.0,
        step
    );
    Ok(used.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn drop_all(tx: &mut Tx, of: StaffId) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff SET totp_sealed = NULL, totp_step = 0 WHERE id = $1", of.0)
        .execute(&mut **tx)
        .await?;
    sqlx::query!("DELETE FROM staff_recovery_codes WHERE staff_id = $1", of.0).execute(&mut **tx).await?;
    Ok(())
}

pub async fn replace_codes(tx: &mut Tx, of: StaffId, fingerprints: &[Vec<u8>]) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_recovery_codes WHERE staff_id = $1", of.0).execute(&mut **tx).await?;
    sqlx::query!(
        "INSERT INTO staff_recovery_codes (staff_id, fingerprint) SELECT $1, unnest($2::bytea[])",
        of.0,
        fingerprints
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// False when there is no such code, or it was used before.
pub async fn use_code(
    tx: &mut Tx,
    of: StaffId,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "UPDATE staff_recovery_codes SET used_at = $3
         WHERE staff_id = $1 AND fingerprint = $2 AND used_at IS NULL",
        of.0,
        fingerprint,
        now
    );
    Ok(used.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn codes_left(conn: &mut PgConnection, of: StaffId) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(*) AS "left!" FROM staff_recovery_codes WHERE staff_id = $1 AND used_at IS NULL"#,
        of.0
    )
    .fetch_one(conn)
    .await
}
