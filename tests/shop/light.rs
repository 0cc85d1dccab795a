//! The light app: Weibo's frame says who looks. What it said is believed once, and only what it said.

use crate::support::browser::{Ask, CLIENT, DESKTOP};
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use data_encoding::BASE64URL_NOPAD;
use form_urlencoded::Serializer;
use reqwest::header::{HeaderName, ORIGIN, REFERER};
use ring::hmac;
use serde_json::{Value, json};
use url::Url;
use weipu::sandbox::Settings;

pub const ALI: (&str, &str) = ("7000000002", "阿梨的茶桌");
const ZHOU: (&str, &str) = ("7000000003", "老周在路上");
/// Who looks, as a page of the light app greets her.
pub const GREETED: &str = "阿梨的茶桌，您好";

pub fn site() -> HeaderName {
    HeaderName::from_static("sec-fetch-site")
}

fn settings(shop: &TestShop) -> Settings {
    Settings::demo(shop.sandbox_base.clone(), None, None).unwrap()
}

pub fn form(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// Weibo lets the application act for somebody, and tells nobody but its frame.
async fn token(shop: &TestShop, uid: &str) -> String {
    let (mut weibo, app) = (shop.visitor(""), settings(shop));
    let back = shop.base.join("/oauth/weibo/callback").unwrap();
    let asked = [("client_id", app.app_key.as_str()), ("redirect_uri", back.as_str())];
    let decided = [&asked[..], &[("account", uid), ("decision", "allow")]].concat();
    let at = |path| shop.sandbox_base.join(path).unwrap();
    let led = weibo.browser.send(Ask::post(at("/oauth2/authorize"), form(&decided))).await.link_of_location();
    let code = led.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let secret = app.app_secret.as_str();
    let more = [("client_secret", secret), ("grant_type", "authorization_code"), ("code", &code)];
    let answer =
        weibo.browser.send(Ask::post(at("/oauth2/access_token"), form(&[&asked[..], &more].concat()))).await;
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

fn signed_with(payload: &Value, secret: &str) -> String {
    let part = BASE64URL_NOPAD.encode(payload.to_string().as_bytes());
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{}.{part}", BASE64URL_NOPAD.encode(hmac::sign(&key, part.as_bytes()).as_ref()))
}

fn signed(shop: &TestShop, payload: &Value) -> String {
    signed_with(payload, &settings(shop).app_secret)
}

/// What Weibo's frame says of somebody who is signed in there.
fn payload(shop: &TestShop, uid: &str, token: &str) -> Value {
    json!({
        "user": { "country": "cn", "locale": "zh_CN", "version": 5 },
        "algorithm": "HMAC-SHA256",
        "issued_at": shop.clock.now().unix_timestamp(),
        "expires": 157_680_000,
        "oauth_token": token,
        "user_id": uid.parse::<u64>().unwrap(),
        "referer": "https://weibo.com/u/7000000001",
        "scope": "", "ext_data": "", "ouid": "7000000001",
    })
}

/// What Weibo's frame says of her now.
pub async fn of_her(shop: &TestShop) -> String {
    let token = token(shop, ALI.0).await;
    signed(shop, &payload(shop, ALI.0, &token))
}

/// As Weibo's page posts it: cookies that are Lax stay away.
pub fn posted(shop: &TestShop, to: &str, signed: &str) -> Ask {
    let ask = Ask::post(shop.base.join(to).unwrap(), form(&[("signed_request", signed)]));
    Ask { cookies: false, ..ask.with(ORIGIN, "https://weibo.com").with(site(), "cross-site") }
}

/// Where a browser shows what it asks for.
pub fn shown_in(ask: Ask, dest: &str) -> Ask {
    ask.with(HeaderName::from_static("sec-fetch-dest"), dest)
}

/// Weibo shows the shop: in a frame on a desktop, as a page of its own in the client.
pub async fn framed<'a>(buyer: &'a mut Buyer, shop: &TestShop, signed: &str) -> &'a Page {
    let dest = if buyer.browser.agent == CLIENT { "document" } else { "iframe" };
    buyer.asks(shown_in(posted(shop, "/light", signed), dest)).await
}

/// From the page in front of her to another of the shop.
pub async fn goes(buyer: &mut Buyer, to: Url) -> Page {
    buyer.asks(Ask::get(to).with(site(), "same-origin")).await.clone()
}

/// In the frame: onto a product, and to buy it.
pub async fn buys(buyer: &mut Buyer) -> Page {
    let tile = buyer.page().link("a.tile[href*='/light/p/mug']");
    assert!(goes(buyer, tile).await.has("#buy"));
    let form = buyer.page().form("#buy").with("variant", "mug");
    buyer.asks(Ask::form(&form).with(site(), "same-origin")).await.clone()
}

pub fn is_a_visitor(page: &Page) -> bool {
    page.has("#sign-in") && !page.has("#hello") && !page.body.contains("visit=")
}

/// Nobody is signed in, and nothing of Weibo's is kept.
async fn nobody_came(shop: &TestShop) {
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM sessions WHERE state ? 'customer'").await, 0);
}

#[tokio::test]
async fn who_is_not_to_be_believed_is_told_so_and_signs_nobody_in() {
    let shop = TestShop::open().await;
    let token = token(&shop, ALI.0).await;
    let (now, app) = (shop.clock.now().unix_timestamp(), settings(&shop).app_secret);
    for agent in [DESKTOP, CLIENT] {
        // None of them was posted before.
        let mut good = payload(&shop, ALI.0, &token);
        good["referer"] = json!(agent);
        let whole = signed(&shop, &good);
        let with = |name: &str, value: Value| {
            let mut payload = good.clone();
            payload[name] = value;
            signed_with(&payload, &app)
        };
        for (what, signed) in [
            ("forged", format!("{}x", &whole[..whole.len() - 1])),
            ("of another app", signed_with(&good, "test-only-app-secret-0002")),
            ("of an algorithm of one's own", with("algorithm", json!("HMAC-SHA1"))),
            ("stale", with("issued_at", json!(now - 301))),
            ("of the future", with("issued_at", json!(now + 61))),
            ("with a token of somebody else's", with("user_id", json!(7_000_000_003_u64))),
            ("with a token that Weibo does not know", with("oauth_token", json!("2.00invented"))),
            ("nothing", String::new()),
            ("garbage", "x\0.y".into()),
            ("too long", format!("{whole}{}", "A".repeat(9000))),
            ("far too long", "A".repeat(20_000)),
        ] {
            let mut buyer = shop.visitor(agent);
            let page = framed(&mut buyer, &shop, &signed).await;
            page.refuses_in("zh-CN");
            assert!(page.has("#sign-in") && page.has("base[target=_top]"), "{what}: {}", page.told());
            assert!(
                page.header("content-security-policy").contains("frame-ancestors 'self' https://*.weibo.com")
            );
            assert!(buyer.browser.set_cookies.is_empty(), "{what}");
            assert!(is_a_visitor(buyer.opens("/light").await), "{what}");
            assert!(signed.is_empty() || !shop.logged().contains(&signed), "{what}: it stands in the log");
        }
    }
    nobody_came(&shop).await;
    for secret in [token.as_str(), "2.00invented"] {
        assert!(!shop.logged().contains(secret), "it stands in the log");
    }
}

#[tokio::test]
async fn a_token_that_another_app_was_given_signs_nobody_in() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    // The merchant has entered the keys of another application meanwhile, whose secret is the same.
    let other = TestShop::with_weibo(|weibo| weibo.app_key = "1900000002".into()).await;
    let theirs =
        signed_with(&payload(&other, ALI.0, &token(&other, ALI.0).await), "test-only-app-secret-0001");
    let mut buyer = other.desktop();
    assert_eq!(framed(&mut buyer, &other, &theirs).await.status, 403);
    nobody_came(&other).await;
    assert_eq!(framed(&mut shop.desktop(), &shop, &signed).await.status, 200);
}

#[tokio::test]
async fn what_was_posted_once_signs_nobody_in_again() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    let mut buyer = shop.desktop();
    assert_eq!(framed(&mut buyer, &shop, &signed).await.text("#hello"), GREETED);
    let (signature, part) = signed.split_once('.').unwrap();
    for again in [signed.clone(), format!("{signature}=.{part}=")] {
        for agent in [DESKTOP, CLIENT] {
            let mut thief = shop.visitor(agent);
            assert!(is_a_visitor(framed(&mut thief, &shop, &again).await), "{}", thief.page().told());
            assert!(is_a_visitor(thief.opens("/light").await));
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn of_many_at_once_one_is_signed_in() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    let come = async || framed(&mut shop.desktop(), &shop, &signed).await.has("#hello");
    let all = futures_util::future::join_all((0..8).map(|_| come())).await;
    assert_eq!(all.into_iter().filter(|signed_in| *signed_in).count(), 1);
}

#[tokio::test]
async fn what_was_taken_is_forgotten_when_it_is_stale_anyway() {
    let shop = TestShop::open().await;
    framed(&mut shop.desktop(), &shop, &of_her(&shop).await).await;
    let swept = async |later: time::Duration| {
        shop.later(later);
        let db = &shop.app.worker.db;
        weipu::customers::sweep_sign_ins(db, shop.clock.now()).await.unwrap();
        let left = sqlx::query_scalar("SELECT count(*) FROM taken_once");
        left.fetch_one(&mut *db.reader().await.unwrap()).await.unwrap()
    };
    assert_eq!((swept(minutes(6)).await, swept(minutes(70)).await), (1i64, 0), "a clock may be wrong");
}

#[tokio::test]
async fn she_buys_from_the_frame_without_a_cookie_and_it_is_hers() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    let signed = of_her(&shop).await;
    let page = framed(&mut buyer, &shop, &signed).await;
    assert_eq!((page.status.as_u16(), page.text("#hello").as_str()), (200, GREETED));
    assert!(page.has("base[target=_top]") && page.has("script[src*=appclient]"), "{}", page.told());
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert!(buyer.browser.set_cookies.is_empty(), "a frame begins no session");

    let checkout = buys(&mut buyer).await;
    assert_eq!((checkout.url.path(), checkout.text("#who").contains(ALI.1)), ("/checkout", true));
    assert_eq!(checkout.header("x-frame-options"), "DENY");
    buyer.checks_out().await;
    let own =
        "SELECT count(*) FROM orders JOIN customers c ON c.id = customer_id WHERE c.weibo_uid = 7000000002";
    assert_eq!(shop.count(own).await, 1);
    assert_eq!(shop.count("SELECT count(*) FROM sessions WHERE state ? 'customer'").await, 0);

    // The link that every order has shows it, and she comes back to it from the cashier.
    let number = buyer.order();
    assert!(buyer.page().url.query().unwrap().starts_with("t="));
    let page = buyer.pays().await;
    assert_eq!(page.url.path(), format!("/orders/{number}"), "{}", page.told());
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");

    // Signed in elsewhere, she finds it.
    let mut phone = shop.buyer();
    phone.asks(posted(&shop, "/light?next=/orders", &of_her(&shop).await)).await;
    assert!(phone.page().body.contains(&number), "{}", phone.page().told());
    shop.closes().await;
}

#[tokio::test]
async fn the_list_of_her_orders_opens_from_the_frame() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    framed(&mut buyer, &shop, &of_her(&shop).await).await;
    let list = buyer.page().link("nav a[href*='/orders']");
    buys(&mut buyer).await;
    buyer.checks_out().await;
    let number = buyer.order();
    buyer.browser.cookies.clear();
    let page = goes(&mut buyer, list.clone()).await;
    assert!(page.has("#who") && page.has(&format!("a.listed[href*='{number}?t=']")), "{}", page.told());
    assert_eq!(goes(&mut buyer, page.link("a.listed")).await.status, 200);
    assert!(!buyer.visits(list).await.body.contains(&number), "not for whoever has the address");
    shop.closes().await;
}

#[tokio::test]
async fn a_visit_is_hers_alone_and_for_half_an_hour() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    framed(&mut buyer, &shop, &of_her(&shop).await).await;
    let tile = buyer.page().link("a.tile[href*='/light/p/mug']");
    let here = |agent| Ask::get(tile.clone()).with(site(), agent);
    let knows = async |mut somebody: Buyer, ask: Ask| somebody.asks(ask).await.has("#hello");
    assert!(knows(shop.desktop(), here("same-origin")).await);
    let referer = |from: &str| Ask::get(tile.clone()).with(REFERER, from);
    assert!(knows(shop.desktop(), referer(&format!("{}light", shop.base))).await, "a browser that says less");
    for (who, ask) in [
        (DESKTOP, here("cross-site")),
        (DESKTOP, here("none")),
        (DESKTOP, here("same-site")),
        (DESKTOP, Ask::get(tile.clone())),
        (DESKTOP, referer("https://evil.example/")),
        (CLIENT, here("same-origin")),
    ] {
        assert!(!knows(shop.visitor(who), ask).await, "{who}");
    }
    let token = tile.query_pairs().find(|(name, _)| name == "visit").unwrap().1.into_owned();
    let altered: String = token.chars().rev().collect();
    for guess in ["", "x", "%00", &altered, &token[1..], &"A".repeat(400)] {
        let mut url = tile.clone();
        url.set_query(Some(&format!("visit={guess}")));
        assert!(!knows(shop.desktop(), Ask::get(url).with(site(), "same-origin")).await, "{guess}");
    }
    shop.later(minutes(29));
    assert!(knows(shop.desktop(), here("same-origin")).await);
    shop.later(minutes(1));
    assert!(!knows(shop.desktop(), here("same-origin")).await);
    assert!(!shop.logged().contains(&token));
}

#[tokio::test]
async fn a_visit_makes_nobody_elses_order_hers() {
    let shop = TestShop::open().await;
    let mut thief = shop.desktop();
    framed(&mut thief, &shop, &of_her(&shop).await).await;
    let tile = thief.page().link("a.tile[href*='/light/p/mug']");
    let token = tile.query_pairs().find(|(name, _)| name == "visit").unwrap().1.into_owned();
    let lure = format!("/checkout?variant=mug&visit={token}");

    // Led there by his page, she orders as herself: a guest.
    let mut guest = shop.desktop();
    let asked = Ask::get(shop.base.join(&lure).unwrap()).with(site(), "cross-site");
    assert!(!guest.asks(asked).await.has("#who"));
    assert!(!guest.page().has("input[name=visit]"));
    guest.checks_out().await;
    // Whoever is signed in stays who she is.
    let mut zhou = shop.desktop();
    zhou.opens("/oauth/weibo?next=/").await;
    let form = zhou
        .page()
        .form("form[action='/oauth2/authorize']")
        .with("account", ZHOU.0)
        .with("decision", "allow");
    zhou.submits(&form).await;
    let asked = Ask::get(shop.base.join(&lure).unwrap()).with(site(), "same-origin");
    assert!(!zhou.asks(asked).await.has("input[name=visit]"));
    let form = zhou.filled_in().with("visit", &token);
    zhou.asks(Ask::form(&form).with(site(), "same-origin")).await;
    let whose = "SELECT count(*) FROM orders LEFT JOIN customers c ON c.id = customer_id WHERE c.weibo_uid = 7000000002";
    assert_eq!(shop.count(whose).await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await, 1);
    shop.closes().await;
}

#[tokio::test]
async fn in_the_client_a_session_begins_and_a_reload_is_still_hers() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let before = buyer.browser.cookies["weipu"].clone();
    let signed = of_her(&shop).await;
    let page = framed(&mut buyer, &shop, &signed).await;
    assert_eq!((page.url.path(), page.url.query()), ("/light", None), "nothing of it stays in the address");
    assert_eq!(page.text("#hello"), GREETED);
    assert_ne!(buyer.browser.cookies["weipu"], before, "a session of another name");
    assert_eq!(
        shop.count("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL").await,
        1,
        "hers as a guest"
    );
    assert_eq!(buyer.opens("/light").await.text("#hello"), GREETED);
    // The web view posts the same again.
    assert_eq!(framed(&mut buyer, &shop, &signed).await.text("#hello"), GREETED);
    assert!(!buyer.page().body.contains("visit="), "a cookie carries her");
    shop.closes().await;
}

#[tokio::test]
async fn a_hand_over_begins_one_session_at_once_or_none() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    let handed = async |buyer: &mut Buyer| {
        let signed = of_her(&shop).await;
        buyer.browser.send(posted(&shop, "/light", &signed)).await.link_of_location()
    };
    let once = handed(&mut buyer).await;
    let mut desktop = shop.desktop();
    assert!(is_a_visitor(desktop.visits(once.clone()).await), "another browser");
    assert!(buyer.visits(once.clone()).await.has("#hello"));
    assert!(is_a_visitor(shop.buyer().visits(once).await), "twice");
    let late = handed(&mut buyer).await;
    shop.later(minutes(1));
    assert!(is_a_visitor(shop.buyer().visits(late).await), "too late");
    // A visit's token is none, and none is a visit's.
    let mut frame = shop.desktop();
    framed(&mut frame, &shop, &of_her(&shop).await).await;
    let visit =
        frame.page().link("a.tile").query_pairs().find(|(name, _)| name == "visit").unwrap().1.into_owned();
    assert!(is_a_visitor(shop.desktop().opens(&format!("/light?entry={visit}")).await));
}

#[tokio::test]
async fn whoever_has_signed_in_stays_who_she_is() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    framed(&mut buyer, &shop, &of_her(&shop).await).await;
    let token = token(&shop, ZHOU.0).await;
    let zhou = async || signed(&shop, &payload(&shop, ZHOU.0, &token));
    assert_eq!(framed(&mut buyer, &shop, &zhou().await).await.text("#hello"), GREETED);
    // By GET, and where the frame's page stands so near that cookies cross over.
    shop.later(minutes(1));
    let url = format!("/light?{}", form(&[("signed_request", &zhou().await)]));
    assert_eq!(buyer.opens(&url).await.text("#hello"), GREETED);
    shop.later(minutes(1));
    let near = Ask { cookies: true, ..shown_in(posted(&shop, "/light", &zhou().await), "iframe") };
    let page = buyer.asks(near).await;
    assert_eq!((page.text("#hello").as_str(), page.body.contains("visit=")), (GREETED, false));
    assert_eq!(buyer.opens("/light").await.text("#hello"), GREETED);
}

#[tokio::test]
async fn a_link_to_a_product_leads_to_the_product_and_nowhere_else() {
    let shop = TestShop::open().await;
    for (next, in_frame, in_client) in [
        ("/p/mug", "/light/p/mug", "/p/mug"),
        ("/en/p/mug?variant=mug", "/en/light/p/mug", "/en/p/mug"),
        ("/light/p/mug", "/light/p/mug", "/light/p/mug"),
        ("/orders", "/light", "/orders"),
        ("//evil.example", "/light", "/light"),
        ("https://evil.example/p/mug", "/light", "/light"),
        ("/%5Cevil.example", "/light", "/light"),
    ] {
        let to = format!("/light?{}", form(&[("next", next.replace("%5C", "\\").as_str())]));
        let signed = of_her(&shop).await;
        let mut frame = shop.desktop();
        let page = frame.asks(posted(&shop, &to, &signed)).await;
        assert_eq!(page.has("#buy"), in_frame != "/light", "{next}: {}", page.told());
        // As a visitor she gets there too.
        let page = frame.asks(posted(&shop, &to, &signed)).await;
        assert_eq!((page.url.origin(), page.url.path()), (shop.base.origin(), in_frame), "{next}");
        let mut client = shop.buyer();
        let page = client.asks(posted(&shop, &to, &of_her(&shop).await)).await;
        assert_eq!((page.url.origin(), page.url.path()), (shop.base.origin(), in_client), "{next}");
    }
}

#[tokio::test]
async fn an_address_that_has_become_another_leads_there_in_the_frame() {
    let shop = TestShop::open().await;
    shop.runs("UPDATE products SET slug = 'cup' WHERE slug = 'mug'; UPDATE categories SET slug = 'desk' WHERE slug = 'table'")
        .await;
    let mut buyer = shop.desktop();
    for (old, new) in [("/light/p/mug", "/light/p/cup"), ("/light/c/table", "/light/c/desk")] {
        let page = buyer.opens(old).await;
        assert_eq!((page.status.as_u16(), page.url.path()), (200, new));
    }
    for gone in ["/light/p/nothing", "/light/c/nothing", "/light/p/%00", "/light/c/table?page=99"] {
        assert_eq!(buyer.opens(gone).await.status, 404, "{gone}");
    }
    // What Weibo leads to is gone: she is known, and sees the window.
    let signed = of_her(&shop).await;
    let page = buyer.asks(posted(&shop, "/light?next=/p/nothing", &signed)).await;
    assert_eq!((page.status.as_u16(), page.text("#hello").as_str()), (200, GREETED));
}

#[tokio::test]
async fn a_visitor_who_is_logged_out_is_shown_the_way_to_sign_in() {
    let shop = TestShop::open().await;
    let payload = json!({
        "algorithm": "HMAC-SHA256", "issued_at": shop.clock.now().unix_timestamp(),
        "user": { "country": "cn", "locale": "zh_CN", "version": 5 }, "ouid": "7000000001",
    });
    for agent in [DESKTOP, CLIENT] {
        let mut buyer = shop.visitor(agent);
        let page = framed(&mut buyer, &shop, &signed(&shop, &payload)).await;
        assert!(page.status.is_success() && is_a_visitor(page), "{}", page.told());
        assert_eq!(page.attribute("#sign-in", "target"), "_top");
        assert!(!page.has("#login"), "nobody has said where the dialog leads");
        buyer.follows("#sign-in").await;
        assert!(buyer.signs_in().await.has("#hello"), "{}", buyer.page().told());
    }
}

#[tokio::test]
async fn weibos_own_dialog_is_offered_where_it_is_known_where_it_leads() {
    let address: Url = "https://apps.weibo.com/shan".parse().unwrap();
    let set = address.clone();
    let shop = TestShop::with_web(move |web| web.light.as_mut().unwrap().address = Some(set)).await;
    let mut buyer = shop.desktop();
    let page = buyer.opens("/light").await;
    assert_eq!(page.attribute("#login", "data-address"), address.as_str());
    assert!(page.has("#login[hidden]") && page.has("#sign-in") && page.has("script[src$='js/login.js']"));
}

#[tokio::test]
async fn nothing_of_the_older_entry_is_believed() {
    let shop = TestShop::open().await;
    let older = "/light?cid=7000000001&viewer=7000000002&sub_appkey=1900000009&tokenString=2.00older";
    for agent in [DESKTOP, CLIENT] {
        let mut buyer = shop.visitor(agent);
        assert!(is_a_visitor(buyer.opens(older).await), "{}", buyer.page().told());
        assert!(buyer.page().link("#sign-in").path() == "/oauth/weibo");
        assert!(!buyer.page().body.contains("2.00older"));
    }
    nobody_came(&shop).await;
    assert!(!shop.logged().contains("2.00older"));
}

#[tokio::test]
async fn the_frame_may_ask_by_get() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    let url = format!("/light?{}", form(&[("signed_request", &signed)]));
    let mut buyer = shop.desktop();
    assert_eq!(buyer.opens(&url).await.text("#hello"), GREETED);
    assert!(is_a_visitor(shop.desktop().opens(&url).await), "once");
    assert!(!shop.logged().contains(&signed));
}

#[tokio::test]
async fn when_weibo_does_not_answer_she_is_a_visitor() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    let deaf =
        TestShop::with_weibo(|weibo| weibo.addresses.oauth = "http://127.0.0.1:9/".parse().unwrap()).await;
    let mut buyer = deaf.desktop();
    let page = framed(&mut buyer, &deaf, &signed).await;
    assert!(page.status.is_success() && is_a_visitor(page), "{}", page.told());
    let mute =
        TestShop::with_weibo(|weibo| weibo.addresses.api = "http://127.0.0.1:9/".parse().unwrap()).await;
    let token = token(&mute, ALI.0).await;
    let known = self::signed(&mute, &payload(&mute, ALI.0, &token));
    assert!(is_a_visitor(framed(&mut mute.desktop(), &mute, &known).await));
    nobody_came(&mute).await;
}

#[tokio::test]
async fn only_the_entry_takes_what_another_site_posts() {
    let shop = TestShop::open().await;
    let signed = of_her(&shop).await;
    for other in
        ["/light/", "/en/light", "/light/p/mug", "/checkout", "/sign-out", "/orders/2611-7KQ4-M2X9/question"]
    {
        let page = shop.desktop().browser.send(posted(&shop, other, &signed)).await;
        assert_eq!(page.status, 403, "{other}");
    }
    assert_eq!(framed(&mut shop.desktop(), &shop, &signed).await.status, 200);
}

#[tokio::test]
async fn switched_off_there_is_no_light_app() {
    let shop = TestShop::with_web(|web| web.light = None).await;
    let signed = of_her(&shop).await;
    let mut buyer = shop.desktop();
    for page in [framed(&mut buyer, &shop, &signed).await.clone(), buyer.opens("/light/p/mug").await.clone()]
    {
        assert_eq!((page.status.as_u16(), page.header("x-frame-options")), (404, "DENY"));
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    }
}

#[tokio::test]
async fn in_the_frame_all_but_the_window_opens_outside() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    framed(&mut buyer, &shop, &of_her(&shop).await).await;
    for path in ["", "nav.chips a", "a.tile"] {
        if !path.is_empty() {
            let next = buyer.page().link(path);
            goes(&mut buyer, next).await;
        }
        let page = buyer.page();
        assert!(page.has("base[target=_top]") && page.has("#hello"), "{}", page.told());
        for link in page.links() {
            let inside = link.target == "_self";
            assert_eq!(inside, link.url.path().contains("/light"), "{} on {}", link.url, page.url);
            let known = link.url.query().is_some_and(|query| query.contains("visit="));
            assert!(!inside || known, "{} on {}", link.url, page.url);
            assert!(!known || link.url.origin() == shop.base.origin(), "{}", link.url);
        }
    }
    assert!(buyer.page().has("form#buy input[name=visit]"));
    let form = buyer.page().form("#buy");
    assert_eq!((form.action.path(), form.post), ("/checkout", false));
    let english = buyer.page().link("a[lang=en]");
    let page = goes(&mut buyer, english).await;
    assert_eq!((page.attribute("html", "lang").as_str(), page.has("#hello")), ("en", true));
}

#[tokio::test]
async fn without_any_cookie_an_order_is_placed_paid_and_seen() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    let without = |ask: Ask| Ask { cookies: false, ..ask };
    buyer.asks(without(Ask::get(shop.base.join("/checkout?variant=mug").unwrap()))).await;
    let form = buyer.filled_in();
    let placed = buyer.browser.send(without(Ask::form(&form))).await;
    let link = placed.link_of_location();
    buyer.browser.cookies.clear();
    assert_eq!(buyer.visits(link.clone()).await.payment(), "none");
    buyer.goes_to_the_cashier().await;
    shop.weibo.will(weipu::sandbox::Fault::ReturnPosted);
    buyer.presses_pay().await;
    let back = buyer.page().form("main form");
    let posted = buyer.browser.send(Ask::form(&back).of_another_site()).await;
    assert_eq!(posted.status, 303);
    let page = buyer.browser.send(without(Ask::get(posted.link_of_location()))).await;
    assert_eq!((page.status.as_u16(), page.payment()), (200, "confirming".into()), "{}", page.told());
    shop.weibo.delivers().await;
    assert_eq!(buyer.visits(link).await.payment(), "paid");
    assert!(buyer.browser.cookies.is_empty());
    shop.closes().await;
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host_and_lax() {
    let shop = TestShop::with_web(|web| web.public_url.set_scheme("https").unwrap()).await;
    let mut buyer = shop.buyer();
    buyer.opens("/oauth/weibo?next=/").await;
    let cookie = buyer.browser.set_cookies.first().unwrap();
    assert!(cookie.starts_with("__Host-weipu="), "{cookie}");
    for part in ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"] {
        assert!(cookie.split("; ").any(|said| said == part), "no {part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}
