//! The loop: a card in the stream, a page, a payment, a repost, and a friend who comes by it.

use super::{comes_by, link, recorded};
use crate::parcels::path;
use crate::reposts::has_bought;
use crate::support::TestShop;
use crate::support::buyer::Buyer;
use weipu::sharing::links::{Source, harvest};

/// From the stream, by the newest link that stands in it, to a page of the shop.
async fn taps_in_the_stream(buyer: &mut Buyer, shop: &TestShop, css: &str) {
    buyer.visits(shop.sandbox_base.join("/sandbox/stream").unwrap()).await;
    let address = buyer.page().link(css);
    buyer.visits(address).await;
    assert_eq!(buyer.page().url.path(), "/p/mug", "{}", buyer.page().told());
}

/// From the page of the mug to a paid order.
async fn buys(buyer: &mut Buyer, shop: &TestShop) -> String {
    buyer.chooses("mug", 1).await;
    buyer.checks_out().await;
    let (number, url) = (buyer.order(), buyer.page().url.clone());
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.visits(url).await.payment(), "paid");
    number
}

#[tokio::test]
async fn a_card_brings_a_buyer_whose_repost_brings_a_friend() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Product(1)).await;
    let card = format!("新到的杯子 {}", shop.base.join(&format!("/s/{code}")).unwrap());
    shop.weibo.sandbox.say("7000000001", &card, None).unwrap();
    let mut first = shop.buyer();
    taps_in_the_stream(&mut first, &shop, "a[href*='/s/']").await;
    let number = buys(&mut first, &shop).await;
    assert_eq!(recorded(&shop).await, "product 1 browser, product 1 browser");

    // She tells of it, in the words that are offered, which hold a link of hers.
    first.follows("#sign-in").await;
    let page = first.signs_in().await;
    let offered = page.text("#repost textarea");
    assert!(offered.contains("/s/") && !offered.contains(&code), "{offered}");
    assert_eq!(first.looks_again().await.text("#repost textarea"), offered, "one link");
    first.presses("#repost form").await;
    assert_eq!(shop.weibo.sandbox.statuses()[0].text, offered);

    let mut friend = shop.phone();
    taps_in_the_stream(&mut friend, &shop, ".said:first-child a[href*='/s/']").await;
    let hers = buys(&mut friend, &shop).await;
    assert_eq!(recorded(&shop).await, "repost 1 browser, repost 1 browser");
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&hers)).await;
    assert_eq!(page.link("#origin a").path(), path(&number), "the first buyer's order");
    assert!(page.text("#origin").contains(&number), "{}", page.text("#origin"));
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let brought = harvest(&mut conn, Source::Repost(1)).await.unwrap();
    assert_eq!((brought.orders, brought.fen), (1, 3990));
    drop(conn);
    shop.closes().await;
}

#[tokio::test]
async fn nobody_is_brought_by_her_own_repost() {
    let shop = TestShop::open().await;
    let earlier = link(&shop, Source::Campaign(1)).await;
    let mut buyer = has_bought(&shop).await;
    let offered = buyer.page().text("#repost textarea");
    let code = offered.rsplit("/s/").next().unwrap().to_owned();
    comes_by(&mut buyer, &code).await;
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "", "nobody brings herself");
    // On another browser, signed in, neither: what came before counts.
    let mut desk = shop.desktop();
    comes_by(&mut desk, &earlier).await;
    comes_by(&mut desk, &code).await;
    desk.opens("/oauth/weibo?next=/").await;
    desk.signs_in().await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    // Nor by the way of the payment.
    let mut other = shop.desktop();
    other.opens("/oauth/weibo?next=/").await;
    other.signs_in().await;
    shop.runs("DELETE FROM customer_touches").await;
    other.orders("mug", 1).await;
    let token: String = sqlx::query_scalar("SELECT pay_token FROM orders ORDER BY id DESC LIMIT 1")
        .fetch_one(&mut shop.database.connect().await)
        .await
        .unwrap();
    let mut phone = shop.phone();
    comes_by(&mut phone, &code).await;
    phone.visits(shop.base.join(&format!("/q/{token}")).unwrap()).await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "");
    // A friend is.
    let mut friend = shop.phone();
    comes_by(&mut friend, &code).await;
    friend.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "repost 1 browser, repost 1 browser");
    shop.closes().await;
}

#[tokio::test]
async fn only_whose_order_it_is_gets_a_link_of_her_own() {
    let shop = TestShop::open().await;
    let mut guest = shop.buyer();
    guest.orders("mug", 1).await;
    let number = guest.order();
    let url = guest.page().url.clone();
    guest.pays().await;
    shop.weibo.delivers().await;
    guest.visits(url).await;
    assert!(guest.page().link("#share").as_str().contains("%2Fp%2Fmug"), "a guest tells of the page");
    shop.visitor(crate::support::browser::CLIENT).opens(&shop.order_link(&number)).await;
    assert_eq!(shop.count("SELECT count(*) FROM short_links").await, 0);
    guest.follows("#sign-in").await;
    guest.signs_in().await;
    assert_eq!(shop.count("SELECT count(*) FROM short_links WHERE source = 'repost'").await, 1);
    shop.closes().await;
}
