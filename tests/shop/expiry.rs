//! Orders that nobody pays in time, and money that comes when it is too late. What is unknown closes nothing.

use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use crate::support::{TestShop, minutes};
use std::time::Duration;
use weipu::sandbox::Fault;

/// An order of the one teapot whose cashier was opened and left.
async fn at_the_cashier(shop: &TestShop) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    let order = buyer.page().url.clone();
    buyer.goes_to_the_cashier().await;
    buyer.visits(order).await;
    buyer
}

/// Hours in which Weibo is asked and jobs run.
async fn hours_pass(shop: &TestShop, hours: i64) {
    for _ in 0..hours * 6 {
        shop.later(minutes(10));
        shop.work().await;
    }
}

#[tokio::test]
async fn an_unpaid_order_is_closed_after_weibo_was_asked_and_gives_its_goods_back_once() {
    let shop = TestShop::open().await;
    let mut buyer = at_the_cashier(&shop).await;
    assert_eq!(shop.stock("teapot").await, 0);
    shop.later(minutes(29));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.closure(), "open");
    shop.later(minutes(2));
    shop.work().await;
    let page = buyer.looks_again().await;
    assert_eq!((page.closure(), page.payment()), ("expired".into(), "pending".into()));
    let asked = shop.weibo.sandbox.traffic().iter().filter(|call| call.path.ends_with("/query")).count();
    assert!(asked > 0, "Weibo was asked first");
    assert_eq!(shop.stock("teapot").await, 1);
    shop.closes().await;
    assert_eq!(shop.stock("teapot").await, 1);
}

#[tokio::test]
async fn two_workers_at_once_give_the_goods_back_once() {
    let shop = TestShop::open().await;
    let buyer = at_the_cashier(&shop).await;
    shop.later(minutes(31));
    let sql = "SELECT id FROM orders";
    let id = weipu::orders::OrderId(shop.count(sql).await);
    let (db, weibo, clock) = (&shop.app.worker.db, &shop.weibo_client().await, &shop.clock);
    let close = || weipu::payments::close_unpaid(db, Some(weibo), id, clock);
    let (a, b, c, ()) = tokio::join!(close(), close(), close(), shop.work());
    for outcome in [a, b, c] {
        outcome.unwrap();
    }
    assert_eq!(shop.stock("teapot").await, 1);
    drop(buyer);
    shop.closes().await;
}

#[tokio::test]
async fn an_order_whose_cashier_nobody_opened_is_closed_too() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    assert_eq!(shop.stock("teapot").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn the_answer_that_proves_a_payment_is_kept() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::Silent);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    shop.later(minutes(1));
    shop.work().await;
    let proof = "SELECT count(*) FROM ledger l JOIN notices n ON n.digest = l.notice JOIN payments p ON p.id = l.payment_id
        WHERE n.source = 'answer' AND n.outcome = 'settled' AND n.body::jsonb #>> '{data,pay_id}' = p.pay_id";
    assert_eq!(shop.count(proof).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn silent_weibo_is_asked_and_the_order_is_paid() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::Silent);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    assert_eq!(buyer.page().payment(), "confirming");
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

#[tokio::test]
async fn her_question_is_asked_at_once() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::Silent);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    buyer.presses("form[action*=question]").await;
    shop.work().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "no time has passed");
    shop.closes().await;
}

/// While Weibo answers nonsense the order is neither paid nor closed; afterwards it is paid.
async fn heals_after(fault: Fault) {
    let shop = TestShop::with_patience(Duration::from_millis(400)).await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(fault);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    hours_pass(&shop, 2).await;
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("confirming".into(), "open".into()), "{fault:?}");
    assert_eq!(shop.stock("teapot").await, 0, "still hers");
    shop.weibo.stops(fault);
    hours_pass(&shop, 2).await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "{fault:?}");
    shop.closes().await;
}

#[tokio::test]
async fn it_heals_after_weibo_answered_500() {
    heals_after(Fault::QueryFails).await;
}

#[tokio::test]
async fn it_heals_after_weibo_answered_with_a_page_of_html() {
    heals_after(Fault::QueryGarbage).await;
}

#[tokio::test]
async fn it_heals_after_weibo_told_another_amount() {
    heals_after(Fault::QueryOneFen).await;
}

#[tokio::test]
async fn it_heals_after_weibo_never_answered() {
    let shop = TestShop::with_patience(Duration::from_millis(400)).await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryHangs);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    shop.later(minutes(45));
    shop.work().await;
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("confirming".into(), "open".into()));
    shop.weibo.stops(Fault::QueryHangs);
    hours_pass(&shop, 2).await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    shop.closes().await;
}

/// A code that nobody knows is a well-formed no: it is doubted for ten minutes, and should money come
/// after all, the order is opened again.
#[tokio::test]
async fn an_unknown_code_closes_only_after_long_doubt_and_money_opens_it_again() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    shop.later(minutes(31));
    shop.work().await;
    assert_eq!(buyer.looks_again().await.closure(), "open", "in doubt");
    hours_pass(&shop, 1).await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    assert_eq!(shop.stock("teapot").await, 1);
    shop.weibo.stops(Fault::QueryUnknownCode);
    assert_eq!(shop.weibo.tells(Weibo::notice_of(&shop.weibo.payment())).await.body, "success");
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("paid".into(), "open".into()));
    assert_eq!(shop.stock("teapot").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn money_that_comes_when_the_goods_are_gone_is_late_and_stock_stays_above_nothing() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    hours_pass(&shop, 2).await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    let mut other = shop.buyer();
    other.orders("teapot", 1).await;
    assert_eq!(shop.stock("teapot").await, 0);
    shop.weibo.stops(Fault::QueryUnknownCode);
    let first = &shop.weibo.sandbox.payments()[0];
    for _ in 0..2 {
        assert_eq!(shop.weibo.tells(Weibo::notice_of(first)).await.body, "success");
        let page = buyer.looks_again().await;
        assert_eq!((page.payment(), page.closure()), ("late".into(), "expired".into()));
        assert_eq!(shop.stock("teapot").await, 0);
    }
    assert!(buyer.page().text("main").contains("880.00"), "she is told what goes back");
    shop.is_sound(false).await;
    shop.closes().await;
}

#[tokio::test]
async fn what_nobody_answers_for_a_day_never_closes_an_order() {
    let shop = TestShop::open().await;
    shop.weibo.always(Fault::QueryFails);
    let mut buyer = at_the_cashier(&shop).await;
    hours_pass(&shop, 24).await;
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("pending".into(), "open".into()));
    assert_eq!(shop.stock("teapot").await, 0);
    shop.weibo.stops(Fault::QueryFails);
    shop.closes().await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    assert_eq!(shop.stock("teapot").await, 1);
}

#[tokio::test]
async fn money_that_weibo_denied_and_never_told_of_is_found_the_next_day() {
    let shop = TestShop::open().await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    let mut buyer = at_the_cashier(&shop).await;
    buyer.pays().await;
    hours_pass(&shop, 2).await;
    assert_eq!(buyer.looks_again().await.closure(), "expired");
    shop.weibo.stops(Fault::QueryUnknownCode);
    hours_pass(&shop, 26).await;
    let page = buyer.looks_again().await;
    assert_eq!((page.payment(), page.closure()), ("paid".into(), "open".into()));
    assert_eq!(shop.stock("teapot").await, 0);
    shop.closes().await;
}
