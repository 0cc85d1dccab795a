//! Away at Weibo's consent page: a random state goes along, and whoever brings it back, brings it back once.

pub use super::store::away::come_back;

use super::store::away as store;
use crate::seal;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long somebody may read the consent page.
const PATIENCE: Duration = Duration::minutes(10);

/// What the shop remembers of somebody who is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The browser that went: no other may come back.
    pub visitor: Uuid,
    /// Where she goes on.
    pub next: String,
    /// The mark of the hint by which she came.
    pub hint: Option<Vec<u8>>,
}

/// Remembers her; gives the state that travels to Weibo and back. One browser may be away several times at once.
pub async fn leave(conn: &mut PgConnection, away: &Away, now: OffsetDateTime) -> sqlx::Result<String> {
    let state = seal::token();
    store::leave(conn, &state, away, now + PATIENCE).await?;
    Ok(state)
}
