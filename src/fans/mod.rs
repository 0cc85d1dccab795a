//! Talking with fans: what they write and do on Weibo, what they are answered and when they may be, and how each
//! conversation stands. What customers buy is others' business.

pub mod broadcasts;
pub mod codes;
mod conversation;
pub mod desk;
mod fan;
mod hearing;
mod looking_up;
pub mod media;
pub mod menus;
mod message;
pub mod reminders;
pub mod rules;
mod sending;
pub mod service;
mod store;
pub mod subscribers;
mod window;

pub use conversation::{Conversation, State};
pub use fan::Fan;
pub use hearing::{Answered, Call, Ears, Herald, Refused, bound, hear, recall, sweep};
pub use looking_up::{look_up, look_up_due};
pub use message::{Author, Delivery, Message, MessageId, Said};
pub use sending::{ELSEWHERE, give_up, send};
pub use store::conversations::{find as conversation, lock as lock_conversation, save as save_conversation};
pub use store::fans::{find, lock, meet};
pub use store::messages::{latest, message};
pub use store::pressed::press;
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
    let mut spends = None;
    match known.window(now) {
        Window::Open { .. } => {}
        Window::Once { .. } => {
            store::fans::answer_mention(tx, fan).await?;
            spends = known.mentioned_at;
        }
        Window::Closed(why) => return Err(SayError::Closed(why)),
    }
    let id = store::messages::insert_waiting(tx, fan, reply, author, now).await?;
    store::sending::spend(tx, id, spends).await?;
    // How it stands after a person wrote, the desk knows.
    if !matches!(author, Author::Staff { .. }) {
        note(tx, fan, id, now).await?;
    }
    jobs::enqueue(tx, &Job::SayToFan { message: id.0 }, now).await?;
    Ok(id)
}

/// The conversation ends with this message now; whether anybody has to look at it does not change.
async fn note(tx: &mut Tx, fan: i64, message: MessageId, now: OffsetDateTime) -> anyhow::Result<()> {
    let known = store::conversations::lock(tx, fan).await?;
    let begun = || Conversation { state: State::Closed, ..Conversation::begun(fan, message, now) };
    let conversation = Conversation { last_at: now, last_message: message, ..known.unwrap_or_else(begun) };
    store::conversations::save(tx, &conversation).await?;
    Ok(())
}
