//! What the payment carries: by which link the browser had come that paid.

use super::{comes_by, link, recorded, records};
use crate::parcels::path;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::weibo::Weibo;
use crate::support::{Duration, TestShop, minutes};
use url::Url;
use weipu::sandbox::Fault;
use weipu::sharing::links::Source;

/// The link in the code on the order's page, opened on a phone that reads it, and the way to the cashier.
async fn scans(phone: &mut Buyer, shop: &TestShop, token: &str) {
    phone.visits(shop.base.join(&format!("/q/{token}")).unwrap()).await;
    assert!(phone.page().has("form.pay"), "{}", phone.page().told());
}

/// An order that somebody placed on a desktop who came by nothing; its token.
async fn ordered(shop: &TestShop) -> (Buyer, String) {
    let mut desk = shop.desktop();
    desk.orders("mug", 1).await;
    (desk, newest_token(shop).await)
}

async fn newest_token(shop: &TestShop) -> String {
    let sql = "SELECT pay_token FROM orders ORDER BY id DESC LIMIT 1";
    sqlx::query_scalar(sql).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

#[tokio::test]
async fn who_pays_with_her_phone_was_brought_by_what_she_tapped_there() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut phone = shop.buyer();
    let at = shop.clock.now().unix_timestamp();
    comes_by(&mut phone, &code).await;
    shop.later(minutes(1));
    let (mut desk, token) = ordered(&shop).await;
    let number = desk.order();
    shop.later(minutes(2));
    scans(&mut phone, &shop, &token).await;
    assert_eq!(shop.weibo.payment().order.extra, format!("{token}.{code}.{at}"));
    let page = phone.presses_pay().await;
    assert_eq!(page.payment(), "confirming", "led back to how it stands: {}", page.told());
    assert_eq!(records(&shop).await, 0, "coming back proves nothing");
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "campaign 1 payment, campaign 1 payment");
    assert_eq!(desk.looks_again().await.payment(), "paid");
    let mut owner = shop.owner().await;
    let told = owner.opens(&path(&number)).await.text("#origin");
    assert!(told.contains("下单前 1 分钟") && told.contains("付款的浏览器"), "{told}");
    shop.closes().await;
}

#[tokio::test]
async fn what_is_known_when_she_orders_is_not_changed_by_who_pays() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let (mut desk, mut phone) = (shop.desktop(), shop.buyer());
    comes_by(&mut desk, &one).await;
    comes_by(&mut phone, &two).await;
    desk.orders("mug", 1).await;
    let token = newest_token(&shop).await;
    scans(&mut phone, &shop, &token).await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    shop.closes().await;
}

#[tokio::test]
async fn who_came_too_long_ago_or_by_nothing_carries_only_the_token() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut phone = shop.buyer();
    comes_by(&mut phone, &code).await;
    shop.later(Duration::days(29));
    // Still known, but not by that link any more.
    shop.runs("UPDATE shop SET origin_days = 7, cards_version = cards_version + 1").await;
    shop.follows_settings().await;
    let (_, token) = ordered(&shop).await;
    scans(&mut phone, &shop, &token).await;
    assert_eq!(shop.weibo.payment().order.extra, token);
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "");
    shop.closes().await;
}

#[tokio::test]
async fn when_weibo_is_asked_first_the_notice_still_brings_it() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut phone = shop.buyer();
    comes_by(&mut phone, &code).await;
    let (mut desk, token) = ordered(&shop).await;
    scans(&mut phone, &shop, &token).await;
    shop.weibo.will(Fault::Silent);
    phone.presses_pay().await;
    for _ in 0..10 {
        shop.later(minutes(1));
        shop.work().await;
    }
    assert_eq!(desk.looks_again().await.payment(), "paid", "an answer tells of money");
    assert_eq!(recorded(&shop).await, "", "and echoes nothing");
    let notice = Weibo::notice_of(&shop.weibo.payment());
    assert_eq!(shop.weibo.tells(notice).await.body, "success");
    assert_eq!(recorded(&shop).await, "campaign 1 payment, campaign 1 payment");
    shop.closes().await;
}

#[tokio::test]
async fn whatever_comes_back_garbled_or_of_another_order_the_money_is_settled() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let (_, foreign) = ordered(&shop).await;
    let now = shop.clock.now().unix_timestamp();
    let day = 24 * 60 * 60;
    for extra in [
        String::new(),
        "TOKEN".into(),
        ".".into(),
        format!("{foreign}.{code}.{now}"),
        format!("TOKEN.{code}"),
        format!("TOKEN.{code}."),
        format!("TOKEN.{code}.{now}.{now}"),
        format!("TOKEN.{code}.-{now}"),
        format!("TOKEN.{code}.{}", now + day),
        format!("TOKEN.{code}.{}", now - 31 * day),
        format!("TOKEN.{code}.99999999999"),
        format!("TOKEN.{code}.99999999999999999999"),
        format!("TOKEN.0aZ45678AAAA.{now}"),
        format!("TOKEN.00000000.{now}"),
        format!("TOKEN.{code}'; DROP TABLE orders --.{now}"),
        format!("{{\"备注\":\"礼物=是\"}}.{code}.{now}"),
        format!("TOKEN.{code}.{now}{}", "0".repeat(5_000)),
        "。".repeat(5_000),
    ] {
        shop.restocks("mug", 5).await;
        let (mut desk, token) = ordered(&shop).await;
        desk.goes_to_the_cashier().await;
        shop.weibo.will(Fault::Silent);
        desk.presses_pay().await;
        let mut notice = Weibo::notice_of(&shop.weibo.payment());
        notice.insert("extra".into(), extra.replace("TOKEN", &token));
        assert_eq!(shop.weibo.tells(notice).await.body, "success", "{extra:.80}");
        assert_eq!(desk.looks_again().await.payment(), "paid", "{extra:.80}");
        assert_eq!(recorded(&shop).await, "", "{extra:.80}");
    }
    shop.closes().await;
}

/// What the bill carries with which this browser is sent to the cashier.
async fn carries(buyer: &mut Buyer, token: &str) -> String {
    let url = buyer.browser.at(&format!("/q/{token}"));
    let sent = buyer.browser.send(Ask::get(url)).await;
    let cashier = Url::parse(sent.header("location")).unwrap();
    cashier.query_pairs().find(|(name, _)| name == "extra").unwrap().1.into_owned()
}

#[tokio::test]
async fn a_link_tapped_after_ordering_takes_nothing() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let (mut phone, mut other) = (shop.buyer(), shop.buyer());
    let at = shop.clock.now().unix_timestamp();
    comes_by(&mut phone, &one).await;
    shop.later(minutes(1));
    let (_, token) = ordered(&shop).await;
    shop.later(minutes(1));
    comes_by(&mut phone, &two).await;
    assert_eq!(
        carries(&mut phone, &token).await,
        format!("{token}.{one}.{at}"),
        "what she had tapped before"
    );
    scans(&mut phone, &shop, &token).await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(recorded(&shop).await, "campaign 1 payment, campaign 1 payment");
    // Nor where nothing else is known, whatever the bill says that came back.
    let (mut desk, token) = ordered(&shop).await;
    shop.later(minutes(1));
    comes_by(&mut other, &two).await;
    assert_eq!(carries(&mut other, &token).await, token);
    scans(&mut other, &shop, &token).await;
    shop.weibo.will(Fault::Silent);
    other.presses_pay().await;
    let mut notice = Weibo::notice_of(&shop.weibo.payment());
    notice.insert("extra".into(), format!("{token}.{two}.{}", shop.clock.now().unix_timestamp()));
    assert_eq!(shop.weibo.tells(notice).await.body, "success");
    assert_eq!((desk.looks_again().await.payment(), recorded(&shop).await), ("paid".into(), String::new()));
    shop.closes().await;
}

#[tokio::test]
async fn a_bill_carries_the_same_whoever_opens_it() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let (mut phone, mut other, mut nobody) = (shop.buyer(), shop.buyer(), shop.buyer());
    let at = shop.clock.now().unix_timestamp();
    comes_by(&mut phone, &one).await;
    comes_by(&mut other, &two).await;
    let (_, token) = ordered(&shop).await;
    let first = format!("{token}.{one}.{at}");
    for buyer in [&mut phone, &mut other, &mut nobody] {
        assert_eq!(carries(buyer, &token).await, first);
    }
    // By another way it is another bill.
    let mut desk = shop.desktop();
    comes_by(&mut desk, &two).await;
    assert_eq!(carries(&mut desk, &token).await, format!("{token}.{two}.{at}"));
    // Those that were begun before bills were kept carried the token.
    shop.runs("UPDATE attempts SET extra = NULL").await;
    assert_eq!(carries(&mut other, &token).await, token);
    shop.closes().await;
}

#[tokio::test]
async fn an_answer_that_tells_what_the_bill_carries_is_enough() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut phone = shop.buyer();
    comes_by(&mut phone, &code).await;
    let (mut desk, token) = ordered(&shop).await;
    scans(&mut phone, &shop, &token).await;
    shop.weibo.always(Fault::Silent);
    shop.weibo.always(Fault::QueryEchoes);
    phone.presses_pay().await;
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!(desk.looks_again().await.payment(), "paid");
    assert_eq!(recorded(&shop).await, "campaign 1 payment, campaign 1 payment");
    shop.closes().await;
}

#[tokio::test]
async fn money_that_comes_too_late_is_brought_by_nobody() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let (mut phone, mut desk) = (shop.buyer(), shop.desktop());
    comes_by(&mut phone, &code).await;
    desk.orders("teapot", 1).await;
    scans(&mut phone, &shop, &newest_token(&shop).await).await;
    shop.weibo.will(Fault::Silent);
    shop.weibo.always(Fault::QueryUnknownCode);
    phone.presses_pay().await;
    for _ in 0..12 {
        shop.later(minutes(10));
        shop.work().await;
    }
    assert_eq!(desk.looks_again().await.closure(), "expired");
    // The one teapot is somebody else's by now.
    shop.buyer().orders("teapot", 1).await;
    shop.weibo.stops(Fault::QueryUnknownCode);
    let notice = Weibo::notice_of(&shop.weibo.sandbox.payments()[0]);
    assert!(notice["extra"].contains(&code), "{notice:?}");
    assert_eq!(shop.weibo.tells(notice.clone()).await.body, "success");
    shop.weibo.tells(notice).await;
    assert_eq!((desk.looks_again().await.closure(), records(&shop).await), ("expired".into(), 0));
    shop.closes().await;
}
