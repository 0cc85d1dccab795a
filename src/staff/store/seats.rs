//! Sessions of the staff: found by one indexed query together with the member, ended by deleting.

use super::members::member;
use crate::db::Tx;
use crate::staff::{Caller, Seat, SeatId, StaffId};
use sqlx::PgConnection;
use time::OffsetDateTime;

struct Row {
    id: SeatId,
    staff_id: StaffId,
    begun_at: OffsetDateTime,
    complete_at: Option<OffsetDateTime>,
    confirmed_at: OffsetDateTime,
    seen_at: OffsetDateTime,
    browser: String,
    address: String,
    name: String,
    role: String,
    language: String,
    second_factor: bool,
}

fn seat(row: Row) -> anyhow::Result<Seat> {
    Ok(Seat {
        id: row.id,
        member: member(row.staff_id, row.name, &row.role, &row.language, row.second_factor)?,
        begun_at: row.begun_at,
        seen_at: row.seen_at,
        confirmed_at: row.confirmed_at,
        browser: row.browser,
        address: row.address,
        complete: row.complete_at.is_some(),
    })
}

pub async fn find(conn: &mut PgConnection, id: SeatId) -> anyhow::Result<Option<Seat>> {
    let row = sqlx::query_as!(
        Row,
        r#"SELECT s.id AS "id: SeatId", s.staff_id AS "staff_id: StaffId", s.begun_at, s.complete_at,
             s.confirmed_at, s.seen_at, s.browser, s.address, m.name, m.role, m.language,
             m.totp_sealed IS NOT NULL AS "second_factor!"
         FROM staff_sessions s JOIN staff m ON m.id = s.staff_id
         WHERE s.id = $1 AND m.disabled_at IS NULL"#,
        id.0
    )
    .fetch_optional(conn)
    .await?;
    row.map(seat).transpose()
}

/// Those that are open: complete, last seen after the first of these and begun after the second.
pub async fn open_of(
    conn: &mut PgConnection,
    of: StaffId,
    (seen, begun): (OffsetDateTime, OffsetDateTime),
) -> anyhow::Result<Vec<Seat>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT s.id AS "id: SeatId", s.staff_id AS "staff_id: StaffId", s.begun_at, s.complete_at,
             s.confirmed_at, s.seen_at, s.browser, s.address, m.name, m.role, m.language,
             m.totp_sealed IS NOT NULL AS "second_factor!"
         FROM staff_sessions s JOIN staff m ON m.id = s.staff_id
         WHERE s.staff_id = $1 AND s.complete_at IS NOT NULL AND s.seen_at > $2 AND s.begun_at > $3
         ORDER BY s.seen_at DESC LIMIT 200"#,
        of.0,
        seen,
        begun
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter().map(seat).collect()
}

pub async fn begin(
    tx: &mut Tx,
    of: StaffId,
    caller: &Caller,
    complete: bool,
    now: OffsetDateTime,
) -> sqlx::Result<SeatId> {
    let address = caller.address.to_string();
    let id = sqlx::query_scalar!(
        r#"INSERT INTO staff_sessions (staff_id, begun_at, complete_at, confirmed_at, seen_at, browser, address)
         VALUES ($1, $2, $3, $2, $2, $4, $5) RETURNING id AS "id: SeatId""#,
        of.0,
        now,
        complete.then_some(now),
        caller.browser,
        address
    )
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query!("UPDATE staff SET seen_at = $2 WHERE id = $1", of.0, now).execute(&mut **tx).await?;
    Ok(id)
}

/// False when it has ended, or was complete before.
pub async fn complete(tx: &mut Tx, id: SeatId, now: OffsetDateTime) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "UPDATE staff_sessions SET complete_at = $2, begun_at = $2, confirmed_at = $2, seen_at = $2
         WHERE id = $1 AND complete_at IS NULL",
        id.0,
        now
    );
    Ok(done.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn confirm(tx: &mut Tx, id: SeatId, now: OffsetDateTime) -> sqlx::Result<()> {
    sqlx::query!("UPDATE staff_sessions SET confirmed_at = $2 WHERE id = $1", id.0, now)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub async fn touch(
    conn: &mut PgConnection,
    seat: &Seat,
    browser: &str,
    address: &str,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    sqlx::query!(
        // The member's row first, as everybody does who ends her sessions.
        "WITH member AS (
             UPDATE staff SET seen_at = $2 FROM staff_sessions s
             WHERE s.id = $1 AND s.seen_at < $2 AND staff.id = s.staff_id RETURNING staff.id
         ) UPDATE staff_sessions s SET seen_at = $2, browser = $3, address = $4
         FROM member WHERE s.id = $1 AND s.staff_id = member.id",
        seat.id.0,
        now,
        browser,
        address
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn end(tx: &mut Tx, of: StaffId, id: SeatId) -> sqlx::Result<bool> {
    let ended = sqlx::query!("DELETE FROM staff_sessions WHERE id = $1 AND staff_id = $2", id.0, of.0);
    Ok(ended.execute(&mut **tx).await?.rows_affected() == 1)
}

pub async fn end_one(tx: &mut Tx, id: SeatId) -> sqlx::Result<()> {
    sqlx::query!("DELETE FROM staff_sessions WHERE id = $1", id.0).execute(&mut **tx).await?;
    Ok(())
}

pub async fn end_all(tx: &mut Tx, of: StaffId, but: Option<SeatId>) -> sqlx::Result<u64> {
    let ended = sqlx::query!(
        "DELETE FROM staff_sessions WHERE staff_id = $1 AND ($2::bigint IS NULL OR id <> $2)",
        of.0,
        but.map(|id| id.0)
    );
    Ok(ended.execute(&mut **tx).await?.rows_affected())
}

pub async fn sweep(
    conn: &mut PgConnection,
    (seen, begun, half_way): (OffsetDateTime, OffsetDateTime, OffsetDateTime),
) -> sqlx::Result<()> {
    sqlx::query!(
        "DELETE FROM staff_sessions
         WHERE seen_at <= $1 OR begun_at <= $2 OR (complete_at IS NULL AND begun_at <= $3)",
        seen,
        begun,
        half_way
    )
    .execute(conn)
    .await?;
    Ok(())
}
