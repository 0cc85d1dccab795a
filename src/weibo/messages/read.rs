//! A pushed body of either format, told apart by its first character (fans-service.md §2), becomes a [`Packet`].
//! NUL and other control characters are dropped from every text, except new lines and tabs.

use super::{Content, Event, MentionIn, Packet, json, xml};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// Weibo names no limit; its own texts have some hundred bytes.
pub const LARGEST_PACKET: usize = 64 * 1024;
/// Of a name that no document knows, so much is kept.
const LONGEST_NAME: usize = 64;

/// How Weibo and the shop write to each other (§9, `set_format`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Json,
    /// Like that of `WeChat`.
    Xml,
}

impl Format {
    /// What Weibo calls it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Json => "json",
            Format::Xml => "xml",
        }
    }

    pub fn of(name: &str) -> Option<Format> {
        [Format::Json, Format::Xml].into_iter().find(|format| format.name() == name)
    }

    /// Of the answer to a push that came so.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json; charset=utf-8",
            Format::Xml => "text/xml; charset=utf-8",
        }
    }
}

/// Why a body is no packet. What kind a packet is never makes it unreadable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("more than 64 KiB")]
    TooLarge,
    #[error("not UTF-8")]
    NotText,
    #[error("neither JSON nor XML")]
    Neither,
    #[error("not well-formed, or with what no packet needs")]
    Malformed,
    /// Who, to whom or when is not said.
    #[error("{0} is missing or not as documented")]
    Lacks(&'static str),
}

/// Reads a packet, and says in which format it came: the answer has to be in the same.
pub fn read(body: &[u8]) -> Result<(Packet, Format), Unreadable> {
    if body.len() > LARGEST_PACKET {
        return Err(Unreadable::TooLarge);
    }
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotText)?;
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    match text.as_bytes().first() {
        Some(b'{') => Ok((json::read(text)?, Format::Json)),
        Some(b'<') => Ok((xml::read(text)?, Format::Xml)),
        _ => Err(Unreadable::Neither),
    }
}

/// Without control characters, which no page shows and Postgres does not hold.
pub(super) fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

pub(super) fn unknown(name: &str) -> Content {
    Content::Unknown { name: short(name) }
}

fn short(name: &str) -> String {
    clean(name).chars().take(LONGEST_NAME).collect()
}

/// A time at which Weibo was there, and that both formats can say: in XML, seconds beyond it are milliseconds.
pub(super) fn possible(at: OffsetDateTime) -> Option<OffsetDateTime> {
    (2009..5000).contains(&at.year()).then_some(at)
}

/// A place with both its coordinates in degrees; any other is one that no document knows.
pub(super) fn position(longitude: Option<&str>, latitude: Option<&str>) -> Content {
    let place = longitude.zip(latitude);
    match place.filter(|(longitude, latitude)| degrees(longitude, 180.0) && degrees(latitude, 90.0)) {
        Some((longitude, latitude)) => {
            Content::Position { longitude: longitude.to_owned(), latitude: latitude.to_owned() }
        }
        None => unknown("position"),
    }
}

/// A plain decimal number between `-most` and `most`.
pub(super) fn degrees(text: &str, most: f64) -> bool {
    let plain = text.len() <= 24 && text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'));
    plain && text.parse().is_ok_and(|degrees: f64| degrees.abs() <= most)
}

/// The event by its name in any letter case, with its key and ticket. A mention may come in this shape (§3.4).
pub(super) fn event(name: &str, key: String, ticket: String) -> Content {
    let event = match name.to_ascii_lowercase().as_str() {
        "follow" => Event::Follow,
        "unfollow" => Event::Unfollow,
        "subscribe" => Event::Subscribe,
        "unsubscribe" => Event::Unsubscribe,
        "scan" => Event::Scan { key, ticket },
        "scan_follow" => Event::ScanFollow { key, ticket },
        "click" => Event::Click { key },
        "view" => Event::View { url: key },
        "status" | "comment" => return mention(name, key),
        _ => Event::Unknown { name: short(name) },
    };
    Content::Event { event }
}

pub(super) fn mention(within: &str, key: String) -> Content {
    match within.to_ascii_lowercase().as_str() {
        "status" => Content::Mention { r#in: MentionIn::Status, key },
        "comment" => Content::Mention { r#in: MentionIn::Comment, key },
        _ => unknown("mention"),
    }
}
