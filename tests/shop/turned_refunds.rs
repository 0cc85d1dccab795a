//! Refunds of which Weibo says that they ended, and then that they ended the other way: money, pieces and the shelf follow
//! each time, and what cannot be has an end that somebody can see to.

use crate::refunds::{ALL, SOON, begun, bought, given, refunds, time_passes};
use crate::support::TestShop;
use weipu::payments::{Refund, RefundState};

impl TestShop {
    /// Weibo says the other of this refund; the shop hears of it and asks.
    async fn turns_round(&self, refund: &Refund) {
        assert!(self.weibo.sandbox.turn_refund(&refund.out_refund_id), "it has ended");
        time_passes(self, SOON).await;
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
    let refund = begun(&shop, ALL).await;
    shop.work().await;
    time_passes(&shop, SOON).await;
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
    let refund = begun(&shop, ALL).await;
    shop.work().await;
    time_passes(&shop, SOON).await;
    shop.restocks("longjing-1", 1).await;
    shop.turns_round(&refund).await;
    assert_eq!((shop.succeeded(&refund).await, shop.stock("longjing-1").await), (false, 1), "they are gone");
    shop.turns_round(&refund).await;
    assert_eq!((shop.succeeded(&refund).await, shop.stock("longjing-1").await), (true, 1));
    shop.closes().await;
}
