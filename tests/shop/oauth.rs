//! OAuth, misused: states, callbacks, addresses to be led to, tokens that are over.

use crate::reposts::{has_bought, said, says};
use crate::signing_in::{asks_to_sign_in, led_back};
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{TestShop, minutes};
use futures_util::future::join_all;
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use url::Url;
use weipu::customers::{self, CustomerId, Held, SignIn, Way};
use weipu::sandbox::Fault;
use weipu::seal::Keyring;

/// Shapes with which `next` leads, or once led, some browser or some server away.
fn away() -> Vec<String> {
    serde_json::from_str(include_str!("../fixtures/led_away.json")).unwrap()
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The callback is asked once, and where it leads is not followed.
async fn answered(buyer: &mut Buyer, back: Url) -> (u16, Option<Url>) {
    let answer = buyer.browser.send(Ask::get(back)).await;
    let led = answer.status.is_redirection().then(|| answer.link_of_location());
    (answer.status.as_u16(), led)
}

pub async fn held(shop: &TestShop) -> Option<Held> {
    let mut conn = shop.database.connect().await;
    let id = CustomerId(shop.count("SELECT id FROM customers").await);
    customers::token(&mut conn, id, &shop.app.shop.keys, shop.clock.now()).await.unwrap()
}

#[tokio::test]
async fn several_tabs_may_be_away_at_once() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/orders").await;
    let first = led_back(&mut buyer, "allow").await;
    buyer.opens("/oauth/weibo?next=/p/mug").await;
    let second = led_back(&mut buyer, "allow").await;
    assert_eq!(buyer.visits(first).await.url.path(), "/orders");
    assert_eq!(buyer.visits(second).await.url.path(), "/p/mug");
    assert_eq!(shop.count("SELECT count(*) FROM sign_ins").await, 0);
    assert_eq!(shop.count("SELECT count(*) FROM sessions").await, 1);
}

#[tokio::test]
async fn of_two_callbacks_at_once_one_signs_in() {
    let shop = TestShop::open().await;
    for _ in 0..5 {
        let mut buyer = shop.desktop();
        buyer.opens("/oauth/weibo?next=/orders").await;
        let back = led_back(&mut buyer, "allow").await;
        let mut other = shop.desktop();
        other.browser.cookies = buyer.browser.cookies.clone();
        let (one, two) = tokio::join!(answered(&mut buyer, back.clone()), answered(&mut other, back));
        let mut statuses = [one.0, two.0];
        statuses.sort_unstable();
        assert_eq!(statuses, [303, 400]);
    }
}

#[tokio::test]
async fn a_state_that_another_browser_has_brought_is_spent() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    let mut thief = asks_to_sign_in(&shop, "/").await;
    assert_eq!(thief.visits(back.clone()).await.status, 400);
    assert_eq!(buyer.visits(back).await.status, 400);
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
}

#[tokio::test]
async fn who_never_comes_back_is_swept() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let mut desktop = shop.desktop();
    desktop.opens("/sign-in").await;
    shop.later(minutes(9));
    customers::sweep_sign_ins(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    let back = led_back(&mut buyer, "allow").await;
    assert_eq!(buyer.visits(back).await.status, 200, "not before its time");
    asks_to_sign_in(&shop, "/").await;
    shop.later(minutes(10));
    customers::sweep_sign_ins(&shop.app.shop.db, shop.clock.now()).await.unwrap();
    let left = "SELECT (SELECT count(*) FROM sign_ins) + (SELECT count(*) FROM scans)";
    assert_eq!(shop.count(left).await, 0);
}

#[tokio::test]
async fn no_shape_of_next_leads_away() {
    let shop = TestShop::open().await;
    let long = format!("/{}", "a".repeat(600));
    let (mut buyer, mut desktop) = (shop.buyer(), shop.desktop());
    for next in away().iter().chain([&long]) {
        buyer.opens(&format!("/oauth/weibo?another=yes&next={}", encoded(next))).await;
        let back = led_back(&mut buyer, "allow").await;
        let (_, led) = answered(&mut buyer, back).await;
        assert_eq!(led, Some(shop.base.clone()), "{next:?} after signing in");
        buyer.opens(&format!("/oauth/weibo?another=yes&next={}", encoded(next))).await;
        let back = led_back(&mut buyer, "refuse").await;
        let (_, led) = answered(&mut buyer, back).await;
        assert_eq!(led, Some(shop.base.clone()), "{next:?} after saying no");
        let page = buyer.opens(&format!("/account?meant={}", encoded(next))).await;
        assert_eq!(page.link("#on"), shop.base, "{next:?} on the account's page");
        let page = desktop.opens(&format!("/sign-in?next={}", encoded(next))).await;
        assert_eq!(page.link("#here").query(), Some("next=%2F"), "{next:?} on the page with the code");
    }
    // Who has signed in is led on at once.
    desktop.opens("/oauth/weibo").await;
    desktop.signs_in().await;
    for next in &away() {
        let url = desktop.browser.at(&format!("/sign-in?next={}", encoded(next)));
        let led = desktop.browser.send(Ask::get(url)).await.link_of_location();
        assert_eq!(led, shop.base, "{next:?}");
    }
}

#[tokio::test]
async fn each_refusal_of_weibos_has_its_words() {
    let shop = TestShop::open().await;
    let refusals = [
        ("error=access_denied&error_code=21330", 200, ""),
        ("error=access_denied", 200, ""),
        ("error_code=21330", 200, ""),
        ("error=applications_over_the_unaudited_use_restrictions&error_code=21321", 403, "测试账号"),
        ("error=redirect_uri_mismatch&error_code=21322&error_url=x&error_description=y", 409, "没有设置好"),
        ("error=invalid_client&error_code=21324&error_uri=x", 409, "没有设置好"),
        ("error=temporarily_unavailable&error_code=21331", 502, "没有回应"),
        ("error=server_error&error_code=99999", 400, "没有成功"),
        ("error=x&error_code=%0Aevil%20line", 400, "没有成功"),
        ("error=x", 400, "没有成功"),
    ];
    for (said, status, words) in refusals {
        let mut buyer = asks_to_sign_in(&shop, "/p/mug").await;
        let back = led_back(&mut buyer, "refuse").await;
        let query: BTreeMap<_, _> = back.query_pairs().into_owned().collect();
        buyer.browser.expects_failure = status == 502;
        let page = buyer.opens(&format!("/oauth/weibo/callback?{said}&state={}", query["state"])).await;
        assert_eq!(page.status, status, "{said}");
        if status == 200 {
            assert_eq!(page.url.path(), "/p/mug");
        } else {
            assert!(page.text("h1").contains(words), "{said}: {}", page.told());
        }
    }
    let logged = shop.logged();
    assert!(!logged.contains("evil line"));
    let calls = |code: &str| logged.lines().any(|line| line.contains("ERROR") && line.contains(code));
    assert!(
        !calls("21321") && !calls("21324"),
        "nobody is called for what anybody can write into an address"
    );
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
}

#[tokio::test]
async fn what_only_the_merchant_can_mend_is_an_error_of_ours_when_weibo_says_it() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    let back = led_back(&mut buyer, "allow").await;
    line.says("/oauth2/access_token", r#"{"error":"unauthorized_client","error_code":21329}"#);
    assert_eq!(buyer.visits(back).await.status, 409);
    assert!(shop.logged().lines().any(|line| line.contains("ERROR") && line.contains("21329")));
}

#[tokio::test]
async fn a_limit_or_an_outage_of_weibos_is_no_refusal() {
    let (shop, line) = TestShop::with_line().await;
    let signs_in = async || {
        // In the client, who agreed before is not asked again.
        let mut buyer = shop.phone();
        buyer.opens("/oauth/weibo?next=/").await;
        let back = led_back(&mut buyer, "allow").await;
        buyer.browser.expects_failure = true;
        let page = buyer.visits(back).await;
        (page.status.as_u16(), page.text("h1"))
    };
    let later = (502, "微博没有回应".to_owned());
    for fault in [Fault::OverLimit, Fault::IpOverLimit, Fault::ApiOverLimit] {
        shop.weibo.will(fault);
        assert_eq!(signs_in().await, later, "{fault:?}");
    }
    for path in ["/oauth2/access_token", "/oauth2/get_token_info"] {
        for code in [10001, 10002, 10003, 10022, 10023, 10024] {
            line.says(path, format!(r#"{{"error":"x","error_code":{code}}}"#));
            assert_eq!(signs_in().await, later, "{path} {code}");
        }
        line.says(path, r#"{"error":"expired_token","error_code":21327}"#);
        assert_eq!(signs_in().await, (400, "登录没有成功".to_owned()), "{path}");
        line.mend();
    }
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
}

#[tokio::test]
async fn signing_in_offers_to_follow_when_the_merchant_wants_it() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    assert!(!buyer.page().url.query().unwrap().contains("scope"), "not by itself");
    let mut owner = shop.owner().await;
    owner.opens("/admin/settings/weibo").await;
    let form = owner.page().form("#sign-in").with("offer_follow", "on");
    assert!(owner.submits(&form).await.has("#sign-in input[checked]"), "{}", owner.page().told());
    buyer.opens("/oauth/weibo?next=/").await;
    let query: BTreeMap<_, _> = buyer.page().url.query_pairs().into_owned().collect();
    assert_eq!(query["scope"], "follow_app_official_microblog");
    assert_eq!((query["display"].as_str(), query.get("forcelogin")), ("mobile", None));
    let form = owner.page().form("#sign-in").without("offer_follow");
    assert!(!owner.submits(&form).await.has("#sign-in input[checked]"));
    buyer.opens("/oauth/weibo?next=/en/orders&another=yes").await;
    let query: BTreeMap<_, _> = buyer.page().url.query_pairs().into_owned().collect();
    assert_eq!((query["forcelogin"].as_str(), query["language"].as_str()), ("true", "en"));
    assert!(!query.contains_key("scope"));
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action = 'change-sign-in'").await, 2);
}

#[tokio::test]
async fn what_she_typed_waits_until_she_has_signed_in_again() {
    let (shop, line) = TestShop::with_line().await;
    shop.posts_a_card("mug").await;
    let mut buyer = has_bought(&shop).await;
    let sql = "UPDATE customers SET token_expires_at = '2026-11-21 04:00Z' RETURNING 1::bigint";
    shop.count(sql).await;
    let page = says(&mut buyer, "我自己的话").await;
    assert_eq!((page.status.as_u16(), page.text("#kept")), (409, "我自己的话".into()), "{}", page.told());
    assert_eq!(line.calls("/2/statuses/repost.json"), 0, "a token that is over is never sent");
    buyer.follows("#sign-in").await;
    let page = buyer.signs_in().await;
    assert_eq!(page.text("#repost textarea"), "我自己的话");
    shop.weibo.will(Fault::TokenExpired);
    let page = says(&mut buyer, "改过的话").await;
    assert_eq!(page.text("#kept"), "改过的话");
    assert!(held(&shop).await.is_none(), "Weibo does not know it");
    assert_eq!(buyer.looks_at_her_order(&shop).await.text("#kept"), "改过的话", "however long it takes");
    buyer.follows("#sign-in").await;
    buyer.signs_in().await;
    says(&mut buyer, "改过的话").await;
    assert_eq!(said(&shop), ["改过的话"]);
    assert!(!shop.everything_stored().await.contains("draft"), "it waits no more");
    shop.closes().await;
}

impl Buyer {
    /// The page of her only order, opened anew.
    async fn looks_at_her_order(&mut self, shop: &TestShop) -> &crate::support::page::Page {
        assert_eq!(shop.count("SELECT count(*) FROM orders").await, 1);
        self.opens("/orders").await;
        self.follows("a.listed").await
    }
}

#[tokio::test]
async fn forgetting_a_token_leaves_the_one_she_has_given_meanwhile() {
    let shop = TestShop::open().await;
    let mut buyer = asks_to_sign_in(&shop, "/").await;
    buyer.signs_in().await;
    let old = held(&shop).await.unwrap();
    buyer.opens("/oauth/weibo?next=/").await;
    buyer.signs_in().await;
    let id = CustomerId(shop.count("SELECT id FROM customers").await);
    customers::forget_token(&shop.app.shop.db, id, &old).await.unwrap();
    let new = held(&shop).await.unwrap();
    assert_ne!(new.secret.expose_secret(), old.secret.expose_secret());
    customers::forget_token(&shop.app.shop.db, id, &new).await.unwrap();
    assert!(held(&shop).await.is_none());
}

#[tokio::test]
async fn calls_with_one_token_are_made_one_after_the_other() {
    let (shop, line) = TestShop::with_line().await;
    asks_to_sign_in(&shop, "/").await.signs_in().await;
    let (token, weibo) = (held(&shop).await.unwrap().secret, shop.weibo_client().await);
    let calls = (0..24).map(|n| {
        let (token, weibo) = (token.clone(), weibo.clone());
        async move {
            if n % 2 == 0 {
                return weibo.token_owner(&token).await.unwrap().uid;
            }
            weibo.show_user(&token, 7_000_000_002).await.unwrap().uid
        }
    });
    assert_eq!(join_all(calls).await, [7_000_000_002; 24]);
    assert_eq!(line.most(), 1);
}

#[tokio::test]
async fn a_new_key_seals_what_comes_and_opens_what_was() {
    let shop = TestShop::open().await;
    let (old_text, new_text) = (Keyring::fresh(), Keyring::fresh());
    let [old, new] = [&old_text, &new_text].map(|text| Keyring::parse(text).unwrap());
    let both = Keyring::parse(&format!("{new_text},{old_text}")).unwrap();
    let now = shop.clock.now();
    let token = SecretString::from("2.00TESTONLYROTATED");
    let who = SignIn {
        weibo_uid: 7_000_000_002,
        screen_name: "阿梨",
        access_token: &token,
        expires_at: now + minutes(60),
        by: Way::Press,
    };
    let opens = async |keys: &Keyring, id| {
        let mut conn = shop.database.connect().await;
        let held = customers::token(&mut conn, id, keys, now).await.unwrap();
        held.is_some_and(|held| held.secret.expose_secret() == token.expose_secret())
    };
    let signs_in = async |keys: &Keyring| {
        let mut tx = shop.app.shop.db.begin().await.unwrap();
        let entered = customers::sign_in(&mut tx, &who, keys, now).await.unwrap();
        tx.commit().await.unwrap();
        entered.customer
    };
    let id = signs_in(&old).await;
    assert!(opens(&both, id).await && opens(&old, id).await && !opens(&new, id).await);
    assert_eq!(signs_in(&both).await, id);
    assert!(opens(&both, id).await && opens(&new, id).await && !opens(&old, id).await);
}

#[tokio::test]
async fn her_token_is_nowhere_to_be_read() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = has_bought(&shop).await;
    let mut seen = buyer.page().body.clone();
    let token = held(&shop).await.unwrap().secret.expose_secret().to_owned();
    assert!(token.starts_with("2.00"), "the sandbox's");
    for path in ["/account", "/orders", "/account?done=withdrawn"] {
        seen += &buyer.opens(path).await.body;
    }
    buyer.presses("#withdraw").await;
    line.cut("/oauth2/revokeoauth2");
    buyer.opens("/oauth/weibo?next=/account").await;
    buyer.signs_in().await;
    let second = held(&shop).await.unwrap().secret.expose_secret().to_owned();
    seen += &buyer.presses("#withdraw").await.body;
    assert_eq!(shop.count("SELECT count(*) FROM revocations").await, 1);
    let (stored, logged) = (shop.everything_stored().await, shop.logged());
    assert!(stored.contains("阿梨的茶桌"), "her name is there");
    for token in [token, second] {
        let bytes = token.as_bytes();
        let hex = data_encoding::HEXLOWER.encode(bytes);
        for shape in [token.clone(), hex, data_encoding::BASE64.encode(&bytes[..30])] {
            for place in [&stored, &logged, &seen] {
                assert!(!place.contains(&shape));
            }
        }
    }
    line.mend();
    shop.closes().await;
}
