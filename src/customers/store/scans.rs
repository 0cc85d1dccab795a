//! How sign-ins by scanning are kept.

use super::super::scans::{Scan, Standing};
use super::super::{CustomerId, Entered};
use crate::db::Tx;
use crate::seal::fingerprint;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

pub async fn begin(
    conn: &mut PgConnection,
    scan: &Scan,
    code: &str,
    until: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        "INSERT INTO scans (id, code, visitor, browser, next, asked_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        scan.id,
        fingerprint(code),
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

/// How a scan stands, for the browser that asked only.
pub async fn standing(
    conn: &mut PgConnection,
    id: Uuid,
    visitor: Uuid,
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

/// The desktop behind the code that a phone has read, while it waits for an answer.
pub async fn open(conn: &mut PgConnection, code: &str, now: OffsetDateTime) -> sqlx::Result<Option<Scan>> {
    sqlx::query_as!(
        Scan,
        "SELECT id, visitor, browser, next, asked_at FROM scans
         WHERE code = $1 AND answer IS NULL AND expires_at > $2",
        fingerprint(code),
        now
    )
    .fetch_optional(conn)
    .await
}

/// The phone's one answer: yes as this customer, or no. False when it comes too late or a second time.
pub async fn answer(
    conn: &mut PgConnection,
    code: &str,
    yes_as: Option<CustomerId>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    let answered = sqlx::query!(
        "UPDATE scans SET customer_id = $2, answer = CASE WHEN $2::bigint IS NULL THEN 'no' ELSE 'yes' END
         WHERE code = $1 AND answer IS NULL AND expires_at > $3",
        fingerprint(code),
        yes_as.map(|customer| customer.0),
        now
    )
    .execute(conn)
    .await?;
    Ok(answered.rows_affected() == 1)
}

/// The desktop takes its sign-in, once; and where that leads.
pub async fn take(
    tx: &mut Tx,
    id: Uuid,
    visitor: Uuid,
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
