//! Who brought an order: by which links somebody came, wherever it was, and what of it is written down.

mod carried;
mod looping;
mod places;
mod signed;

use crate::parcels::path;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{Duration, TestShop, minutes};
use sqlx::AssertSqlSafe;
use weipu::sharing::links::{self, Source};
use weipu::staff::Role;

/// The code of a link to the mug.
async fn link(shop: &TestShop, source: Source) -> String {
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let code = links::make(&mut tx, "/p/mug", source, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    code
}

async fn comes_by(buyer: &mut Buyer, code: &str) {
    let page = buyer.opens(&format!("/s/{code}")).await;
    assert_eq!((page.status.as_u16(), page.url.path()), (200, "/p/mug"), "{}", page.told());
}

/// What is written down of the newest order: `partner 2 browser, campaign 1 account` for the last and the first.
async fn recorded(shop: &TestShop) -> String {
    let one = |code: &str, known_by: &str| {
        format!("(SELECT concat_ws(' ', source, source_id, {known_by}) FROM short_links WHERE code = {code})")
    };
    let (last, first) = (one("g.code", "g.known_by"), one("g.first_code", "g.first_known_by"));
    let sql = format!(
        "SELECT coalesce((SELECT {last} || ', ' || {first} FROM order_origins g
             WHERE order_id = (SELECT id FROM orders ORDER BY id DESC LIMIT 1)), '')"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

async fn records(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM order_origins").await
}

async fn known_to_accounts(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM customer_touches").await
}

#[tokio::test]
async fn who_comes_by_a_link_and_orders_was_brought_by_it() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut buyer = shop.buyer();
    comes_by(&mut buyer, &code).await;
    shop.later(Duration::days(3));
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&number)).await;
    assert_eq!(page.all("#origin li", "data-turn"), ["origin-only"]);
    let told = page.text("#origin");
    for words in ["来过一次", "活动", "#1", "2026-11-21 12:00", "下单前 3 天", "下单的浏览器", "30 天", &code]
    {
        assert!(told.contains(words), "{words}: {told}");
    }
    // Who came by none.
    let (_, other) = crate::parcels::paid(&shop, "mug").await;
    assert_eq!(recorded(&shop).await, "");
    assert!(owner.opens(&path(&other)).await.text("#origin").contains("不知道是谁带来的"));
    shop.closes().await;
}

#[tokio::test]
async fn the_last_link_has_brought_it_and_the_first_is_remembered() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let mut buyer = shop.buyer();
    comes_by(&mut buyer, &one).await;
    // Again a moment later is the same coming, on this browser.
    shop.later(minutes(9));
    comes_by(&mut buyer, &one).await;
    assert_eq!(shop.count("SELECT sum(clicks)::bigint FROM short_link_clicks").await, 1);
    shop.later(Duration::days(2));
    comes_by(&mut buyer, &two).await;
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    assert_eq!(recorded(&shop).await, "partner 2 browser, campaign 1 browser");
    let first = "SELECT extract(epoch FROM came_at - first_came_at)::bigint / 60 FROM order_origins";
    assert_eq!(shop.count(first).await, 2 * 24 * 60 + 9);
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&number)).await;
    assert_eq!(page.all("#origin li", "data-source"), ["partner", "campaign"]);
    // And by the first once more: it is both.
    shop.later(minutes(11));
    comes_by(&mut buyer, &one).await;
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    let page = owner.opens(&path(&buyer.order())).await;
    assert_eq!(page.all("#origin li", "data-turn"), ["origin-last", "origin-first"], "two comings");
    shop.closes().await;
}

#[tokio::test]
async fn only_who_may_open_a_broadcast_is_led_there() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Broadcast(7)).await;
    let mut buyer = shop.buyer();
    comes_by(&mut buyer, &code).await;
    buyer.orders("mug", 1).await;
    let mut owner = shop.owner().await;
    let page = owner.opens(&path(&buyer.order())).await;
    assert_eq!(page.link("#origin a").path(), "/admin/fans/broadcasts/7");
    let mut service = shop.member("小雨", Role::Service).await;
    let page = service.opens(&path(&buyer.order())).await;
    assert_eq!(page.all("#origin li", "data-source"), ["broadcast"]);
    assert!(!page.has("#origin a"), "{}", page.text("#origin"));
    shop.closes().await;
}

#[tokio::test]
async fn what_is_too_long_ago_counts_for_nothing_unless_the_merchant_says_so() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let mut buyer = shop.buyer();
    buyer.opens("/oauth/weibo?next=/").await;
    buyer.signs_in().await;
    comes_by(&mut buyer, &one).await;
    shop.later(Duration::days(20));
    comes_by(&mut buyer, &two).await;
    shop.later(Duration::days(11));
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 browser, partner 2 browser", "the first is 31 days ago");
    shop.later(Duration::days(20));
    // Her browser has forgotten her by now, her account has not.
    buyer.opens("/oauth/weibo?next=/").await;
    buyer.signs_in().await;
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "", "31 days and none");

    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/cards").await.form("form#settings");
    assert_eq!(owner.page().value_of("form#settings", "origin_days"), "30");
    for bad in ["", "0", "91", "-1", "3.5", "x", "1e1", "\0", "99999999999999999999"] {
        let page = owner.submits(&form.clone().with("origin_days", bad)).await;
        assert_eq!((page.status.as_u16(), page.wrong("origin_days").is_empty()), (422, false), "{bad:?}");
    }
    assert!(owner.submits(&form.clone().with("origin_days", "90")).await.has(".said"));
    assert_eq!(owner.submits(&form.with("origin_days", "7")).await.status.as_u16(), 409);
    buyer.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 account, campaign 1 account", "all within 90 days");
    assert_eq!(shop.count("SELECT max(window_days)::bigint FROM order_origins").await, 90);
    shop.closes().await;
}

#[tokio::test]
async fn a_form_pressed_twice_places_one_order_with_one_record() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut buyer = shop.buyer();
    comes_by(&mut buyer, &code).await;
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in();
    let mut tab = shop.buyer();
    tab.browser.cookies = buyer.browser.cookies.clone();
    tokio::join!(buyer.submits(&form), tab.submits(&form));
    assert_eq!((shop.count("SELECT count(*) FROM orders").await, records(&shop).await), (1, 1));
    // Sent once more after another link: the order stays what it is.
    let other = link(&shop, Source::Partner(2)).await;
    comes_by(&mut buyer, &other).await;
    buyer.submits(&form).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    shop.closes().await;
}

#[tokio::test]
async fn an_order_that_is_not_placed_leaves_no_record() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut buyer = shop.buyer();
    comes_by(&mut buyer, &code).await;
    buyer.opens("/checkout?variant=mug&quantity=5").await;
    let form = buyer.filled_in();
    shop.restocks("mug", 1).await;
    assert_eq!(buyer.submits(&form).await.status.as_u16(), 409, "sold out meanwhile");
    assert_eq!((records(&shop).await, shop.count("SELECT count(*) FROM orders").await), (0, 0));
    // And where the record cannot be kept, there is no order without it.
    shop.runs("ALTER TABLE order_origins ADD CONSTRAINT none CHECK (false) NOT VALID").await;
    buyer.browser.expects_failure = true;
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in();
    assert_eq!(buyer.submits(&form).await.status.as_u16(), 500);
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    shop.runs("ALTER TABLE order_origins DROP CONSTRAINT none").await;
    buyer.submits(&form).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser", "the same form, sent again");
    shop.closes().await;
}

/// As a browser says it of a page that leads to another of the shop.
fn from_our_page(ask: Ask) -> Ask {
    ask.with(crate::light::site(), "same-origin")
}
