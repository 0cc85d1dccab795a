//! Invitations that bind an account once.

use crate::customers::CustomerId;
use crate::db::Tx;
use crate::partners::PartnerId;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// One that nobody has taken works no more.
pub async fn drop_open(tx: &mut Tx, partner: PartnerId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM partner_invitations WHERE partner_id = $1 AND used_at IS NULL", partner.0)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn replace(
    tx: &mut Tx,
    partner: PartnerId,
    fingerprint: &[u8],
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    drop_open(tx, partner).await?;
    sqlx::query!(
        "INSERT INTO partner_invitations (fingerprint, partner_id, expires_at) VALUES ($1, $2, $3)",
        fingerprint,
        partner.0,
        until
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub async fn find(
    conn: &mut PgConnection,
    fingerprint: &[u8],
    now: OffsetDateTime,
) -> sqlx::Result<Option<PartnerId>> {
    sqlx::query_scalar!(
        r#"SELECT partner_id AS "id: PartnerId" FROM partner_invitations
         WHERE fingerprint = $1 AND used_at IS NULL AND expires_at > $2"#,
        fingerprint,
        now
    )
    .fetch_optional(conn)
    .await
}

/// Whether it was used by the account that is its partner's.
pub async fn is_taken_by(
    conn: &mut PgConnection,
    fingerprint: &[u8],
    customer: CustomerId,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM partner_invitations i JOIN partners p ON p.id = i.partner_id
             WHERE i.fingerprint = $1 AND i.used_at IS NOT NULL AND p.customer_id = $2) AS "taken!""#,
        fingerprint,
        customer.0
    )
    .fetch_one(conn)
    .await
}

/// Of two who use it at once, one finds it used.
pub async fn use_up(tx: &mut Tx, fingerprint: &[u8], now: OffsetDateTime) -> sqlx::Result<bool> {
    let used = sqlx::query!(
        "UPDATE partner_invitations SET used_at = $2
         WHERE fingerprint = $1 AND used_at IS NULL AND expires_at > $2",
        fingerprint,
        now
    );
    Ok(used.execute(&mut **tx).await?.rows_affected() == 1)
}
