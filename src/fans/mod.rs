//! Talking with fans: what they write and do on Weibo, what they are answered and when they may be, and how each
//! conversation stands. What customers buy is others' business.

pub mod broadcasts;
mod conversation;
pub mod desk;
mod fan;
mod message;
pub mod reminders;
mod store;
pub mod subscribers;
mod window;

pub use conversation::{Conversation, State};
pub use fan::Fan;
pub use message::{Author, Delivery, Message, MessageId, Said};
pub use store::conversations::{find as conversation, lock as lock_conversation, save as save_conversation};
pub use store::fans::{find, lock, meet};
pub use store::messages::{latest, message};
pub use window::{Closed, Window};

use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::weibo::messages::Reply;
use time::OffsetDateTime;

/// Why nothing can be said to a fan now.
#[derive(Debug, thiserror::Error)]
pub enum SayError {
    /// Weibo lets nobody write to her now.
    #[error("she may not be written to: {0:?}")]
    Closed(Closed),
    #[error("nobody is known by this uid")]
    Nobody,
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for SayError {
    fn from(error: sqlx::Error) -> SayError {
        SayError::Unexpected(error.into())
    }
}

/// Writes down what shall be said to a fan and has it sent, at most once. The one answer to a mention is spent by it.
pub async fn say(
    tx: &mut Tx,
    fan: i64,
    reply: &Reply,
    author: &Author,
    now: OffsetDateTime,
) -> Result<MessageId, SayError> {
    let known = store::fans::lock(tx, fan).await?.ok_or(SayError::Nobody)?;
    match known.window(now) {
        Window::Open { .. } => {}
        Window::Once { .. } => store::fans::answer_mention(tx, fan).await?,
        Window::Closed(why) => return Err(SayError::Closed(why)),
    }
    let id = store::messages::insert_waiting(tx, fan, reply, author, now).await?;
    jobs::enqueue(tx, &Job::SayToFan { message: id.0 }, now).await?;
    Ok(id)
}
