//! No sequence of events, crashes and lost answers goes beyond what Weibo allows.

use super::budget::{BETWEEN, Step, step};
use super::message::{About, Message, MessageId, MessageState, Why};
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);

fn message(id: i64, about: About, state: MessageState) -> Message {
    Message { id: MessageId(id), about, subject: id, arose_at: NOON, state, text: String::new() }
}

fn waiting(id: i64, about: About) -> Message {
    message(id, about, MessageState::Waiting { until: NOON })
}

fn sent(id: i64, about: About, at: OffsetDateTime) -> Message {
    message(id, about, MessageState::Sent { at })
}

fn turn(id: i64, all: &[Message], now: OffsetDateTime) -> Step {
    step(MessageId(id), all, NOON, now).unwrap()
}

#[test]
fn the_more_important_of_two_that_wait_goes_first() {
    let all = [waiting(1, About::Paid), waiting(2, About::Shipped), waiting(3, About::Refunded)];
    assert_eq!(turn(3, &all, NOON), Step::Send);
    assert_eq!(turn(2, &all, NOON), Step::Wait { until: NOON + BETWEEN });
    assert_eq!(turn(1, &all, NOON), Step::Wait { until: NOON + BETWEEN * 2 });
}

#[test]
fn a_minute_passes_between_two_calls_whatever_came_of_the_first() {
    let refused = MessageState::Refused { at: NOON, why: String::new() };
    for before in [MessageState::Sent { at: NOON }, MessageState::Unknown { at: NOON }, refused] {
        let all = [message(1, About::Paid, before), waiting(2, About::Shipped)];
        assert_eq!(turn(2, &all, NOON + Duration::minutes(1)), Step::Wait { until: NOON + BETWEEN });
        assert_eq!(turn(2, &all, NOON + BETWEEN), Step::Send);
    }
}

#[test]
fn the_fifth_is_kept_for_a_refund_and_there_is_no_sixth() {
    let later = NOON + Duration::hours(1);
    let mut all: Vec<_> = (1..=4).map(|id| sent(id, About::Refunded, NOON)).collect();
    all.extend([waiting(5, About::Shipped), waiting(6, About::Refunded)]);
    assert_eq!(turn(5, &all, later), Step::Drop(Why::Spent));
    assert_eq!(turn(6, &all, later), Step::Send);
    all[5].state = MessageState::Unknown { at: NOON };
    all.push(waiting(7, About::Refunded));
    assert_eq!(turn(7, &all, later), Step::Drop(Why::Spent), "nobody knows that it was not sent");
}

#[test]
fn what_is_overtaken_or_too_old_is_not_told() {
    let all = [sent(1, About::Shipped, NOON), waiting(2, About::Paid)];
    assert_eq!(turn(2, &all, NOON + Duration::hours(1)), Step::Drop(Why::OldNews));
    let all = [sent(1, About::Refunded, NOON), waiting(2, About::Late)];
    assert_eq!(turn(2, &all, NOON + Duration::hours(1)), Step::Drop(Why::OldNews));
    let all = [waiting(1, About::Paid)];
    assert_eq!(turn(1, &all, NOON + Duration::hours(24)), Step::Send);
    assert_eq!(turn(1, &all, NOON + Duration::hours(25)), Step::Drop(Why::OldNews));
    let all = [waiting(1, About::Received), sent(2, About::Shipped, NOON)];
    assert_eq!(turn(1, &all, NOON + Duration::days(3)), Step::Send);
    assert_eq!(turn(1, &all, NOON + Duration::days(4)), Step::Drop(Why::OldNews));
    let all = [waiting(1, About::Refunded)];
    assert_eq!(turn(1, &all, NOON + Duration::days(89)), Step::Send);
    assert_eq!(turn(1, &all, NOON + Duration::days(90)), Step::Drop(Why::TooLate));
}

/// What can happen around one payment.
#[derive(Debug, Clone)]
enum Happens {
    Arises(About),
    Later(i64),
    /// One of the jobs runs; its call takes so many seconds on its way, and this comes of it.
    Runs(prop::sample::Index, u8, Comes),
}

#[derive(Debug, Clone, Copy)]
enum Comes {
    Answer,
    No,
    Nothing,
    /// The process dies; the job is found again after its lease.
    Death,
    /// No connection: nothing left.
    NeverLeft,
}

fn happens() -> impl Strategy<Value = Happens> {
    let about = prop::sample::select(About::ALL.to_vec());
    let comes =
        prop::sample::select(vec![Comes::Answer, Comes::No, Comes::Nothing, Comes::Death, Comes::NeverLeft]);
    let seconds = prop_oneof![0i64..90, 0i64..90, 60i64..7_200, 86_400i64..2_600_000];
    prop_oneof![
        2 => about.prop_map(Happens::Arises),
        2 => seconds.prop_map(Happens::Later),
        5 => (any::<prop::sample::Index>(), 0u8..10, comes).prop_map(|(at, way, comes)| Happens::Runs(at, way, comes)),
    ]
}

/// Runs one job as `telling` does, and returns when its call reached Weibo.
fn run(
    all: &mut [Message],
    at: usize,
    way: u8,
    comes: Comes,
    now: &mut OffsetDateTime,
) -> Option<OffsetDateTime> {
    if let MessageState::Sending { .. } = all[at].state {
        all[at].state = MessageState::Unknown { at: *now };
        return None;
    }
    match step(all[at].id, all, NOON, *now)? {
        Step::Wait { until } => all[at].state = MessageState::Waiting { until },
        Step::Drop(why) => all[at].state = MessageState::Dropped { at: *now, why },
        Step::Send => {
            let since = *now;
            let arrives = since + Duration::seconds(way.into());
            *now = arrives;
            let (state, reached) = match comes {
                Comes::Answer => (MessageState::Sent { at: *now }, true),
                Comes::No => (MessageState::Refused { at: *now, why: String::new() }, false),
                Comes::Nothing => (MessageState::Unknown { at: *now }, true),
                // Others of its jobs may run before anybody finds it.
                Comes::Death => (MessageState::Sending { since }, true),
                Comes::NeverLeft => (MessageState::Waiting { until: since }, false),
            };
            all[at].state = state;
            return reached.then_some(arrives);
        }
    }
    None
}

proptest! {
    #[test]
    fn never_more_than_five_nor_two_in_a_minute_nor_after_ninety_days(
        story in prop::collection::vec(happens(), 1..80)
    ) {
        let (mut all, mut now) = (Vec::new(), NOON);
        let mut arrived: Vec<(MessageId, OffsetDateTime)> = Vec::new();
        for (id, what) in (1i64..).zip(story) {
            match what {
                Happens::Arises(about) => all.push(Message { arose_at: now, ..waiting(id, about) }),
                Happens::Later(seconds) => now += Duration::seconds(seconds),
                Happens::Runs(..) if all.is_empty() => {}
                Happens::Runs(at, way, comes) => {
                    let at = at.index(all.len());
                    arrived.extend(run(&mut all, at, way, comes, &mut now).map(|then| (all[at].id, then)));
                }
            }
        }
        prop_assert!(arrived.len() <= 5, "{arrived:?}");
        for pair in arrived.windows(2) {
            prop_assert!(pair[1].1 - pair[0].1 >= Duration::minutes(1), "{arrived:?}");
        }
        prop_assert!(arrived.iter().all(|(_, then)| *then - NOON < Duration::days(90)), "{arrived:?}");
        let once: std::collections::BTreeSet<_> = arrived.iter().map(|(id, _)| *id).collect();
        prop_assert_eq!(once.len(), arrived.len(), "sent twice");
        let others = arrived.iter().filter(|(id, _)| all.iter().any(|m| m.id == *id && m.about != About::Refunded));
        prop_assert!(others.count() <= 4, "nothing was kept for a refund: {arrived:?}");
    }

    #[test]
    fn whatever_waits_gets_its_turn_or_is_dropped(abouts in prop::collection::vec(prop::sample::select(About::ALL.to_vec()), 1..9)) {
        let mut all: Vec<_> = (1i64..).zip(abouts).map(|(id, about)| waiting(id, about)).collect();
        let mut now = NOON;
        for _ in 0..=all.len() {
            for at in 0..all.len() {
                run(&mut all, at, 0, Comes::Answer, &mut now);
            }
            now += BETWEEN;
        }
        prop_assert!(all.iter().all(|m| !matches!(m.state, MessageState::Waiting { .. })), "{all:?}");
    }
}
