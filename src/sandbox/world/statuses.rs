//! What people say: statuses with cards, reposts, and the rules for saying it (oauth-and-statuses.md §3).

use super::World;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use url::Url;

/// How many statuses are kept; the oldest go first.
const KEPT: usize = 500;

/// Something said, or said again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub id: u64,
    pub uid: String,
    pub text: String,
    #[serde(with = "time::serde::rfc3339")]
    pub said_at: OffsetDateTime,
    pub card: Option<Card>,
    /// The original, when this is a repost.
    pub reposts: Option<u64>,
    pub repost_count: u32,
    pub comment_count: u32,
    pub like_count: u32,
    pub deleted: bool,
}

/// A commodity card below a status. Texts as they are to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub url: String,
    pub title: String,
    #[serde(default)]
    pub image: String,
    #[serde(default)]
    pub price: String,
    #[serde(default)]
    pub stock: String,
}

impl Card {
    /// That its addresses are of the web: they become links.
    pub fn leads_somewhere(&self) -> bool {
        let web = |text: &str| Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        let texts = [&self.url, &self.title, &self.image, &self.price, &self.stock];
        web(&self.url)
            && (self.image.is_empty() || web(&self.image))
            && texts.iter().all(|text| text.chars().count() <= 1000 && !text.contains('\0'))
    }
}

/// Why a status is refused, with the codes of §3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SayError {
    #[error("miss required parameter")]
    Missing,
    #[error("parameter value invalid")]
    Invalid,
    #[error("text not find domain!")]
    NoAddress,
    #[error("text with #topic# is not allowed")]
    Topic,
    #[error("user does not exist")]
    NoSuchUser,
    #[error("content is null")]
    Empty,
    #[error("text too long, please input text less than 140 characters")]
    TooLong,
    #[error("repeated weibo text")]
    Repeated,
    #[error("target weibo does not exist")]
    NoSuchStatus,
    #[error("Permission denied, need a high level appkey or the author's leave")]
    Hidden,
    #[error("can not repost your own weibo")]
    Own,
}

impl SayError {
    pub fn code(self) -> u32 {
        match self {
            SayError::Missing => 10016,
            SayError::Invalid | SayError::NoAddress | SayError::Topic => 10017,
            SayError::NoSuchUser => 20003,
            SayError::Empty => 20008,
            SayError::TooLong => 20012,
            SayError::Repeated => 20019,
            SayError::NoSuchStatus => 20101,
            SayError::Hidden => 20112,
            SayError::Own => 20103,
        }
    }
}

impl World {
    /// Says something as `uid`, with no rule but that the text is neither empty nor too long.
    pub fn say(
        &mut self,
        uid: &str,
        text: &str,
        card: Option<Card>,
        now: OffsetDateTime,
    ) -> Result<&Status, SayError> {
        self.person(uid).ok_or(SayError::NoSuchUser)?;
        check_text(text)?;
        if text.trim().is_empty() {
            return Err(SayError::Empty);
        }
        if card.as_ref().is_some_and(|card| !card.leads_somewhere()) {
            return Err(SayError::Invalid);
        }
        self.keep(uid, text, card, None, now)
    }

    /// Says something for an application, by the rules of §3.2; `domain` is its security domain.
    pub fn share(
        &mut self,
        uid: &str,
        text: &str,
        domain: Option<&Url>,
        now: OffsetDateTime,
    ) -> Result<&Status, SayError> {
        if text.matches('#').count() >= 2 {
            return Err(SayError::Topic);
        }
        if !addresses(text).any(|(_, url)| domain.is_none_or(|domain| url.origin() == domain.origin())) {
            return Err(SayError::NoAddress);
        }
        self.not_repeated(uid, text, None)?;
        self.say(uid, text, None, now)
    }

    /// Says a status again (§3.1). A repost of a repost leads to the original.
    pub fn repost(
        &mut self,
        uid: &str,
        id: u64,
        text: &str,
        now: OffsetDateTime,
    ) -> Result<&Status, SayError> {
        self.person(uid).ok_or(SayError::NoSuchUser)?;
        check_text(text)?;
        let status = self.status(id).ok_or(SayError::NoSuchStatus)?;
        let original = match status.reposts {
            Some(original) => self.status(original).ok_or(SayError::NoSuchStatus)?,
            None => status,
        };
        if original.uid == uid {
            return Err(SayError::Own);
        }
        let (original, text) = (original.id, if text.trim().is_empty() { "转发微博" } else { text });
        self.not_repeated(uid, text, Some(original))?;
        for counted in self.statuses.iter_mut().filter(|status| status.id == id || status.id == original) {
            counted.repost_count += 1;
        }
        self.keep(uid, text, None, Some(original), now)
    }

    /// The address that a status leads to: its card's, else the first in its text.
    pub fn link(status: &Status) -> Option<String> {
        let card = status.card.as_ref().map(|card| card.url.clone());
        card.or_else(|| addresses(&status.text).next().map(|(_, url)| url.to_string()))
    }

    /// A status that was not deleted.
    pub fn status(&self, id: u64) -> Option<&Status> {
        self.statuses.iter().find(|status| status.id == id && !status.deleted)
    }

    /// Newest first, without those that were deleted.
    pub fn stream(&self) -> impl Iterator<Item = &Status> {
        self.statuses.iter().rev().filter(|status| !status.deleted)
    }

    /// A status for the one who said it; the API shows an application no others.
    pub fn own_status(&self, uid: &str, id: u64) -> Result<&Status, SayError> {
        let status = self.status(id).ok_or(SayError::NoSuchStatus)?;
        if status.uid == uid { Ok(status) } else { Err(SayError::Hidden) }
    }

    /// One more who says something to it.
    pub fn comment(&mut self, id: u64) -> Result<(), SayError> {
        let status = self.statuses.iter_mut().find(|status| status.id == id && !status.deleted);
        let comments = &mut status.ok_or(SayError::NoSuchStatus)?.comment_count;
        *comments = comments.saturating_add(1);
        Ok(())
    }

    /// One more who likes it.
    pub fn like(&mut self, id: u64) -> Result<(), SayError> {
        let status = self.statuses.iter_mut().find(|status| status.id == id && !status.deleted);
        let likes = &mut status.ok_or(SayError::NoSuchStatus)?.like_count;
        *likes = likes.saturating_add(1);
        Ok(())
    }

    pub fn delete_status(&mut self, id: u64) -> Result<(), SayError> {
        let status = self.statuses.iter_mut().find(|status| status.id == id && !status.deleted);
        status.ok_or(SayError::NoSuchStatus)?.deleted = true;
        Ok(())
    }

    fn not_repeated(&self, uid: &str, text: &str, reposts: Option<u64>) -> Result<(), SayError> {
        let mut mine = self.stream().filter(|status| status.uid == uid && status.reposts == reposts);
        if mine.any(|status| status.text == text) { Err(SayError::Repeated) } else { Ok(()) }
    }

    fn keep(
        &mut self,
        uid: &str,
        text: &str,
        card: Option<Card>,
        reposts: Option<u64>,
        now: OffsetDateTime,
    ) -> Result<&Status, SayError> {
        let id = self.next_number(5, now);
        if self.statuses.len() >= KEPT {
            self.statuses.remove(0);
        }
        self.statuses.push(Status {
            id,
            uid: uid.to_owned(),
            text: text.to_owned(),
            said_at: now,
            card,
            reposts,
            repost_count: 0,
            comment_count: 0,
            like_count: 0,
            deleted: false,
        });
        self.statuses.last().ok_or(SayError::NoSuchStatus)
    }
}

/// 140 Chinese characters; two ASCII characters count as one.
fn check_text(text: &str) -> Result<(), SayError> {
    let halves: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    if text.contains('\0') {
        return Err(SayError::Invalid);
    }
    if halves > 280 { Err(SayError::TooLong) } else { Ok(()) }
}

/// The web addresses in a text, as written and as read: each ends where a blank or a character begins that no
/// address holds.
pub fn addresses(text: &str) -> impl Iterator<Item = (&str, Url)> {
    text.match_indices("http").filter_map(|(at, _)| {
        let rest = &text[at..];
        let end = rest.find(|c: char| c.is_whitespace() || !c.is_ascii()).unwrap_or(rest.len());
        let url = Url::parse(&rest[..end]).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        Some((&rest[..end], url))
    })
}

#[cfg(test)]
mod tests;
