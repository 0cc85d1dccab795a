//! The numbers of the fans service: those of the documents, and those that no document gives (fans-service.md §12).

use serde::{Deserialize, Serialize};

/// All can be set. What begins with `invented` stands in no document: Weibo's own is not public (§10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How long the shop may speak after the fan did something (§6.1).
    pub window_seconds: u32,
    /// How long it may answer a mention, once.
    pub mention_window_seconds: u32,
    /// How long an answer to a push is waited for (§2).
    pub answer_seconds: u32,
    /// Seconds before each try to push again; the first try is at once (§2: three, spacing not public).
    pub retry_seconds: Vec<u32>,
    /// Follow and unfollow by the names that WeChat has for them, in XML (§4).
    pub wechat_names: bool,
    /// How long a broadcast waits before it is delivered (§7.1: later).
    pub broadcast_seconds: u32,
    /// So many subscribers stand on one page, 10000 at most (§9).
    pub subscribers_page: u32,
    /// The subscribers' `uids` stand in `data`, or beside it: both have been seen (§9).
    pub flat_subscribers: bool,
    /// Broadcasts in a day of Beijing; §7.1 knows that there is a limit, not which.
    pub invented_broadcasts_per_day: Option<u32>,
    pub invented_outside_window: u32,
    pub invented_unfollowed: u32,
    pub invented_mention_answered: u32,
    pub invented_bad_content: u32,
    pub invented_refused: u32,
    pub invented_menu: u32,
    pub invented_group: u32,
    pub invented_too_many_groups: u32,
    pub invented_audience: u32,
    pub invented_too_many_broadcasts: u32,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            window_seconds: 48 * 3600,
            mention_window_seconds: 48 * 3600,
            answer_seconds: 5,
            retry_seconds: vec![5, 5, 5],
            wechat_names: false,
            broadcast_seconds: 3,
            subscribers_page: 10_000,
            flat_subscribers: false,
            invented_broadcasts_per_day: None,
            invented_outside_window: 990_101,
            invented_unfollowed: 990_102,
            invented_mention_answered: 990_103,
            invented_bad_content: 990_104,
            invented_refused: 990_105,
            invented_menu: 26_499,
            invented_group: 100_091,
            invented_too_many_groups: 100_092,
            invented_audience: 100_093,
            invented_too_many_broadcasts: 100_094,
        }
    }
}
