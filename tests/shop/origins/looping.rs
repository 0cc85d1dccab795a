//! The loop: a card in the stream, a page, a payment, a repost, and a friend who comes by it.

use super::{comes_by, link, recorded};
use crate::parcels::path;
use crate::reposts::has_bought;
use crate::support::buyer::Buyer;
use crate::support::{TestShop, minutes};
use weipu::sharing::links::{Source, harvest};
use weipu::staff::Role;

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
    // Who knows whom is not for everybody.
    let mut finance = shop.member("小财", Role::Finance).await;
    let page = finance.opens(&path(&hers)).await;
    assert_eq!(page.all("#origin li", "data-source"), ["repost"]);
    assert!(!page.text("#origin").contains(&number) && !page.has("#origin a"), "{}", page.text("#origin"));
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
    let mut phone = shop.phone();
    comes_by(&mut phone, &code).await;
    other.orders("mug", 1).await;
    let token = scans(&mut phone, &shop).await;
    assert_eq!(shop.weibo.payment().order.extra, token);
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

/// The newest order, opened at the cashier on another browser; its token.
async fn scans(phone: &mut Buyer, shop: &TestShop) -> String {
    let token: String = sqlx::query_scalar("SELECT pay_token FROM orders ORDER BY id DESC LIMIT 1")
        .fetch_one(&mut shop.database.connect().await)
        .await
        .unwrap();
    phone.visits(shop.base.join(&format!("/q/{token}")).unwrap()).await;
    assert!(phone.page().has("form.pay"), "{}", phone.page().told());
    token
}

#[tokio::test]
async fn a_guest_is_not_brought_by_her_own_repost_either() {
    let shop = TestShop::open().await;
    let mut guest = shop.buyer();
    guest.orders("mug", 1).await;
    let code = link(&shop, Source::Repost(1)).await;
    comes_by(&mut guest, &code).await;
    guest.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "", "her browser has placed that order");
    assert_eq!(shop.count("SELECT count(customer_id) FROM orders").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn her_own_repost_drives_out_nothing_that_counts() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let mut buyer = has_bought(&shop).await;
    let own = buyer.page().text("#repost textarea").rsplit("/s/").next().unwrap().to_owned();
    let mut phone = shop.phone();
    for code in [&one, &two].into_iter().chain([&own; 9]) {
        comes_by(&mut buyer, code).await;
        comes_by(&mut phone, code).await;
        shop.later(minutes(11));
    }
    assert_eq!(shop.count("SELECT count(*) FROM customer_touches").await, 2);
    let mut desk = shop.desktop();
    desk.opens("/oauth/weibo?next=/").await;
    desk.signs_in().await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 account, campaign 1 account");
    // Her browser alone knows as much, and so does the bill that she pays on another.
    shop.runs("DELETE FROM customer_touches").await;
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 browser, campaign 1 browser");
    desk.orders("mug", 1).await;
    let token = scans(&mut phone, &shop).await;
    let carried = shop.weibo.payment().order.extra;
    assert!(carried.starts_with(&format!("{token}.{two}.")), "{carried}");
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "partner 2 payment, partner 2 payment");
    shop.closes().await;
}

#[tokio::test]
async fn a_link_of_hers_is_made_once_and_the_page_does_without() {
    let shop = TestShop::open().await;
    let links = "SELECT count(*) FROM short_links";
    let mut buyer = has_bought(&shop).await;
    shop.runs("DELETE FROM short_links").await;
    // Where none can be made she tells of the page itself.
    shop.runs("ALTER TABLE short_links ADD CONSTRAINT none CHECK (false) NOT VALID").await;
    let page = buyer.looks_again().await;
    assert!(page.text("#repost textarea").ends_with("/p/mug"), "{}", page.told());
    shop.runs("ALTER TABLE short_links DROP CONSTRAINT none").await;
    for _ in 0..2 {
        assert!(buyer.looks_again().await.text("#repost textarea").contains("/s/"));
    }
    assert_eq!(shop.count(links).await, 1);
    // Once she has told of it there is nothing to make.
    buyer.presses("#repost form").await;
    shop.runs("DELETE FROM short_links").await;
    assert!(buyer.looks_again().await.text("#repost").contains("已经转发"));
    assert_eq!(shop.count(links).await, 0);
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
    assert!(
        guest.page().link("#share").as_str().contains("%2Fs%2F"),
        "on her own browser a guest has one too"
    );
    shop.runs("DELETE FROM short_links").await;
    shop.visitor(crate::support::browser::CLIENT).opens(&shop.order_link(&number)).await;
    assert_eq!(
        shop.count("SELECT count(*) FROM short_links").await,
        0,
        "who was given the order's link has none"
    );
    guest.follows("#sign-in").await;
    guest.signs_in().await;
    assert_eq!(shop.count("SELECT count(*) FROM short_links WHERE source = 'repost'").await, 1);
    shop.closes().await;
}
