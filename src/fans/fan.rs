//! Somebody who writes to the shop's account, or follows it. Pure.

use time::OffsetDateTime;

/// Weibo's uid says who it is; all else we know from Weibo or from herself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fan {
    pub uid: i64,
    pub met_at: OffsetDateTime,
    /// Empty until Weibo was asked.
    pub nickname: String,
    pub picture_url: String,
    pub place: String,
    pub asked_about_at: Option<OffsetDateTime>,
    /// Her last word on it; nothing when we never heard.
    pub follows: Option<bool>,
    pub subscribes: Option<bool>,
    /// When she last wrote, followed, subscribed, pressed a menu or scanned.
    pub acted_at: Option<OffsetDateTime>,
    pub mentioned_at: Option<OffsetDateTime>,
    pub mention_answered: bool,
    pub unfollowed_at: Option<OffsetDateTime>,
}

impl Fan {
    /// Somebody of whom nothing is known yet.
    pub fn met(uid: i64, at: OffsetDateTime) -> Fan {
        Fan {
            uid,
            met_at: at,
            nickname: String::new(),
            picture_url: String::new(),
            place: String::new(),
            asked_about_at: None,
            follows: None,
            subscribes: None,
            acted_at: None,
            mentioned_at: None,
            mention_answered: false,
            unfollowed_at: None,
        }
    }

    /// Her name, or her uid as long as Weibo has not told it.
    pub fn name(&self) -> String {
        if self.nickname.is_empty() { self.uid.to_string() } else { self.nickname.clone() }
    }
}
