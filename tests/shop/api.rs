//! Payments in an app of the merchant's own: who may begin them, that they are attempts like all others, and what is
//! answered to everything else.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use futures_util::future::join_all;
use reqwest::header::{ACCEPT_LANGUAGE, CONTENT_TYPE};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use weipu::payments::OrderText;
use weipu::weibo::signature::{SigningKey, read_form};
use weipu::{payments, sandbox};

/// Somebody with an order in front of her: its number and the tag of its link.
async fn ordered(shop: &TestShop, sku: &str) -> (Buyer, String, String) {
    let mut buyer = shop.buyer();
    buyer.orders(sku, 1).await;
    let number = buyer.order();
    let tag = buyer.page().url.query().unwrap().strip_prefix("t=").unwrap().to_owned();
    (buyer, number, tag)
}

fn ask(shop: &TestShop, number: &str, body: impl Into<Vec<u8>>) -> Ask {
    let url = shop.base.join(&format!("/api/orders/{number}/payment")).unwrap();
    Ask::post(url, body).with(CONTENT_TYPE, "application/json")
}

/// The merchant's app, which has neither cookies nor a user agent that says anything.
async fn app(shop: &TestShop, ask: Ask) -> Page {
    shop.visitor("MerchantApp/1.0").browser.send(ask).await
}

async fn pays(shop: &TestShop, number: &str, tag: &str) -> Page {
    app(shop, ask(shop, number, json!({ "t": tag }).to_string())).await
}

fn told(page: &Page) -> Value {
    serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}", page.told()))
}

fn refused(page: &Page) -> (u16, String) {
    let told = told(page);
    assert!(!told["message"].as_str().unwrap().is_empty() && told.as_object().unwrap().len() == 2);
    assert_eq!(page.header("content-type"), "application/json");
    (page.status.as_u16(), told["error"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn who_has_the_orders_link_pays_in_an_app_and_it_is_settled_as_ever() {
    let shop = TestShop::open().await;
    let (mut buyer, number, tag) = ordered(&shop, "mug").await;
    let answer = pays(&shop, &number, &tag).await;
    assert_eq!(answer.status, 200, "{}", answer.told());
    let begun = told(&answer);
    assert_eq!((begun["order"].as_str(), begun["amount_fen"].as_str()), (Some(&*number), Some("3990")));
    let until = OffsetDateTime::parse(begun["expires_at"].as_str().unwrap(), &Rfc3339).unwrap();
    assert_eq!(until, shop.clock.now() + minutes(30));
    let rawdata = begun["rawdata"].as_str().unwrap();
    let params = read_form(rawdata.as_bytes()).unwrap();
    let key = SigningKey::parse(sandbox::demo_merchant_private_key()).unwrap();
    assert!(key.public().unwrap().verifies(&params), "{rawdata}");
    assert_eq!(Some(&*params["out_pay_id"]), begun["out_pay_id"].as_str());
    assert_eq!(params["total_amount"], "3990");
    assert!(params["notify_url"].ends_with("/hooks/weibo/pay"));

    // What Weibo does with it is not public; the sandbox takes it as the cashier does.
    let mut phone = shop.phone();
    let cashier = shop.sandbox_base.join(&format!("/api/merchant/pay/cashier?{rawdata}")).unwrap();
    phone.visits(cashier).await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    assert_eq!(refused(&pays(&shop, &number, &tag).await), (409, "paid".into()));
    assert_eq!(shop.count("SELECT count(*) FROM attempts WHERE way = 'app' AND state = 'paid'").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn asked_twice_or_twenty_times_at_once_it_is_one_attempt() {
    let shop = TestShop::open().await;
    let (_, number, tag) = ordered(&shop, "mug").await;
    let all = join_all((0..20).map(|_| pays(&shop, &number, &tag))).await;
    let ids: std::collections::BTreeSet<_> =
        all.iter().map(|page| told(page)["out_pay_id"].to_string()).collect();
    assert_eq!((all.iter().filter(|page| page.status == 200).count(), ids.len()), (20, 1), "{ids:?}");
    shop.later(minutes(5));
    assert!(ids.contains(&told(&pays(&shop, &number, &tag).await)["out_pay_id"].to_string()));
    assert_eq!(shop.count("SELECT count(*) FROM attempts").await, 1);
    shop.later(minutes(26));
    assert_eq!(refused(&pays(&shop, &number, &tag).await), (409, "closed".into()), "its time is over");
    shop.closes().await;
    assert_eq!(refused(&pays(&shop, &number, &tag).await), (409, "closed".into()));
}

#[tokio::test]
async fn a_stranger_learns_nothing_not_even_that_there_is_such_an_order() {
    let shop = TestShop::open().await;
    let (buyer, number, tag) = ordered(&shop, "mug").await;
    let (_, _, others) = ordered(&shop, "longjing-1").await;
    let nowhere = pays(&shop, "2611-7KQ4-M2X9", &tag).await;
    assert_eq!(refused(&nowhere), (404, "not-found".into()));
    let longer = format!("{tag}A");
    for wrong in ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", &others, &longer, &tag[1..], "\0", "茶"] {
        let page = pays(&shop, &number, wrong).await;
        assert_eq!((page.status.as_u16(), &page.body), (404, &nowhere.body), "{wrong:?}");
    }
    for number in ["x", "%00", "%FF", "2611-7KQ4", &format!("{number}%20")] {
        assert_eq!(refused(&pays(&shop, number, &tag).await).0, 404, "{number}");
    }
    // Whose order it is does not count here, only the link.
    let mut owner = buyer.browser;
    let page = owner.send(ask(&shop, &number, r#"{"t": ""}"#)).await;
    assert_eq!(page.status, 404);
    assert_eq!(shop.count("SELECT count(*) FROM attempts").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn what_is_not_asked_for_as_it_should_be_is_refused_by_name() {
    let shop = TestShop::open().await;
    let (_, number, tag) = ordered(&shop, "mug").await;
    let whole = json!({ "t": tag }).to_string();
    let deep = format!("{}{}", "[".repeat(2000), "]".repeat(2000));
    let twice = format!(r#"{{"t": "{tag}", "t": "{tag}"}}"#);
    for bad in [
        "",
        "{}",
        "null",
        "[]",
        "\"t\"",
        r#"{"t": 1}"#,
        r#"{"t": null}"#,
        r#"{"t": "x""#,
        "t=x",
        &deep,
        &twice,
    ] {
        let page = app(&shop, ask(&shop, &number, bad)).await;
        assert_eq!(refused(&page), (400, "malformed".into()), "{bad:.40}");
    }
    assert_eq!(refused(&app(&shop, ask(&shop, &number, vec![0xff; 10])).await).0, 400);
    let large = format!("{whole}{}", " ".repeat(4096));
    assert_eq!(refused(&app(&shop, ask(&shop, &number, large)).await), (413, "too-large".into()));
    for kind in ["application/x-www-form-urlencoded", "text/plain", "application/jsonp", ""] {
        let page = app(&shop, ask(&shop, &number, whole.clone()).with(CONTENT_TYPE, kind)).await;
        assert_eq!(refused(&page), (415, "content-type".into()), "{kind}");
    }
    let charset = ask(&shop, &number, whole.clone()).with(CONTENT_TYPE, "application/json; charset=utf-8");
    assert_eq!(app(&shop, charset).await.status, 200);
    let page = app(&shop, ask(&shop, &number, whole.clone()).of_another_site()).await;
    assert_eq!(page.status, 403, "a page of another site is no app");
    let english = ask(&shop, &number, "{}").with(ACCEPT_LANGUAGE, "en");
    assert!(told(&app(&shop, english).await)["message"].as_str().unwrap().contains("JSON that is wanted"));
    assert_eq!(shop.count("SELECT count(*) FROM attempts").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn the_order_text_is_made_by_the_merchants_template() {
    let template = OrderText::parse(r#"{"params_str": "{params}", "all": {params_json}}"#);
    let shop = TestShop::with_web(|web| web.sdk_order_text = template.unwrap()).await;
    let (_, number, tag) = ordered(&shop, "mug").await;
    let begun = told(&pays(&shop, &number, &tag).await);
    let text: Value = serde_json::from_str(begun["rawdata"].as_str().unwrap()).unwrap();
    let params = read_form(text["params_str"].as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(text["all"], json!(params));
    assert_eq!(text["all"]["out_pay_id"], begun["out_pay_id"]);
    shop.closes().await;
}

#[tokio::test]
async fn paid_in_the_app_and_at_the_cashier_the_second_is_surplus() {
    let shop = TestShop::open().await;
    let (mut buyer, number, tag) = ordered(&shop, "mug").await;
    let rawdata = told(&pays(&shop, &number, &tag).await)["rawdata"].as_str().unwrap().to_owned();
    buyer.pays().await;
    let mut phone = shop.phone();
    phone.visits(shop.sandbox_base.join(&format!("/api/merchant/pay/cashier?{rawdata}")).unwrap()).await;
    phone.presses_pay().await;
    shop.weibo.delivers().await;
    shop.closes().await;
    let surplus = "SELECT count(*) FROM ledger WHERE kind = 'surplus'";
    assert_eq!(shop.count(surplus).await, 1);
    let mut conn = shop.database.connect().await;
    assert_eq!(payments::check(&mut conn, None).await.unwrap(), []);
}
