//! Whose turn it is among the messages about one payment, within Weibo's limits: five, one a minute, for 90 days
//! (weibo-pay.md §8). Pure.

use super::message::{About, Message, MessageId, MessageState, Why};
use time::{Duration, OffsetDateTime};

/// Of one payment.
const MOST: usize = 5;
/// Of those, kept for a refund: whatever else was told, she learns that her money is back.
const RESERVE: usize = 1;
/// Weibo's minute, and what its clock and a slow way there may add.
pub const BETWEEN: Duration = Duration::seconds(75);
/// Weibo's 90 days, less what its clock may differ by.
const WITHIN: Duration = Duration::hours(90 * 24 - 1);

/// What to do with a message now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Send,
    Wait { until: OffsetDateTime },
    Drop(Why),
}

/// What to do with `id`, one of `all` the messages of a payment that was made at `paid_at`. Whatever may have gone out
/// counts as sent; one that was refused counts as a call, but is not one of the five.
pub fn step(id: MessageId, all: &[Message], paid_at: OffsetDateTime, now: OffsetDateTime) -> Option<Step> {
    let this = all.iter().find(|message| message.id == id && message.is_waiting())?;
    if let Some(why) = dropped(this, all, paid_at, now) {
        return Some(Step::Drop(why));
    }
    // Each of the others that still has a chance goes before one that is less important.
    let ahead = all.iter().filter(|other| other.is_waiting() && other.rank() < this.rank());
    let ahead = ahead.filter(|other| dropped(other, all, paid_at, now).is_none()).count();
    let free = all.iter().filter_map(Message::last_call).max().map_or(now, |last| last + BETWEEN);
    let until = free.max(now) + BETWEEN * i32::try_from(ahead).unwrap_or(i32::MAX);
    if until <= now {
        return Some(Step::Send);
    }
    // When it would be too late by then, it is so already.
    Some(if until >= paid_at + WITHIN { Step::Drop(Why::TooLate) } else { Step::Wait { until } })
}

fn dropped(this: &Message, all: &[Message], paid_at: OffsetDateTime, now: OffsetDateTime) -> Option<Why> {
    let spent = all.iter().filter(|message| message.may_have_gone_out()).count();
    let kept = if this.about == About::Refunded { 0 } else { RESERVE };
    let told = |about: About| all.iter().any(|message| message.about == about && message.may_be_known());
    let overtaken = match this.about {
        About::Paid => told(About::Shipped) || told(About::Refunded),
        About::Late => told(About::Refunded),
        About::Shipped | About::Received | About::Refunded => false,
    };
    if now >= paid_at + WITHIN {
        Some(Why::TooLate)
    } else if spent + kept >= MOST {
        Some(Why::Spent)
    } else if overtaken || this.about.is_old_news_after().is_some_and(|age| now - this.arose_at > age) {
        Some(Why::OldNews)
    } else {
        None
    }
}

impl Message {
    fn is_waiting(&self) -> bool {
        matches!(self.state, MessageState::Waiting { .. })
    }

    /// It was sent, or nobody knows that it was not.
    fn may_have_gone_out(&self) -> bool {
        matches!(
            self.state,
            MessageState::Sending { .. } | MessageState::Sent { .. } | MessageState::Unknown { .. }
        )
    }

    /// The same, by whichever way it went.
    fn may_be_known(&self) -> bool {
        self.may_have_gone_out()
            || matches!(self.state, MessageState::Handed { .. } | MessageState::Said { .. })
    }

    /// The last moment at which Weibo may have counted a call for it.
    fn last_call(&self) -> Option<OffsetDateTime> {
        match self.state {
            MessageState::Waiting { .. }
            | MessageState::Dropped { .. }
            | MessageState::Handed { .. }
            | MessageState::Said { .. } => None,
            MessageState::Sending { since } => Some(since),
            MessageState::Sent { at } | MessageState::Unknown { at } | MessageState::Refused { at, .. } => {
                Some(at)
            }
        }
    }

    /// The lower, the sooner.
    fn rank(&self) -> (u8, MessageId) {
        let about = match self.about {
            About::Refunded => 0,
            About::Late => 1,
            About::Shipped => 2,
            About::Paid => 3,
            About::Received => 4,
        };
        (about, self.id)
    }
}

impl About {
    /// After so long nobody wants to hear it any more; money that is back is news for ever.
    fn is_old_news_after(self) -> Option<Duration> {
        match self {
            About::Paid => Some(Duration::days(1)),
            About::Received => Some(Duration::days(3)),
            About::Late | About::Shipped => Some(Duration::days(7)),
            About::Refunded => None,
        }
    }
}
