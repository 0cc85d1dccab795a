//! Weibo's keys, entered while the shop runs: never shown again, checked, followed without a restart.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Form;
use crate::support::{TestShop, minutes};
use data_encoding::HEXLOWER;
use openssl::rsa::Rsa;
use weipu::sandbox;
use weipu::settings::{Current, keys::Given};
use weipu::weibo::signature::{SigningKey, VerifyingKey};

const PAGE: &str = "/admin/settings/weibo";
const KEYS: &str = "form[action='/admin/settings/weibo']";
const CHECK: &str = "form[action='/admin/settings/weibo/check']";
const SECRET: &str = "test-only-app-secret-0001";

/// The sandbox's keys, as a merchant would paste them.
fn whole(form: Form) -> Form {
    form.with("app_key", " 1900000001 ")
        .with("app_secret", SECRET)
        .with("seller_id", "7000000001")
        .with("private_key", sandbox::demo_merchant_private_key().replace('\n', "\r\n"))
        .with("public_key", sandbox::demo_platform_public_key())
}

/// A key that nobody else has: private and public, PEM.
fn fresh(bits: u32) -> (String, String) {
    let private = Rsa::generate(bits).unwrap();
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    (text(private.private_key_to_pem().unwrap()), text(private.public_key_to_pem().unwrap()))
}

/// An owner who has entered all keys.
async fn connected(shop: &TestShop) -> Buyer {
    let mut owner = shop.owner().await;
    let form = whole(owner.opens(PAGE).await.form(KEYS));
    let page = owner.submits(&form).await;
    assert!(page.status == 200 && page.has(".said"), "{}", page.told());
    owner
}

#[tokio::test]
async fn a_shop_without_keys_is_open_and_says_that_it_takes_no_money_yet() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut visitor = shop.buyer();
    for path in ["/", "/p/mug", "/orders"] {
        assert_eq!(visitor.opens(path).await.status, 200, "{path}");
    }
    for path in ["/checkout?variant=mug", "/en/checkout?variant=mug", "/oauth/weibo"] {
        let page = visitor.opens(path).await;
        assert_eq!(page.status, 409, "{path}");
        assert!(page.text("h1").contains("收款") || page.text("h1").contains("payments"), "{}", page.told());
    }
    let form = "variant=mug&quantity=1&recipient=x";
    let post = Ask::post(visitor.browser.at("/checkout"), form);
    assert_eq!(visitor.asks(post).await.status, 409);
    assert_eq!(shop.weibo.posts("a=b").await.status, 409);
    assert_eq!(visitor.opens("/return/weibo/pay?out_pay_id=1").await.status, 409);
    let mut owner = shop.owner().await;
    let first_step = owner.opens("/admin").await.link(".begin a[href$=weibo]");
    assert_eq!(first_step.path(), PAGE, "the steps on the page say what to do");
    assert!(!owner.page().has("main .advice"), "and nothing else says it again");
    assert_eq!(owner.opens("/admin/orders").await.link("main .advice a").path(), PAGE, "so does the desk");
    let page = owner.opens(PAGE).await;
    assert!(page.has("[role=note]") && page.text(".facts").contains("还没有"));
    let page = owner.presses(CHECK).await;
    assert!(page.text("#findings").contains("App Secret"), "what is missing is named: {}", page.told());
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test]
async fn keys_that_are_entered_work_at_once_and_are_nowhere_to_be_read() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = connected(&shop).await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid");
    buyer.opens("/oauth/weibo?next=/orders").await;
    assert_eq!(buyer.signs_in().await.url.path(), "/orders");
    let page = owner.opens(PAGE).await.body.clone();
    assert!(page.contains("…0001") && page.contains("阿山") && page.contains("821402042905514f"));
    let checked = owner.presses(CHECK).await.body.clone();
    let pem = sandbox::demo_merchant_private_key();
    let line = pem.lines().nth(3).unwrap();
    let bytes = |text: &str| HEXLOWER.encode(text.as_bytes());
    let (stored, logged) = (shop.everything_stored().await, shop.logged());
    for place in [&page, &checked, &owner.opens("/admin").await.body, &stored, &logged] {
        for secret in [SECRET, line, &bytes(SECRET), &bytes(line)] {
            assert!(!place.contains(secret), "a secret can be read");
        }
    }
    assert!(stored.contains("change-weibo-keys"), "who set them is written down");
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys WHERE staff_name = '阿山'").await, 5);
    shop.closes().await;
}

#[tokio::test]
async fn a_key_that_cannot_be_one_is_refused_in_words_and_not_shown_again() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = shop.owner().await;
    let (private, public) = fresh(2048);
    let (short, short_public) = fresh(1023);
    let form = owner.opens(PAGE).await.form(KEYS);
    let nonsense = "-----BEGIN RSA PRIVATE KEY-----\nMIIC\n-----END RSA PRIVATE KEY-----";
    let bad: [(&str, &str, &str); 12] = [
        ("app_key", "19 00", "字母和数字"),
        ("app_key", "19\u{1}00", "字母和数字"),
        ("app_secret", "short", "8 位"),
        ("app_secret", "a b c d e f g h", "8 位"),
        ("seller_id", "微博", "数字"),
        ("seller_id", "0", "数字"),
        ("private_key", nonsense, "看不懂"),
        ("private_key", &public, "这是公钥"),
        ("private_key", &short, "1024"),
        ("public_key", &private, "这是私钥"),
        ("public_key", &short_public, "1024"),
        ("public_key", "AAAA\0", "看不懂"),
    ];
    for (name, value, words) in bad {
        let page = owner.submits(&form.clone().with(name, value)).await;
        assert_eq!(page.status, 422, "{name}");
        assert!(page.wrong(name).contains(words), "{name}: {}", page.wrong(name));
        assert!(
            value.len() < 9 || !page.body.contains(&value[..9.min(value.len())]) || value.starts_with("---")
        );
        assert!(!page.body.contains("-----BEGIN"), "a key comes back");
    }
    // Our own public key in the place of Weibo's, in one form and in two.
    let both = form.clone().with("private_key", &*private).with("public_key", &*public);
    assert!(owner.submits(&both).await.wrong("public_key").contains("我们自己"));
    owner.submits(&form.with("private_key", &*private)).await;
    let form = owner.opens(PAGE).await.form(KEYS).with("public_key", &*public);
    assert!(owner.submits(&form).await.wrong("public_key").contains("我们自己"));
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys").await, 1);
}

#[tokio::test]
async fn the_page_of_keys_asks_for_the_password_again() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = shop.owner().await;
    let form = whole(owner.opens(PAGE).await.form(KEYS));
    let check = owner.page().form(CHECK);
    shop.later(minutes(11));
    for form in [form, check] {
        assert_eq!(owner.submits(&form).await.url.path(), "/admin/account/confirm");
    }
    assert_eq!(owner.opens(PAGE).await.url.path(), "/admin/account/confirm");
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys").await, 0);
}

#[tokio::test]
async fn keys_that_everybody_has_take_no_money() {
    let shop = TestShop::without_keys(|given| given.everybodys = &sandbox::KNOWN_FINGERPRINTS).await;
    let mut owner = shop.owner().await;
    let form = whole(owner.opens(PAGE).await.form(KEYS));
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 422);
    assert!(page.wrong("private_key").contains("沙箱") && page.wrong("public_key").contains("沙箱"));
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys").await, 0);
}

#[tokio::test]
async fn a_payment_that_began_under_the_old_key_of_weibos_is_settled_while_both_hold() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = connected(&shop).await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    let old = VerifyingKey::parse(sandbox::demo_platform_public_key()).unwrap().fingerprint().unwrap();
    let remove = format!("form[action$='{old}/removal']");
    assert!(!owner.opens(PAGE).await.has(&remove), "the last key stays");
    let form = owner.page().form(KEYS).with("public_key", fresh(2048).1);
    assert!(owner.submits(&form).await.has(".said"));
    shop.weibo.delivers().await;
    assert_eq!(buyer.looks_again().await.payment(), "paid", "signed by the old key");
    let stale = owner.page().form(&remove);
    let form = owner.page().form(KEYS).with("app_key", "1900000001");
    owner.submits(&form).await;
    assert_eq!(owner.submits(&stale).await.status, 409, "somebody changed the keys meanwhile");
    let remove = owner.page().form(&remove);
    assert!(owner.submits(&remove).await.has(".said"));
    assert_eq!(owner.submits(&remove).await.status, 409);
    let notice = weipu_notice(&shop);
    assert_eq!(shop.weibo.tells(notice).await.status, 400, "the old key is none any more");
    shop.later(minutes(24 * 60));
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_weibo_refuses_under_other_keys_closes_no_order_for_a_day() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = connected(&shop).await;
    shop.later(minutes(1));
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    shop.later(minutes(1));
    let form = owner.opens(PAGE).await.form(KEYS).with("private_key", fresh(2048).0);
    assert!(owner.submits(&form).await.has(".said"));
    shop.follows_settings().await;
    for _ in 0..6 {
        shop.later(minutes(30));
        shop.work().await;
    }
    let closed = "SELECT count(*) FROM orders WHERE closed_at IS NOT NULL";
    assert_eq!(shop.count(closed).await, 0, "she may have paid: we ask as somebody else");
    for _ in 0..48 {
        shop.later(minutes(60));
        shop.work().await;
    }
    assert_eq!(shop.count(closed).await, 1);
    shop.leaves_jobs();
}

fn weipu_notice(shop: &TestShop) -> weipu::weibo::signature::Params {
    crate::support::weibo::Weibo::notice_of(&shop.weibo.payment())
}

#[tokio::test]
async fn the_last_key_of_weibos_cannot_be_taken_away() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = connected(&shop).await;
    let mark = VerifyingKey::parse(sandbox::demo_platform_public_key()).unwrap().fingerprint().unwrap();
    let form = owner.opens(PAGE).await.form(CHECK).with("version", "1");
    for mark in [mark.as_str(), "0", &"0".repeat(64), "%00"] {
        let action = owner.browser.at(&format!("{PAGE}/public-keys/{mark}/removal"));
        let status = owner.submits(&Form { action, ..form.clone() }).await.status;
        assert_eq!(status, 404, "{mark}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys WHERE kind = 'public_key'").await, 1);
    assert_eq!(shop.count("SELECT weibo_version FROM shop").await, 1);
}

#[tokio::test]
async fn the_checks_say_what_is_right_and_what_is_wrong() {
    let shop = TestShop::without_keys(|_| ()).await;
    let mut owner = connected(&shop).await;
    let page = owner.presses(CHECK).await;
    let findings = page.text("#findings");
    for good in [
        "能签名",
        "微博认得它们",
        "联系得上",
        "从服务器上打得开",
        "五项都有",
        "会被拒绝",
        "由店铺自己回答",
        "外面看不到",
    ] {
        assert!(findings.contains(good), "{good}: {findings}");
    }
    assert!(findings.contains("必须是 https"), "this test's shop speaks http");
    let callbacks = [
        "/oauth/weibo/callback",
        "/hooks/weibo/deauthorize",
        "/hooks/weibo/pay",
        "/hooks/weibo/refund",
        "/return/weibo/pay",
    ];
    let fields: Vec<String> = page
        .body
        .split("readonly value=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect();
    let wanted: Vec<String> = callbacks.iter().map(|path| shop.base.join(path).unwrap().into()).collect();
    assert_eq!(fields, wanted);
    let form = owner.page().form(KEYS).with("app_secret", "another-secret-of-16");
    owner.submits(&form).await;
    assert!(owner.presses(CHECK).await.text("#findings").contains("App Secret 不对"));
    assert!(shop.weibo.sandbox.payments().is_empty(), "a check begins nothing");
}

#[tokio::test]
async fn what_the_environment_sets_cannot_be_changed_here() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let page = owner.opens(PAGE).await;
    assert!(page.text(".facts").contains("WEIBO_PAY_PRIVATE_KEY") && !page.has("#private_key"));
    assert!(!page.body.contains(SECRET));
    let form = whole(page.form(KEYS)).with("app_key", "1234567890").with("private_key", fresh(2048).0);
    assert_eq!(owner.submits(&form).await.url.path(), PAGE);
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys").await, 0);
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.closes().await;
}

#[tokio::test]
async fn every_process_follows_and_a_lost_secret_key_is_told() {
    let shop = TestShop::without_keys(|_| ()).await;
    let given: Given = shop.app.shop.current.given().clone();
    let other = Current::new(given.clone(), shop.app.shop.keys.clone(), minutes(30));
    assert!(other.look_again(&shop.app.worker.db).await.unwrap().weibo().is_err());
    let _owner = connected(&shop).await;
    assert!(other.terms(&shop.app.worker.db).await.unwrap().weibo().is_err(), "from memory");
    let terms = other.look_again(&shop.app.worker.db).await.unwrap();
    let key = terms.weibo().unwrap().merchant_key().fingerprint().unwrap();
    let pasted = SigningKey::parse(sandbox::demo_merchant_private_key()).unwrap();
    assert_eq!(key, pasted.fingerprint().unwrap());
    let another = weipu::seal::Keyring::parse(&weipu::seal::Keyring::fresh()).unwrap();
    let stranger = Current::new(given, another, minutes(30));
    let lost = stranger.look_again(&shop.app.worker.db).await.unwrap();
    assert_eq!(lost.weibo().err().unwrap().missing.len(), 5);
}
