//! The desk at which people answer fans: which conversations there are, in the order in which they want somebody.

mod inbox;

pub use inbox::{Entry, Show};

use super::store::desk as store;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// In how many conversations something is unread, not counted beyond `most`.
pub async fn unread_up_to(conn: &mut PgConnection, most: i64) -> sqlx::Result<i64> {
    store::unread_up_to(conn, most).await
}

/// The first conversations of a list, at most so many.
pub async fn inbox(
    conn: &mut PgConnection,
    show: Show,
    staff: i64,
    now: OffsetDateTime,
    most: i64,
) -> anyhow::Result<Vec<Entry>> {
    store::list(conn, show, staff, now, most).await
}
