//! What a push tells of a fan: never more than it says, and a late one undoes nothing newer. Pure.

use crate::customers::relations::Kind;
use crate::fans::Fan;
use crate::fans::store::hearing::AsOf;
use crate::weibo::messages::{Content, Event};
use time::OffsetDateTime;

/// Takes over what she said or did at `at`.
pub fn take(fan: &mut Fan, as_of: &mut AsOf, content: &Content, at: OffsetDateTime) {
    match content {
        Content::Text | Content::Image { .. } | Content::Voice { .. } | Content::Position { .. } => {
            acted(fan, at);
        }
        Content::Mention { .. } => {
            if fan.mentioned_at.is_none_or(|last| last < at) {
                fan.mentioned_at = Some(at);
                fan.mention_answered = false;
            }
        }
        Content::Event { event } => happened(fan, as_of, event, at),
        Content::Unknown { .. } => {}
    }
}

fn happened(fan: &mut Fan, as_of: &mut AsOf, event: &Event, at: OffsetDateTime) {
    match event {
        Event::Follow | Event::Scan { .. } | Event::ScanFollow { .. } => {
            turn((&mut fan.follows, &mut as_of.follows), true, at);
            acted(fan, at);
        }
        Event::Unfollow => {
            turn((&mut fan.follows, &mut as_of.follows), false, at);
            left(fan, at);
        }
        Event::Subscribe => {
            turn((&mut fan.subscribes, &mut as_of.subscribes), true, at);
            acted(fan, at);
        }
        Event::Unsubscribe => turn((&mut fan.subscribes, &mut as_of.subscribes), false, at),
        // Either lets her be answered; neither is her word on anything.
        Event::FollowOrSubscribe | Event::Click { .. } => acted(fan, at),
        // It may be either: she is left alone by both.
        Event::UnfollowOrUnsubscribe => {
            turn((&mut fan.subscribes, &mut as_of.subscribes), false, at);
            left(fan, at);
        }
        // Whether opening a page is the press that §6.1 means, it does not say.
        Event::View { .. } | Event::Unknown { .. } => {}
    }
}

/// Her last word on something; of two in the same second, the no.
fn turn((word, as_of): (&mut Option<bool>, &mut Option<OffsetDateTime>), now: bool, at: OffsetDateTime) {
    if as_of.is_none_or(|last| last < at || last == at && !now) {
        *word = Some(now);
        *as_of = Some(at);
    }
}

fn acted(fan: &mut Fan, at: OffsetDateTime) {
    fan.acted_at = fan.acted_at.max(Some(at));
}

fn left(fan: &mut Fan, at: OffsetDateTime) {
    fan.unfollowed_at = fan.unfollowed_at.max(Some(at));
}

/// What the ledger of relations keeps of it. What may be one thing or the other is nothing.
pub fn relation(content: &Content) -> Option<Kind> {
    let Content::Event { event } = content else { return None };
    match event {
        Event::Follow | Event::ScanFollow { .. } => Some(Kind::Follow),
        Event::Unfollow => Some(Kind::Unfollow),
        Event::Subscribe => Some(Kind::Subscribe),
        Event::Unsubscribe => Some(Kind::Unsubscribe),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fans::Window;
    use crate::weibo::messages::MentionIn;
    use proptest::prelude::*;
    use time::Duration;
    use time::macros::datetime;

    const NOON: OffsetDateTime = datetime!(2026-03-07 12:00 UTC);

    fn events() -> Vec<Event> {
        let (key, ticket) = (String::from("QR_SCENE_1"), String::new());
        vec![
            Event::Follow,
            Event::Unfollow,
            Event::Subscribe,
            Event::Unsubscribe,
            Event::FollowOrSubscribe,
            Event::UnfollowOrUnsubscribe,
            Event::ScanFollow { key, ticket },
            Event::View { url: "https://shop.example".into() },
        ]
    }

    fn told(story: &[(Event, i64)]) -> (Fan, AsOf) {
        let (mut fan, mut as_of) = (Fan::met(7, NOON), AsOf::default());
        for (event, second) in story {
            let content = Content::Event { event: event.clone() };
            take(&mut fan, &mut as_of, &content, NOON + Duration::seconds(*second));
        }
        (fan, as_of)
    }

    #[test]
    fn what_may_be_either_is_consent_to_nothing() {
        let (fan, _) = told(&[(Event::FollowOrSubscribe, 0)]);
        assert_eq!((fan.follows, fan.subscribes), (None, None));
        assert!(matches!(fan.window(NOON), Window::Open { .. }));
        let (fan, _) = told(&[(Event::Subscribe, 0), (Event::UnfollowOrUnsubscribe, 1)]);
        assert_eq!(fan.subscribes, Some(false));
        assert!(matches!(fan.window(NOON + Duration::MINUTE), Window::Closed(_)));
    }

    #[test]
    fn a_new_mention_may_be_answered_and_an_old_one_changes_nothing() {
        let mention = Content::Mention { r#in: MentionIn::Status, key: "1".into() };
        let (mut fan, mut as_of) = (Fan::met(7, NOON), AsOf::default());
        take(&mut fan, &mut as_of, &mention, NOON);
        fan.mention_answered = true;
        take(&mut fan, &mut as_of, &mention, NOON - Duration::HOUR);
        assert!(fan.mention_answered);
        take(&mut fan, &mut as_of, &mention, NOON + Duration::HOUR);
        assert!(!fan.mention_answered);
    }

    proptest! {
        #[test]
        fn the_order_in_which_pushes_come_does_not_matter(
            mut story in prop::collection::vec((prop::sample::select(events()), 0i64..4), 0..8),
            turns in prop::collection::vec(any::<prop::sample::Index>(), 8)
        ) {
            let first = told(&story);
            for turn in turns {
                if !story.is_empty() {
                    let at = turn.index(story.len());
                    story.swap(0, at);
                }
            }
            prop_assert_eq!(told(&story), first);
        }
    }
}
