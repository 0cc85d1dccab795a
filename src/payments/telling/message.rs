//! A message to a buyer: what it is about, and what became of it. Pure.

use time::OffsetDateTime;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct MessageId(pub i64);

/// What a buyer is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Paid,
    /// Her money came when the order was closed and could not be opened again: it goes back.
    Late,
    Shipped,
    /// Nobody said that she has it, and its time was over. What she said herself she is not told.
    Received,
    Refunded,
}

/// One piece of news. It goes out at most once.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    pub about: About,
    /// The parcel or the refund that it is about; 0: the payment itself.
    pub subject: i64,
    pub arose_at: OffsetDateTime,
    pub state: MessageState,
    /// The words that went out; empty as long as none did.
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageState {
    Waiting {
        until: OffsetDateTime,
    },
    /// Its call has begun.
    Sending {
        since: OffsetDateTime,
    },
    Sent {
        at: OffsetDateTime,
    },
    /// Nothing that can be trusted came back: she may have got it. It is not sent again.
    Unknown {
        at: OffsetDateTime,
    },
    /// In Weibo's words. Its codes are not public, so any no is final.
    Refused {
        at: OffsetDateTime,
        why: String,
    },
    Dropped {
        at: OffsetDateTime,
        why: Why,
    },
    /// It goes as a message to a fan, and is none of the payment's.
    Handed {
        at: OffsetDateTime,
    },
    /// It went as one.
    Said {
        at: OffsetDateTime,
    },
}

/// Why she reads it on the order's page only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// What Weibo allows for one payment is used up, or kept for a refund.
    Spent,
    /// The 90 days are over.
    TooLate,
    /// Newer news went out, or it is no longer so.
    OldNews,
    /// The merchant does not want it told.
    SwitchedOff,
}

impl About {
    pub const ALL: [About; 5] = [About::Paid, About::Late, About::Shipped, About::Received, About::Refunded];

    /// The word in the `about` column, and behind `word-told-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            About::Paid => "paid",
            About::Late => "late",
            About::Shipped => "shipped",
            About::Received => "received",
            About::Refunded => "refunded",
        }
    }

    pub fn parse(name: &str) -> Option<About> {
        About::ALL.into_iter().find(|about| about.name() == name)
    }
}

impl MessageState {
    /// The word in the `state` column, and behind `word-message-` in the texts.
    pub fn name(&self) -> &'static str {
        match self {
            MessageState::Waiting { .. } => "waiting",
            MessageState::Sending { .. } => "sending",
            MessageState::Sent { .. } => "sent",
            MessageState::Unknown { .. } => "unknown",
            MessageState::Refused { .. } => "refused",
            MessageState::Dropped { .. } => "dropped",
            MessageState::Handed { .. } => "handed",
            MessageState::Said { .. } => "said",
        }
    }

    /// When it came to be so; until when it waits.
    pub fn at(&self) -> OffsetDateTime {
        match self {
            MessageState::Waiting { until: at }
            | MessageState::Sending { since: at }
            | MessageState::Sent { at }
            | MessageState::Unknown { at }
            | MessageState::Refused { at, .. }
            | MessageState::Dropped { at, .. }
            | MessageState::Handed { at }
            | MessageState::Said { at } => *at,
        }
    }
}

impl Why {
    const ALL: [Why; 4] = [Why::Spent, Why::TooLate, Why::OldNews, Why::SwitchedOff];

    /// The word in the `why` column, and behind `word-untold-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Why::Spent => "spent",
            Why::TooLate => "too_late",
            Why::OldNews => "old_news",
            Why::SwitchedOff => "switched_off",
        }
    }

    pub fn parse(name: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.name() == name)
    }
}
