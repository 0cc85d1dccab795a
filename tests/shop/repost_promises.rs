//! What a buyer was promised for her repost she gets: that coupon, within that time, and otherwise the truth.

use crate::repost_gifts::{buys_again, open, says_yes, ten_off};
use crate::reposts::{has_bought, said};
use crate::support::coupons::off;
use crate::support::desk::ZHOU;
use crate::support::settings::weibo_settings;
use crate::support::{Duration, TestShop, minutes};
use secrecy::SecretString;
use weipu::coupons::{self, Source, To, Wanted};
use weipu::customers;
use weipu::orders;
use weipu::sandbox::{self, Fault};
use weipu::sharing::gifts::{self, ChangeError, ClaimId, GiftId};
use weipu::sharing::{self, RepostError, Wish};
use weipu::weibo::Client;
use weipu::weibo::statuses::Reading;

/// Weibo as it is for a merchant who has switched off that statuses are read.
fn unread(shop: &TestShop) -> Client {
    let demo = sandbox::Settings::demo(shop.sandbox_base.clone(), None, None).unwrap();
    let mut settings = weibo_settings(&demo);
    settings.reading = Reading { one: None, own: None };
    Client::new(settings).unwrap()
}

async fn exchanges(shop: &TestShop, gift: GiftId, coupon: coupons::CouponId) -> Result<(), ChangeError> {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let kept = gifts::find(&mut tx, gift).await.unwrap().unwrap();
    let changed =
        gifts::change(&mut tx, (gift, kept.version), &gifts::Wanted { coupon, ..kept.wanted }).await;
    if changed.is_ok() {
        tx.commit().await.unwrap();
    }
    changed
}

#[tokio::test]
async fn until_the_last_day_she_may_sign_in() {
    for fault in [None, Some(Fault::PostDelayed)] {
        let (shop, _) = open().await;
        let mut buyer = has_bought(&shop).await;
        if let Some(fault) = fault {
            shop.weibo.will(fault);
        }
        says_yes(&mut buyer, "好看").await;
        let order = buyer.page().url.clone();
        shop.weibo.will(Fault::TokenExpired);
        shop.later(minutes(2));
        shop.work().await;
        for _ in 0..27 {
            shop.later(Duration::hours(6));
            shop.work().await;
        }
        assert_eq!((shop.claim().await.as_str(), shop.given().await), ("waiting", 0), "{fault:?}");
        shop.later(Duration::hours(5));
        buyer.opens("/oauth/weibo?next=/orders").await;
        buyer.signs_in().await;
        for _ in 0..8 {
            shop.later(minutes(15));
            shop.work().await;
        }
        assert_eq!((shop.claim().await.as_str(), shop.given().await), ("issued open", 1), "{fault:?}");
        assert!(buyer.visits(order).await.text("#gift").contains("已发放"));
        shop.closes().await;
    }
}

#[tokio::test]
async fn what_she_said_yes_to_is_what_she_gets() {
    let (shop, gift) = open().await;
    let second = shop.has_coupon(&Wanted { total: 50, ..ten_off() }).await;
    let mut buyer = has_bought(&shop).await;
    let first = shop.gift_of(gift).await;
    let yes = buyer.page().form("#repost form").with("text", "好看").with("gift", format!("1.{}", first.0));
    // Exchanged before she presses: she is asked anew.
    exchanges(&shop, gift, second.id).await.unwrap();
    assert_eq!(buyer.submits(&yes).await.status, 409);
    assert_eq!((shop.claim().await.as_str(), said(&shop).len()), ("none", 0));
    // While her answer is lost it stays, and so does what it is.
    shop.weibo.will(Fault::AnswerLost);
    says_yes(&mut buyer, "好看").await;
    assert!(matches!(exchanges(&shop, gift, first).await, Err(ChangeError::CouponFixed)));
    let other = Wanted { terms: off(9_900, 0).terms, ..second.wanted.clone() };
    let fixed = async || {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        matches!(
            coupons::change(&mut tx, (second.id, second.version), &other).await,
            Err(coupons::ChangeError::TermsFixed)
        )
    };
    assert!(fixed().await);
    shop.weibo.always(Fault::ReadFails);
    shop.later(minutes(2));
    shop.work().await;
    shop.weibo.stops(Fault::ReadFails);
    buyer.looks_again().await;
    buyer.presses("#look").await;
    assert_eq!(shop.claim().await, "waiting");
    assert!(fixed().await && exchanges(&shop, gift, first).await.is_err());
    shop.later(minutes(2));
    shop.work().await;
    let given = "SELECT count(*) FROM coupons_given WHERE coupon_id = 2";
    assert_eq!((second.id.0, shop.claim().await.as_str(), shop.count(given).await), (2, "issued open", 1));
    shop.closes().await;
}

impl TestShop {
    async fn gift_of(&self, gift: GiftId) -> coupons::CouponId {
        gifts::find(&mut self.database.connect().await, gift).await.unwrap().unwrap().wanted.coupon
    }
}

#[tokio::test]
async fn what_somebody_waits_for_is_not_promised_twice() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let coupon = shop.has_coupon(&Wanted { total: 1, ..ten_off() }).await;
    shop.rewards(&coupon, 100).await;
    let mut other = shop.signed_in_as(ZHOU).await;
    buys_again(&shop, &mut other).await;
    assert!(other.page().has("#gift-ask"));
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    assert_eq!(shop.claim().await, "waiting");
    assert!(!other.looks_again().await.has("#gift-ask"));
    shop.work().await;
    assert_eq!(shop.claim().await, "issued open");
    shop.closes().await;
}

#[tokio::test]
async fn of_a_coupon_that_ends_before_she_can_have_it_nothing_is_promised() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    let coupon = shop.has_coupon(&off(1_000, 0)).await;
    shop.rewards(&coupon, 100).await;
    let mut buyer = has_bought(&shop).await;
    assert!(buyer.page().has("#gift-ask"));
    shop.runs("UPDATE coupons SET given_until = given_until - interval '24 days'").await;
    assert!(buyer.looks_again().await.has("#repost form") && !buyer.page().has("#gift-ask"));
    shop.closes().await;
}

#[tokio::test]
async fn why_she_gets_none_is_told_truly() {
    let (shop, gift) = open().await;
    let mut buyer = has_bought(&shop).await;
    let first = buyer.page().url.clone();
    shop.weibo.will(Fault::AnswerLost);
    says_yes(&mut buyer, "一").await;
    buys_again(&shop, &mut buyer).await;
    says_yes(&mut buyer, "二").await;
    assert_eq!(shop.claim().await, "waiting");
    // By a link she has one before the shop has looked.
    let coupon = shop.gift_of(gift).await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let customer = customers::find_by_weibo(&mut tx, 7_000_000_002).await.unwrap().unwrap();
    let to = To { customer, source: Source::Link, had: None };
    coupons::give(&mut tx, coupon, to, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    shop.work().await;
    assert_eq!((shop.claim().await.as_str(), shop.given().await), ("had", 0));
    assert!(buyer.looks_again().await.text("#gift").contains("领满"));
    // The first is found, and there is one claim for a buyer.
    shop.later(minutes(2));
    shop.work().await;
    let page = buyer.visits(first).await;
    assert!(page.text("#repost").contains("已经转发"), "{}", page.told());
    assert!(page.text("#gift").contains("没有送券"), "{}", page.told());
    shop.closes().await;
}

#[tokio::test]
async fn switched_off_between_the_page_and_the_press_nothing_is_sent() {
    let (shop, gift) = open().await;
    let mut buyer = has_bought(&shop).await;
    let (db, now) = (&shop.app.shop.db, shop.clock.now());
    let mut conn = db.reader().await.unwrap();
    let order = orders::find(&mut conn, &buyer.order().parse().unwrap()).await.unwrap().unwrap();
    let customer = customers::find_by_weibo(&mut conn, 7_000_000_002).await.unwrap().unwrap();
    let held = customers::token(&mut conn, customer, &shop.app.shop.keys, now).await.unwrap().unwrap();
    let yes = gifts::find(&mut conn, gift).await.unwrap().unwrap().yes();
    drop(conn);
    let token: &SecretString = &held.secret;
    let ip = [203, 0, 113, 9].into();
    let mut wish = Wish { customer, token, text: "好看", status_id: Some(1), ip, gift: Some(yes) };
    let weibo = unread(&shop);
    let sent = sharing::repost(db, &weibo, &order, &wish, now).await;
    assert!(matches!(sent, Err(RepostError::NoGift)), "{sent:?}");
    assert_eq!((said(&shop).len(), shop.count("SELECT count(*) FROM reposts").await), (0, 0));
    // Without a coupon she may.
    wish.gift = None;
    let (text, status_id) = (format!("好看 {}", shop.base), None);
    let wish = Wish { text: &text, status_id, ..wish };
    sharing::repost(db, &weibo, &order, &wish, now).await.unwrap();
    assert_eq!(said(&shop).len(), 1);
    buyer.looks_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn our_own_switch_is_no_refusal_of_weibos() {
    let (shop, gift) = open().await;
    let mut buyer = has_bought(&shop).await;
    says_yes(&mut buyer, "好看").await;
    let (db, weibo, keys) = (&shop.app.worker.db, unread(&shop), &shop.app.worker.keys);
    gifts::check(db, &weibo, keys, ClaimId(1), &shop.clock).await.unwrap();
    assert_eq!(shop.claim().await, "waiting");
    let kept = gifts::find(&mut shop.database.connect().await, gift).await.unwrap().unwrap();
    assert_eq!(kept.trouble, None);
    shop.work().await;
    shop.closes().await;
}
