//! A coupon for a repost: promised when she says yes, given once the repost was seen, taken back where it is gone
//! before the coupon was used. What cannot be seen is neither given nor taken.

use crate::reposts::{has_bought, said};
use crate::support::buyer::Buyer;
use crate::support::coupons::off;
use crate::support::desk::ZHOU;
use crate::support::goods::NOON;
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use uuid::Uuid;
use weipu::coupons::{Coupon, Wanted};
use weipu::sandbox::Fault;
use weipu::sharing::gifts::{self, ClaimId, GiftId};
use weipu::weibo::statuses::Reading;

impl TestShop {
    /// A campaign that gives one of these for a repost.
    pub async fn rewards(&self, coupon: &Coupon, total: u32) -> GiftId {
        let ends_at = NOON + Duration::days(3000);
        let wanted =
            gifts::Wanted { name: "春茶".into(), coupon: coupon.id, total, starts_at: NOON, ends_at };
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let (id, _) = gifts::create(&mut tx, Uuid::new_v4(), &wanted, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    pub async fn claim(&self) -> String {
        let sql = "SELECT c.state || coalesce(' ' || v.state, '') FROM repost_gift_claims c
            LEFT JOIN coupons_given v ON v.id = c.given_id ORDER BY c.id DESC LIMIT 1";
        let found = sqlx::query_scalar(sql).fetch_optional(&mut self.database.connect().await).await.unwrap();
        found.unwrap_or_else(|| "none".to_owned())
    }

    pub async fn given(&self) -> i64 {
        self.count("SELECT count(*) FROM coupons_given WHERE source = 'repost'").await
    }
}

/// One that is given for long.
pub fn ten_off() -> Wanted {
    Wanted { given_until: NOON + Duration::days(3000), ..off(1_000, 0) }
}

pub async fn open() -> (TestShop, GiftId) {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let coupon = shop.has_coupon(&ten_off()).await;
    let gift = shop.rewards(&coupon, 100).await;
    (shop, gift)
}

/// Says this, and yes to the coupon.
pub async fn says_yes(buyer: &mut Buyer, text: &str) -> Page {
    assert!(buyer.page().has("#gift-ask:not([checked])"), "asked, and not ticked: {}", buyer.page().told());
    let gift = buyer.page().attribute("#gift-ask", "value");
    let form = buyer.page().form("#repost form").with("text", text).with("gift", gift);
    buyer.submits(&form).await.clone()
}

/// Buys one more, and stands before the offer again.
pub async fn buys_again(shop: &TestShop, buyer: &mut Buyer) {
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.looks_again().await;
}

pub fn newest(shop: &TestShop) -> u64 {
    shop.weibo.sandbox.statuses()[0].id
}

#[tokio::test]
async fn she_gets_it_once_her_repost_was_seen() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    assert!(buyer.page().text("#repost").contains("立减 ¥10.00"), "{}", buyer.page().told());
    let page = says_yes(&mut buyer, "好看").await;
    assert!(page.text("#gift").contains("等待核实"), "{}", page.told());
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("waiting", 0));
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1));
    assert!(buyer.looks_again().await.text("#gift").contains("已发放"));
    assert!(buyer.opens("/account/coupons").await.text("main").contains("立减 ¥10.00"));
    // It is looked at again for a week, and stays hers.
    shop.later(Duration::days(6));
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open");
    shop.closes().await;
}

#[tokio::test]
async fn who_does_not_say_yes_is_promised_nothing() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    let form = buyer.page().form("#repost form").with("text", "好看");
    assert!(!form.fields.iter().any(|(name, _)| name == "gift"), "not ticked before");
    let page = buyer.submits(&form).await;
    assert!(!page.has("#gift"), "{}", page.told());
    shop.work().await;
    assert_eq!(shop.claim().await, "none");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_deleted_before_it_was_seen_brings_nothing() {
    let (shop, gift) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    shop.work().await;
    assert_eq!(shop.claim().await, "waiting", "it may come still");
    for _ in 0..8 {
        shop.later(minutes(20));
        shop.work().await;
    }
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("unseen", 0));
    assert!(buyer.looks_again().await.text("#gift").contains("没有看到"));
    assert!(buyer.page().text("#repost").contains("看不到了"));
    let kept = gifts::find(&mut shop.database.connect().await, gift).await.unwrap().unwrap();
    assert_eq!(kept.promised, 0, "there for somebody else");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_deleted_before_it_is_used_is_taken_back() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.work().await;
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    shop.later(Duration::hours(1));
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open", "one such answer takes nothing");
    shop.later(minutes(50));
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open");
    shop.later(minutes(10));
    shop.work().await;
    assert_eq!(shop.claim().await, "taken_back taken_back");
    let page = buyer.looks_again().await;
    assert!(page.text("#gift").contains("已收回"), "{}", page.told());
    assert!(!page.has("#repost textarea"), "no second status for one order");
    buys_again(&shop, &mut buyer).await;
    assert!(!buyer.page().has("#gift-ask"), "once for each buyer");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_used_stays_used() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.work().await;
    buys_again(&shop, &mut buyer).await;
    assert_eq!(shop.claim().await, "issued used");
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    for _ in 0..8 {
        shop.later(Duration::days(1));
        shop.work().await;
    }
    assert_eq!(shop.claim().await, "issued used");
    shop.closes().await;
}

#[tokio::test]
async fn what_an_order_gives_back_counts_as_unused_again() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.work().await;
    buyer.orders("mug", 1).await;
    assert_eq!(shop.claim().await, "issued used", "by an order that waits for its money");
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    shop.later(Duration::hours(2));
    shop.work().await;
    shop.later(Duration::days(1));
    shop.work().await;
    shop.later(Duration::hours(1));
    shop.work().await;
    assert_eq!(shop.claim().await, "taken_back taken_back");
    shop.closes().await;
}

#[tokio::test]
async fn a_token_that_is_over_makes_it_wait_until_she_is_back() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.weibo.will(Fault::TokenExpired);
    shop.work().await;
    let page = buyer.looks_again().await;
    assert!(page.text("#gift").contains("重新登录"), "{}", page.told());
    buyer.follows("#gift a").await;
    buyer.signs_in().await;
    shop.later(minutes(10));
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1));
    // Over once more: nobody knows, nothing is taken.
    shop.weibo.will(Fault::TokenExpired);
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    for _ in 0..8 {
        shop.later(Duration::days(1));
        shop.work().await;
    }
    assert_eq!(shop.claim().await, "issued open");
    shop.closes().await;
}

#[tokio::test]
async fn who_does_not_come_back_gets_nothing() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.weibo.will(Fault::TokenExpired);
    for _ in 0..33 {
        shop.work().await;
        shop.later(Duration::hours(6));
    }
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("unseen", 0));
    buyer.opens("/oauth/weibo?next=/orders").await;
    buyer.signs_in().await;
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("unseen", 0));
    shop.closes().await;
}

#[tokio::test]
async fn where_the_shop_may_not_look_nothing_is_given_and_nobody_asked() {
    let (shop, gift) = open().await;
    let mut owner = shop.owner().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    shop.weibo.always(Fault::ReadForbidden);
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("waiting", 0));
    let path = format!("/admin/sharing/reposts/gifts/{}", gift.0);
    let page = owner.opens(&path).await;
    assert!(page.text("#trouble").contains("10014"), "{}", page.told());
    assert!(owner.opens("/admin/sharing/reposts").await.text("#gift-1").contains("无法核实"));
    let mut other = shop.signed_in_as(ZHOU).await;
    buys_again(&shop, &mut other).await;
    assert!(other.page().has("#repost form") && !other.page().has("#gift-ask"), "nobody else is asked");
    // The merchant tries anew, in vain.
    owner.opens(&path).await;
    owner.presses("#resume").await;
    assert!(owner.page().has("#edit") && !owner.page().has("#trouble"));
    assert!(other.looks_again().await.has("#gift-ask"));
    shop.later(minutes(5));
    shop.work().await;
    assert!(owner.opens(&path).await.has("#trouble"));
    shop.weibo.stops(Fault::ReadForbidden);
    shop.later(minutes(10));
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1));
    assert!(!owner.opens(&path).await.has("#trouble") && owner.page().has("#edit"));
    assert!(other.looks_again().await.has("#gift-ask"));
    // Nor is it taken back where it cannot be seen.
    shop.weibo.always(Fault::ReadForbidden);
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    shop.later(Duration::days(1));
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open");
    let kept = async || gifts::find(&mut shop.database.connect().await, gift).await.unwrap().unwrap();
    assert!(kept().await.trouble.is_some());
    // That it is gone is an answer too: the shop may look.
    shop.weibo.stops(Fault::ReadForbidden);
    shop.later(Duration::days(2));
    shop.work().await;
    assert_eq!(kept().await.trouble, None);
    shop.closes().await;
}

#[tokio::test]
async fn a_question_that_fails_is_asked_again() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    for fault in [Fault::ReadFails, Fault::OverLimit] {
        shop.weibo.will(fault);
        shop.work().await;
        assert_eq!(shop.claim().await, "waiting");
        shop.later(minutes(5));
    }
    shop.later(minutes(10));
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1));
    shop.closes().await;
}

#[tokio::test]
async fn what_was_lost_or_delayed_is_found_and_counts() {
    for fault in [Fault::AnswerLost, Fault::PostDelayed, Fault::PostFails] {
        let (shop, _) = open().await;
        let mut buyer = has_bought(&shop).await;
        shop.weibo.will(fault);
        says_yes(&mut buyer, "好看").await;
        shop.work().await;
        assert_eq!(shop.given().await, 0, "{fault:?}");
        for _ in 0..6 {
            shop.later(minutes(2));
            shop.work().await;
        }
        assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1), "{fault:?}");
        assert_eq!(said(&shop).len(), 1);
        shop.closes().await;
    }
}

#[tokio::test]
async fn what_weibo_refuses_promises_nothing() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    shop.weibo.sandbox.say("7000000002", "别的", None).unwrap();
    shop.weibo.will(Fault::NotPermitted);
    assert_eq!(says_yes(&mut buyer, "好看").await.status, 409);
    assert_eq!(shop.claim().await, "none");
    says_yes(&mut buyer, "好看").await;
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open");
    // The same text once more is refused by Weibo.
    buys_again(&shop, &mut buyer).await;
    let form = buyer.page().form("#repost form").with("text", "好看");
    let page = buyer.submits(&form).await;
    assert!(page.text("#repost .why").contains("刚刚发过"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn one_for_each_buyer_whatever_she_sends() {
    let (shop, gift) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "一").await;
    shop.work().await;
    buys_again(&shop, &mut buyer).await;
    assert!(!buyer.page().has("#gift-ask"));
    let form = buyer.page().form("#repost form").with("text", "二");
    for forged in [gift.0.to_string(), "999".into(), "x".into(), "-1".into(), "9999999999999999999".into()] {
        let page = buyer.submits(&form.clone().with("gift", forged)).await;
        assert_eq!(page.status, 409, "{}", page.told());
        assert!(page.text("#repost .why").contains("什么都没有发出去"));
        assert_eq!(page.text("#repost textarea"), "二", "kept");
    }
    assert_eq!((said(&shop).len(), shop.given().await), (1, 1));
    shop.closes().await;
}

#[tokio::test]
async fn two_orders_at_once_are_one_coupon() {
    let (shop, _) = open().await;
    let mut one = has_bought(&shop).await;
    let mut two = shop.buyer();
    two.browser.cookies = one.browser.cookies.clone();
    buys_again(&shop, &mut two).await;
    tokio::join!(says_yes(&mut one, "一"), says_yes(&mut two, "二"));
    shop.work().await;
    // Who comes second is promised one as well, or told that there is none: then nothing is sent.
    assert_eq!(shop.given().await, 1);
    assert!((1..=2).contains(&said(&shop).len()), "{:?}", said(&shop));
    shop.closes().await;
}

#[tokio::test]
async fn never_more_than_there_are() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let coupon = shop.has_coupon(&ten_off()).await;
    shop.rewards(&coupon, 1).await;
    let mut one = has_bought(&shop).await;
    let mut two = shop.signed_in_as(ZHOU).await;
    buys_again(&shop, &mut two).await;
    tokio::join!(says_yes(&mut one, "一"), says_yes(&mut two, "二"));
    shop.work().await;
    assert_eq!(shop.given().await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM repost_gift_claims WHERE state = 'issued'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn nobody_is_promised_more_than_two_a_day() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    for _ in 0..3 {
        let coupon = shop.has_coupon(&ten_off()).await;
        shop.rewards(&coupon, 10).await;
    }
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "一").await;
    buys_again(&shop, &mut buyer).await;
    says_yes(&mut buyer, "二").await;
    buys_again(&shop, &mut buyer).await;
    assert!(!buyer.page().has("#gift-ask"), "enough for today");
    shop.later(Duration::days(1));
    shop.work().await;
    assert!(buyer.looks_again().await.has("#gift-ask"));
    shop.closes().await;
}

#[tokio::test]
async fn a_coupon_that_is_paused_is_waited_for_and_one_that_is_over_missed() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "一").await;
    shop.runs("UPDATE coupons SET paused_at = now()").await;
    shop.work().await;
    assert_eq!(shop.claim().await, "waiting");
    let mut other = shop.signed_in_as(ZHOU).await;
    buys_again(&shop, &mut other).await;
    assert!(!other.page().has("#gift-ask"));
    shop.runs("UPDATE coupons SET paused_at = NULL, ended_at = now()").await;
    shop.later(minutes(5));
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("missed", 0));
    assert!(buyer.looks_again().await.text("#gift").contains("已经发完"));
    shop.closes().await;
}

#[tokio::test]
async fn two_that_look_at_once_give_one() {
    let (shop, _) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "一").await;
    let (db, weibo, keys) = (&shop.app.worker.db, shop.weibo_client().await, &shop.app.worker.keys);
    let check = || gifts::check(db, &weibo, keys, ClaimId(1), &shop.clock);
    let (a, b, c) = tokio::join!(check(), check(), check());
    drop((a.unwrap(), b.unwrap(), c.unwrap()));
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1));
    shop.weibo.sandbox.delete_status(newest(&shop)).unwrap();
    for _ in 0..2 {
        let (a, b) = tokio::join!(check(), check());
        drop((a.unwrap(), b.unwrap()));
        shop.later(Duration::hours(1));
    }
    assert_eq!(shop.claim().await, "taken_back taken_back");
    shop.closes().await;
}

#[tokio::test]
async fn where_nobody_can_look_nobody_is_asked() {
    let off = Reading { one: None, ..Reading::default() };
    let shop = TestShop::with_weibo(|weibo| weibo.reading = off).await;
    shop.posts_a_card("mug").await;
    let coupon = shop.has_coupon(&ten_off()).await;
    shop.rewards(&coupon, 10).await;
    let buyer = has_bought(&shop).await;
    assert!(buyer.page().has("#repost form") && !buyer.page().has("#gift-ask"));
    let mut owner = shop.owner().await;
    assert!(owner.opens("/admin/sharing/reposts").await.has("#off"));
    shop.closes().await;
}
