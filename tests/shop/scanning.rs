//! Signing in on a desktop by scanning: by the right hands, once, in time, and by nobody else.

use crate::signing_in::asks_to_sign_in;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{Duration, TestShop};
use weipu::customers::scans;

/// A desktop in front of a code, and the path that is in it.
async fn shows_a_code(shop: &TestShop, next: &str) -> (Buyer, String) {
    let mut desktop = shop.desktop();
    let path = code_on(shop, desktop.opens(&format!("/sign-in?next={next}")).await);
    (desktop, path)
}

fn code_on(shop: &TestShop, page: &Page) -> String {
    assert!(page.has(".qr svg"), "{}", page.told());
    let scan = page.attribute("main", "data-scan").parse().unwrap();
    format!("/sign-in/{}", scans::code(&shop.app.shop.keys, scan))
}

/// A phone on which she has signed in.
async fn phone(shop: &TestShop) -> Buyer {
    let mut phone = asks_to_sign_in(shop, "/").await;
    phone.signs_in().await;
    phone
}

async fn says(phone: &mut Buyer, path: &str, answer: &str) -> u16 {
    let url = phone.browser.at(path);
    phone.asks(Ask::post(url, format!("answer={answer}"))).await.status.as_u16()
}

/// What the page's script is told.
async fn state(desktop: &mut Buyer, scan: &str) -> String {
    let url = desktop.browser.at(&format!("/sign-in/state?scan={scan}"));
    let answer = desktop.browser.send(Ask::get(url)).await;
    if answer.status == 404 { "404".into() } else { answer.body }
}

async fn is_in(buyer: &mut Buyer) -> bool {
    buyer.opens("/account").await.has("#sign-out")
}

#[tokio::test]
async fn a_phone_signs_a_desktop_in() {
    let shop = TestShop::open().await;
    let mut desktop = shop.desktop();
    desktop.orders("mug", 1).await;
    let before = desktop.browser.cookies["weipu"].clone();
    let code = code_on(&shop, desktop.opens("/sign-in?next=/orders").await);
    let scan = desktop.page().attribute("main", "data-scan");
    let page = desktop.looks_again().await;
    assert_eq!(code_on(&shop, page), code, "the same code when the page is looked at again");
    assert_eq!(state(&mut desktop, &scan).await, r#"{"state":"waiting"}"#);

    let mut phone = shop.buyer();
    let page = phone.opens(&code).await;
    assert_eq!(page.text("#asks"), "Chrome · Linux");
    assert!(page.body.contains("12:00") && page.body.contains("山间小铺"), "{}", page.told());
    phone.follows("#sign-in").await;
    let page = phone.signs_in().await;
    assert!(page.url.path() == code && page.text("#answer").contains("阿梨的茶桌"), "{}", page.told());
    assert_eq!(state(&mut desktop, &scan).await, r#"{"state":"waiting"}"#, "only a press counts");
    assert_eq!(says(&mut phone, &code, "yes").await, 200);
    assert_eq!(phone.page().url.query(), Some("done=there"));

    assert_eq!(state(&mut desktop, &scan).await, r#"{"state":"yes"}"#);
    let page = desktop.opens(&format!("/sign-in?scan={scan}")).await;
    assert_eq!((page.url.path(), page.has("a.listed")), ("/orders", true), "{}", page.told());
    assert_ne!(desktop.browser.cookies["weipu"], before, "under another key");
    assert!(is_in(&mut desktop).await);
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await, 1);
    assert_eq!(says(&mut phone, &code, "yes").await, 410, "once");
    assert_eq!(phone.opens(&code).await.status, 410);
    assert_eq!(state(&mut desktop, &scan).await, "404", "taken");
    shop.closes().await;
}

#[tokio::test]
async fn only_the_desktop_that_asked_takes_it() {
    let shop = TestShop::open().await;
    let (mut desktop, code) = shows_a_code(&shop, "/").await;
    let scan = desktop.page().attribute("main", "data-scan");
    let mut thief = shop.desktop();
    thief.opens("/sign-in").await;
    let mut phone = phone(&shop).await;
    assert_eq!(says(&mut phone, &code, "yes").await, 200);
    for mut other in [thief, shop.desktop()] {
        assert_eq!(state(&mut other, &scan).await, "404");
        let page = other.opens(&format!("/sign-in?scan={scan}&next=/orders")).await;
        assert_eq!(page.attribute("main", "data-standing"), "expired");
        assert!(!is_in(&mut other).await);
    }
    desktop.opens(&format!("/sign-in?scan={scan}")).await;
    assert!(is_in(&mut desktop).await);
}

#[tokio::test]
async fn of_two_tabs_at_once_one_takes_it() {
    let shop = TestShop::open().await;
    let mut phone = phone(&shop).await;
    for _ in 0..5 {
        let (mut desktop, code) = shows_a_code(&shop, "/orders").await;
        assert_eq!(says(&mut phone, &code, "yes").await, 200);
        let mut tab = shop.desktop();
        tab.browser.cookies = desktop.browser.cookies.clone();
        let url = desktop.page().url.clone();
        let (one, two) =
            tokio::join!(desktop.browser.send(Ask::get(url.clone())), tab.browser.send(Ask::get(url)));
        let mut statuses = [one.status.as_u16(), two.status.as_u16()];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 303]);
        let mut both = [is_in(&mut desktop).await, is_in(&mut tab).await];
        both.sort_unstable();
        assert_eq!(both, [false, true]);
    }
}

#[tokio::test]
async fn a_no_ends_it() {
    let shop = TestShop::open().await;
    let (mut desktop, code) = shows_a_code(&shop, "/orders").await;
    let mut stranger = shop.buyer();
    assert_eq!(stranger.opens(&code).await.form("#answer").action.path(), code);
    assert_eq!(says(&mut stranger, &code, "no").await, 200, "who says no need not be anybody");
    let mut phone = phone(&shop).await;
    assert_eq!(says(&mut phone, &code, "yes").await, 410);
    let page = desktop.looks_again().await;
    assert_eq!(page.attribute("main", "data-standing"), "no");
    let page = desktop.follows("#anew").await;
    assert_ne!(code_on(&shop, page), code);
    assert!(page.link("#here").query().unwrap().contains("orders"), "where she wanted to go is kept");
}

#[tokio::test]
async fn after_three_minutes_it_is_over() {
    let shop = TestShop::open().await;
    let mut phone = phone(&shop).await;
    let (mut late, code) = shows_a_code(&shop, "/").await;
    let (mut slow, answered) = shows_a_code(&shop, "/").await;
    shop.later(Duration::seconds(179));
    assert_eq!(says(&mut phone, &answered, "yes").await, 200);
    assert_eq!(phone.opens(&code).await.status, 200);
    shop.later(Duration::seconds(1));
    assert_eq!(phone.opens(&code).await.status, 410);
    assert_eq!(says(&mut phone, &code, "yes").await, 410);
    for desktop in [&mut late, &mut slow] {
        let page = desktop.looks_again().await;
        assert_eq!((page.attribute("main", "data-standing"), page.has(".qr")), ("expired".into(), false));
        assert!(!is_in(desktop).await);
    }
}

#[tokio::test]
async fn nobody_else_can_say_yes() {
    let shop = TestShop::open().await;
    let (mut desktop, code) = shows_a_code(&shop, "/").await;
    let mut stranger = shop.buyer();
    assert_eq!(says(&mut stranger, &code, "yes").await, 403, "not signed in");
    let mut phone = phone(&shop).await;
    for answer in ["", "maybe", "YES", "yes%00"] {
        assert_eq!(says(&mut phone, &code, answer).await, 400, "{answer}");
    }
    let url = phone.browser.at(&code);
    let forged = Ask { cookies: true, ..Ask::post(url, "answer=yes").of_another_site() };
    assert_eq!(phone.asks(forged).await.status, 403, "another site presses for her");
    for guess in ["AAAAAAAAAAAAAAAAAAAAAA", "x", "%00", &desktop.page().attribute("main", "data-scan")] {
        assert_eq!(says(&mut phone, &format!("/sign-in/{guess}"), "yes").await, 410, "{guess}");
        assert_eq!(phone.opens(&format!("/sign-in/{guess}")).await.status, 410, "{guess}");
    }
    shop.count("UPDATE customers SET token_expires_at = '2026-11-21 04:00Z' RETURNING 1::bigint").await;
    assert_eq!(says(&mut phone, &code, "yes").await, 403, "she has to sign in again");
    assert_eq!(desktop.looks_again().await.attribute("main", "data-standing"), "waiting");
    assert!(
        !shop.everything_stored().await.contains(code.rsplit('/').next().unwrap()),
        "the code is nowhere"
    );
}

#[tokio::test]
async fn signing_out_everywhere_takes_a_yes_back() {
    let shop = TestShop::open().await;
    let (mut desktop, code) = shows_a_code(&shop, "/").await;
    let mut phone = phone(&shop).await;
    assert_eq!(says(&mut phone, &code, "yes").await, 200);
    phone.presses("#everywhere").await;
    desktop.looks_again().await;
    assert!(!is_in(&mut desktop).await);
}

#[tokio::test]
async fn desktops_are_led_to_the_code_and_phones_to_weibo() {
    let shop = TestShop::open().await;
    let mut phone = shop.phone();
    assert_eq!(phone.opens("/sign-in?next=/orders").await.url.path(), "/oauth2/authorize");
    assert_eq!(phone.signs_in().await.url.path(), "/orders");
    let mut desktop = shop.desktop();
    desktop.opens("/en/account").await;
    let page = desktop.follows("#sign-in").await;
    assert_eq!((page.url.path(), page.attribute("html", "lang")), ("/en/sign-in", "en".into()));
    desktop.follows("#here").await;
    assert_eq!(desktop.signs_in().await.url.path(), "/en/account");
    assert_eq!(desktop.opens("/sign-in?next=/p/mug").await.url.path(), "/p/mug", "already in");
    for bad in ["scan=x", "scan=", "scan=%00"] {
        assert_eq!(desktop.opens(&format!("/sign-in?{bad}")).await.status, 400);
    }
}
