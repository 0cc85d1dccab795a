//! The fans service of the pretend Weibo (fans-service.md): who follows, what was said between each fan and the
//! shop, and when the shop may speak.

pub mod answer;
pub mod codes;
pub mod files;
pub mod groups;
pub mod menu;
pub mod packet;
pub mod push;
pub mod reply;
pub mod rules;
pub mod sending;
#[cfg(test)]
mod tests;
pub mod trouble;
pub mod window;

use super::World;
use codes::Code;
use groups::Groups;
use menu::Menu;
use packet::{Did, Packet};
use reply::SandboxReply;
use rules::Rules;
use sending::Broadcast;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};
use time::{Duration, OffsetDateTime};

/// So many lines of each chat are kept.
const LINES: usize = 400;

/// Everything the fans service knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Fans {
    pub rules: Rules,
    /// Where the shop listens; only after it has answered the binding.
    pub bound_to: Option<String>,
    pub format: Format,
    /// Whoever did anything, by uid.
    known: BTreeMap<i64, Fan>,
    pub(in crate::sandbox) queue: push::Queue,
    files: Vec<files::Kind>,
    groups: Groups,
    /// As it was published last; phones are said to keep an older one for a day.
    pub menu: Option<Menu>,
    codes: Vec<Code>,
    broadcasts: Vec<Broadcast>,
}

/// In which words packets are pushed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    #[default]
    Json,
    Xml,
}

/// One account in front of the shop's, and all that was said between them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Fan {
    pub follows: bool,
    pub subscribes: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    pub subscribed_at: Option<OffsetDateTime>,
    /// 0 for none.
    pub group: u64,
    /// When she last did what lets the shop answer for long.
    #[serde(with = "time::serde::rfc3339::option")]
    acted_at: Option<OffsetDateTime>,
    #[serde(with = "time::serde::rfc3339::option")]
    mentioned_at: Option<OffsetDateTime>,
    mention_answered: bool,
    #[serde(with = "time::serde::rfc3339::option")]
    unfollowed_at: Option<OffsetDateTime>,
    /// Of her last packet, to the second.
    #[serde(with = "time::serde::rfc3339::option")]
    packet_at: Option<OffsetDateTime>,
    lines: VecDeque<Line>,
}

/// One line of a chat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    #[serde(flatten)]
    pub said: Said,
}

/// Who said what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "snake_case")]
pub enum Said {
    /// The fan herself; `file` is the picture or the voice.
    Fan { did: Did, file: Option<u64> },
    /// The shop, in its answer to a push.
    Answer { reply: SandboxReply },
    /// The shop by itself, through `messages/reply`.
    Service { reply: SandboxReply },
    /// The shop to all its subscribers, or some.
    Broadcast { msg_id: u64, reply: SandboxReply },
    /// An invitation of the application message service.
    Invitation { text: String, url: String, logo: String },
}

impl Line {
    /// What the shop said, unless it was the fan, or an invitation.
    pub fn reply(&self) -> Option<&SandboxReply> {
        match &self.said {
            Said::Answer { reply } | Said::Service { reply } | Said::Broadcast { reply, .. } => Some(reply),
            Said::Fan { .. } | Said::Invitation { .. } => None,
        }
    }
}

impl World {
    /// The account as the fans service sees it. One that never did anything follows if it follows in the stream.
    pub fn fan(&self, uid: i64) -> Fan {
        self.fans.known.get(&uid).cloned().unwrap_or_else(|| self.stranger(uid))
    }

    fn stranger(&self, uid: i64) -> Fan {
        let shop = self.people.first().map(|shop| shop.uid.as_str()).unwrap_or_default();
        let person = self.person(&uid.to_string());
        Fan { follows: person.is_some_and(|person| person.follows.contains(shop)), ..Fan::default() }
    }

    /// She began to follow elsewhere, on the page of consent.
    pub(super) fn fan_follows_in_the_stream(&mut self, uid: &str) {
        if let Some(fan) = uid.parse().ok().and_then(|uid: i64| self.fans.known.get_mut(&uid)) {
            fan.follows = true;
        }
    }

    pub(super) fn fan_mut(&mut self, uid: i64) -> &mut Fan {
        let stranger = self.stranger(uid);
        self.fans.known.entry(uid).or_insert(stranger)
    }

    /// Who ever did anything, by uid.
    pub fn fans(&self) -> impl Iterator<Item = (i64, &Fan)> {
        self.fans.known.iter().map(|(uid, fan)| (*uid, fan))
    }

    /// Oldest first.
    pub fn chat(&self, uid: i64) -> Vec<Line> {
        self.fans.known.get(&uid).map(|fan| fan.lines.iter().cloned().collect()).unwrap_or_default()
    }

    pub(super) fn note_line(&mut self, uid: i64, said: Said, at: OffsetDateTime) {
        let lines = &mut self.fan_mut(uid).lines;
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(Line { at, said });
    }

    /// A fan does something: it is noted, and becomes a packet for the shop `receiver`.
    pub fn fan_did(&mut self, uid: i64, did: Did, receiver: i64, now: OffsetDateTime) -> Packet {
        let file = self.take_file(&did);
        self.fan_mut(uid).did(&did, now);
        let (person, shop) = (uid.to_string(), receiver.to_string());
        match did {
            Did::Followed | Did::Scanned { followed: true, .. } => self.follow(&person, &shop),
            Did::Unfollowed => self.unfollow(&person, &shop),
            _ => {}
        }
        self.note_line(uid, Said::Fan { did: did.clone(), file }, now);
        let at = self.fan_mut(uid).next_second(now);
        Packet { sender: uid, receiver, at, did, file }
    }
}

impl Fan {
    /// Nobody does two things in one second, and packets tell no more than the second (§2).
    fn next_second(&mut self, now: OffsetDateTime) -> OffsetDateTime {
        let second = now.replace_nanosecond(0).unwrap_or(now);
        let at = self.packet_at.map_or(second, |last| second.max(last + Duration::SECOND));
        self.packet_at = Some(at);
        at
    }
}
