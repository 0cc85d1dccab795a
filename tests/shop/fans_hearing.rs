//! What Weibo pushes of fans: forged, stale, replayed, twice, out of order, unreadable, and meant for somebody else.

use crate::support::fans::{ACCOUNT, HOOK, LI, contains, rule};
use crate::support::{TestShop, minutes};
use reqwest::StatusCode;
use time::Duration;
use weipu::fans::rules::{Answer, Cause, Happening};
use weipu::fans::{Delivery, State, Window};
use weipu::sandbox::{Did, FansFormat, SandboxReply};
use weipu::weibo::messages::Content;

fn text(words: &str, at: &str) -> String {
    packet("text", words, "{}", at)
}

fn event(subtype: &str, at: &str) -> String {
    packet("event", "", &format!(r#"{{"subtype":"{subtype}"}}"#), at)
}

/// As Weibo writes it, at a time of the test's noon.
fn packet(kind: &str, words: &str, data: &str, at: &str) -> String {
    format!(
        r#"{{"type":"{kind}","receiver_id":{ACCOUNT},"sender_id":{LI},"created_at":"Sat Nov 21 {at} +0800 2026","text":"{words}","data":{data}}}"#
    )
}

async fn messages(shop: &TestShop) -> i64 {
    shop.count("SELECT count(*) FROM fan_messages").await
}

#[tokio::test]
async fn weibo_binds_and_both_formats_are_heard_and_answered() {
    let shop = TestShop::open().await;
    shop.says_when(contains("你好"), "在的，A+B & <欢迎>").await;
    shop.binds().await;
    for format in [FansFormat::Json, FansFormat::Xml] {
        shop.weibo.sandbox.set_fans_format(format);
        let answer = shop.weibo.sandbox.fan_says(LI, "你好呀").await;
        assert_eq!((answer.status, answer.trouble.as_deref()), (200, None));
        assert_eq!(answer.reply, Some(SandboxReply::Text { text: "在的，A+B & <欢迎>".into() }));
        shop.later(Duration::SECOND);
    }
    let words = shop.words_with(LI).await;
    assert_eq!(words.len(), 4);
    assert_eq!((words[0].text.as_str(), &words[1].delivery), ("你好呀", &Delivery::Given));
    assert_eq!(shop.count("SELECT count(*) FROM fans_service WHERE bound_at IS NOT NULL").await, 1);
    assert!(matches!(shop.fan(LI).await.window(shop.clock.now()), Window::Open { .. }));
}

#[tokio::test]
async fn what_weibo_did_not_sign_is_refused_and_leaves_nothing() {
    let shop = TestShop::open().await;
    let good = shop.signed_now();
    let mut stranger = shop.phone();
    for bad in [
        String::new(),
        good.replace("signature=", "signature=0"),
        good.replace("nonce=", "nonce=1"),
        good.replace("&nonce=", "&other="),
        format!("{good}&nonce=1"),
        format!("{good}&x=%zz"),
    ] {
        let answer = shop.pushes(&bad, text("你好", "11:59:00")).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::FORBIDDEN, "refused"), "{bad}");
        stranger.opens(&format!("{HOOK}?{bad}&echostr=%3Cscript%3E")).await;
        assert_eq!(stranger.page().status, StatusCode::FORBIDDEN, "{bad}");
        assert!(!stranger.page().body.contains("script"), "{bad}");
    }
    let without_echo = stranger.opens(&format!("{HOOK}?{good}")).await;
    assert_eq!(without_echo.status, StatusCode::FORBIDDEN);
    assert_eq!(messages(&shop).await, 0);
    for table in
        ["SELECT count(*) FROM fan_packets", "SELECT count(*) FROM fan_nonces", "SELECT count(*) FROM fans"]
    {
        assert_eq!(shop.count(table).await, 0, "{table}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM fans_service WHERE bound_at IS NULL").await, 1);
    let bound = stranger.opens(&format!("{HOOK}?{good}&echostr=echo%2B%2F%3D%2520")).await;
    assert_eq!((bound.status, bound.body.as_str()), (StatusCode::OK, "echo+/=%20"));
    assert!(bound.header("content-type").starts_with("text/plain"));
    assert_eq!(bound.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn a_shop_without_a_secret_takes_nothing() {
    let shop = TestShop::without_keys(|_| ()).await;
    let answer = shop.hears(text("你好", "11:59:00")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let shop =
        TestShop::without_keys(|given| given.fans_secret = Some("another-secret".to_owned().into())).await;
    assert_eq!(shop.hears(text("你好", "11:59:00")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(messages(&shop).await, 0);
}

#[tokio::test]
async fn a_push_signed_long_ago_is_refused_where_the_merchant_wants_it() {
    let shop = TestShop::open().await;
    let hours_ago = |shop: &TestShop, hours| {
        let then = shop.clock.now() - Duration::hours(hours);
        shop.signed_at(&(then.unix_timestamp_nanos() / 1_000_000).to_string())
    };
    let binds = async |query: &str| shop.phone().opens(&format!("{HOOK}?{query}&echostr=x")).await.status;
    let forgotten = hours_ago(&shop, 72);
    assert_eq!(shop.pushes(&forgotten, text("一", "11:57:00")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(binds(&forgotten).await, StatusCode::FORBIDDEN);
    let long_ago = hours_ago(&shop, 71);
    assert_eq!(shop.pushes(&long_ago, text("一", "11:58:00")).await.status, StatusCode::OK);
    assert_eq!(binds(&hours_ago(&shop, 71)).await, StatusCode::OK);
    shop.runs("UPDATE fans_service SET most_age_seconds = 300").await;
    assert_eq!(binds(&hours_ago(&shop, 1)).await, StatusCode::FORBIDDEN);
    for stale in ["1772677230123", "soon", ""] {
        let query = shop.signed_at(stale);
        assert_eq!(
            shop.pushes(&query, text("二", "11:59:00")).await.status,
            StatusCode::FORBIDDEN,
            "{stale}"
        );
    }
    assert_eq!(
        shop.hears_packet(&shop.weibo.sandbox.fan_packet(LI, Did::Said { text: "三".into() })).await.status,
        StatusCode::OK
    );
    assert_eq!(messages(&shop).await, 2);
}

#[tokio::test]
async fn a_signature_carries_one_body_and_no_other() {
    let shop = TestShop::open().await;
    shop.says_when(Cause::Anything, "在的").await;
    let query = shop.signed_now();
    assert!(!shop.pushes(&query, text("你好", "11:59:00")).await.body.is_empty());
    let again = shop.pushes(&query, text("你好", "11:59:00")).await;
    assert_eq!((again.status, again.body.as_str()), (StatusCode::OK, ""), "the same once more is no news");
    let other = shop.pushes(&query, text("改了", "11:59:00")).await;
    assert_eq!(other.status, StatusCode::FORBIDDEN);
    assert_eq!(messages(&shop).await, 2);
    assert_eq!(shop.count("SELECT count(*) FROM fan_nonces").await, 1);
}

#[tokio::test]
async fn eight_at_once_have_one_effect_and_one_answer() {
    let shop = TestShop::open().await;
    shop.says_when(Cause::Anything, "在的").await;
    let packet = shop.weibo.sandbox.fan_packet(LI, Did::Said { text: "你好".into() });
    let queries: Vec<_> = (0..8).map(|_| shop.signed_now()).collect();
    let send = |query: &String| {
        let (query, body) = (query.clone(), packet.body.clone());
        let shop = &shop;
        async move { shop.pushes(&query, body).await.body }
    };
    let answers = futures_util::future::join_all(queries.iter().map(send)).await;
    let said = answers.iter().filter(|answer| !answer.is_empty()).count();
    assert_eq!((said, messages(&shop).await), (1, 2), "{answers:?}");
    assert_eq!(shop.conversation(LI).await.unread, 1);
}

#[tokio::test]
async fn two_fans_and_two_texts_of_one_second_are_not_one() {
    let shop = TestShop::open().await;
    for words in ["一", "二"] {
        shop.hears(text(words, "11:59:00")).await;
    }
    shop.hears(text("一", "11:59:00").replace(&LI.to_string(), "7000000003")).await;
    assert_eq!(messages(&shop).await, 3);
    let same_in_xml = format!(
        "<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{LI}</FromUserName><CreateTime>1795233540</CreateTime>\
         <MsgType>text</MsgType><Content><![CDATA[一]]></Content><MsgId></MsgId></xml>"
    );
    assert_eq!(shop.hears(same_in_xml).await.status, StatusCode::OK);
    assert_eq!(messages(&shop).await, 3, "the format is no difference");
}

#[tokio::test]
async fn an_answer_that_did_not_go_out_is_given_again_and_only_then() {
    let shop = TestShop::open().await;
    shop.says_when(Cause::Anything, "在的").await;
    let body = text("你好", "11:59:00");
    let first = shop.hears(body.clone()).await.body;
    shop.later(Duration::seconds(6));
    assert_eq!(shop.hears(body.clone()).await.body, "", "it went out in time");
    // The process was killed before it could say that the answer goes out.
    shop.runs("UPDATE fan_packets SET answered_at = NULL").await;
    let again = shop.hears(body.clone()).await.body;
    assert!(!again.is_empty() && again == first, "{again}");
    assert_eq!(shop.hears(body).await.body, "", "and not a third time");
    assert_eq!(messages(&shop).await, 2);
}

#[tokio::test]
async fn a_late_push_undoes_nothing_newer() {
    let shop = TestShop::open().await;
    shop.hears(event("unfollow", "11:59:00")).await;
    shop.hears(event("follow", "11:58:00")).await;
    shop.hears(event("subscribe", "11:58:30")).await;
    let fan = shop.fan(LI).await;
    assert_eq!((fan.follows, fan.subscribes), (Some(false), Some(true)));
    assert!(matches!(fan.window(shop.clock.now()), Window::Closed(_)), "she left last");
    shop.hears(event("follow", "11:59:30")).await;
    let fan = shop.fan(LI).await;
    assert_eq!(fan.follows, Some(true));
    assert!(matches!(fan.window(shop.clock.now()), Window::Open { .. }));
    // From the future, by Weibo's clock: two days begin now, not then.
    shop.hears(text("你好", "23:00:00")).await;
    let now = shop.clock.now();
    assert_eq!(shop.fan(LI).await.window(now), Window::Open { until: now + Duration::hours(48) });
}

#[tokio::test]
async fn whatever_comes_nothing_breaks_and_nothing_is_lost() {
    let shop = TestShop::open().await;
    let deep = format!("{}{}", r#"{"a":"#.repeat(5000), "}".repeat(5000));
    let bodies: Vec<Vec<u8>> = vec![
        packet("hologram", "?", "{}", "11:50:00").into(),
        event("teleported", "11:50:01").into(),
        text("a\\u0000b", "11:50:02").into(),
        packet("event", "", r#"{"subtype":"click","key":"a\u0000b"}"#, "11:50:03").into(),
        packet("mention", "@小店", r#"{"subtype":"status","key":"5000000000000001"}"#, "11:50:04").into(),
        b"".to_vec(),
        b"{".to_vec(),
        b"hello".to_vec(),
        b"\xff\xfe{}".to_vec(),
        b"<xml><!DOCTYPE x [<!ENTITY a 'b'>]></xml>".to_vec(),
        deep.into(),
        text("你好", "11:50:05").replace("Nov 21", "Nov 99").into(),
        text("你好", "11:50:05").replace("2026", "0000").into(),
        text("你好", "11:50:05").replace("2026", "-5000").into(),
        text("你好", "11:50:05").replace("2026", "2008").into(),
        text("你好", "11:50:06").replace(&LI.to_string(), "-5").into(),
        text("你好", "11:50:06").replace(&LI.to_string(), "0").into(),
        text("你好", "11:50:06").replace(&LI.to_string(), "99999999999999999999").into(),
    ];
    for body in bodies {
        let told = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
        let answer = shop.hears(body).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""), "{told}");
    }
    let large = vec![b' '; 70 * 1024];
    assert_eq!(shop.hears(large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let words = shop.words_with(LI).await;
    assert!(words.iter().any(
        |m| matches!(&m.said, weipu::fans::Said::ByFan(Content::Unknown { name }) if name == "hologram")
    ));
    assert!(words.iter().any(|m| m.text == "ab"), "{words:?}");
    assert!(shop.count("SELECT count(*) FROM fan_packets").await >= 14);
}

#[tokio::test]
async fn what_is_meant_for_another_account_is_noted_and_not_believed() {
    let shop = TestShop::open().await;
    shop.says_when(Cause::Anything, "在的").await;
    let other = text("你好", "11:59:00").replace(&ACCOUNT.to_string(), "7000000099");
    let answer = shop.hears(other).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, ""));
    assert_eq!((messages(&shop).await, shop.count("SELECT count(*) FROM fans").await), (0, 0));
    assert_eq!(shop.count("SELECT stranger FROM fans_service").await, 7_000_000_099);
}

#[tokio::test]
async fn a_person_has_it_until_she_is_idle_and_then_the_rules_speak_again() {
    let shop = TestShop::open().await;
    shop.says_when(Cause::Anything, "在的").await;
    assert!(!shop.hears(text("一", "11:50:00")).await.body.is_empty());
    shop.runs("UPDATE conversations SET human_at = '2026-11-21 12:00+08'").await;
    assert_eq!(shop.hears(text("二", "11:51:00")).await.body, "");
    let waiting = shop.conversation(LI).await;
    assert_eq!((waiting.unread, waiting.waiting_since), (2, Some(shop.clock.now())));
    shop.later(minutes(30));
    assert!(!shop.hears(text("三", "12:30:00")).await.body.is_empty());
    // Closed by whoever had it: it opens when she writes, and nobody has it.
    shop.runs("UPDATE conversations SET state = 'closed', human_at = now() + interval '10 years'").await;
    assert!(!shop.hears(text("四", "12:30:01")).await.body.is_empty());
    assert_eq!(shop.conversation(LI).await.state, State::Open);
    assert!(!shop.hears(text("五", "12:30:02")).await.body.is_empty());
}

#[tokio::test]
async fn whoever_leaves_is_told_nothing_and_a_mention_has_one_answer() {
    let shop = TestShop::open().await;
    let unsubscribed = Cause::Event { event: Happening::Unsubscribe };
    shop.says_when(unsubscribed, "已退订").await;
    shop.says_when(Cause::Event { event: Happening::Mention }, "谢谢提到我们").await;
    assert_eq!(shop.hears(event("unsubscribe", "11:50:00")).await.body, "", "nothing lets her be answered");
    let mention =
        |key: &str, at| packet("mention", "@小店", &format!(r#"{{"subtype":"comment","key":"{key}"}}"#), at);
    assert!(!shop.hears(mention("1", "11:51:00")).await.body.is_empty());
    assert!(matches!(shop.fan(LI).await.window(shop.clock.now()), Window::Closed(_)), "it had its answer");
    assert!(!shop.hears(mention("2", "11:52:00")).await.body.is_empty());
}

#[tokio::test]
async fn what_she_did_is_known_when_she_signs_in_and_each_thing_once() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    shop.hears(event("follow", "11:50:00")).await;
    shop.hears(event("subscribe", "11:51:00")).await;
    let maybe = format!(
        "<xml><ToUserName>{ACCOUNT}</ToUserName><FromUserName>{LI}</FromUserName><CreateTime>1795233300</CreateTime>\
         <MsgType>event</MsgType><Event>subscribe</Event><EventKey></EventKey></xml>"
    );
    shop.hears(maybe).await;
    // Two in one second: what was heard last counts, though it is learned with all else at once.
    shop.hears(event("unfollow", "11:52:00")).await;
    shop.hears(event("follow", "11:52:00")).await;
    assert_eq!(shop.count("SELECT count(*) FROM relations").await, 0);
    buyer.opens("/oauth/weibo?next=/orders").await;
    buyer.signs_in().await;
    let told = "SELECT count(*) FROM relations r JOIN customers c ON c.id = r.customer_id
        WHERE c.weibo_uid = 7000000002 AND r.source = 'told'";
    assert_eq!(shop.count(told).await, 4);
    let last = "SELECT count(*) FROM (SELECT kind FROM relations WHERE kind IN ('follow', 'unfollow')
        ORDER BY happened_at DESC, id DESC LIMIT 1) AS last WHERE kind = 'follow'";
    assert_eq!(shop.count(last).await, 1);
    shop.hears(event("unfollow", "11:55:00")).await;
    shop.hears(event("unfollow", "11:55:00")).await;
    assert_eq!(shop.count(told).await, 5);
    buyer.opens("/oauth/weibo?next=/orders").await;
    buyer.signs_in().await;
    assert_eq!(shop.count(told).await, 5);
}

#[tokio::test]
async fn an_order_is_never_told_of_but_by_a_link_that_signs_nobody_in() {
    let shop = TestShop::open().await;
    shop.has_rule(rule(contains("订单"), Answer::Orders { texts: vec!["您的订单都在这里：".into()] })).await;
    shop.has_rule(rule(contains("人工"), Answer::Human { texts: vec![] })).await;
    shop.binds().await;
    let answer = shop.weibo.sandbox.fan_says(LI, "我的订单到哪了").await;
    let Some(SandboxReply::Text { text }) = answer.reply else { panic!("{answer:?}") };
    let link = text.strip_prefix("您的订单都在这里：\n").unwrap().to_owned();
    let mut anybody = shop.desktop();
    let page = anybody.visits(link.parse().unwrap()).await;
    assert!(!page.has("main[data-payment]") && !page.has("#orders li"), "{}", page.told());
    shop.later(Duration::SECOND);
    assert_eq!(shop.weibo.sandbox.fan_says(LI, "转人工").await.reply, None);
    assert!(shop.conversation(LI).await.waiting_since.is_some());
    assert!(!shop.logged().contains(&link), "a link stands in the log");
}

#[tokio::test]
async fn old_pushes_are_forgotten_but_the_last() {
    let shop = TestShop::open().await;
    shop.hears(text("一", "11:50:00")).await;
    shop.later(Duration::hours(1));
    shop.hears(text("二", "12:50:00")).await;
    shop.later(Duration::hours(100));
    weipu::fans::sweep(&shop.app.worker.db, shop.clock.now()).await.unwrap();
    let left = "SELECT count(*) FROM fan_packets";
    assert_eq!((shop.count(left).await, shop.count("SELECT count(*) FROM fan_nonces").await), (1, 0));
    assert_eq!(messages(&shop).await, 2, "what she said stays");
}
