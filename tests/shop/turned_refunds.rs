//! Refunds of which Weibo says that they ended, and then that they ended the other way: money, pieces and the shelf follow
//! each time, and what cannot be has an end that somebody can see to.

use crate::parcels::path;
use crate::refunds::{ALL, SOON, begun, bought, comes_to, fen, given, only_order, refunds, time_passes};
use crate::support::{Duration, TestShop};
use weipu::payments::refund::Portion;
use weipu::payments::{self, Refund, RefundState};
use weipu::sandbox::Fault;

impl TestShop {
    /// Weibo says the other of this refund; the shop hears of it and asks.
    async fn turns_round(&self, refund: &Refund) {
        assert!(self.weibo.sandbox.turn_refund(&refund.out_refund_id), "it has ended");
        time_passes(self, SOON).await;
    }

    /// Somebody gives so much back, and Weibo says how that ended.
    async fn gives_back(&self, portion: Portion) -> Refund {
        let refund = begun(self, portion).await;
        self.work().await;
        time_passes(self, SOON).await;
        refund
    }

    async fn pieces_left(&self) -> i64 {
        self.count("SELECT pieces_left::bigint FROM orders").await
    }

    /// How this refund ended.
    async fn succeeded(&self, refund: &Refund) -> bool {
        let found = refunds(self).await.into_iter().find(|it| it.id == refund.id).unwrap();
        assert!(!found.is_under_way(), "{found:?}");
        matches!(found.state, RefundState::Succeeded { .. })
    }
}

#[tokio::test]
async fn the_goods_of_a_refund_follow_its_end_each_time_that_it_turns_round() {
    let shop = TestShop::open().await;
    bought(&shop, 2).await;
    let refund = shop.gives_back(ALL).await;
    for turn in 0..5 {
        let succeeded = turn % 2 == 0;
        assert_eq!(shop.succeeded(&refund).await, succeeded, "turn {turn}");
        assert_eq!(shop.stock("longjing-1").await, if succeeded { 20 } else { 18 }, "turn {turn}");
        shop.is_sound(true).await;
        if turn < 4 {
            shop.turns_round(&refund).await;
        }
    }
    shop.closes().await;
    assert_eq!((given(&shop), shop.stock("longjing-1").await), ((25600, 1), 20));
}

#[tokio::test]
async fn goods_that_could_not_be_taken_again_are_not_put_back_a_second_time() {
    let shop = TestShop::open().await;
    bought(&shop, 2).await;
    let refund = shop.gives_back(ALL).await;
    shop.restocks("longjing-1", 1).await;
    shop.turns_round(&refund).await;
    assert_eq!((shop.succeeded(&refund).await, shop.stock("longjing-1").await), (false, 1), "they are gone");
    shop.turns_round(&refund).await;
    assert_eq!((shop.succeeded(&refund).await, shop.stock("longjing-1").await), (true, 1));
    shop.closes().await;
}

#[tokio::test]
async fn pieces_that_came_back_with_a_second_refund_count_once_when_the_first_went_through_after_all() {
    let shop = TestShop::open().await;
    let buyer = bought(&shop, 1).await;
    let money = shop.gives_back(Portion::Amount(fen(7000))).await;
    shop.weibo.will(Fault::RefundFailsLater);
    let first = shop.gives_back(ALL).await;
    let second = shop.gives_back(ALL).await;
    assert_eq!((shop.succeeded(&first).await, shop.succeeded(&second).await), (false, true));
    shop.turns_round(&money).await;
    for _ in 0..2 {
        shop.turns_round(&first).await;
        assert!(shop.succeeded(&first).await);
        assert_eq!((given(&shop), shop.stock("longjing-1").await), ((11600, 2), 20));
        assert_eq!(shop.pieces_left().await, 0);
        shop.is_sound(true).await;
        shop.turns_round(&first).await;
        assert_eq!((shop.pieces_left().await, shop.stock("longjing-1").await), (0, 20), "the second has it");
        shop.is_sound(true).await;
    }
    shop.turns_round(&first).await;
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&buyer.order())).await;
    assert!(
        page.text("li[data-event=refunded] bdi").contains("其中 1 件已随另一笔退款退回"),
        "{}",
        page.told()
    );
    // Nothing is left but money, and it can still be given back.
    assert_eq!(comes_to(&shop, &ALL).await, Ok(fen(1200)));
    shop.gives_back(ALL).await;
    shop.turns_round(&second).await;
    assert_eq!(
        (shop.pieces_left().await, shop.stock("longjing-1").await),
        (1, 19),
        "it is the buyer's again"
    );
    shop.closes().await;
    assert_eq!(given(&shop), (7000, 2));
}

#[tokio::test]
async fn a_refund_that_comes_true_when_its_money_is_taken_waits_for_a_person_and_for_the_other_one() {
    let shop = TestShop::open().await;
    bought(&shop, 1).await;
    shop.weibo.will(Fault::RefundFailsLater);
    let first = shop.gives_back(ALL).await;
    shop.weibo.will(Fault::RefundGarbage);
    let second = begun(&shop, ALL).await;
    shop.work().await;
    shop.turns_round(&first).await;
    assert!(!shop.succeeded(&first).await, "its money is on its way with the other");
    shop.is_sound(false).await;
    let (db, now, order) = (&shop.app.shop.db, shop.clock.now(), only_order(&shop).await);
    let mut tx = db.begin().await.unwrap();
    let doubted = payments::doubted(&mut tx, 9).await.unwrap();
    assert_eq!(doubted[0].mismatch(), Some(payments::Mismatch::TooMuchBack));
    assert!(payments::see_to(&mut tx, &doubted[0].digest, "阿山", now).await.unwrap());
    assert!(payments::put_aside(&mut tx, order, &first.out_refund_id, "阿山", now).await.unwrap());
    assert!(payments::doubted(&mut tx, 9).await.unwrap().is_empty(), "somebody has seen to it");
    tx.commit().await.unwrap();
    // The other one was never Weibo's: when that is sure, the first has its room.
    shop.later(Duration::days(3));
    shop.closes().await;
    assert_eq!((shop.succeeded(&first).await, shop.succeeded(&second).await), (true, false));
    assert_eq!((given(&shop), shop.stock("longjing-1").await), ((12800, 1), 20));
}
