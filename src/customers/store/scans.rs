//! How sign-ins by scanning are kept.

use super::super::scans::{Scan, Standing};
use super::super::{CustomerId, Entered};
use crate::db::Tx;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub async fn begin(
    conn: &mut PgConnection,
    scan: &Scan,
    code: &[u8],
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO scans (id, code, visitor, browser, next, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scan.id,
        code,
        scan.visitor,
        scan.browser,
        scan.next,
        scan.asked_at,
        until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// How this browser's own scan stands.
pub async fn standing(
    conn: &mut PgConnection,
    (id, visitor): (Uuid, Uuid),
    now: OffsetDateTime,
) -> sqlx::Result<Option<Standing>> {
    let row =
        sqlx::query!("SELECT answer, expires_at FROM scans WHERE id = $1 AND visitor = $2", id, visitor)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(|row| match row.answer.as_deref() {
        Some("no") => Standing::No,
        _ if row.expires_at <= now => Standing::Expired,
        Some(_) => Standing::Yes,
        None => Standing::Waiting,
    }))
}

/// The scan behind a code that nobody has answered yet, and that has not expired.
pub async fn open(conn: &mut PgConnection, code: &[u8], now: OffsetDateTime) -> sqlx::Result<Option<Scan>> {
    sqlx::query_as!(
        Scan,
        "SELECT id, visitor, browser, next, asked_at FROM scans
         WHERE code = $1 AND answer IS NULL AND expires_at > $2",
        code,
        now
    )
    .fetch_optional(conn)
    .await
}

/// The phone's answer: `who` says yes, nobody says no. False when it was answered before, or too late.
pub async fn answer(
    conn: &mut PgConnection,
    code: &[u8],
    who: Option<CustomerId>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let answered = sqlx::query!(
        "UPDATE scans SET customer_id = $2, answer = CASE WHEN $2::bigint IS NULL THEN 'no' ELSE 'yes' END
         WHERE code = $1 AND answer IS NULL AND expires_at > $3",
        code,
        who.map(|customer| customer.0),
        now
    )
    .execute(conn)
    .await?;
    Ok(answered.rows_affected() == 1)
}

/// Takes the sign-in that a phone has said yes to, once, for the browser that asked; and where it leads.
pub async fn take(
    tx: &mut Tx,
    (id, visitor): (Uuid, Uuid),
    now: OffsetDateTime,
) -> sqlx::Result<Option<(Entered, String)>> {
    let row = sqlx::query!(
        r#"DELETE FROM scans s USING customers c
         WHERE s.id = $1 AND s.visitor = $2 AND s.answer = 'yes' AND s.expires_at > $3 AND c.id = s.customer_id
         RETURNING c.id AS "customer: CustomerId", c.session_round AS round, s.next"#,
        id,
        visitor,
        now
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| (Entered { customer: row.customer, round: row.round }, row.next)))
}
