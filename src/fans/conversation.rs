//! How it stands between a fan and the people at the desk. Pure.

use super::MessageId;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    pub fan: i64,
    pub state: State,
    /// Who looks after it: account and name.
    pub assigned: Option<(i64, String)>,
    /// When a person last wrote, took it, or was called by a rule.
    pub human_at: Option<OffsetDateTime>,
    /// Since when she waits for a person.
    pub waiting_since: Option<OffsetDateTime>,
    /// So many of her messages nobody has read.
    pub unread: i32,
    pub last_at: OffsetDateTime,
    pub last_message: MessageId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Snoozed { until: OffsetDateTime },
    Closed,
}

impl Conversation {
    /// It begins with a message.
    pub fn begun(fan: i64, message: MessageId, at: OffsetDateTime) -> Conversation {
        Conversation {
            fan,
            state: State::Open,
            assigned: None,
            human_at: None,
            waiting_since: None,
            unread: 0,
            last_at: at,
            last_message: message,
        }
    }

    /// Whether a person has it: the rules are silent until nobody wrote for `idle`.
    pub fn is_with_a_person(&self, idle: Duration, now: OffsetDateTime) -> bool {
        self.state != State::Closed && self.human_at.is_some_and(|at| now < at + idle)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_rules_come_back_when_nobody_wrote_for_a_while() {
        let now = datetime!(2026-03-07 12:00 UTC);
        let idle = Duration::minutes(30);
        let mut conversation = Conversation::begun(7, MessageId(1), now);
        assert!(!conversation.is_with_a_person(idle, now));
        conversation.human_at = Some(now);
        assert!(conversation.is_with_a_person(idle, now + Duration::minutes(29)));
        assert!(!conversation.is_with_a_person(idle, now + idle));
        conversation.state = State::Closed;
        assert!(!conversation.is_with_a_person(idle, now));
    }
}
