//! Links out of private messages: for the one they were sent to, once, and worth nothing in other hands.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{Duration, TestShop, minutes};
use weipu::customers::hints;

const ALI: i64 = 7_000_000_002;

async fn hint(shop: &TestShop, uid: i64, path: &str) -> String {
    let mut conn = shop.database.connect().await;
    hints::hint(&mut conn, uid, path, shop.clock.now()).await.unwrap()
}

/// At the consent page: yes, with this account.
async fn signs_in_as(buyer: &mut Buyer, account: &str) {
    let form = buyer.page().form("form[action='/oauth2/authorize']").with("account", account);
    buyer.submits(&form.with("decision", "allow")).await;
}

/// An order of nobody's, and the path that opens it for whoever has it.
async fn an_order(shop: &TestShop) -> (String, String) {
    let mut guest = shop.buyer();
    guest.orders("mug", 1).await;
    let number = guest.order();
    (format!("/orders/{number}"), shop.order_link(&number))
}

#[tokio::test]
async fn it_leads_the_one_it_was_sent_to_through_sign_in_to_the_page() {
    let shop = TestShop::open().await;
    let (_, path) = an_order(&shop).await;
    let hint = hint(&shop, ALI, &path).await;
    let mut ali = shop.buyer();
    let page = ali.opens(&hint).await;
    assert_eq!(page.url.path(), "/oauth2/authorize");
    assert!(page.url.query().unwrap().contains("display=mobile"));
    let page = ali.signs_in().await;
    assert_eq!((page.status.as_u16(), page.has("main[data-payment]")), (200, true), "{}", page.told());
    assert_eq!(ali.opens(&hint).await.status, 200, "she is in: it leads on without a question");
    shop.closes().await;
}

#[tokio::test]
async fn opening_it_signs_nobody_in_and_tells_nothing() {
    let shop = TestShop::open().await;
    let (order, path) = an_order(&shop).await;
    let hint = hint(&shop, ALI, &path).await;
    let mut crawler = shop.phone();
    for _ in 0..3 {
        let url = crawler.browser.at(&hint);
        let answer = crawler.browser.send(Ask::get(url)).await;
        let number = order.rsplit('/').next().unwrap();
        assert_eq!(answer.status, 302);
        assert!(!answer.header("location").contains(number) && !answer.body.contains(number));
    }
    assert!(!crawler.opens("/account").await.has("#sign-out"));
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
    let mut ali = shop.buyer();
    ali.opens(&hint).await;
    assert!(ali.signs_in().await.has("main[data-payment]"), "nothing was used up");
    let stored = shop.everything_stored().await;
    assert!(!stored.contains(hint.rsplit('/').next().unwrap()), "only its fingerprint is kept");
    shop.closes().await;
}

#[tokio::test]
async fn another_is_signed_in_as_whoever_she_is_and_told() {
    let shop = TestShop::open().await;
    let (order, path) = an_order(&shop).await;
    let hint = hint(&shop, ALI, &path).await;
    let mut zhou = shop.buyer();
    zhou.opens(&hint).await;
    signs_in_as(&mut zhou, "7000000003").await;
    let page = zhou.page();
    assert_eq!((page.url.path(), page.text(".big-name")), ("/account", "@老周在路上".into()));
    assert!(
        page.has("#meant") && !page.body.contains("?t=") && !page.body.contains("阿梨"),
        "{}",
        page.told()
    );
    assert_eq!(page.link("#on").path(), order);
    assert_eq!(zhou.follows("#on").await.status, 404, "not hers to see");
    // It still waits for the one it was sent to.
    zhou.opens(&hint).await;
    signs_in_as(&mut zhou, &ALI.to_string()).await;
    assert!(zhou.page().has("main[data-payment]"), "{}", zhou.page().told());
    shop.closes().await;
}

#[tokio::test]
async fn with_another_account_she_still_gets_where_it_leads() {
    let shop = TestShop::open().await;
    let (order, path) = an_order(&shop).await;
    let hint = hint(&shop, ALI, &path).await;
    let mut ali = shop.buyer();
    ali.opens(&hint).await;
    for _ in 0..2 {
        signs_in_as(&mut ali, "7000000003").await;
        assert!(ali.page().has("#meant"), "{}", ali.page().told());
        ali.follows("#another").await;
        assert!(ali.page().url.query().unwrap().contains("forcelogin=true"));
    }
    signs_in_as(&mut ali, &ALI.to_string()).await;
    assert_eq!((ali.page().url.path(), ali.page().has("main[data-payment]")), (order.as_str(), true));
    // It is used up: neither this browser nor whoever has its address gets there once more.
    for mut somebody in [ali, shop.buyer()] {
        somebody.opens(&format!("/oauth/weibo?another=hint&next={order}")).await;
        signs_in_as(&mut somebody, &ALI.to_string()).await;
        assert_eq!((somebody.page().url.path(), somebody.page().status.as_u16()), (order.as_str(), 404));
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_page_that_everybody_may_see_is_open_to_another_too() {
    let shop = TestShop::open().await;
    let hint = hint(&shop, ALI, "/en/p/mug?variant=mug").await;
    let mut zhou = shop.buyer();
    zhou.opens(&hint).await;
    signs_in_as(&mut zhou, "7000000003").await;
    assert_eq!((zhou.page().url.path(), zhou.page().attribute("html", "lang")), ("/en/account", "en".into()));
    let page = zhou.follows("#on").await;
    assert_eq!((page.url.path(), page.status.as_u16()), ("/en/p/mug", 200));
}

#[tokio::test]
async fn it_works_once_and_for_a_day() {
    let shop = TestShop::open().await;
    let (order, path) = an_order(&shop).await;
    let [used, old] = [hint(&shop, ALI, &path).await, hint(&shop, ALI, &path).await];
    let mut ali = shop.buyer();
    ali.opens(&used).await;
    ali.signs_in().await;
    shop.later(Duration::hours(24));
    for hint in [used, old] {
        // In the client, who agreed before is not asked again.
        let mut elsewhere = shop.phone();
        assert_eq!(elsewhere.opens(&hint).await.url.path(), "/oauth2/authorize", "as any other page of hers");
        let page = elsewhere.signs_in().await;
        assert_eq!((page.url.path(), page.url.query()), (order.as_str(), None), "what opened it is gone");
        assert_eq!(page.status, 404, "a guest's order opens by its own link only");
    }
    shop.closes().await;
}

#[tokio::test]
async fn of_two_at_once_one_uses_it() {
    let shop = TestShop::open().await;
    let (order, path) = an_order(&shop).await;
    let hint = hint(&shop, ALI, &path).await;
    let (mut one, mut two) = (shop.buyer(), shop.buyer());
    one.opens(&hint).await;
    two.opens(&hint).await;
    tokio::join!(one.signs_in(), two.signs_in());
    let mut seen = [one.page(), two.page()].map(|page| (page.status.as_u16(), page.url.path() == order));
    seen.sort_unstable();
    // Weibo may have replaced the token of one by that of the other before the shop asked whose it is.
    assert!([[(200, true), (404, true)], [(200, true), (400, false)]].contains(&seen), "{seen:?}");
    shop.closes().await;
}

#[tokio::test]
async fn it_leads_nowhere_but_to_us() {
    let shop = TestShop::open().await;
    let mut conn = shop.database.connect().await;
    for path in ["https://evil.example/", "//evil.example", "orders", ""] {
        assert!(hints::hint(&mut conn, ALI, path, shop.clock.now()).await.is_err(), "{path}");
    }
    let mut buyer = shop.buyer();
    for guess in ["x", "AAAAAAAAAAAAAAAAAAAAAA", "%00"] {
        assert_eq!(buyer.opens(&format!("/m/{guess}")).await.status, 404, "{guess}");
    }
    let hint = hint(&shop, ALI, "/orders").await;
    shop.later(minutes(32 * 24 * 60));
    weipu::customers::sweep_sign_ins(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    assert_eq!(buyer.opens(&hint).await.status, 404, "long forgotten");
}
