//! Signing in on a desktop by scanning: the desktop shows a code, a phone on which she has signed in says yes, and the
//! desktop, only that one and only once, is signed in. Nothing that is kept could sign anybody in.

pub use super::store::scans::{answer, open, standing, take};

use super::store::scans as store;
use crate::seal::Keyring;
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
    store::begin(conn, &scan, &code(keys, scan.id), now + PATIENCE).await?;
    Ok(scan.id)
}
