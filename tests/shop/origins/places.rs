//! Somebody comes in one place and orders in another: signed in, from Weibo's frame, by scanning.

use super::{comes_by, from_our_page, known_to_accounts, link, recorded};
use crate::light::{buys, framed, of_her, posted, shown_in};
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{Duration, TestShop, minutes};
use weipu::customers::{hints, scans, touches};
use weipu::sharing::links::Source;

async fn signs_in(buyer: &mut Buyer) {
    buyer.opens("/oauth/weibo?next=/").await;
    buyer.signs_in().await;
    assert!(buyer.opens("/account").await.has("#sign-out"));
}

#[tokio::test]
async fn what_she_tapped_on_her_phone_counts_at_her_desk() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let (mut phone, mut desk) = (shop.buyer(), shop.desktop());
    signs_in(&mut phone).await;
    comes_by(&mut phone, &one).await;
    shop.later(Duration::days(1));
    signs_in(&mut desk).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 account, campaign 1 account");
    comes_by(&mut desk, &two).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 browser, campaign 1 account");
    // Somebody else at the same hour knows nothing of it.
    shop.desktop().orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "");
    shop.closes().await;
}

#[tokio::test]
async fn what_she_tapped_before_she_signed_in_counts_here_and_elsewhere() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let (mut phone, mut desk) = (shop.buyer(), shop.desktop());
    comes_by(&mut phone, &code).await;
    assert_eq!(known_to_accounts(&shop).await, 0, "she is nobody yet");
    signs_in(&mut phone).await;
    assert_eq!(known_to_accounts(&shop).await, 1);
    signs_in(&mut phone).await;
    assert_eq!(known_to_accounts(&shop).await, 1, "once");
    phone.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser", "under another session");
    signs_in(&mut desk).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 account, campaign 1 account");
    // Signed out, the browser knows nothing of her any more.
    let out = phone.browser.at("/sign-out");
    phone
        .asks(Ask::post(out, "").with(reqwest::header::ORIGIN, shop.base.as_str().trim_end_matches('/')))
        .await;
    phone.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "");
    shop.closes().await;
}

/// Signs in as another than who is there.
async fn signs_in_as(buyer: &mut Buyer, account: &str) {
    buyer.opens("/oauth/weibo?another=hint&next=/").await;
    let form = buyer.page().form("form[action='/oauth2/authorize']").with("account", account);
    buyer.submits(&form.with("decision", "allow")).await;
    assert!(buyer.opens("/account").await.has("#sign-out"));
}

#[tokio::test]
async fn what_one_tapped_is_not_known_to_the_account_of_the_next() {
    let shop = TestShop::open().await;
    let (one, two) = (link(&shop, Source::Campaign(1)).await, link(&shop, Source::Partner(2)).await);
    let mut shared = shop.buyer();
    comes_by(&mut shared, &one).await;
    signs_in(&mut shared).await;
    shop.later(minutes(1));
    comes_by(&mut shared, &two).await;
    assert_eq!(known_to_accounts(&shop).await, 2);
    signs_in_as(&mut shared, "7000000003").await;
    let hers = "SELECT count(*) FROM customer_touches t JOIN customers c ON c.id = t.customer_id
         WHERE weibo_uid = 7000000003";
    assert_eq!((known_to_accounts(&shop).await, shop.count(hers).await), (2, 0));
    shared.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "", "nobody has brought her");
    // What she taps herself is hers, and stays so while she signs in once more.
    shop.later(minutes(1));
    comes_by(&mut shared, &two).await;
    signs_in_as(&mut shared, "7000000003").await;
    assert_eq!(shop.count(hers).await, 1);
    shared.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 browser, partner 2 browser");
    // And she who was here before still has hers.
    let mut desk = shop.desktop();
    signs_in(&mut desk).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "partner 2 account, campaign 1 account");
    shop.closes().await;
}

#[tokio::test]
async fn it_counts_for_whoever_a_message_leads_to_sign_in() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let (mut phone, mut desk) = (shop.buyer(), shop.desktop());
    comes_by(&mut phone, &code).await;
    let mut conn = shop.database.connect().await;
    let hint = hints::hint(&mut conn, 7_000_000_002, "/orders", shop.clock.now()).await.unwrap();
    phone.opens(&hint).await;
    phone.signs_in().await;
    assert_eq!((phone.page().url.path(), known_to_accounts(&shop).await), ("/orders", 1));
    phone.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    signs_in(&mut desk).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 account, campaign 1 account");
    shop.closes().await;
}

#[tokio::test]
async fn from_weibos_frame_it_counts_with_a_cookie_and_without() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut client = shop.buyer();
    comes_by(&mut client, &code).await;
    // A session begins where the browser has been before.
    client.asks(shown_in(posted(&shop, "/light", &of_her(&shop).await), "document")).await;
    assert!(client.opens("/account").await.has("#sign-out"), "{}", client.page().told());
    assert_eq!(known_to_accounts(&shop).await, 1);
    client.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    // In a frame only the address says who she is.
    shop.later(minutes(1));
    let mut desk = shop.desktop();
    framed(&mut desk, &shop, &of_her(&shop).await).await;
    buys(&mut desk).await;
    assert!(desk.browser.set_cookies.is_empty(), "no session");
    let form = desk.filled_in();
    desk.asks(from_our_page(Ask { cookies: false, ..Ask::form(&form) })).await;
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await, 2);
    assert_eq!(recorded(&shop).await, "campaign 1 account, campaign 1 account");
    shop.closes().await;
}

#[tokio::test]
async fn it_counts_for_whoever_signs_in_by_scanning() {
    let shop = TestShop::open().await;
    let code = link(&shop, Source::Campaign(1)).await;
    let mut phone = shop.buyer();
    signs_in(&mut phone).await;
    let mut desk = shop.desktop();
    comes_by(&mut desk, &code).await;
    let scan = desk.opens("/sign-in?next=/").await.attribute("main", "data-scan");
    let scanned = format!("/sign-in/{}", scans::code(&shop.app.shop.keys, scan.parse().unwrap()));
    let yes = phone.browser.at(&scanned);
    assert_eq!(phone.asks(Ask::post(yes, "answer=yes")).await.status.as_u16(), 200);
    assert_eq!(known_to_accounts(&shop).await, 0);
    desk.opens(&format!("/sign-in?scan={scan}")).await;
    assert_eq!(known_to_accounts(&shop).await, 1);
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 browser, campaign 1 browser");
    // And on the phone with which she scanned.
    phone.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 1 account, campaign 1 account");
    shop.closes().await;
}

#[tokio::test]
async fn an_account_keeps_a_few_and_forgets_what_can_count_no_more() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    signs_in(&mut buyer).await;
    for number in 1..=12 {
        let code = link(&shop, Source::Campaign(number)).await;
        comes_by(&mut buyer, &code).await;
        shop.later(minutes(1));
    }
    assert_eq!(known_to_accounts(&shop).await, touches::MOST);
    let mut desk = shop.desktop();
    signs_in(&mut desk).await;
    desk.orders("mug", 1).await;
    assert_eq!(recorded(&shop).await, "campaign 12 account, campaign 1 account");
    touches::sweep(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    assert_eq!(known_to_accounts(&shop).await, touches::MOST, "they still count");
    touches::sweep(&shop.app.shop.db, shop.clock.now() + touches::LONGEST).await.unwrap();
    assert_eq!(known_to_accounts(&shop).await, 0);
    shop.closes().await;
}
