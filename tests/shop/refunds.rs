//! Money that goes back, whatever Weibo does: once, never more than came, and believed only when Weibo says so.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use time::Duration;
use uuid::Uuid;
use weipu::actor::Actor;
use weipu::money::Money;
use weipu::orders::{self, OrderId};
use weipu::payments::refund::{Before, Pieces, Portion, WrongPortion};
use weipu::payments::{self, Ask, Refund, RefundError, RefundState};
use weipu::sandbox::{Fault, RefundState as AtWeibo};

pub const ALL: Portion = Portion::Everything { restock: true };

pub fn fen(fen: i64) -> Money {
    Money::from_fen(fen).unwrap()
}

/// Longer than Weibo takes for a refund.
pub const SOON: Duration = Duration::seconds(6);

/// Somebody has bought and paid so many teas; the only order there is.
pub async fn bought(shop: &TestShop, pieces: u32) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.orders("longjing-1", pieces).await;
    let order = buyer.page().url.clone();
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.visits(order).await.payment(), "paid");
    buyer
}

pub async fn only_order(shop: &TestShop) -> OrderId {
    OrderId(shop.count("SELECT id FROM orders").await)
}

/// What the portion comes to at this moment.
pub async fn comes_to(shop: &TestShop, portion: &Portion) -> Result<Money, WrongPortion> {
    let id = only_order(shop).await;
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let order = orders::find_by_id(&mut conn, id).await.unwrap().unwrap();
    let before = Before::of(&payments::refunds_of(&mut conn, id).await.unwrap());
    Ok(portion.price(&order, &before)?.amount)
}

/// Somebody of the staff decides it, with this form.
async fn gives_back(
    shop: &TestShop,
    key: Uuid,
    portion: Portion,
    shown: Money,
) -> Result<Refund, RefundError> {
    let ask = Ask { key, portion, shown, reason: "少发一件".into() };
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let decided =
        payments::refund(&mut tx, only_order(shop).await, &ask, &Actor::Shop, shop.clock.now()).await?;
    tx.commit().await.unwrap();
    Ok(decided.refund)
}

pub async fn begun(shop: &TestShop, portion: Portion) -> Refund {
    let shown = comes_to(shop, &portion).await.unwrap();
    gives_back(shop, Uuid::new_v4(), portion, shown).await.unwrap()
}

/// Weibo finishes what it has accepted, tells of it, and is asked.
pub async fn time_passes(shop: &TestShop, by: Duration) {
    shop.later(by);
    shop.weibo.delivers().await;
    shop.work().await;
}

pub async fn refunds(shop: &TestShop) -> Vec<Refund> {
    let id = only_order(shop).await;
    payments::refunds_of(&mut shop.app.shop.db.reader().await.unwrap(), id).await.unwrap()
}

async fn state(shop: &TestShop) -> RefundState {
    refunds(shop).await.pop().unwrap().state
}

/// How much the gateway has given back, and in how many refunds.
pub fn given(shop: &TestShop) -> (i64, usize) {
    let done: Vec<_> =
        shop.weibo.sandbox.refunds().into_iter().filter(|refund| refund.state == AtWeibo::Success).collect();
    (done.iter().map(|refund| refund.fen).sum(), done.len())
}

#[tokio::test]
async fn all_of_it_goes_back_and_the_goods_onto_the_shelf_once() {
    let shop = TestShop::open().await;
    let mut buyer = bought(&shop, 2).await;
    let before = shop.stock("longjing-1").await;
    let refund = begun(&shop, ALL).await;
    assert_eq!((refund.amount, refund.state), (fen(25600), RefundState::Begun));
    assert_eq!(shop.stock("longjing-1").await, before, "not before the money is back");
    shop.work().await;
    assert_eq!(state(&shop).await, RefundState::Accepted, "accepted is not done");
    time_passes(&shop, SOON).await;
    assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }));
    assert_eq!((given(&shop), shop.stock("longjing-1").await), ((25600, 1), before + 2));
    assert!(buyer.looks_again().await.payment() != "pending");
    shop.closes().await;
    assert_eq!(shop.stock("longjing-1").await, before + 2);
    assert_eq!(shop.count("SELECT count(*) FROM ledger WHERE kind = 'refunded'").await, 1);
}

#[tokio::test]
async fn pieces_one_after_another_are_all_of_it_and_nothing_is_left() {
    let shop = TestShop::open().await;
    bought(&shop, 3).await;
    for restock in [true, false, true] {
        let piece = Pieces { position: 1, quantity: 1, restock };
        begun(&shop, Portion::Pieces { pieces: vec![piece], freight: false }).await;
        shop.work().await;
        time_passes(&shop, SOON).await;
    }
    assert_eq!(given(&shop), (38400, 3));
    assert_eq!(comes_to(&shop, &ALL).await, Err(WrongPortion::Nothing));
    shop.closes().await;
    assert_eq!(shop.count("SELECT sum(delta) FROM stock_movements WHERE reason = 'refund'").await, 2);
}

#[tokio::test]
async fn fifty_clicks_at_once_are_one_refund() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    let key = Uuid::new_v4();
    let clicks = (0..50).map(|_| gives_back(&shop, key, ALL, fen(12800)));
    let done = futures_util::future::join_all(clicks).await;
    let numbers: std::collections::BTreeSet<String> =
        done.into_iter().map(|refund| refund.unwrap().out_refund_id).collect();
    assert_eq!(numbers.len(), 1);
    shop.work().await;
    time_passes(&shop, SOON).await;
    shop.closes().await;
    assert_eq!(given(&shop), (12800, 1));
}

#[tokio::test]
async fn fifty_forms_at_once_give_back_no_more_than_came() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    let forms = (0..50).map(|_| gives_back(&shop, Uuid::new_v4(), Portion::Amount(fen(5000)), fen(5000)));
    let done = futures_util::future::join_all(forms).await;
    assert_eq!(done.iter().filter(|refund| refund.is_ok()).count(), 2);
    let refused = |refund: &Result<Refund, RefundError>| matches!(refund, Err(RefundError::Wrong(WrongPortion::TooMuch { left })) if *left == fen(2800));
    assert_eq!(done.iter().filter(|refund| refused(refund)).count(), 48);
    shop.work().await;
    time_passes(&shop, SOON).await;
    shop.closes().await;
    assert_eq!(given(&shop), (10000, 2));
}

#[tokio::test]
async fn what_she_saw_counts_and_a_form_asks_for_one_thing() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    let key = Uuid::new_v4();
    let changed = gives_back(&shop, key, ALL, fen(12799)).await;
    assert!(matches!(changed, Err(RefundError::Changed { now }) if now == fen(12800)));
    gives_back(&shop, key, Portion::Amount(fen(100)), fen(100)).await.unwrap();
    let other = gives_back(&shop, key, Portion::Amount(fen(200)), fen(200)).await;
    assert!(matches!(other, Err(RefundError::OtherRequest)));
    shop.closes().await;
    assert_eq!(given(&shop), (100, 1));
}

#[tokio::test]
async fn an_order_that_gave_everything_back_is_not_sent() {
    let shop = TestShop::open().await;
    let buyer = bought(&shop, 1).await;
    begun(&shop, ALL).await;
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    assert_eq!(orders::to_ship(&mut conn).await.unwrap().count, 0, "it waits for nobody");
    let parcel = orders::Shipment {
        courier: orders::Courier::Sf,
        tracking: orders::Tracking::read("SF1234567890123").unwrap(),
    };
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let number = buyer.order().parse().unwrap();
    let sent =
        orders::ship(&mut tx, &number, (&parcel, Duration::days(10)), &Actor::Shop, shop.clock.now()).await;
    assert!(matches!(sent, Err(orders::ChangeError::Refused(orders::Refused::Refunded))), "{sent:?}");
    drop(tx);
    shop.closes().await;
}

#[tokio::test]
async fn an_answer_that_is_lost_is_asked_for_and_nothing_is_sent_again() {
    for fault in [Fault::RefundAnswerLost, Fault::RefundNoticeFirst] {
        let shop = TestShop::open().await;
        bought(&shop, 1).await;
        shop.weibo.will(fault);
        begun(&shop, ALL).await;
        shop.work().await;
        for _ in 0..6 {
            time_passes(&shop, Duration::minutes(5)).await;
        }
        assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }), "{fault:?}");
        shop.closes().await;
        assert_eq!((given(&shop), refunds(&shop).await[0].sent_times), ((12800, 1), 1), "{fault:?}");
    }
}

#[tokio::test]
async fn what_weibo_never_got_is_sent_again_under_the_same_number_after_it_was_asked() {
    for fault in [Fault::RefundGarbage, Fault::RefundHangs] {
        let shop = TestShop::with_patience(std::time::Duration::from_millis(300)).await;
        bought(&shop, 1).await;
        shop.weibo.will(fault);
        begun(&shop, ALL).await;
        shop.work().await;
        assert_eq!(state(&shop).await, RefundState::Unknown, "{fault:?}");
        time_passes(&shop, Duration::minutes(5)).await;
        assert_eq!(state(&shop).await, RefundState::Unknown, "Weibo's no is doubted at first");
        for _ in 0..4 {
            time_passes(&shop, Duration::minutes(20)).await;
        }
        assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }), "{fault:?}");
        shop.closes().await;
        let at_weibo = shop.weibo.sandbox.refunds();
        assert_eq!((at_weibo.len(), refunds(&shop).await[0].sent_times), (1, 2), "{fault:?}");
        assert_eq!(at_weibo[0].out_refund_id, refunds(&shop).await[0].out_refund_id);
    }
}

#[tokio::test]
async fn a_question_without_an_answer_leaves_it_unknown() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    shop.weibo.will(Fault::RefundAnswerLost);
    shop.weibo.always(Fault::RefundSilent);
    shop.weibo.always(Fault::RefundQueryFails);
    begun(&shop, ALL).await;
    shop.work().await;
    for _ in 0..20 {
        time_passes(&shop, Duration::hours(1)).await;
    }
    assert_eq!(
        (state(&shop).await, given(&shop)),
        (RefundState::Unknown, (12800, 1)),
        "given, and nobody knows"
    );
    shop.weibo.stops(Fault::RefundQueryFails);
    time_passes(&shop, Duration::hours(2)).await;
    assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }));
    shop.closes().await;
    assert_eq!((given(&shop), refunds(&shop).await[0].sent_times), ((12800, 1), 1));
}

#[tokio::test]
async fn weibo_denies_what_it_has_accepted_and_it_is_not_sent_again() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    shop.weibo.always(Fault::RefundSilent);
    shop.weibo.always(Fault::RefundQueryEmpty);
    begun(&shop, ALL).await;
    shop.work().await;
    for _ in 0..10 {
        time_passes(&shop, Duration::hours(1)).await;
    }
    assert_eq!(state(&shop).await, RefundState::Accepted);
    shop.weibo.stops(Fault::RefundQueryEmpty);
    shop.closes().await;
    assert_eq!((given(&shop), refunds(&shop).await[0].sent_times), ((12800, 1), 1));
}

#[tokio::test]
async fn notices_twice_late_forged_or_of_another_payment_have_one_effect_or_none() {
    let faults = [
        Fault::RefundNoticeTwice,
        Fault::RefundNoticeLate,
        Fault::RefundNoticeForged,
        Fault::RefundNoticeAltered,
        Fault::RefundSilent,
        Fault::RefundQueryList,
    ];
    for fault in faults {
        let shop = TestShop::open().await;
        shop.weibo.sandbox.set_schedule(vec![0]);
        bought(&shop, 2).await;
        shop.weibo.will(fault);
        begun(&shop, ALL).await;
        shop.work().await;
        shop.closes().await;
        assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }), "{fault:?}");
        assert_eq!(shop.count("SELECT count(*) FROM ledger WHERE kind = 'refunded'").await, 1, "{fault:?}");
        assert_eq!(shop.stock("longjing-1").await, 20, "{fault:?}");
        let doubted = shop.count("SELECT count(*) FROM notices WHERE outcome = 'refused'").await;
        assert_eq!(doubted, i64::from(fault == Fault::RefundNoticeAltered), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_gives_the_money_free_and_it_can_be_tried_again_under_its_number() {
    for fault in [Fault::RefundRefused, Fault::RefundNotAccepted] {
        let shop = TestShop::open().await;
        bought(&shop, 1).await;
        shop.weibo.will(fault);
        let refund = begun(&shop, ALL).await;
        shop.work().await;
        assert!(matches!(state(&shop).await, RefundState::Failed { .. }), "{fault:?}");
        assert_eq!(comes_to(&shop, &ALL).await, Ok(fen(12800)), "nothing has gone back");
        let again = || async {
            let mut tx = shop.app.shop.db.begin().await.unwrap();
            let (order, number) = (only_order(&shop).await, &refund.out_refund_id);
            let tried = payments::retry(&mut tx, order, number, &Actor::Shop, shop.clock.now()).await;
            tx.commit().await.unwrap();
            tried
        };
        again().await.unwrap();
        assert!(matches!(again().await, Err(RefundError::NotRetriable)), "not twice");
        shop.work().await;
        time_passes(&shop, SOON).await;
        shop.closes().await;
        assert_eq!((given(&shop), refunds(&shop).await.len()), ((12800, 1), 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refund_that_fails_later_or_after_it_was_done_is_the_shops_money_again() {
    for (fault, entries) in [(Fault::RefundFailsLater, 0), (Fault::RefundThenFails, 2)] {
        let shop = TestShop::open().await;
        bought(&shop, 1).await;
        shop.weibo.will(fault);
        begun(&shop, Portion::Amount(fen(3000))).await;
        shop.work().await;
        for _ in 0..4 {
            time_passes(&shop, SOON).await;
        }
        assert!(matches!(state(&shop).await, RefundState::Failed { .. }), "{fault:?}");
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let (order, closed) = (only_order(&shop).await, refunds(&shop).await.pop().unwrap().out_refund_id);
        let tried = payments::retry(&mut tx, order, &closed, &Actor::Shop, shop.clock.now()).await;
        assert!(matches!(tried, Err(RefundError::NotRetriable)), "Weibo has closed that number");
        drop(tx);
        assert_eq!(comes_to(&shop, &ALL).await, Ok(fen(12800)), "{fault:?}");
        let rows = "SELECT count(*) FROM ledger WHERE refund_id IS NOT NULL";
        assert_eq!(shop.count(rows).await, entries, "{fault:?}");
        begun(&shop, ALL).await;
        shop.work().await;
        shop.closes().await;
        assert_eq!(given(&shop), (12800, 1), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_of_what_may_have_been_sent_before_is_no_failure() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    shop.weibo.will(Fault::RefundGarbage);
    begun(&shop, ALL).await;
    shop.work().await;
    shop.weibo.always(Fault::RefundRefused);
    for _ in 0..6 {
        time_passes(&shop, Duration::minutes(30)).await;
    }
    let refund = refunds(&shop).await.pop().unwrap();
    assert_eq!((refund.state, refund.trouble.is_empty()), (RefundState::Unknown, false));
    assert_eq!(comes_to(&shop, &ALL).await, Err(WrongPortion::Nothing), "its money is not free");
    shop.weibo.stops(Fault::RefundRefused);
    shop.closes().await;
    assert_eq!((given(&shop), refunds(&shop).await.len()), ((12800, 1), 1));
}

/// A notice that Weibo signed, of how the only refund ended.
async fn says(shop: &TestShop, is_success: &str, notify_id: &str) {
    let mut notice = shop.weibo.sandbox.refunds().pop().unwrap().told();
    let more = [
        ("notify_id", notify_id),
        ("notify_time", "2026-11-21 12:00:05"),
        ("notify_type", "PAY_REFUND_NOTIFY"),
        ("is_success", is_success),
        ("refund_time", "2026-11-21 12:00:05"),
    ];
    notice.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(shop.weibo.tells_of_refund(notice).await.body, "success");
}

#[tokio::test]
async fn notices_that_contradict_each_other_are_asked_about_in_any_order() {
    for order in [["T", "F"], ["F", "T"]] {
        let shop = TestShop::open().await;
        bought(&shop, 2).await;
        shop.weibo.always(Fault::RefundSilent);
        begun(&shop, ALL).await;
        shop.work().await;
        shop.later(SOON);
        for (n, word) in (1..).zip([order[0], order[1], order[0], order[1]]) {
            says(&shop, word, &format!("810000000000000{n}")).await;
            shop.work().await;
        }
        assert!(matches!(state(&shop).await, RefundState::Succeeded { .. }), "{order:?}: so says the answer");
        assert_eq!(shop.stock("longjing-1").await, 20);
        shop.closes().await;
        assert_eq!(given(&shop), (25600, 1));
        let books = "SELECT -sum(amount_fen)::bigint FROM ledger WHERE refund_id IS NOT NULL";
        assert_eq!(shop.count(books).await, 25600);
    }
}

#[tokio::test]
async fn the_goods_of_a_refund_that_came_back_are_the_buyers_again() {
    let shop = TestShop::open().await;
    bought(&shop, 2).await;
    shop.weibo.will(Fault::RefundThenFails);
    begun(&shop, ALL).await;
    shop.work().await;
    for _ in 0..4 {
        time_passes(&shop, SOON).await;
    }
    assert_eq!(shop.stock("longjing-1").await, 18, "taken from the shelf again");
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    assert_eq!(orders::to_ship(&mut conn).await.unwrap().count, 1);
    drop(conn);
    begun(&shop, ALL).await;
    shop.work().await;
    shop.closes().await;
    assert_eq!((given(&shop), shop.stock("longjing-1").await), ((25600, 1), 20));
}

#[tokio::test]
async fn a_surplus_whose_refund_failed_is_sent_under_a_new_number() {
    let shop = TestShop::open().await;
    let mut desktop = shop.desktop();
    let link = desktop.orders("longjing-1", 1).await.attribute("#link", "value").parse().unwrap();
    let mut phone = shop.buyer();
    phone.visits(link).await;
    desktop.pays().await;
    phone.presses_pay().await;
    shop.weibo.will(Fault::RefundFailsLater);
    shop.weibo.delivers().await;
    shop.work().await;
    time_passes(&shop, SOON).await;
    let owed = payments::owed_back(&mut shop.app.shop.db.reader().await.unwrap()).await.unwrap();
    assert_eq!((owed.payments, owed.sum), (1, fen(12800)));
    let order = only_order(&shop).await;
    for left in [true, false] {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let now = shop.clock.now();
        let sent = payments::refund_surplus(&mut tx, order, &owed.latest[0].pay_id, &Actor::Shop, now).await;
        assert_eq!(sent.unwrap().is_some(), left);
        tx.commit().await.unwrap();
    }
    shop.work().await;
    shop.closes().await;
    assert_eq!((given(&shop), refunds(&shop).await.len()), ((12800, 1), 2));
}

#[tokio::test]
async fn two_workers_and_one_that_died_send_it_once() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    let refund = begun(&shop, ALL).await;
    let (db, weibo, clock) = (&shop.app.worker.db, &shop.weibo_client().await, &shop.clock);
    let notify = &shop.app.worker.callbacks.refund;
    let pursue = || payments::pursue(db, weibo, notify, refund.id, clock);
    let (a, b, c) = tokio::join!(pursue(), pursue(), pursue());
    for outcome in [a, b, c] {
        outcome.unwrap();
    }
    let applied = |call: &&weipu::sandbox::Exchange| call.path.ends_with("/refund/apply");
    assert_eq!(shop.weibo.sandbox.traffic().iter().filter(applied).count(), 1);
    shop.closes().await;
    // One that died between writing down that it sends, and sending.
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    begun(&shop, ALL).await;
    shop.runs("UPDATE refunds SET state = 'unknown', sent_at = '2026-11-21 12:00+08', sent_times = 1").await;
    shop.work().await;
    assert_eq!(shop.weibo.sandbox.refunds().len(), 0, "Weibo is asked, and nothing sent yet");
    shop.closes().await;
    assert_eq!((given(&shop), refunds(&shop).await[0].sent_times), ((12800, 1), 2));
}

#[tokio::test]
async fn no_notice_moves_money_that_nobody_asked_back() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    let refund = begun(&shop, Portion::Amount(fen(3000))).await;
    shop.work().await;
    let at_weibo = shop.weibo.sandbox.refunds().pop().unwrap();
    let mut notice = at_weibo.told();
    let more = [
        ("notify_id", "8100000000000001"),
        ("notify_time", "2026-11-21 12:00:05"),
        ("notify_type", "PAY_REFUND_NOTIFY"),
        ("is_success", "T"),
        ("refund_time", "2026-11-21 12:00:05"),
    ];
    notice.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
    for (name, value) in [
        ("out_refund_id", "26117KQ4M2X9R0999"),
        ("pay_id", "300000000000000999"),
        ("refund_id", "400000000000000999"),
        ("is_success", "X"),
        ("notify_type", "PAY_STATUS_SUCCESS_B"),
        ("refund_time", "yesterday"),
    ] {
        let mut other = notice.clone();
        other.insert(name.into(), value.into());
        let answer = shop.weibo.tells_of_refund(other).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (422, "mismatch"), "{name}");
    }
    // A refund's notice where payments are told of, and a payment's where refunds are.
    assert_eq!(shop.weibo.tells(notice.clone()).await.body, "mismatch");
    let payment = Weibo::notice_of(&shop.weibo.payment());
    assert_eq!(shop.weibo.tells_of_refund(payment).await.body, "mismatch");
    for (name, value) in notice.clone() {
        let mut altered = shop.weibo.signed(notice.clone());
        altered.insert(name.clone(), format!("{value}0"));
        assert_eq!(shop.weibo.posts_refund(&altered).await.body, "rejected", "{name}");
    }
    assert_eq!(state(&shop).await, RefundState::Accepted);
    assert_eq!(shop.count("SELECT count(*) FROM ledger WHERE refund_id IS NOT NULL").await, 0);
    assert_eq!(refund.amount, fen(3000));
    time_passes(&shop, SOON).await;
    shop.closes().await;
    assert_eq!(given(&shop), (3000, 1));
}

#[tokio::test]
async fn what_was_paid_twice_goes_back_by_itself() {
    let shop = TestShop::open().await;
    let mut desktop = shop.desktop();
    let link = desktop.orders("longjing-1", 1).await.attribute("#link", "value").parse().unwrap();
    let order = desktop.page().url.clone();
    let mut phone = shop.buyer();
    phone.visits(link).await;
    desktop.pays().await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    shop.work().await;
    time_passes(&shop, SOON).await;
    assert_eq!(given(&shop), (12800, 1));
    assert_eq!(desktop.visits(order).await.payment(), "paid", "the order has its money");
    shop.closes().await;
    assert_eq!(shop.stock("longjing-1").await, 19);
}

#[tokio::test]
async fn late_money_goes_back_by_itself_unless_it_is_more_than_the_merchant_allows() {
    for (limit, by_itself) in [
        ("UPDATE shop SET refund_itself_fen = 4000", true),
        ("UPDATE shop SET refund_itself_fen = 100", false),
    ] {
        let shop = TestShop::open().await;
        shop.runs(limit).await;
        shop.weibo.always(Fault::Silent);
        let mut late = shop.buyer();
        late.orders("mug", 1).await;
        late.goes_to_the_cashier().await;
        let cashier = late.page().clone();
        shop.later(Duration::minutes(29));
        shop.runs("UPDATE shop SET reopen_hours = 0").await;
        shop.runs("UPDATE orders SET pay_until = placed_at + interval '1 second'").await;
        shop.runs("UPDATE attempts SET expires_at = begun_at + interval '1 second'").await;
        shop.runs("UPDATE jobs SET run_at = '2026-11-21 12:00+08'").await;
        shop.work().await;
        shop.later(Duration::seconds(10));
        late.submits(&cashier.form("form.pay")).await;
        shop.later(Duration::hours(2));
        shop.work().await;
        assert_eq!(shop.count("SELECT count(*) FROM orders WHERE payment = 'late'").await, 1);
        time_passes(&shop, SOON).await;
        let owed = payments::owed_back(&mut shop.app.shop.db.reader().await.unwrap()).await.unwrap();
        assert_eq!((given(&shop).1 == 1, owed.payments), (by_itself, i64::from(!by_itself)));
        if !by_itself {
            let mut tx = shop.app.shop.db.begin().await.unwrap();
            let (order, pay_id) = (only_order(&shop).await, owed.latest[0].pay_id.as_str());
            for _ in 0..2 {
                payments::refund_surplus(&mut tx, order, pay_id, &Actor::Shop, shop.clock.now())
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
            shop.work().await;
            time_passes(&shop, SOON).await;
        }
        shop.closes().await;
        assert_eq!(given(&shop), (3990, 1), "{limit}");
    }
}

#[tokio::test]
async fn late_money_does_not_open_an_order_whose_price_has_changed() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::Silent);
    let mut late = shop.buyer();
    late.orders("mug", 1).await;
    late.goes_to_the_cashier().await;
    let cashier = late.page().clone();
    shop.runs("UPDATE orders SET pay_until = placed_at + interval '1 second'").await;
    shop.runs("UPDATE attempts SET expires_at = begun_at + interval '1 second'").await;
    shop.runs("UPDATE jobs SET run_at = '2026-11-21 12:00+08'").await;
    shop.later(Duration::minutes(20));
    shop.work().await;
    shop.runs("UPDATE variants SET price_fen = price_fen + 1 WHERE sku = 'mug'").await;
    late.submits(&cashier.form("form.pay")).await;
    shop.later(Duration::hours(2));
    shop.work().await;
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE payment = 'late'").await, 1);
    shop.closes().await;
    assert_eq!(given(&shop), (3990, 1));
}
