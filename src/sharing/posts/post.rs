//! A status that the shop posts: what it says, and how far it came. Pure.

use crate::actor::Actor;
use crate::catalog::ProductId;
use crate::weibo::statuses::{TextFault, Trouble, check_share};
use time::OffsetDateTime;
use url::Url;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct PostId(pub i64);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub id: PostId,
    /// Of which product; of the whole shop where there is none.
    pub product: Option<ProductId>,
    /// Of its own link.
    pub code: String,
    /// Without its link.
    pub text: String,
    pub state: State,
    /// Rises with whatever a person changes.
    pub version: i32,
    pub made_at: OffsetDateTime,
    pub by: Actor,
    /// When Weibo was asked last, and in whose name.
    pub asked_at: Option<OffsetDateTime>,
    pub uid: Option<i64>,
    /// The account that whoever sends it was shown.
    pub meant: Option<i64>,
    /// It was sent again while nobody knew whether it stood.
    pub doubted: bool,
    /// A person has read its id on Weibo.
    pub status_typed: bool,
}

impl Post {
    /// Weibo calls it a repetition, and it may have gone before: most likely it stands there.
    pub fn may_stand(&self) -> bool {
        let State::Refused { code } = &self.state else { return false };
        self.doubted && Trouble::of(code) == Trouble::Repeated
    }

    /// Whether somebody who has looked can say that it stands on Weibo, and where.
    pub fn can_be_settled(&self) -> bool {
        match self.state {
            State::Unknown | State::Accepted | State::Done { status_id: None } => true,
            State::Done { .. } => self.status_typed,
            _ => self.may_stand(),
        }
    }
}

/// How far it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    Draft,
    Scheduled {
        at: OffsetDateTime,
    },
    /// Its time came, and it did not go: a person decides.
    Held {
        why: Held,
    },
    /// Weibo is being asked.
    Sending,
    Done {
        status_id: Option<i64>,
    },
    /// Weibo has it, and shows it later.
    Accepted,
    Refused {
        code: String,
    },
    /// Weibo was asked, and what came of it is not known.
    Unknown,
    Discarded,
}

/// Why one did not go at its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// The shop did not run then.
    Late,
    /// Its product is not on the shelf.
    OffShelf,
    /// No account is connected, its leave is over, or it is another than whoever sends it was shown.
    Account,
    /// Weibo's keys are missing.
    Keys,
}

impl Held {
    pub const ALL: [Held; 4] = [Held::Late, Held::OffShelf, Held::Account, Held::Keys];

    /// The word in its column, and behind `word-post-held-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Held::Late => "late",
            Held::OffShelf => "off-shelf",
            Held::Account => "account",
            Held::Keys => "keys",
        }
    }

    pub fn parse(name: &str) -> Option<Held> {
        Held::ALL.into_iter().find(|why| why.name() == name)
    }
}

impl State {
    /// The word in the `state` column, and behind `word-post-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            State::Draft => "draft",
            State::Scheduled { .. } => "scheduled",
            State::Held { .. } => "held",
            State::Sending => "sending",
            State::Done { .. } => "done",
            State::Accepted => "accepted",
            State::Refused { .. } => "refused",
            State::Unknown => "unknown",
            State::Discarded => "discarded",
        }
    }

    /// As far as Weibo says it does not stand there, and nobody is about to send it: it can be written anew, and sent.
    pub fn is_open(&self) -> bool {
        matches!(self, State::Draft | State::Held { .. } | State::Refused { .. })
    }

    /// A person has said that it shall go, and it has not gone or been refused yet.
    pub fn is_on_its_way(&self) -> bool {
        matches!(self, State::Scheduled { .. } | State::Sending)
    }
}

/// The whole address of its link.
pub fn address(public_url: &Url, code: &str) -> String {
    format!("{}/s/{code}", public_url.as_str().trim_end_matches('/'))
}

/// What goes to Weibo: its words, and its link behind them.
pub fn whole(text: &str, public_url: &Url, code: &str) -> String {
    let address = address(public_url, code);
    if text.is_empty() { address } else { format!("{text} {address}") }
}

/// Whether Weibo takes it so. A text without a word of its own is no post.
pub fn check(text: &str, public_url: &Url, code: &str) -> Result<(), TextFault> {
    if text.trim().is_empty() { Err(TextFault::Empty) } else { check_share(&whole(text, public_url, code)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_counts_and_a_topic_is_refused() {
        let url = Url::parse("https://shop.example/").unwrap();
        let code = "0aZ45678";
        assert_eq!(whole("春茶", &url, code), "春茶 https://shop.example/s/0aZ45678");
        // The 31 letters of the address and a blank are 16 characters.
        assert_eq!(check(&"茶".repeat(124), &url, code), Ok(()));
        assert_eq!(check(&"茶".repeat(125), &url, code), Err(TextFault::TooLong));
        assert_eq!(check(" ", &url, code), Err(TextFault::Empty));
        assert_eq!(check("#春茶#", &url, code), Err(TextFault::Topic));
        for why in Held::ALL {
            assert_eq!(Held::parse(why.name()), Some(why));
        }
    }
}
