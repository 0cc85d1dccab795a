//! Refunds in the sandbox's book: never more than was paid, one number one refund, an end by the clock.

use super::super::pay::tests::{NOW, paid};
use super::*;
use proptest::prelude::*;

const PAID: i64 = 12900;

fn application(pay_id: &str, number: &str, fen: i64) -> Application {
    let pairs = [
        ("pay_id", pay_id.to_owned()),
        ("out_refund_id", number.to_owned()),
        ("notify_url", "http://127.0.0.1:8080/hooks/weibo/refund".to_owned()),
        ("detail_data", format!("{pay_id}^{fen}^少发一件")),
    ];
    Application::read(&pairs.map(|(name, value)| (name.to_owned(), value)).into()).unwrap()
}

fn world() -> (World, String) {
    let mut world = World::new("7000000001");
    let pay_id = paid(&mut world);
    (world, pay_id)
}

#[test]
fn an_application_must_make_sense() {
    let good = [("pay_id", "3"), ("out_refund_id", "R1"), ("detail_data", "3^1^")];
    let read = |name: &str, value: &str| {
        let mut params: Params = good.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        params.insert(name.to_owned(), value.to_owned());
        Application::read(&params)
    };
    assert!(read("notify_url", "").is_ok(), "the document's own example ends with ^");
    let long = "R".repeat(65);
    for (name, value) in [
        ("pay_id", ""),
        ("out_refund_id", ""),
        ("out_refund_id", long.as_str()),
        ("detail_data", ""),
        ("detail_data", "3^1"),
        ("detail_data", "3^1^a^b"),
        ("detail_data", "4^1^a"),
        ("detail_data", "3^0^a"),
        ("detail_data", "3^-1^a"),
        ("detail_data", "3^1.5^a"),
    ] {
        assert_eq!(read(name, value), Err(PayError::Parameter(name)), "{value}");
    }
}

#[test]
fn a_payment_that_is_unknown_or_not_paid_is_not_refunded() {
    let (mut world, pay_id) = world();
    assert_eq!(world.refund(application("3", "R1", 1), NOW), Err(PayError::Unknown));
    world.payments[0].state = State::Closed;
    assert_eq!(world.refund(application(&pay_id, "R1", 1), NOW), Err(PayError::NotPaid));
    assert!(world.refunds().is_empty());
}

#[test]
fn the_same_number_again_is_the_same_refund_and_other_facts_are_refused() {
    let (mut world, pay_id) = world();
    let first = world.refund(application(&pay_id, "R1", 4900), NOW).unwrap();
    let later = NOW + Duration::days(1);
    world.end_refunds(later);
    assert_eq!(world.refund(application(&pay_id, "R1", 4900), later).unwrap().refund_id, first.refund_id);
    assert_eq!(world.refund(application(&pay_id, "R1", 4901), later), Err(PayError::RefundChanged));
    assert_eq!(world.refund(application("3", "R1", 4900), later), Err(PayError::RefundChanged));
    assert_eq!(world.refunds().len(), 1);
    assert_eq!(world.book().refunded_fen, 4900);
}

#[test]
fn what_failed_can_be_given_back_under_another_number() {
    let (mut world, pay_id) = world();
    world.faults.switch_on(Fault::RefundFailsLater, crate::sandbox::Lasting::Once);
    world.refund(application(&pay_id, "R1", PAID), NOW).unwrap();
    assert_eq!(world.refund(application(&pay_id, "R2", 1), NOW), Err(PayError::TooMuch));
    world.refund(application(&pay_id, "R2", PAID), NOW + Duration::seconds(3)).unwrap();
    let book = world.book();
    assert_eq!((book.paid_fen, book.refunded_fen, book.refunding_fen), (PAID, 0, PAID));
}

#[test]
fn a_refund_takes_its_time_and_ends_once() {
    let (mut world, pay_id) = world();
    world.set_refund_seconds(60);
    world.refund(application(&pay_id, "R1", 1), NOW).unwrap();
    let told = world.notices.waiting().len();
    assert!(!world.has_refunds_to_end(NOW + Duration::seconds(59)));
    world.end_refunds(NOW + Duration::seconds(59));
    assert!(matches!(world.refunds()[0].state, RefundState::Pending { .. }));
    for _ in 0..2 {
        world.end_refunds(NOW + Duration::days(1));
        assert_eq!(world.refunds()[0].state, RefundState::Success);
        assert_eq!(world.refunds()[0].since, NOW + Duration::seconds(60), "not when somebody looked");
        assert_eq!(world.notices.waiting().len(), told + 1);
    }
}

#[test]
fn a_world_with_refunds_goes_on_and_one_from_before_them_too() {
    let (mut world, pay_id) = world();
    world.faults.switch_on(Fault::RefundNoticeForged, crate::sandbox::Lasting::Once);
    world.refund(application(&pay_id, "R1", 1), NOW).unwrap();
    let saved = serde_json::to_value(&world).unwrap();
    let again: World = serde_json::from_value(saved.clone()).unwrap();
    assert_eq!(again.book(), world.book());
    let mut old = saved;
    old.as_object_mut().unwrap().retain(|name, _| name != "refunds" && name != "messages");
    let old: World = serde_json::from_value(old).unwrap();
    assert_eq!((old.refunds().len(), old.refund_seconds()), (0, TAKES_SECONDS));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_order_of_applications_gives_back_more_than_was_paid(
        steps in prop::collection::vec((0..6u8, 1..9000i64, 0..4i64, any::<bool>()), 1..20),
    ) {
        let (mut world, pay_id) = world();
        let mut now = NOW;
        for (number, fen, seconds, fails) in steps {
            if fails {
                world.faults.switch_on(Fault::RefundFailsLater, crate::sandbox::Lasting::Once);
            }
            drop(world.refund(application(&pay_id, &format!("R{number}"), fen), now));
            now += Duration::seconds(seconds);
            world.end_refunds(now);
            let book = world.book();
            prop_assert!(book.refunded_fen + book.refunding_fen <= book.paid_fen);
            prop_assert_eq!(book.paid_fen, PAID);
        }
    }
}
