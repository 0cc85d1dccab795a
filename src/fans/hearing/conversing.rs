//! How a conversation stands after something was heard. Pure.

use super::answering::Answer;
use crate::fans::rules::are_words;
use crate::fans::{Conversation, Fan, MessageId, State};
use crate::weibo::messages::{Content, Packet};
use time::OffsetDateTime;

/// What she writes is unread, and opens what was put off or closed; what she only did is no more than noted, unless it
/// calls a person.
pub fn after(
    before: Option<Conversation>,
    fan: &Fan,
    packet: &Packet,
    (heard, reply): (MessageId, Option<MessageId>),
    answer: &Answer,
    now: OffsetDateTime,
) -> Conversation {
    let is_new = before.is_none();
    let mut now_it_is = before.unwrap_or_else(|| Conversation::begun(fan.uid, heard, now));
    now_it_is.last_at = now;
    now_it_is.last_message = reply.unwrap_or(heard);
    let speaks = are_words(&packet.content) || matches!(packet.content, Content::Mention { .. });
    if speaks || answer.human {
        if now_it_is.state == State::Closed {
            // Whoever had it has done with it.
            now_it_is.human_at = None;
        }
        now_it_is.state = State::Open;
    } else if is_new {
        now_it_is.state = State::Closed;
    }
    if speaks {
        now_it_is.unread = now_it_is.unread.saturating_add(1);
    }
    let waits = answer.human || speaks && answer.reply.is_none();
    if answer.human {
        // As if the person who is called had it already.
        now_it_is.human_at = Some(now);
    }
    if waits {
        now_it_is.waiting_since.get_or_insert(now);
    }
    now_it_is
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weibo::messages::{Event, Reply};
    use time::Duration;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-03-07 12:00 UTC);

    fn heard(before: Option<Conversation>, content: Content, answer: &Answer) -> Conversation {
        let packet = Packet { sender: 7, receiver: 1, created_at: NOW, text: String::new(), content };
        after(before, &Fan::met(7, NOW), &packet, (MessageId(1), None), answer, NOW)
    }

    fn said() -> Answer {
        Answer { reply: Some(Reply::Text { text: "在的".into() }), ..Answer::default() }
    }

    #[test]
    fn who_writes_and_is_not_answered_waits_for_a_person() {
        let open = heard(None, Content::Text, &Answer::default());
        assert_eq!((open.state, open.unread, open.waiting_since), (State::Open, 1, Some(NOW)));
        let answered = heard(None, Content::Text, &said());
        assert_eq!((answered.unread, answered.waiting_since), (1, None));
        let called = heard(None, Content::Text, &Answer { human: true, ..said() });
        assert_eq!(called.waiting_since, Some(NOW));
        assert!(!answered.is_with_a_person(Duration::MINUTE, NOW), "the rules may go on");
        assert!(called.is_with_a_person(Duration::MINUTE, NOW), "the rules are silent");
    }

    #[test]
    fn what_was_put_off_or_closed_opens_when_she_writes_and_not_when_she_leaves() {
        let unfollow = || Content::Event { event: Event::Unfollow };
        assert_eq!(heard(None, unfollow(), &Answer::default()).state, State::Closed);
        for state in [State::Closed, State::Snoozed { until: NOW }] {
            let before = || Some(Conversation { state, ..Conversation::begun(7, MessageId(1), NOW) });
            assert_eq!(heard(before(), Content::Text, &said()).state, State::Open);
            let left = heard(before(), unfollow(), &Answer::default());
            assert_eq!((left.state, left.unread, left.waiting_since), (state, 0, None));
        }
    }

    #[test]
    fn a_button_that_calls_a_person_opens_it() {
        let click = Content::Event { event: Event::Click { key: "HELP".into() } };
        let called = heard(None, click, &Answer { human: true, ..Answer::default() });
        assert_eq!((called.state, called.unread, called.waiting_since), (State::Open, 0, Some(NOW)));
    }
}
