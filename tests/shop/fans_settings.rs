//! The page of the fans service: keys that are never shown again, times, the format, and the truth about each.

use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::fans::{ACCOUNT, LI};
use crate::support::minutes;
use secrecy::ExposeSecret;
use weipu::fans::{self, Author};
use weipu::weibo::messages::Reply;

const PAGE: &str = "/admin/settings/fans";
const KEYS: &str = "form[action='/admin/settings/fans']";
const TIMES: &str = "form[action='/admin/settings/fans/times']";
const FORMAT: &str = "form[action='/admin/settings/fans/format']";
const SET_FORMAT: &str = "/2/eps/push/set_format.json";
const TOKEN: &str = "2.00TESTONLYofTheAccount";

#[tokio::test]
async fn keys_are_entered_hold_at_once_and_are_nowhere_to_be_read() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    let mut owner = shop.owner().await;
    let page = owner.opens(PAGE).await;
    assert_eq!(
        page.attribute("#fans-address", "value"),
        shop.base.join("/hooks/weibo/fans").unwrap().as_str()
    );
    for (name, bad) in [("fans_token", "with a blank"), ("fans_token", "short"), ("fans_secret", "a b")] {
        let form = owner.page().form(KEYS).with(name, bad);
        let again = owner.submits(&form).await;
        assert_eq!(again.status, 422);
        assert!(
            !again.wrong(name).is_empty() && !again.body.contains(&format!("\"{bad}\"")),
            "{}",
            again.told()
        );
    }
    let stale = owner.page().form(KEYS).with("version", "99").with("fans_token", TOKEN);
    assert_eq!(owner.submits(&stale).await.status, 409);
    owner.opens(PAGE).await;
    let form = owner.page().form(KEYS).with("fans_token", TOKEN).with("fans_secret", "another-secret-01");
    let page = owner.submits(&form).await;
    assert!(page.has(".said") && !page.body.contains(TOKEN) && !page.body.contains("another-secret"));
    let weibo = shop.weibo_client().await;
    assert_eq!(weibo.fans().unwrap().token.expose_secret(), TOKEN);
    assert_eq!(weibo.fans().unwrap().secret.expose_secret(), "another-secret-01");
    let stored = shop.everything_stored().await;
    assert!(!stored.contains(TOKEN) && !stored.contains("another-secret") && !shop.logged().contains(TOKEN));
    // What signs pushes now is the new secret: the app secret does no more.
    assert_eq!(shop.hears("{}").await.status, 403);
}

#[tokio::test]
async fn a_new_secret_mends_no_token_and_can_be_taken_back() {
    let shop = TestShop::with_weibo(|weibo| weibo.fans = None).await;
    let mut owner = shop.owner().await;
    assert!(!owner.opens(PAGE).await.has("#secret-removal"), "there is none to remove");
    shop.runs("UPDATE fans_service SET trouble = 'token', trouble_at = now()").await;
    let form = owner.opens(PAGE).await.form(KEYS).with("fans_secret", "another-secret-01");
    let stale = {
        let page = owner.submits(&form).await;
        assert!(page.has(".said") && page.has("#fans-trouble"), "{}", page.told());
        page.form("#secret-removal").with("version", "0")
    };
    assert_eq!(shop.hears("{}").await.status, 403, "the app's secret signs nothing now");
    assert_eq!(owner.submits(&stale).await.status, 409);
    let removal = owner.opens(PAGE).await.form("#secret-removal");
    let page = owner.submits(&removal).await;
    assert!(page.has(".said") && !page.has("#secret-removal"), "{}", page.told());
    assert_eq!(shop.hears("{}").await.status, 200, "it does again");
    let told = "SELECT count(*) FROM audit WHERE action = 'remove-fans-secret'";
    assert_eq!((shop.count(told).await, shop.count("SELECT count(*) FROM weibo_keys").await), (1, 0));
    let form = owner.opens(PAGE).await.form(KEYS).with("fans_token", TOKEN);
    assert!(!owner.submits(&form).await.has("#fans-trouble"), "a new token may be a good one");
}

#[tokio::test]
async fn what_kept_messages_from_going_can_be_tried_again_and_the_next_one_tells() {
    let (shop, line) = TestShop::with_line().await;
    let mut owner = shop.owner().await;
    assert!(!owner.opens(PAGE).await.has("#try-again"), "there is nothing to try");
    shop.runs("UPDATE fans_service SET trouble = 'permission', trouble_at = now()").await;
    assert!(owner.opens("/admin").await.has("#fans-trouble"));
    let form = owner.opens(PAGE).await.form("#try-again");
    let page = owner.submits(&form).await;
    assert!(page.has(".said") && !page.has("#fans-trouble") && !page.has("#try-again"), "{}", page.told());
    assert!(!owner.opens("/admin").await.has("#fans-trouble"));
    let page = owner.submits(&form).await;
    assert!(page.status == 200 && !page.has(".said"), "pressed twice: {}", page.told());
    let told =
        "SELECT count(*) FROM audit WHERE action = 'try-fans-again' AND before->>'trouble' = 'permission'";
    assert_eq!(shop.count(told).await, 1);
    assert!(owner.opens("/admin/audit").await.body.contains("再试一次"));
    // It was not enough: the next message says so.
    line.says("/2/messages/reply.json", r#"{"error_code":21327,"error":"expired_token"}"#);
    shop.hears(format!(
        r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 21 11:59:00 +0800 2026","text":"?","data":{{}}}}"#
    ))
    .await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let reply = Reply::Text { text: "在的".into() };
    fans::say(&mut tx, LI, &reply, &Author::Shop, shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    shop.work().await;
    assert!(owner.opens(PAGE).await.has("#fans-trouble") && owner.page().has("#try-again"));
    line.says("/2/messages/reply.json", r#"{"result":true}"#);
    shop.later(minutes(10));
    shop.work().await;
    assert!(!owner.opens(PAGE).await.has("#fans-trouble"));
    shop.closes().await;
}

#[tokio::test]
async fn binding_and_the_last_push_are_seen_and_so_is_a_strangers() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    assert_eq!(owner.opens(PAGE).await.body.matches("class=\"tag amber\"").count(), 2);
    shop.binds().await;
    shop.weibo.sandbox.fan_says(LI, "你好").await;
    let page = owner.opens(PAGE).await;
    assert!(!page.has(".tag.amber") && !page.has("#fans-stranger"), "{}", page.told());
    let other = r#"{"type":"text","receiver_id":7000000099,"sender_id":7,"created_at":"Sat Nov 21 11:00:00 +0800 2026","text":"?","data":{}}"#;
    shop.hears(other).await;
    assert!(owner.opens(PAGE).await.text("#fans-stranger").contains("7000000099"));
}

#[tokio::test]
async fn times_are_kept_within_bounds_and_nobody_is_overwritten() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens(PAGE).await;
    for (name, bad) in [
        ("idle_minutes", ""),
        ("idle_minutes", "0"),
        ("idle_minutes", "1441"),
        ("most_age", "59"),
        ("most_age", "-5"),
    ] {
        let form = owner.page().form(TIMES).with(name, bad);
        let again = owner.submits(&form).await;
        assert_eq!((again.status.as_u16(), again.value_of(TIMES, name)), (422, bad.to_owned()));
        assert!(!again.wrong(name).is_empty());
        owner.opens(PAGE).await;
    }
    let old = owner.page().form(TIMES).with("idle_minutes", "5");
    let form = owner.page().form(TIMES).with("idle_minutes", "45").with("most_age", "600");
    assert!(owner.submits(&form).await.has(".said"));
    assert_eq!(shop.count("SELECT (idle_minutes + most_age_seconds)::bigint FROM fans_service").await, 645);
    let again = owner.submits(&old).await;
    assert_eq!((again.status.as_u16(), again.value_of(TIMES, "idle_minutes")), (409, "5".to_owned()));
    assert!(again.wrong("idle_minutes").contains("45"), "{}", again.told());
    let told = "SELECT count(*) FROM audit WHERE action = 'change-fans-times'";
    assert_eq!(shop.count(told).await, 1);
}

#[tokio::test]
async fn the_format_is_what_weibo_confirmed_and_nothing_more_is_claimed() {
    let (shop, line) = TestShop::with_line().await;
    let mut owner = shop.owner().await;
    line.says(SET_FORMAT, r#"{"error_code":"10014","error":"Insufficient app permissions!"}"#);
    let form = owner.opens(PAGE).await.form(FORMAT).with("format", "xml");
    let no = owner.submits(&form).await;
    assert!(no.status == 422 && no.text("#format-wrong").contains("10014"), "{}", no.told());
    assert_eq!(shop.count("SELECT count(*) FROM fans_service WHERE format_state = 'default'").await, 1);
    line.mend();
    line.cut(SET_FORMAT);
    let form = owner.opens(PAGE).await.form(FORMAT).with("format", "xml");
    let lost = owner.submits(&form).await;
    assert!(lost.text("#format-state").contains("不知道"), "{}", lost.told());
    line.mend();
    line.says(SET_FORMAT, r#"{"result":true}"#);
    let form = owner.page().form(FORMAT).with("format", "xml");
    let yes = owner.submits(&form).await;
    assert!(yes.text("#format-state").contains("确认"), "{}", yes.told());
    let set = "SELECT count(*) FROM fans_service WHERE format = 'xml' AND format_state = 'set'";
    assert_eq!(shop.count(set).await, 1);
    let form = owner.page().form(FORMAT).with("format", "yaml");
    assert_eq!(owner.submits(&form).await.status, 422);
    // Whatever was said of it: what comes in the other format is heard all the same.
    let json = format!(
        r#"{{"type":"text","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 21 11:00:00 +0800 2026","text":"你好","data":{{}}}}"#
    );
    assert_eq!(shop.hears(json).await.status, 200);
    assert_eq!(shop.count("SELECT count(*) FROM fan_messages").await, 1);
}

#[tokio::test]
async fn only_who_holds_the_keys_sees_them_and_only_with_her_password() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    owner.opens(PAGE).await;
    let form = owner.page().form(KEYS).with("fans_token", TOKEN);
    shop.later(crate::support::minutes(11));
    assert_eq!(owner.submits(&form).await.url.path(), "/admin/account/confirm");
    assert_eq!(owner.opens(PAGE).await.url.path(), "/admin/account/confirm");
    let mut operator = shop.member("小满", weipu::staff::Role::Operator).await;
    assert_eq!(operator.opens(PAGE).await.status, 403);
    let post = Ask::post(operator.browser.at(PAGE), format!("fans_token={TOKEN}"));
    assert_eq!(operator.asks(post).await.status, 403);
    assert_eq!(shop.count("SELECT count(*) FROM weibo_keys").await, 0);
}
