//! What the states of an order allow, by example and by chance.

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
    assert_eq!(order().ship(NOON), Err(Refused::NotPaid));
    let mut closed = order();
    closed.cancel(NOON).unwrap();
    assert_eq!(closed.ship(NOON), Err(Refused::Closed));
    closed.pay_late(NOON).unwrap();
    assert_eq!(closed.ship(NOON), Err(Refused::Closed), "its goods are gone");
    let mut paid = order();
    paid.pay(NOON).unwrap();
    assert_eq!(paid.correctable(NOON), Err(Refused::NotShipped));
    paid.ship(NOON).unwrap();
    assert_eq!(paid.ship(NOON + Duration::hours(1)), Err(Refused::Shipped));
    assert_eq!(paid.fulfilment, Fulfilment::Shipped { at: NOON });
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

#[derive(Debug, Clone, Copy)]
enum Step {
    Await,
    Pay,
    PayLate,
    Expire,
    Cancel,
    Ship,
}

fn steps() -> impl Strategy<Value = Vec<(Step, i64)>> {
    let step = prop_oneof![
        Just(Step::Await),
        Just(Step::Pay),
        Just(Step::PayLate),
        Just(Step::Expire),
        Just(Step::Cancel),
        Just(Step::Ship)
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
                Step::Ship => order.ship(now),
            };
            let same = |a: &Order, b: &Order| (a.payment, a.fulfilment, a.closure) == (b.payment, b.fulfilment, b.closure);
            prop_assert!(done.is_ok() || same(&before, &order), "a refusal changes nothing");
            prop_assert!(!before.is_paid() || order.payment == before.payment, "paid stays paid, at its time");
            let sent = before.fulfilment != Fulfilment::None;
            prop_assert!(!sent || same(&before, &order), "what was sent is moved by nothing");
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
