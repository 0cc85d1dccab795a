//! A shopper's own page: what she sees of herself, and how she ends it; and what others say of her leave.

use crate::signing_in::asks_to_sign_in;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::line::Line;
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use reqwest::header::{ORIGIN, REFERER};
use secrecy::SecretString;
use weipu::customers::{self, CustomerId};
use weipu::weibo::CallError;

const REVOKE: &str = "/oauth2/revokeoauth2";
const INFO: &str = "/oauth2/get_token_info";

/// The only customer's token.
pub async fn token(shop: &TestShop) -> Option<SecretString> {
    let mut conn = shop.database.connect().await;
    let id = CustomerId(shop.count("SELECT id FROM customers").await);
    let held = customers::token(&mut conn, id, &shop.app.shop.keys, shop.clock.now()).await.unwrap();
    held.map(|held| held.secret)
}

/// Whether Weibo still knows this token.
async fn lives(shop: &TestShop, token: &SecretString) -> bool {
    match shop.weibo_client().await.token_owner(token).await {
        Ok(owner) => owner.uid == 7_000_000_002,
        Err(CallError::Refused { code, .. }) => {
            assert_eq!(code, "21316");
            false
        }
        Err(error) => panic!("{error:?}"),
    }
}

pub async fn signed_in(shop: &TestShop) -> Buyer {
    let mut buyer = asks_to_sign_in(shop, "/account").await;
    let page = buyer.signs_in().await;
    assert!(page.has("#withdraw"), "{}", page.told());
    buyer
}

async fn is_in(buyer: &mut Buyer) -> bool {
    buyer.opens("/account").await.has("#sign-out")
}

/// Says to the shop's face that these have withdrawn.
async fn says(shop: &TestShop, body: &str) {
    let mut anybody = shop.visitor("");
    let url = anybody.browser.at("/hooks/weibo/deauthorize");
    let page = anybody.asks(Ask::post(url, body).of_another_site()).await;
    assert_eq!((page.status.as_u16(), page.body.as_str()), (200, "ok"), "{body}");
}

#[tokio::test]
async fn she_sees_who_she_is_and_until_when() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.opens("/orders").await;
    let page = buyer.follows("#account").await;
    assert!(page.has("#sign-in") && !page.has("#withdraw"), "{}", page.told());
    buyer.follows("#sign-in").await;
    let page = buyer.signs_in().await;
    assert_eq!((page.url.path(), page.text(".big-name")), ("/account", "@阿梨的茶桌".into()));
    assert!(page.text("#leave").contains("2026-12-21 12:00"), "{}", page.told());
    for done in ["withdrawn", "later", "everywhere", "x"] {
        let page = buyer.opens(&format!("/account?done={done}")).await;
        assert!(!page.has("[role=status]"), "an address does not make it so: {done}");
    }
    let english = buyer.opens("/en/account").await;
    assert!(english.text("#leave").contains("until 2026-12-21"), "{}", english.told());
    shop.later(minutes(30 * 24 * 60 - 60));
    let sql = "UPDATE customers SET token_expires_at = '2026-11-21 04:00Z' RETURNING 1::bigint";
    shop.count(sql).await;
    buyer.opens("/account").await;
    assert!(buyer.page().has("#leave #sign-in") && !buyer.page().has("#withdraw"), "its time is over");
    buyer.presses("#sign-out").await;
    assert!(!is_in(&mut buyer).await);
}

#[tokio::test]
async fn withdrawing_ends_the_token_here_and_at_weibo() {
    let shop = TestShop::open().await;
    let mut buyer = signed_in(&shop).await;
    let held = token(&shop).await.unwrap();
    let form = buyer.page().form("#withdraw");
    let page = buyer.submits(&form).await;
    assert!(page.has("[role=status]") && !page.has("#withdraw"), "{}", page.told());
    assert!(token(&shop).await.is_none() && !lives(&shop, &held).await);
    assert!(is_in(&mut buyer).await, "she is still signed in");
    assert_eq!(buyer.submits(&form).await.status, 200, "pressed twice");
    assert_eq!(shop.count("SELECT count(*) FROM revocations").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn where_weibo_does_not_answer_the_token_is_forgotten_all_the_same() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = signed_in(&shop).await;
    let held = token(&shop).await.unwrap();
    line.cut(REVOKE);
    let page = buyer.presses("#withdraw").await;
    assert!(page.text("[role=status]").contains("继续通知"), "{}", page.told());
    assert!(token(&shop).await.is_none() && lives(&shop, &held).await);
    shop.later(minutes(1));
    shop.work().await;
    assert_eq!((line.calls(REVOKE), shop.jobs().await.len()), (2, 1), "and once more later");
    line.mend();
    shop.later(minutes(1));
    shop.work().await;
    assert!(!lives(&shop, &held).await);
    assert_eq!(shop.count("SELECT count(*) FROM revocations").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn leave_that_she_gives_anew_is_not_taken_away_by_what_was_late() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = signed_in(&shop).await;
    line.cut(REVOKE);
    buyer.presses("#withdraw").await;
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    line.mend();
    shop.later(minutes(5));
    shop.work().await;
    assert_eq!(line.calls(REVOKE), 1, "only what she pressed");
    assert!(lives(&shop, &token(&shop).await.unwrap()).await);
    shop.closes().await;
}

#[tokio::test]
async fn only_she_withdraws() {
    let shop = TestShop::open().await;
    let mut buyer = signed_in(&shop).await;
    let mut stranger = shop.buyer();
    for path in ["/account/withdrawal", "/account/sign-out-everywhere"] {
        let url = stranger.browser.at(path);
        let page = stranger.asks(Ask::post(url.clone(), "")).await;
        assert!([200, 403].contains(&page.status.as_u16()));
        let cookies = buyer.browser.cookies.clone();
        let forged = Ask { cookies: true, ..Ask::post(url, "").of_another_site() };
        assert_eq!(buyer.asks(forged).await.status, 403, "{path}");
        assert_eq!(buyer.browser.cookies, cookies);
    }
    assert!(is_in(&mut buyer).await && token(&shop).await.is_some());
}

#[tokio::test]
async fn signing_out_everywhere_ends_all_her_sessions_and_nobody_elses() {
    let shop = TestShop::open().await;
    let (mut first, mut second) = (signed_in(&shop).await, signed_in(&shop).await);
    // In the client, who agreed before is not asked again.
    let mut other = shop.desktop();
    other.opens("/oauth/weibo?next=/account").await;
    let form = other.page().form("form[action='/oauth2/authorize']").with("account", "7000000003");
    other.submits(&form.with("decision", "allow")).await;
    assert_eq!(other.page().text(".big-name"), "@老周在路上");
    let mut guest = shop.buyer();
    guest.orders("mug", 1).await;
    let order = guest.order();
    assert!(first.opens("/account").await.body.contains("已在 2 个浏览器登录"));
    // As if the second one were being signed in at this very moment.
    shop.runs("CREATE TABLE late AS SELECT fingerprint, state, expires_at FROM sessions").await;
    let page = first.presses("#everywhere").await;
    assert!(page.has("[role=status]") && page.has("#sign-in"), "{}", page.told());
    assert!(!is_in(&mut first).await && !is_in(&mut second).await && is_in(&mut other).await);
    assert_eq!(shop.count("SELECT count(*) FROM sessions WHERE state->>'customer' = '1'").await, 0);
    shop.runs(
        "INSERT INTO sessions (fingerprint, state, expires_at) SELECT * FROM late ON CONFLICT DO NOTHING",
    )
    .await;
    assert!(!is_in(&mut second).await, "what began before is over");
    assert!(guest.opens("/orders").await.body.contains(&order));
    second.opens("/oauth/weibo?next=/account").await;
    second.signs_in().await;
    assert!(is_in(&mut second).await);
    shop.closes().await;
}

#[tokio::test]
async fn a_session_from_before_rounds_were_counted_goes_on() {
    let shop = TestShop::open().await;
    let mut buyer = signed_in(&shop).await;
    shop.runs("UPDATE sessions SET state = state - 'round'").await;
    assert!(is_in(&mut buyer).await);
    buyer.presses("#everywhere").await;
    assert!(!is_in(&mut buyer).await);
}

#[tokio::test]
async fn whoever_says_that_she_has_withdrawn_only_makes_us_ask() {
    let (shop, line) = TestShop::with_line().await;
    signed_in(&shop).await;
    let held = token(&shop).await.unwrap();
    let asked = line.calls(INFO);
    for body in ["", "uid=", "uid=7000000099", "uid=-7000000002", "x=%00&%ff=%ff", "{\"uid\":1}"] {
        says(&shop, body).await;
    }
    says(&shop, &"uid=7000000002&".repeat(1000)).await;
    assert!(shop.jobs().await.is_empty(), "too long to be read");
    says(&shop, "source=1&uid=7000000002").await;
    says(&shop, "anything=7000000002").await;
    assert_eq!(shop.jobs().await.len(), 1);
    shop.work().await;
    assert_eq!(line.calls(INFO), asked + 1);
    assert!(token(&shop).await.is_some(), "Weibo says that it holds");
    for _ in 0..10 {
        says(&shop, "uid=7000000002").await;
        shop.work().await;
    }
    assert_eq!(line.calls(INFO), asked + 1, "not so often");
    shop.weibo_client().await.revoke(&held).await.unwrap();
    shop.later(minutes(59));
    shop.work().await;
    assert_eq!(line.calls(INFO), asked + 1, "at most once an hour");
    shop.later(minutes(1));
    line.cut(INFO);
    shop.work().await;
    assert!(token(&shop).await.is_some(), "no answer is no no");
    line.mend();
    shop.later(minutes(1));
    shop.work().await;
    assert!(token(&shop).await.is_none(), "Weibo has said no");
    says(&shop, "uid=7000000002").await;
    assert!(shop.jobs().await.is_empty(), "nothing is left to ask about");
    shop.closes().await;
}

#[tokio::test]
async fn it_may_come_by_get_as_well() {
    let (shop, _line): (TestShop, Line) = TestShop::with_line().await;
    signed_in(&shop).await;
    shop.weibo_client().await.revoke(&token(&shop).await.unwrap()).await.unwrap();
    let mut weibo = shop.visitor("");
    assert_eq!(weibo.opens("/hooks/weibo/deauthorize?source=1&uid=7000000002&auth_end=2").await.body, "ok");
    shop.later(Duration::seconds(1));
    shop.work().await;
    assert!(token(&shop).await.is_none());
}

/// What a browser that knows no `Sec-Fetch-Site` sends with this form: as much as the page's own policy lets it say.
fn as_an_older_browser(page: &Page, form: &str) -> Ask {
    let ask = Ask::form(&page.form(form));
    match page.attribute("meta[name=referrer]", "content").as_str() {
        "no-referrer" => ask.with(ORIGIN, "null"),
        _ => ask.with(REFERER, page.url.as_str()),
    }
}

#[tokio::test]
async fn a_browser_that_says_only_where_its_form_stands_may_press() {
    let shop = TestShop::open().await;
    let mut buyer = signed_in(&shop).await;
    buyer.orders("mug", 1).await;
    let order = buyer.page().url.path().to_owned();
    let mut desktop = shop.desktop();
    let scan = desktop.opens("/sign-in").await.attribute("main", "data-scan").parse().unwrap();
    let code = format!("/sign-in/{}", weipu::customers::scans::code(&shop.app.shop.keys, scan));
    for (path, form) in [(order.as_str(), "form.asked"), (&code, "#answer"), ("/account", "#withdraw")] {
        let page = buyer.opens(path).await.clone();
        let ask = as_an_older_browser(&page, form);
        assert!(!ask.headers.contains_key("sec-fetch-site"));
        let ask = if form == "#answer" { Ask { body: b"answer=no".to_vec(), ..ask } } else { ask };
        let sandboxed = Ask::form(&page.form(form)).with(ORIGIN, "null");
        assert_eq!(buyer.asks(sandboxed).await.status, 403, "{path}: of a page that is nobody's");
        let page = buyer.asks(ask).await;
        assert_eq!(page.status, 200, "{path}: {}", page.told());
    }
    shop.closes().await;
}

#[tokio::test]
async fn an_address_puts_nothing_of_somebody_elses_under_her_hand() {
    let shop = TestShop::open().await;
    let lure = "/account?meant=/checkout?variant=mug%26visit=AAAA%23x";
    let mut stranger = shop.desktop();
    assert!(!stranger.opens(lure).await.has("#meant"), "{}", stranger.page().told());
    let mut buyer = signed_in(&shop).await;
    let page = buyer.opens(lure).await;
    let on = page.link("#on");
    assert_eq!((on.path(), on.query(), on.fragment()), ("/checkout", None, None));
    assert!(
        !page.text("main").contains("AAAA")
            && page.link("#another").query() == Some("another=hint&next=%2Fcheckout")
    );
}
