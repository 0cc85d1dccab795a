//! The sandbox's cashier: what it refuses and what it remembers.

use super::*;
use crate::weibo::signature::SigningKey;
use time::macros::datetime;

pub const NOW: OffsetDateTime = datetime!(2026-03-05 10:21 +8);

fn merchant() -> Merchant {
    let key = VerifyingKey::parse(include_str!("../../keys/merchant.public.pem")).unwrap();
    Merchant { app_key: "1900000001".into(), seller_id: "7000000001".into(), key }
}

fn request(changes: &[(&str, &str)]) -> Params {
    let mut params: Params = [
        ("appkey", "1900000001"),
        ("seller_id", "7000000001"),
        ("out_pay_id", "SHOP20260305000001"),
        ("notify_url", "http://127.0.0.1:8080/hooks/weibo/pay"),
        ("return_url", "http://127.0.0.1:8080/return/weibo/pay"),
        ("subject", "春茶"),
        ("total_amount", "12900"),
        ("expire", "1800"),
    ]
    .iter()
    .chain(changes)
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    let sign = SigningKey::parse(crate::sandbox::demo_merchant_private_key()).unwrap().sign(&params).unwrap();
    params.insert("sign".into(), sign);
    params.insert("sign_type".into(), "rsa".into());
    params
}

fn order(changes: &[(&str, &str)]) -> Result<Order, PayError> {
    Order::read(&request(changes), &merchant())
}

/// A payment of ¥129.00, paid.
pub fn paid(world: &mut World) -> String {
    let pay_id = opened(world);
    world.pay(&pay_id, "7000000002", NOW).unwrap();
    pay_id
}

fn opened(world: &mut World) -> String {
    world.open(order(&[]).unwrap(), NOW).unwrap().pay_id.clone()
}

#[test]
fn a_forged_request_is_no_order() {
    let mut forged = request(&[]);
    forged.insert("total_amount".into(), "1".into());
    assert_eq!(Order::read(&forged, &merchant()), Err(PayError::Signature));
    forged.remove("sign");
    assert_eq!(Order::read(&forged, &merchant()), Err(PayError::Signature));
}

#[test]
fn a_signed_request_must_still_make_sense() {
    for (name, value) in [
        ("total_amount", "0"),
        ("total_amount", "-1"),
        ("total_amount", "12.9"),
        ("total_amount", "99999999999999999999"),
        ("expire", "soon"),
        ("out_pay_id", "short"),
        ("return_url", "javascript:alert(1)"),
        ("subject", ""),
    ] {
        assert_eq!(order(&[(name, value)]), Err(PayError::Parameter(name)), "{name}={value}");
    }
    assert_eq!(order(&[("seller_id", "7000000009")]), Err(PayError::Merchant));
    assert_eq!(order(&[("appkey", "1900000009")]), Err(PayError::Merchant));
}

#[test]
fn a_second_opening_is_the_same_payment_and_another_amount_is_refused() {
    let mut world = World::new("7000000001");
    let first = opened(&mut world);
    assert_eq!(opened(&mut world), first);
    let changed = order(&[("total_amount", "100")]).unwrap();
    assert_eq!(world.open(changed, NOW).err(), Some(PayError::AmountChanged));
    assert_eq!(world.payments.len(), 1);
}

#[test]
fn what_is_not_paid_in_time_is_closed_for_good() {
    let mut world = World::new("7000000001");
    let pay_id = opened(&mut world);
    let late = NOW + Duration::seconds(1800);
    assert_eq!(world.pay(&pay_id, "7000000002", late), Err(PayError::Closed));
    assert_eq!(world.payment(&pay_id, late).unwrap().state, State::Closed);
    assert!(world.notices.waiting().is_empty());
}

#[test]
fn a_payment_succeeds_once_and_stays_paid_after_its_time() {
    let mut world = World::new("7000000001");
    let pay_id = opened(&mut world);
    world.pay(&pay_id, "7000000002", NOW).unwrap();
    assert_eq!(world.pay(&pay_id, "7000000003", NOW), Err(PayError::Paid));
    assert_eq!(world.notices.waiting().len(), 1);
    let later = world.payment(&pay_id, NOW + Duration::days(9)).unwrap();
    assert_eq!(later.state, State::Paid { buyer_id: "7000000002".into(), paid_at: NOW });
}

#[test]
fn notices_follow_the_schedule_and_end() {
    let mut world = World::new("7000000001");
    world.notices.set_schedule(vec![0, 15, 30]);
    let pay_id = opened(&mut world);
    world.pay(&pay_id, "7000000002", NOW).unwrap();
    let mut now = NOW;
    for wait in [15, 30] {
        let due = world.notices.due(now);
        let again = world.notices.tried(due[0].id, false, now).unwrap();
        assert_eq!(again, now + Duration::seconds(wait));
        assert!(world.notices.due(again - Duration::seconds(1)).is_empty());
        now = again;
    }
    let last = world.notices.due(now)[0].id;
    assert_eq!(world.notices.tried(last, false, now), None);
    assert!(world.notices.waiting().is_empty());
}

#[test]
fn a_world_that_was_saved_goes_on() {
    let mut world = World::new("7000000001");
    let pay_id = opened(&mut world);
    world.pay(&pay_id, "7000000002", NOW).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/sandbox.json");
    crate::sandbox::save::save(&world, &file).unwrap();
    let mut again = crate::sandbox::save::load(&file).unwrap().unwrap();
    assert_eq!(again.payments, world.payments);
    assert_eq!(again.notices.due(NOW), world.notices.due(NOW));
    assert_eq!(again.pay(&pay_id, "7000000002", NOW), Err(PayError::Paid));
}
