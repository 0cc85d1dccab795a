//! Why a call of the fans service is refused. Most of its numbers are not public: those are the sandbox's own, and
//! can be set (fans-service.md §10).

use super::reply::BadReply;
use super::rules::Rules;

/// What is wrong, and which family of errors tells it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    #[error("miss required parameter ({0})")]
    Missing(&'static str),
    #[error("parameter ({0})'s value invalid")]
    Invalid(&'static str),
    #[error("user does not exists!")]
    NoSuchUser,
    #[error("outside of the time in which the fan may be answered (sandbox)")]
    OutsideWindow,
    #[error("the fan has unfollowed (sandbox)")]
    Unfollowed,
    #[error("a mention is answered once (sandbox)")]
    MentionAnswered,
    #[error("{0} (sandbox)")]
    Content(#[from] BadReply),
    #[error("refused (sandbox)")]
    Refused,
    #[error("menu: {0} (sandbox)")]
    Menu(&'static str),
    #[error("no such group (sandbox)")]
    NoGroup,
    #[error("a group's name has 1 to 30 characters (sandbox)")]
    GroupName,
    #[error("500 groups at most (sandbox)")]
    TooManyGroups,
    #[error("filter.group_id or touser, one of them (sandbox)")]
    Audience,
    #[error("too many broadcasts today (sandbox)")]
    TooManyBroadcasts,
}

impl Trouble {
    pub fn code(&self, rules: &Rules) -> u32 {
        match self {
            Trouble::Missing(_) => 10016,
            Trouble::Invalid(_) => 10017,
            Trouble::NoSuchUser => 20003,
            Trouble::OutsideWindow => rules.invented_outside_window,
            Trouble::Unfollowed => rules.invented_unfollowed,
            Trouble::MentionAnswered => rules.invented_mention_answered,
            Trouble::Content(_) => rules.invented_bad_content,
            Trouble::Refused => rules.invented_refused,
            Trouble::Menu(_) => rules.invented_menu,
            Trouble::NoGroup | Trouble::GroupName => rules.invented_group,
            Trouble::TooManyGroups => rules.invented_too_many_groups,
            Trouble::Audience => rules.invented_audience,
            Trouble::TooManyBroadcasts => rules.invented_too_many_broadcasts,
        }
    }
}
