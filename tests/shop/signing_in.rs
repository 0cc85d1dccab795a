//! Signing in with Weibo: there and back, and everything that is not that.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{TestShop, minutes};
use url::Url;

/// At Weibo's consent page.
pub async fn asks_to_sign_in(shop: &TestShop, next: &str) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.opens(&format!("/oauth/weibo?next={next}")).await;
    buyer
}

/// Where Weibo leads her when she has decided: not followed yet.
pub async fn led_back(buyer: &mut Buyer, decision: &str) -> Url {
    let form = buyer.page().form("form").with("decision", decision);
    buyer.browser.send(Ask::form(&form)).await.link_of_location()
}

async fn customers(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM customers").await
}

#[tokio::test]
async fn she_signs_in_and_is_led_on() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let before = buyer.browser.cookies["weipu"].clone();
    buyer.opens("/oauth/weibo?next=/orders").await;
    assert_eq!(buyer.page().url.path(), "/oauth2/authorize");
    let page = buyer.signs_in().await;
    assert_eq!((page.url.path(), page.status.as_u16()), ("/orders", 200));
    assert!(page.has("a.listed"), "the guest's order is hers");
    assert_ne!(buyer.browser.cookies["weipu"], before, "a session of another name");
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await, 1);

    // On another device, the same person finds her order.
    let mut desktop = shop.desktop();
    desktop.opens("/oauth/weibo?next=/orders").await;
    desktop.signs_in().await;
    let order = buyer.page().link("a.listed");
    let page = desktop.visits(order).await;
    assert_eq!(page.status, 200, "{}", page.told());
    assert_eq!(customers(&shop).await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn the_old_session_is_over_after_signing_in() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/orders").await;
    let old = buyer.browser.cookies.clone();
    buyer.signs_in().await;
    let mut thief = shop.buyer();
    thief.browser.cookies = old;
    assert!(!thief.opens("/account").await.has("#sign-out"));
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 1, "one session, and not the thief's");
}

#[tokio::test]
async fn the_state_of_another_session_is_refused() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    let mut victim = shop.buyer();
    assert_eq!(victim.visits(back.clone()).await.status, 400, "without a session");
    let mut victim = asks_to_sign_in(&shop, "/").await;
    let page = victim.visits(back).await;
    assert_eq!((page.status.as_u16(), page.text("h1")), (400, "登录已过期".into()));
    assert_eq!(customers(&shop).await, 0);
}

#[tokio::test]
async fn a_callback_works_once() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    assert_eq!(buyer.visits(back.clone()).await.status, 200);
    assert_eq!(buyer.visits(back).await.status, 400);
}

#[tokio::test]
async fn a_guess_signs_nobody_in_and_uses_nothing_up() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    for guess in ["state=x&code=1", "code=1", "state=&code=1", "", "state=x&state=y"] {
        assert_eq!(buyer.opens(&format!("/oauth/weibo/callback?{guess}")).await.status, 400, "{guess}");
    }
    assert_eq!(customers(&shop).await, 0);
    assert_eq!(buyer.visits(back).await.status, 200);
}

#[tokio::test]
async fn who_comes_back_too_late_begins_anew() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    shop.later(minutes(11));
    assert_eq!(buyer.visits(back).await.status, 400);
    assert_eq!(customers(&shop).await, 0);
}

#[tokio::test]
async fn a_code_that_weibo_does_not_know_signs_nobody_in() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let mut back = led_back(&mut buyer, "allow").await;
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    back.query_pairs_mut().clear().append_pair("state", &state).append_pair("code", "guessed");
    let page = buyer.visits(back).await;
    assert_eq!((page.status.as_u16(), page.text("h1")), (400, "登录没有成功".into()));
}

#[tokio::test]
async fn whoever_refuses_is_led_on_as_a_guest() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/p/mug").await;
    let back = led_back(&mut buyer, "refuse").await;
    let page = buyer.visits(back).await;
    assert_eq!((page.url.path(), page.status.as_u16()), ("/p/mug", 200));
    assert_eq!(customers(&shop).await, 0);
}

#[tokio::test]
async fn signing_out_ends_the_session_everywhere() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    buyer.signs_in().await;
    let stolen = buyer.browser.cookies.clone();
    let sign_out = buyer.browser.at("/sign-out");
    buyer.asks(Ask::post(sign_out, "")).await;
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 0);
    buyer.browser.cookies = stolen;
    buyer.opens("/orders").await;
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 0);
}
