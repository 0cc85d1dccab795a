//! A seat at the desk: one member signed in in one browser. Ending it is deleting its row.

use super::{Member, StaffId, store};
use crate::db::{Db, Tx};
use sqlx::PgConnection;
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct SeatId(pub i64);

/// Nobody stays signed in for longer without doing anything …
const IDLE: Duration = Duration::hours(12);
/// … and nobody for longer at all.
const LONGEST: Duration = Duration::days(7);
/// So long somebody may look for her phone between password and code.
const HALF_WAY: Duration = Duration::minutes(10);
/// For so long nobody is asked for her password again before something grave.
const RECENT: Duration = Duration::minutes(10);
/// What is written down of a visit is not written down again sooner.
const TOUCHED: Duration = Duration::minutes(1);

#[derive(Debug, Clone)]
pub struct Seat {
    pub id: SeatId,
    pub member: Member,
    pub begun_at: OffsetDateTime,
    /// To the minute.
    pub seen_at: OffsetDateTime,
    pub confirmed_at: OffsetDateTime,
    /// The browser's family, such as `Chrome · Windows`.
    pub browser: String,
    pub address: String,
    pub(super) complete: bool,
}

impl Seat {
    /// Signed in entirely, and not over.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.complete && now - self.seen_at < IDLE && now - self.begun_at < LONGEST
    }

    /// The password was right, and there is still time for the code.
    pub fn waits_for_code(&self, now: OffsetDateTime) -> bool {
        !self.complete && now - self.begun_at < HALF_WAY
    }

    /// Password and code were given a short while ago.
    pub fn is_recent(&self, now: OffsetDateTime) -> bool {
        now - self.confirmed_at < RECENT
    }
}

/// Before these a seat is over: when it was last seen, when it began, when it began without a code.
pub(super) fn over_before(now: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime, OffsetDateTime) {
    (now - IDLE, now - LONGEST, now - HALF_WAY)
}

/// The seat of this id, open or not; none of a member who is disabled.
pub async fn find_seat(conn: &mut PgConnection, id: SeatId) -> anyhow::Result<Option<Seat>> {
    store::seats::find(conn, id).await
}

/// Where this member is signed in, the last one seen first.
pub async fn seats_of(
    conn: &mut PgConnection,
    of: StaffId,
    now: OffsetDateTime,
) -> anyhow::Result<Vec<Seat>> {
    let (seen, begun, _) = over_before(now);
    store::seats::open_of(conn, of, (seen, begun)).await
}

/// Writes down that she is there, at most once a minute.
pub async fn touch(
    db: &Db,
    seat: &Seat,
    browser: &str,
    address: IpAddr,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    if now - seat.seen_at < TOUCHED {
        return Ok(());
    }
    store::seats::touch(&mut *db.reader().await?, seat, browser, &address.to_string(), now).await
}

/// Ends one seat of this member's; false when she has none of this id.
pub async fn end(tx: &mut Tx, of: StaffId, id: SeatId) -> sqlx::Result<bool> {
    store::seats::end(tx, of, id).await
}

/// Ends all seats of this member's but one.
pub async fn end_others(tx: &mut Tx, of: StaffId, keep: SeatId) -> sqlx::Result<u64> {
    store::seats::end_all(tx, of, Some(keep)).await
}
