//! What the fans service carries (fans-service.md): one model of what fans say and are answered, for both of its
//! formats, and the calls it is answered with. Knows nothing of rules, desks or orders.

mod calls;
mod check;
mod json;
mod menu;
mod read;
mod reply;
mod signature;
mod xml;

pub use calls::{
    Audience, Code, FanInfo, Group, Invitation, LONGEST_LIFE, MOST_PERMANENT, Media, MediaKind, NO_TOKEN,
    Subscribers, Ticket, UNFIT,
};
pub use check::ReplyFault;
pub use menu::{
    Button, Leaf, MOST_BUTTONS, MOST_SUB_BUTTONS, Menu, MenuFault, MenuPlace, MenuWrong, NAME_BYTES,
};
pub use read::{Format, LARGEST_PACKET, Unreadable, read};
pub use reply::write_reply;
pub use signature::{check_push, sign_push};

#[cfg(test)]
mod packets;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The most articles one message carries (§5.1).
pub const MOST_ARTICLES: usize = 8;
/// A text has fewer characters than this (§5.1).
pub const TEXT_LIMIT: usize = 300;

/// Something that a fan said or did, as Weibo pushes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// The fan.
    pub sender: i64,
    /// The shop's account.
    pub receiver: i64,
    /// To the second.
    pub created_at: OffsetDateTime,
    /// Her words, or Weibo's where she used none.
    pub text: String,
    pub content: Content,
}

/// What a packet is about, beside its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    Text,
    /// `file` fetches it (§3.5).
    Image {
        file: Option<i64>,
    },
    Voice {
        file: Option<i64>,
    },
    /// Degrees, in the words they came in.
    Position {
        longitude: String,
        latitude: String,
    },
    Event {
        event: Event,
    },
    Mention {
        r#in: MentionIn,
        /// The id of that status or comment.
        key: String,
    },
    /// A kind that no document knows; it is kept and not answered.
    Unknown {
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "subtype", rename_all = "snake_case")]
pub enum Event {
    Follow,
    Unfollow,
    Subscribe,
    Unsubscribe,
    /// In XML `subscribe` may be either (§4): never consent to broadcasts.
    FollowOrSubscribe,
    /// The same for `unsubscribe`.
    UnfollowOrUnsubscribe,
    /// A follower scanned a code of ours; `key` is `QR_SCENE_123`.
    Scan {
        key: String,
        ticket: String,
    },
    /// Somebody scanned one, and began to follow.
    ScanFollow {
        key: String,
        ticket: String,
    },
    /// A button of the menu, by its key.
    Click {
        key: String,
    },
    /// A button that opens a page.
    View {
        url: String,
    },
    Unknown {
        name: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MentionIn {
    Status,
    Comment,
}

/// Something said to a fan, whether as the answer to her packet or by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reply {
    Text { text: String },
    Articles { articles: Vec<Article> },
    Position { longitude: String, latitude: String },
}

/// A card with a picture that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Article {
    pub display_name: String,
    pub summary: String,
    /// An absolute address.
    pub image: String,
    /// An absolute address with a scheme, or Weibo refuses the whole message.
    pub url: String,
}

impl Content {
    /// The word by which it is kept.
    pub fn name(&self) -> &'static str {
        match self {
            Content::Text => "text",
            Content::Image { .. } => "image",
            Content::Voice { .. } => "voice",
            Content::Position { .. } => "position",
            Content::Event { .. } => "event",
            Content::Mention { .. } => "mention",
            Content::Unknown { .. } => "unknown",
        }
    }
}

impl Reply {
    /// What Weibo calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Reply::Text { .. } => "text",
            Reply::Articles { .. } => "articles",
            Reply::Position { .. } => "position",
        }
    }

    /// Its words, to be searched.
    pub fn words(&self) -> String {
        match self {
            Reply::Text { text } => text.clone(),
            Reply::Articles { articles } => {
                articles.iter().map(|article| article.display_name.as_str()).collect::<Vec<_>>().join(" · ")
            }
            Reply::Position { .. } => String::new(),
        }
    }
}
