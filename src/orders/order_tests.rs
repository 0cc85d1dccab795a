//! What the states of an order allow, by example and by chance.

use super::fulfilment::*;
use super::number::OrderNumber;
use super::order::*;
use crate::customers::Address;
use crate::money::Money;
use crate::text::Language;
use proptest::prelude::*;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);
const TEN_DAYS: Duration = Duration::days(10);

fn order() -> Order {
    Order {
        id: OrderId(1),
        number: OrderNumber::mint(NOON, 0),
        pay_token: String::new(),
        visitor: Uuid::nil(),
        customer: None,
        language: Language::Chinese,
        address: Address {
            recipient: String::new(),
            phone: String::new(),
            province: String::new(),
            city: String::new(),
            district: String::new(),
            street: String::new(),
        },
        note: String::new(),
        lines: Vec::new(),
        freight: Money::ZERO,
        total: Money::MAX,
        placed_at: NOON,
        pay_until: NOON + Duration::minutes(30),
        payment: Payment::None,
        fulfilment: Fulfilment::None,
        closure: Closure::Open,
        going_back: Money::ZERO,
        refunded: Money::ZERO,
        pieces_left: 1,
    }
}

#[test]
fn a_paid_order_neither_expires_nor_is_paid_again() {
    let mut order = order();
    order.pay(NOON).unwrap();
    assert_eq!(order.expire(NOON + Duration::days(1)), Err(Refused::Paid));
    assert_eq!(order.pay(NOON + Duration::hours(1)), Err(Refused::Paid));
    assert_eq!(order.pay_late(NOON), Err(Refused::Paid));
    order.await_payment();
    assert_eq!(order.payment, Payment::Paid { at: NOON });
    assert_eq!(order.payable(NOON), Err(Refused::Paid));
}

#[test]
fn an_order_expires_when_its_time_is_over_and_not_before() {
    let mut order = order();
    assert_eq!(order.expire(NOON + Duration::minutes(29)), Err(Refused::NotYet));
    order.expire(NOON + Duration::minutes(30)).unwrap();
    assert_eq!(order.expire(NOON + Duration::minutes(31)), Err(Refused::Closed));
    assert_eq!(order.payable(NOON), Err(Refused::Closed));
}

#[test]
fn money_that_comes_late_reopens_or_is_late() {
    let mut late = order();
    assert_eq!(late.pay_late(NOON), Err(Refused::NotYet), "an open order is simply paid");
    late.expire(NOON + Duration::hours(1)).unwrap();
    let mut reopened = late.clone();
    late.pay_late(NOON + Duration::hours(2)).unwrap();
    assert!(late.is_closed() && !late.is_paid());
    reopened.pay(NOON + Duration::hours(2)).unwrap();
    assert!(!reopened.is_closed() && reopened.is_paid());
}

#[test]
fn nobody_is_sent_to_the_cashier_when_the_time_is_over() {
    let order = order();
    assert_eq!(order.payable(NOON), Ok(()));
    assert_eq!(order.payable(order.pay_until), Err(Refused::Closed));
}

#[test]
fn only_what_is_paid_and_here_is_sent_and_once() {
    assert_eq!(order().ship(TEN_DAYS, NOON), Err(Refused::NotPaid));
    let mut closed = order();
    closed.cancel(NOON).unwrap();
    assert_eq!(closed.ship(TEN_DAYS, NOON), Err(Refused::Closed));
    closed.pay_late(NOON).unwrap();
    assert_eq!(closed.ship(TEN_DAYS, NOON), Err(Refused::Closed), "its goods are gone");
    let mut paid = order();
    paid.pay(NOON).unwrap();
    assert_eq!(paid.correctable(NOON), Err(Refused::NotShipped));
    paid.ship(TEN_DAYS, NOON).unwrap();
    assert_eq!(paid.ship(TEN_DAYS, NOON + Duration::hours(1)), Err(Refused::Shipped));
    assert_eq!(paid.fulfilment, Fulfilment::Shipped { at: NOON, waits: TEN_DAYS });
    assert_eq!(paid.correctable(NOON + CORRECTABLE), Ok(()));
    assert_eq!(paid.correctable(NOON + CORRECTABLE + Duration::SECOND), Err(Refused::TooLate));
}

#[test]
fn an_order_is_called_off_before_it_is_paid_and_not_after() {
    let mut paid = order();
    paid.pay(NOON).unwrap();
    assert_eq!(paid.cancel(NOON), Err(Refused::Paid));
    let mut cancelled = order();
    cancelled.await_payment();
    cancelled.cancel(NOON).unwrap();
    assert_eq!(cancelled.cancel(NOON), Err(Refused::Closed));
    assert_eq!(cancelled.expire(NOON + Duration::days(1)), Err(Refused::Closed));
    assert_eq!(cancelled.payable(NOON), Err(Refused::Closed));
    assert_eq!(cancelled.closure.name(), "cancelled");
    cancelled.pay(NOON + Duration::minutes(1)).unwrap();
    assert!(cancelled.is_to_ship(), "its goods could be had again");
}

/// Paid, of two pieces and this total, and on its way.
fn on_its_way() -> Order {
    let mut order = Order { total: Money::from_fen(100).unwrap(), pieces_left: 2, ..order() };
    order.pay(NOON).unwrap();
    order.ship(TEN_DAYS, NOON).unwrap();
    order
}

#[test]
fn only_what_was_sent_is_received_and_once() {
    let day = NOON + Duration::days(1);
    let mut paid = order();
    assert_eq!(paid.receive(ReceivedBy::Buyer, day), Err(Refused::NotShipped), "nobody has paid it");
    paid.pay(NOON).unwrap();
    for by in [ReceivedBy::Buyer, ReceivedBy::Staff, ReceivedBy::Time] {
        assert_eq!(paid.clone().receive(by, day), Err(Refused::NotShipped));
        let mut order = on_its_way();
        order.receive(by, day).unwrap();
        assert_eq!(order.fulfilment, Fulfilment::Received { shipped_at: NOON, at: day, by });
        assert_eq!(ReceivedBy::parse(by.name()), Some(by));
        for again in [ReceivedBy::Buyer, ReceivedBy::Staff, ReceivedBy::Time] {
            assert_eq!(order.receive(again, day), Err(Refused::Received), "the first who said so");
        }
        assert_eq!(order.ship(TEN_DAYS, day), Err(Refused::Shipped));
        assert_eq!(order.correctable(day), Err(Refused::Received), "within the two days, too");
        assert_eq!(order.counts_as_received_at(), None);
        assert!(!order.is_to_ship());
    }
    let mut closed = order();
    closed.cancel(NOON).unwrap();
    assert_eq!(closed.receive(ReceivedBy::Staff, day), Err(Refused::NotShipped));
}

#[test]
fn what_goes_back_as_a_whole_is_not_received() {
    let fen = |fen| Money::from_fen(fen).unwrap();
    // All of its money, or all of its pieces.
    for (money, pieces) in [(100, 0), (100, 2), (90, 2)] {
        let mut order = on_its_way();
        order.give_back(fen(money), pieces).unwrap();
        assert_eq!(order.receive(ReceivedBy::Buyer, NOON), Err(Refused::Refunded));
        assert_eq!(order.counts_as_received_at(), None);
    }
    let mut some = on_its_way();
    some.give_back(fen(90), 1).unwrap();
    assert!(some.is_being_refunded() && some.counts_as_received_at() == Some(NOON + TEN_DAYS));
    some.refunded = fen(90);
    assert!(!some.is_being_refunded(), "it has ended");
    some.receive(ReceivedBy::Buyer, NOON).unwrap();
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Await,
    Pay,
    PayLate,
    Expire,
    Cancel,
    Ship,
    Receive,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        Just(Step::Await),
        Just(Step::Pay),
        Just(Step::PayLate),
        Just(Step::Expire),
        Just(Step::Cancel),
        Just(Step::Ship),
        Just(Step::Receive)
    ];
    prop::collection::vec((step, 0i64..40), 0..12)
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_what_is_reached_is_kept(steps in steps()) {
        let (mut order, mut now) = (order(), NOON);
        for (step, wait) in steps {
            now += Duration::minutes(wait);
            let before = order.clone();
            let done = match step {
                Step::Await => { order.await_payment(); Ok(()) }
                Step::Pay => order.pay(now),
                Step::PayLate => order.pay_late(now),
                Step::Expire => order.expire(now),
                Step::Cancel => order.cancel(now),
                Step::Ship => order.ship(TEN_DAYS, now),
                Step::Receive => order.receive(ReceivedBy::Buyer, now),
            };
            let same = |a: &Order, b: &Order| (a.payment, a.fulfilment, a.closure) == (b.payment, b.fulfilment, b.closure);
            prop_assert!(done.is_ok() || same(&before, &order), "a refusal changes nothing");
            prop_assert!(!before.is_paid() || order.payment == before.payment, "paid stays paid, at its time");
            let sent = before.fulfilment != Fulfilment::None;
            let received = matches!(step, Step::Receive) && !before.is_received();
            prop_assert!(!sent || same(&before, &order) || received, "what was sent is moved by her word only");
            prop_assert!(!order.is_received() || sent, "what was not sent is not received");
            prop_assert!(!before.is_received() || same(&before, &order), "what was received stays so");
            prop_assert!(order.fulfilment == Fulfilment::None || (order.is_paid() && !order.is_closed()));
            prop_assert!(!order.is_paid() || !order.is_closed());
            let late = matches!(order.payment, Payment::Late { .. });
            prop_assert!(!late || order.is_closed(), "late money belongs to a closed order");
            let reopened = before.is_closed() && !order.is_closed();
            prop_assert!(!reopened || order.is_paid(), "only money opens an order again");
            let both = before.is_closed() && order.is_closed();
            prop_assert!(!both || before.closure == order.closure, "it was closed once, for one reason");
        }
    }
}
