//! Packets in XML like that of `WeChat` (fans-service.md §4): one flat element `xml`, its parts in any order, in CDATA
//! or not. No DOCTYPE, and no entity but XML's own five.

use super::read::{clean, event, mention, position, possible, unknown};
use super::{Content, Event, Packet, Unreadable};
use crate::weibo::answer::positive;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event as Piece;
use std::collections::HashMap;
use time::OffsetDateTime;

/// Of what `WeChat` nests and we pass over.
const DEEPEST: usize = 8;
/// From here on a number of seconds would be beyond the year 5000: it is milliseconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// The parts that are read, by name.
const PARTS: [&str; 12] = [
    "ToUserName",
    "FromUserName",
    "CreateTime",
    "MsgType",
    "Content",
    "MediaId",
    "Location_X",
    "Location_Y",
    "Label",
    "Event",
    "EventKey",
    "Ticket",
];

type Parts = HashMap<&'static str, String>;

pub(super) fn read(text: &str) -> Result<Packet, Unreadable> {
    let parts = parts(text)?;
    let part = |name: &'static str| parts.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let uid = |name| part(name).and_then(positive).ok_or(Unreadable::Lacks(name));
    let at = part("CreateTime").and_then(positive).and_then(moment);
    let name = part("MsgType").ok_or(Unreadable::Lacks("MsgType"))?;
    let words =
        ["Content", "Label"].into_iter().find_map(|name| parts.get(name).filter(|text| !text.is_empty()));
    Ok(Packet {
        sender: uid("FromUserName")?,
        receiver: uid("ToUserName")?,
        created_at: at.ok_or(Unreadable::Lacks("CreateTime"))?,
        text: words.map(|text| clean(text)).unwrap_or_default(),
        content: content(name, part),
    })
}

fn content<'a>(name: &str, part: impl Fn(&'static str) -> Option<&'a str>) -> Content {
    let kept = |name| clean(part(name).unwrap_or_default());
    let file = || part("MediaId").and_then(positive);
    match name.to_ascii_lowercase().as_str() {
        "text" => Content::Text,
        "image" => Content::Image { file: file() },
        "voice" => Content::Voice { file: file() },
        // WeChat's X is the latitude.
        "location" | "position" => position(part("Location_Y"), part("Location_X")),
        "event" => match kept("EventKey").strip_prefix("qrscene_") {
            // So WeChat writes it that somebody scanned a code, and began to follow.
            Some(key) if kept("Event").eq_ignore_ascii_case("subscribe") => {
                Content::Event { event: Event::ScanFollow { key: key.to_owned(), ticket: kept("Ticket") } }
            }
            _ => ambiguous(event(&kept("Event"), kept("EventKey"), kept("Ticket"))),
        },
        "mention" => mention(&kept("Event"), kept("EventKey")),
        _ => unknown(name),
    }
}

/// `WeChat` calls following `subscribe`, and Weibo may do so too where it writes like it.
fn ambiguous(content: Content) -> Content {
    match content {
        Content::Event { event: Event::Subscribe } => Content::Event { event: Event::FollowOrSubscribe },
        Content::Event { event: Event::Unsubscribe } => {
            Content::Event { event: Event::UnfollowOrUnsubscribe }
        }
        other => other,
    }
}

/// Seconds or milliseconds (§11.4), to the second.
fn moment(number: i64) -> Option<OffsetDateTime> {
    let seconds = if number >= MILLISECONDS { number / 1000 } else { number };
    OffsetDateTime::from_unix_timestamp(seconds).ok().and_then(possible)
}

/// What stands in the root's children. A part that is there twice could be read either way: it is not read.
fn parts(text: &str) -> Result<Parts, Unreadable> {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        match reader.read_event().map_err(|_| Unreadable::Malformed)? {
            Piece::Start(tag) => walk.open(tag.name().as_ref())?,
            Piece::Empty(tag) => {
                walk.open(tag.name().as_ref())?;
                walk.close()?;
            }
            Piece::End(_) => walk.close()?,
            Piece::Text(text) => walk.plain(utf8(&text)?)?,
            Piece::CData(text) => walk.marked(utf8(&text)?)?,
            Piece::GeneralRef(entity) => {
                let letter = entity.resolve_char_ref().map_err(|_| Unreadable::Malformed)?;
                match (letter, resolve_predefined_entity(utf8(&entity)?)) {
                    (Some(letter), _) => walk.plain(letter.encode_utf8(&mut [0; 4]))?,
                    (None, Some(text)) => walk.plain(text)?,
                    (None, None) => return Err(Unreadable::Malformed),
                }
            }
            Piece::DocType(_) => return Err(Unreadable::Malformed),
            Piece::Decl(_) | Piece::PI(_) | Piece::Comment(_) => {}
            Piece::Eof => return walk.end(),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<&str, Unreadable> {
    std::str::from_utf8(bytes).map_err(|_| Unreadable::NotText)
}

#[derive(Default)]
struct Walk {
    depth: usize,
    /// The root has ended.
    ended: bool,
    open: Option<&'static str>,
    /// What the open part says so far, whole; and, where some of it stands in CDATA, without the blanks around that,
    /// which are how it was laid out.
    whole: String,
    inside: Option<String>,
    found: Parts,
}

impl Walk {
    fn open(&mut self, name: &[u8]) -> Result<(), Unreadable> {
        let fits = match self.depth {
            0 => name == b"xml" && !self.ended,
            depth => depth < DEEPEST,
        };
        if !fits {
            return Err(Unreadable::Malformed);
        }
        self.depth += 1;
        if self.depth == 2 {
            self.open = PARTS.into_iter().find(|part| part.as_bytes() == name);
            self.whole.clear();
            self.inside = None;
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Unreadable> {
        if self.depth == 2
            && let Some(part) = self.open.take()
        {
            let whole = std::mem::take(&mut self.whole);
            if self.found.insert(part, self.inside.take().unwrap_or(whole)).is_some() {
                return Err(Unreadable::Malformed);
            }
        }
        self.depth = self.depth.checked_sub(1).ok_or(Unreadable::Malformed)?;
        self.ended |= self.depth == 0;
        Ok(())
    }

    /// Text that is not in CDATA.
    fn plain(&mut self, text: &str) -> Result<(), Unreadable> {
        let blank = text.chars().all(char::is_whitespace);
        if self.depth == 0 && !blank {
            return Err(Unreadable::Malformed);
        }
        if self.depth == 2 && self.open.is_some() {
            if let Some(inside) = self.inside.as_mut().filter(|_| !blank) {
                inside.push_str(text);
            }
            self.whole.push_str(text);
        }
        Ok(())
    }

    fn marked(&mut self, text: &str) -> Result<(), Unreadable> {
        if self.depth == 0 {
            return Err(Unreadable::Malformed);
        }
        if self.depth == 2 && self.open.is_some() {
            let before = if self.whole.trim().is_empty() { String::new() } else { self.whole.clone() };
            self.inside.get_or_insert(before).push_str(text);
            self.whole.push_str(text);
        }
        Ok(())
    }

    fn end(self) -> Result<Parts, Unreadable> {
        if self.ended && self.depth == 0 { Ok(self.found) } else { Err(Unreadable::Malformed) }
    }
}
