//! Signing in on a desktop by scanning: the desktop shows a code, a phone on which she has signed in says yes, and the
//! desktop, only that one and only once, is signed in. Nothing that is kept could sign anybody in.

use super::store::scans as store;
use super::{CustomerId, Entered};
use crate::db::Tx;
use crate::seal::{Keyring, fingerprint};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long a code can be scanned, answered and taken.
pub const PATIENCE: Duration = Duration::minutes(3);

const CODE: &str = "sign-in code";

/// A desktop that wants to be signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    pub id: Uuid,
    pub visitor: Uuid,
    /// What the desktop says it is, such as `Chrome · Windows`.
    pub browser: String,
    pub next: String,
    pub asked_at: OffsetDateTime,
}

/// What has become of a code, for the desktop that shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Waiting,
    Yes,
    No,
    Expired,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Standing::Waiting => "waiting",
            Standing::Yes => "yes",
            Standing::No => "no",
            Standing::Expired => "expired",
        }
    }
}

/// What stands in the QR code of a scan: only the shop can make it.
pub fn code(keys: &Keyring, id: Uuid) -> String {
    keys.tag(CODE, &id.to_string())
}

/// A desktop begins to show a code; gives the scan's id.
pub async fn begin(
    conn: &mut PgConnection,
    keys: &Keyring,
    (visitor, browser): (Uuid, String),
    next: String,
    now: OffsetDateTime,
) -> sqlx::Result<Uuid> {
    let scan = Scan { id: Uuid::new_v4(), visitor, browser, next, asked_at: now };
    store::begin(conn, &scan, &fingerprint(&code(keys, scan.id)), now + PATIENCE).await?;
    Ok(scan.id)
}

/// How a scan stands, for the browser that asked only.
pub async fn standing(
    conn: &mut PgConnection,
    id: Uuid,
    visitor: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Standing>> {
    store::standing(conn, (id, visitor), now).await
}

/// The desktop behind the code that a phone has read, while it waits for an answer.
pub async fn open(conn: &mut PgConnection, code: &str, now: OffsetDateTime) -> sqlx::Result<Option<Scan>> {
    store::open(conn, &fingerprint(code), now).await
}

/// The phone's one answer: yes as this customer, or no. False when it comes too late or a second time.
pub async fn answer(
    conn: &mut PgConnection,
    code: &str,
    yes_as: Option<CustomerId>,
    now: OffsetDateTime,
) -> sqlx::Result<bool> {
    store::answer(conn, &fingerprint(code), yes_as, now).await
}

/// The desktop takes its sign-in, once; and where that leads.
pub async fn take(
    tx: &mut Tx,
    id: Uuid,
    visitor: Uuid,
    now: OffsetDateTime,
) -> sqlx::Result<Option<(Entered, String)>> {
    store::take(tx, (id, visitor), now).await
}
