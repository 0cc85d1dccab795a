//! Links in private messages (oauth-and-statuses.md §1.7): who was meant and where it leads. The link itself signs
//! nobody in. Whoever opens it and then signs in, or goes on as a guest, learns the path it leads to; what stands there
//! behind `?`, only the one it was meant for.

pub use super::store::hints::find;

use super::is_own_path;
use super::store::hints as store;
use crate::seal;
use anyhow::ensure;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// How long a link in a message is good for.
pub const LIVES: Duration = Duration::hours(24);

/// What is known of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Its fingerprint.
    pub mark: Vec<u8>,
    pub weibo_uid: i64,
    pub path: String,
    /// Neither used nor expired.
    pub fresh: bool,
}

/// Where somebody is led who has signed in by a hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// It was meant for her, and leads here.
    Her(String),
    /// It was meant for somebody else.
    Another,
    /// It was used before, or is too old.
    Spent,
}

/// The path of a link that leads the one with this Weibo account to a page of ours, good once and for [`LIVES`].
pub async fn hint(
    conn: &mut PgConnection,
    weibo_uid: i64,
    path: &str,
    now: OffsetDateTime,
) -> anyhow::Result<String> {
    ensure!(is_own_path(path), "a hint leads to a path of ours");
    let token = seal::token();
    store::keep(conn, &token, (weibo_uid, path), now + LIVES).await?;
    Ok(format!("/m/{token}"))
}

/// Somebody has signed in by the hint of this mark. Only the one it was meant for uses it up.
pub async fn follow(
    conn: &mut PgConnection,
    mark: &[u8],
    weibo_uid: i64,
    now: OffsetDateTime,
) -> sqlx::Result<Meant> {
    if let Some(path) = store::spend(conn, (mark, weibo_uid), now).await? {
        return Ok(Meant::Her(path));
    }
    let another = store::is_for_another(conn, mark, weibo_uid).await?;
    Ok(if another { Meant::Another } else { Meant::Spent })
}
