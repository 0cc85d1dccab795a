//! Leave to act for her, given, taken back and looked at from several sides at once.

use crate::light;
use crate::oauth::held;
use crate::own_account::{signed_in, token};
use crate::support::browser::{CLIENT, DESKTOP};
use crate::support::page::Page;
use crate::support::{Duration, TestShop, minutes};
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use weipu::customers::{self, SignIn, Way};
use weipu::jobs::Job;
use weipu::sandbox::{Fault, Settings};
use weipu::seal::Keyring;

const REVOKE: &str = "/oauth2/revokeoauth2";
const INFO: &str = "/oauth2/get_token_info";

/// What Weibo's frame says of her now: signed at another second, it is another.
fn of_her(shop: &TestShop) -> String {
    shop.later(Duration::seconds(1));
    shop.weibo.sandbox.signed_request(Some("7000000002"))
}

/// The frame posts this, and what stands in it then.
async fn framed(shop: &TestShop, agent: &'static str, signed: &str) -> Page {
    light::framed(&mut shop.visitor(agent), shop, signed).await.clone()
}

fn is_a_visitor(page: &Page) -> bool {
    page.status.is_success() && page.has("#sign-in") && !page.has("#hello")
}

/// The same signed request, where nothing is said of how long the token lives.
fn silent_of_time(shop: &TestShop, signed: &str) -> String {
    let part = BASE64URL_NOPAD.decode(signed.split_once('.').unwrap().1.as_bytes()).unwrap();
    let mut payload: Value = serde_json::from_slice(&part).unwrap();
    assert!(payload.as_object_mut().unwrap().remove("expires").is_some());
    let part = BASE64URL_NOPAD.encode(payload.to_string().as_bytes());
    let secret = Settings::demo(shop.sandbox_base.clone(), None, None).unwrap().app_secret;
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    format!("{}.{part}", BASE64URL_NOPAD.encode(hmac::sign(&key, part.as_bytes()).as_ref()))
}

/// She signs in with this token, which lives so long.
async fn comes(shop: &TestShop, (token, lives): (&str, Duration), keys: &Keyring) {
    let (token, now) = (SecretString::from(token), shop.clock.now());
    let who = SignIn {
        weibo_uid: 7_000_000_002,
        screen_name: "阿梨",
        access_token: &token,
        expires_at: now + lives,
        by: Way::Press,
    };
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    customers::sign_in(&mut tx, &who, keys, now).await.unwrap();
    tx.commit().await.unwrap();
}

async fn holds(shop: &TestShop) -> String {
    held(shop).await.map(|held| held.secret.expose_secret().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn the_frame_does_not_undo_what_she_is_taking_back() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = signed_in(&shop).await;
    line.cut(REVOKE);
    buyer.presses("#withdraw").await;
    let pending = "SELECT count(*) FROM revocations";
    for agent in [DESKTOP, CLIENT] {
        let page = framed(&shop, agent, &of_her(&shop)).await;
        assert!(page.has("#hello"), "{}", page.told());
        assert!(token(&shop).await.is_none(), "she has asked for nothing");
        assert_eq!(shop.count(pending).await, 1, "Weibo is still to be told");
    }
    line.mend();
    shop.later(minutes(5));
    shop.work().await;
    assert_eq!((line.calls(REVOKE), shop.count(pending).await), (2, 0));
    // Only a press gives leave anew.
    buyer.presses("#everywhere").await;
    signed_in(&shop).await;
    assert!(token(&shop).await.is_some());
    shop.closes().await;
}

#[tokio::test]
async fn a_frame_at_the_very_moment_does_not_either() {
    let (shop, line) = TestShop::with_line().await;
    for _ in 0..5 {
        line.mend();
        let mut buyer = signed_in(&shop).await;
        line.cut(REVOKE);
        let signed = of_her(&shop);
        tokio::join!(buyer.presses("#withdraw"), framed(&shop, DESKTOP, &signed));
        assert!(token(&shop).await.is_none());
    }
    line.mend();
    shop.closes().await;
}

#[tokio::test]
async fn who_signs_in_while_weibo_is_told_is_asked_about() {
    let (shop, line) = TestShop::with_line().await;
    let mut buyer = signed_in(&shop).await;
    line.holds(REVOKE);
    let again = async {
        line.arrives().await;
        signed_in(&shop).await;
        // Weibo takes her leave back as a whole.
        shop.weibo_client().await.revoke(&token(&shop).await.unwrap()).await.unwrap();
        line.lets_go();
    };
    tokio::join!(buyer.presses("#withdraw"), again);
    assert!(token(&shop).await.is_some());
    assert!(shop.jobs().await.iter().any(|(job, _)| matches!(job, Job::CheckToken { .. })));
    shop.work().await;
    assert!(token(&shop).await.is_none(), "Weibo does not know it any more");
    shop.closes().await;
}

#[tokio::test]
async fn a_token_that_ends_earlier_replaces_none_that_holds_longer() {
    let shop = TestShop::open().await;
    let keys = &shop.app.shop.keys;
    comes(&shop, ("2.00LONG", minutes(60)), keys).await;
    comes(&shop, ("2.00SHORT", minutes(30)), keys).await;
    assert_eq!(holds(&shop).await, "2.00LONG");
    comes(&shop, ("2.00SAME", minutes(60)), keys).await;
    assert_eq!(holds(&shop).await, "2.00SAME", "of two the newer");
    shop.later(minutes(60));
    comes(&shop, ("2.00NEXT", minutes(30)), keys).await;
    assert_eq!(holds(&shop).await, "2.00NEXT", "the other's time is over");
    let lost = Keyring::parse(&Keyring::fresh()).unwrap();
    comes(&shop, ("2.00LOST", minutes(90)), &lost).await;
    assert_eq!(holds(&shop).await, "", "nobody has the key any more");
    comes(&shop, ("2.00FOUND", minutes(5)), keys).await;
    assert_eq!(holds(&shop).await, "2.00FOUND");
}

#[tokio::test]
async fn where_the_frame_does_not_say_how_long_weibo_is_believed() {
    let shop = TestShop::open().await;
    let signed = silent_of_time(&shop, &of_her(&shop));
    assert!(framed(&shop, DESKTOP, &signed).await.has("#hello"));
    let until = shop.count("SELECT extract(epoch FROM token_expires_at)::bigint FROM customers").await;
    assert_eq!(until, (shop.clock.now() + Duration::days(30)).unix_timestamp());
    assert!(held(&shop).await.is_some(), "it may be used");
}

#[tokio::test]
async fn a_limit_or_an_outage_of_weibos_does_not_turn_her_away_from_the_frame() {
    let (shop, line) = TestShop::with_line().await;
    let comes = async || framed(&shop, DESKTOP, &of_her(&shop)).await;
    for fault in [Fault::OverLimit, Fault::IpOverLimit, Fault::ApiOverLimit] {
        shop.weibo.will(fault);
        let page = comes().await;
        assert!(is_a_visitor(&page), "{fault:?}: {}", page.told());
    }
    for code in [10001, 10002, 10003, 10022, 10023, 10024] {
        line.says(INFO, format!(r#"{{"error":"x","error_code":{code}}}"#));
        let page = comes().await;
        assert!(is_a_visitor(&page), "{code}: {}", page.told());
    }
    for code in [21319, 21327, 21332] {
        line.says(INFO, format!(r#"{{"error":"x","error_code":{code}}}"#));
        assert_eq!(comes().await.status, 403, "{code}");
    }
    line.mend();
    assert!(comes().await.has("#hello"));
}
