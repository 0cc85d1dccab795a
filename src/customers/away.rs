//! Away at Weibo's consent page: a random state goes along, and whoever brings it back, brings it back once.

pub use super::store::away::come_back;

use super::store::away as store;
use crate::seal;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// How long somebody may read the consent page.
const PATIENCE: Duration = Duration::minutes(10);

/// Why somebody is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To enter the shop as a buyer.
    Enter,
    /// To let the shop post in an account's name: she enters nothing by it.
    Speaker,
}

impl Purpose {
    /// The word in its column.
    pub fn name(self) -> &'static str {
        match self {
            Purpose::Enter => "enter",
            Purpose::Speaker => "speaker",
        }
    }

    pub fn parse(name: &str) -> Option<Purpose> {
        [Purpose::Enter, Purpose::Speaker].into_iter().find(|purpose| purpose.name() == name)
    }
}

/// What the shop remembers of somebody who is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The browser that went: no other may come back.
    pub visitor: Uuid,
    /// Kept here and nowhere else: a browser may be away several times at once, for both.
    pub purpose: Purpose,
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
