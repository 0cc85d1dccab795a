//! The desk at which people answer fans: which conversations there are, in the order in which they want somebody, who
//! looks after each, what was answered, and how long that took.

mod answering;
mod canned;
mod course;
mod figures;
mod inbox;
mod manners;

pub use answering::{Answer, AnswerError, Answered, answer};
pub use canned::{Canned, CannedId, Taken, WrongCanned};
pub use course::{Refused, assign, close, mark_read, mark_unread, reopen, snooze, wake};
pub use figures::{Figures, Of, Row, Standing, Took, Waiting};
pub use inbox::{Asked, Cursor, Entry, Last, Page, Show};
pub use manners::Manners;

pub use super::store::canned::{all as canned, find as find_canned, remove as remove_canned};
pub use super::store::canned::{save as save_canned, write as write_canned};
pub use super::store::inbox::{page as inbox, unread_up_to};
pub use super::store::manners::{manners, save as save_manners};
pub use super::store::turns::{Sent, last_read, sent};
pub use super::store::waits::{figures, standing, waiting};

use sqlx::PgConnection;
use time::Duration;

/// So long after a person last wrote the rules speak again.
pub async fn idle(conn: &mut PgConnection) -> anyhow::Result<Duration> {
    Ok(super::store::service::read(conn).await?.idle)
}

/// Where Postgres tells of each fan whose words or conversation have changed, by her uid.
pub const CHANNEL: &str = "fan_changed";
