//! Packets in JSON (fans-service.md §3).

use super::read::{clean, event, mention, position, possible, unknown};
use super::{Content, Packet, Unreadable};
use crate::weibo::answer::{Answer, positive};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

pub(super) fn read(text: &str) -> Result<Packet, Unreadable> {
    let packet = Answer::parse(text.as_bytes()).ok_or(Unreadable::Malformed)?;
    let uid = |name| packet.text(name).and_then(|uid| positive(&uid)).ok_or(Unreadable::Lacks(name));
    let at = packet.text("created_at").and_then(|text| moment(&text));
    Ok(Packet {
        sender: uid("sender_id")?,
        receiver: uid("receiver_id")?,
        created_at: at.ok_or(Unreadable::Lacks("created_at"))?,
        text: clean(&packet.text("text").unwrap_or_default()),
        content: content(&packet)?,
    })
}

fn content(packet: &Answer) -> Result<Content, Unreadable> {
    let name = packet.text("type").ok_or(Unreadable::Lacks("type"))?;
    let data = packet.object("data");
    let field = |name: &str| data.as_ref().and_then(|data| data.words(name));
    let kept = |name: &str| clean(&field(name).unwrap_or_default());
    let file = || field("tovfid").and_then(|file| positive(&file));
    Ok(match name.to_ascii_lowercase().as_str() {
        "text" => Content::Text,
        "image" => Content::Image { file: file() },
        "voice" => Content::Voice { file: file() },
        "position" => position(field("longitude").as_deref(), field("latitude").as_deref()),
        "event" => event(&kept("subtype"), kept("key"), kept("ticket")),
        "mention" => mention(&kept("subtype"), kept("key")),
        _ => unknown(&name),
    })
}

/// `Thu Mar 05 10:20:30 +0800 2026`. What day of the week it was is not asked.
fn moment(text: &str) -> Option<OffsetDateTime> {
    const FORM: &[BorrowedFormatItem<'_>] = format_description!(
        "[month repr:short] [day padding:none] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
    );
    let (_, text) = text.split_once(' ')?;
    OffsetDateTime::parse(text, FORM).ok()?.checked_to_offset(UtcOffset::UTC).and_then(possible)
}
