//! What the shop says by itself: to one fan within her window, to subscribers, and invitations
//! (fans-service.md §6 and §7).

use super::Said;
use super::reply::{SandboxReply, articles, is_absolute};
use super::trouble::Trouble;
use super::window::Window;
use crate::clock::SHOP_ZONE;
use crate::sandbox::Fault;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use time::{Duration, OffsetDateTime};

const FIRST: u64 = 600_001;
const INVITATION_LIMIT: usize = 300;

/// To whom a broadcast goes: of them, those who subscribe when it is delivered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum To {
    Group(u64),
    Fans(BTreeSet<i64>),
}

/// One broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    pub msg_id: u64,
    pub to: To,
    pub reply: SandboxReply,
    #[serde(with = "time::serde::rfc3339")]
    pub taken_at: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
    pub end: Option<End>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Delivered {
        to: usize,
    },
    /// By the censor.
    KeptBack,
}

impl World {
    /// The shop answers a fan by itself, if her window lets it.
    pub fn serve(&mut self, uid: i64, reply: SandboxReply, now: OffsetDateTime) -> Result<(), Trouble> {
        if self.faults.strikes(Fault::FanRefused) {
            return Err(Trouble::Refused);
        }
        let rules = self.fans.rules.clone();
        match self.fan(uid).window(&rules, now) {
            Window::Open { .. } | Window::Once { .. } => {}
            Window::Unfollowed => return Err(Trouble::Unfollowed),
            Window::Answered => return Err(Trouble::MentionAnswered),
            Window::Over => return Err(Trouble::OutsideWindow),
        }
        self.fan_mut(uid).answered(&rules, now);
        self.note_line(uid, Said::Service { reply }, now);
        Ok(())
    }

    /// Takes a broadcast: the raw body of the call.
    pub fn broadcast(&mut self, body: &Value, now: OffsetDateTime) -> Result<u64, Trouble> {
        let to = self.audience(body)?;
        let reply = match body["msgtype"].as_str() {
            Some("text") => {
                let text = body["text"]["content"].as_str().unwrap_or_default();
                SandboxReply::Text { text: text.to_owned() }
            }
            Some("articles") => SandboxReply::Articles { articles: articles(&body["articles"])? },
            Some(_) => return Err(Trouble::Invalid("msgtype")),
            None => return Err(Trouble::Missing("msgtype")),
        };
        let reply = reply.checked()?;
        let today = now.to_offset(SHOP_ZONE).date();
        let of_today = |broadcast: &&Broadcast| broadcast.taken_at.to_offset(SHOP_ZONE).date() == today;
        let sent = self.fans.broadcasts.iter().filter(of_today).count();
        if self.fans.rules.invented_broadcasts_per_day.is_some_and(|most| sent >= most as usize) {
            return Err(Trouble::TooManyBroadcasts);
        }
        let end = self.faults.strikes(Fault::FanModerated).then_some(End::KeptBack);
        let msg_id = FIRST + self.fans.broadcasts.len() as u64;
        let due_at = now + Duration::seconds(self.fans.rules.broadcast_seconds.into());
        self.fans.broadcasts.push(Broadcast { msg_id, to, reply, taken_at: now, due_at, end });
        Ok(msg_id)
    }

    fn audience(&self, body: &Value) -> Result<To, Trouble> {
        let number = |value: &Value| match value {
            Value::String(text) => text.parse().ok(),
            Value::Number(number) => number.as_i64(),
            _ => None,
        };
        match (&body["filter"]["group_id"], &body["touser"]) {
            (Value::Null, Value::Array(uids)) if !uids.is_empty() => {
                let uids =
                    uids.iter().map(number).collect::<Option<_>>().ok_or(Trouble::Invalid("touser"))?;
                Ok(To::Fans(uids))
            }
            (group, Value::Null) if !group.is_null() => {
                let id = number(group).and_then(|id| u64::try_from(id).ok());
                id.filter(|id| self.has_group(*id)).map(To::Group).ok_or(Trouble::NoGroup)
            }
            _ => Err(Trouble::Audience),
        }
    }

    pub fn has_broadcasts_to_deliver(&self, now: OffsetDateTime) -> bool {
        self.fans.broadcasts.iter().any(|one| one.end.is_none() && one.due_at <= now)
    }

    /// Delivers what is due, to those of its audience who subscribe now.
    pub fn deliver_broadcasts(&mut self, now: OffsetDateTime) {
        let mut broadcasts = std::mem::take(&mut self.fans.broadcasts);
        for one in broadcasts.iter_mut().filter(|one| one.end.is_none() && one.due_at <= now) {
            let is_meant = |uid: i64, group: u64| match &one.to {
                To::Group(id) => group == *id,
                To::Fans(uids) => uids.contains(&uid),
            };
            let uids = self.fans().filter(|(uid, fan)| fan.subscribes && is_meant(*uid, fan.group));
            let uids: Vec<_> = uids.map(|(uid, _)| uid).collect();
            for uid in &uids {
                let said = Said::Broadcast { msg_id: one.msg_id, reply: one.reply.clone() };
                self.note_line(*uid, said, one.due_at);
            }
            one.end = Some(End::Delivered { to: uids.len() });
        }
        self.fans.broadcasts = broadcasts;
    }

    /// Oldest first.
    pub fn broadcasts(&self) -> &[Broadcast] {
        &self.fans.broadcasts
    }

    /// An invitation of the application message service (§7.3).
    pub fn invite(&mut self, uid: i64, data: &Value, now: OffsetDateTime) -> Result<(), Trouble> {
        let field = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        let (text, url, logo) = (field("text"), field("url"), field("invite_logo"));
        if text.is_empty() || text.chars().count() > INVITATION_LIMIT {
            return Err(Trouble::Invalid("text"));
        }
        if !is_absolute(&url) {
            return Err(Trouble::Invalid("url"));
        }
        if !logo.is_empty() && !is_absolute(&logo) {
            return Err(Trouble::Invalid("invite_logo"));
        }
        self.note_line(uid, Said::Invitation { text, url, logo }, now);
        Ok(())
    }
}
