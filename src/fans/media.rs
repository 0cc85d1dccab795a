//! Pictures and voices that fans sent. Weibo has them; the shop keeps a copy of what somebody at the desk has looked
//! at, and not for ever.

use super::store::media as store;
use super::{Message, MessageId, Said};
use crate::db::Db;
use crate::files::Files;
use crate::weibo::messages::Content;
use std::io;
use time::{Duration, OffsetDateTime};

/// So long what a fan sent can be looked at: as long as a parcel, its return and a complaint take. It may show a face,
/// an address or a paper of hers, so what nobody needs any more is not kept; her words stay.
pub const KEPT: Duration = Duration::days(30);
/// What was fetched at the last moment is put away by then, so that sweeping finds it.
const LAST_FETCHES: Duration = Duration::HOUR;
const AT_ONCE: i64 = 200;

/// How much of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Whole,
    /// As it stands among the words.
    Small,
}

/// The number by which Weibo hands out what a fan sent; nothing where it is no file, or came without one.
pub fn file(message: &Message) -> Option<i64> {
    match message.said {
        Said::ByFan(Content::Image { file } | Content::Voice { file }) => file,
        _ => None,
    }
}

/// Whether it is too old to be looked at.
pub fn is_gone(message: &Message, now: OffsetDateTime) -> bool {
    message.said_at + KEPT <= now
}

/// What its copy is called.
pub fn name(message: MessageId, file: i64, size: Size) -> String {
    let small = if size == Size::Small { ".small" } else { "" };
    format!("fan.{}.{}{small}", message.0, file.unsigned_abs())
}

/// Removes the copies of what is gone, and tells of how many messages. The files go first: whoever dies in between
/// removes them once more, and none is forgotten. One that cannot be removed keeps no other from going; it is told at
/// the end, and tried again the next time.
pub async fn sweep(db: &Db, files: &Files, now: OffsetDateTime) -> anyhow::Result<usize> {
    let (mut gone, mut failed, mut behind) = (0, Vec::new(), None);
    loop {
        let end = now - KEPT - LAST_FETCHES;
        let old = store::kept_since_before(&mut *db.reader().await?, end, behind, AT_ONCE).await?;
        let mut removed = Vec::with_capacity(old.len());
        for kept in &old {
            match remove(files, kept).await {
                Ok(()) => removed.push(kept.message.0),
                Err(error) => failed.push((kept.message, error)),
            }
        }
        let mut tx = db.begin().await?;
        store::swept(&mut tx, &removed, now).await?;
        tx.commit().await?;
        gone += removed.len();
        behind = old.last().copied();
        if i64::try_from(old.len())? < AT_ONCE {
            break;
        }
    }
    let count = failed.len();
    match failed.into_iter().next() {
        None => Ok(gone),
        Some((message, error)) => Err(anyhow::Error::new(error).context(format!(
            "what was sent in {count} messages cannot be removed, first in message {}; in {gone} it was",
            message.0
        ))),
    }
}

async fn remove(files: &Files, kept: &store::Kept) -> io::Result<()> {
    let Some(file) = kept.file else { return Ok(()) };
    for size in [Size::Whole, Size::Small] {
        files.remove(&name(kept.message, file, size)).await?;
    }
    Ok(())
}
