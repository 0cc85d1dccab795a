//! When the shop may speak to a fan by itself (fans-service.md §6.1).

use super::Fan;
use super::packet::Did;
use super::rules::Rules;
use serde::Serialize;
use time::{Duration, OffsetDateTime};

/// Whether, how often and how long the shop may speak to her.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "window", rename_all = "snake_case")]
pub enum Window {
    Open {
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
    },
    Once {
        #[serde(with = "time::serde::rfc3339")]
        until: OffsetDateTime,
    },
    /// She stopped following.
    Unfollowed,
    /// Her mention was answered.
    Answered,
    /// She did nothing, or too long ago.
    Over,
}

impl Fan {
    /// What it changes that she did this.
    pub(super) fn did(&mut self, did: &Did, now: OffsetDateTime) {
        match did {
            Did::Followed => self.follows = true,
            Did::Scanned { followed, .. } => self.follows = self.follows || *followed,
            Did::Unfollowed => (self.follows, self.subscribes) = (false, false),
            Did::Subscribed { .. } => (self.subscribes, self.subscribed_at) = (true, Some(now)),
            Did::Unsubscribed { .. } => self.subscribes = false,
            _ => {}
        }
        match did {
            Did::Unfollowed => {
                (self.acted_at, self.mentioned_at, self.unfollowed_at) = (None, None, Some(now));
            }
            Did::Mentioned { .. } => {
                (self.mentioned_at, self.mention_answered, self.unfollowed_at) = (Some(now), false, None);
            }
            Did::Viewed { .. } | Did::Unsubscribed { .. } => {}
            _ => (self.acted_at, self.unfollowed_at) = (Some(now), None),
        }
    }

    /// How it stands with her at `now`.
    pub fn window(&self, rules: &Rules, now: OffsetDateTime) -> Window {
        if self.unfollowed_at.is_some() {
            return Window::Unfollowed;
        }
        let ends = |at: Option<OffsetDateTime>, lasts: u32| {
            at.map(|at| at + Duration::seconds(lasts.into())).filter(|until| now < *until)
        };
        if let Some(until) = ends(self.acted_at, rules.window_seconds) {
            return Window::Open { until };
        }
        match ends(self.mentioned_at, rules.mention_window_seconds) {
            Some(_) if self.mention_answered => Window::Answered,
            Some(until) => Window::Once { until },
            None => Window::Over,
        }
    }

    /// The shop has spoken: the one word after a mention is used up, unless it may say more anyway.
    pub(super) fn answered(&mut self, rules: &Rules, now: OffsetDateTime) {
        if matches!(self.window(rules, now), Window::Once { .. }) {
            self.mention_answered = true;
        }
    }
}
