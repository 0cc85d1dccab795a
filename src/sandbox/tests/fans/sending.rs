//! What the shop says by itself, over real HTTP: windows, bounds, broadcasts, and where a token may stand.

use super::super::{Town, params};
use super::{FAN, SHOP, TOKEN, text};
use crate::sandbox::{BroadcastEnd, FansRules, Fault, Lasting};
use crate::weibo::signature::{Params, write_form};
use serde_json::{Value, json};
use time::Duration;

const REPLY: &str = "/2/messages/reply.json";

impl Town {
    async fn serves(&self, words: &str) -> Value {
        self.posts(REPLY, says(&json!({ "text": words }))).await
    }
}

fn says(data: &Value) -> Params {
    params([("type", "text"), ("data", &data.to_string()), ("receiver_id", &FAN.to_string())])
}

#[actix_web::test]
async fn only_the_merchants_own_account_may_call_wherever_its_token_stands() {
    let town = Town::open();
    town.sandbox.fan_says(FAN, "在吗").await;
    let form = says(&json!({ "text": "在" }));
    let answer: Value = town.post(REPLY, &form).await.json().await.unwrap();
    assert_eq!(answer["error_code"], 21332);
    let buyer = town.token().await;
    let mut of_buyer = form.clone();
    of_buyer.insert("access_token".into(), buyer);
    let answer: Value = town.post(REPLY, &of_buyer).await.json().await.unwrap();
    assert_eq!(answer["error_code"], 10014);
    for scheme in ["OAuth2", "Bearer"] {
        let mut url = town.url(REPLY);
        // The parameters in the query over an empty body, as PyPI's weibopy has them.
        url.set_query(Some(&write_form(&form)));
        let request = town.browser.post(url).header("Authorization", format!("{scheme} {TOKEN}"));
        assert_eq!(request.send().await.unwrap().json::<Value>().await.unwrap()["result"], true);
    }
    let mut in_form = form;
    in_form.insert("access_token".into(), TOKEN.into());
    let answer: Value = town.post("/2/messages/reply/biz.json", &in_form).await.json().await.unwrap();
    assert_eq!(answer["data"]["text"], "在");
    assert_eq!(town.sandbox.said_to(FAN).len(), 3);
    let wrong = town.browser.get(town.url(REPLY)).send().await.unwrap();
    assert_eq!(wrong.status(), 405);
}

#[actix_web::test]
async fn the_window_is_open_for_two_days_after_she_acted_and_shut_when_she_left() {
    let town = Town::open();
    assert_eq!(town.serves("你好").await["error_code"], 990_101, "she never said a word");
    town.sandbox.fan_clicks(FAN, "HELP").await;
    town.clock.advance(Duration::hours(48) - Duration::SECOND);
    for _ in 0..5 {
        assert_eq!(town.serves("还在").await["result"], true);
    }
    town.clock.advance(Duration::SECOND);
    assert_eq!(town.serves("晚了").await["error_code"], 990_101);
    town.sandbox.fan_views(FAN, "https://shop.example/").await;
    assert_eq!(town.serves("看了").await["error_code"], 990_101, "looking is not writing");
    town.sandbox.fan_follows(FAN).await;
    assert_eq!(town.serves("欢迎").await["result"], true);
    town.sandbox.fan_unfollows(FAN).await;
    assert_eq!(town.serves("别走").await["error_code"], 990_102);
    town.sandbox.fan_says(FAN, "我回来了").await;
    assert_eq!(town.serves("好").await["result"], true);
    let rules =
        FansRules { window_seconds: 60, invented_outside_window: 26_777, ..town.sandbox.fans_rules() };
    town.sandbox.set_fans_rules(rules);
    town.clock.advance(Duration::minutes(1));
    assert_eq!(town.serves("？").await["error_code"], 26_777, "as it is set");
}

#[actix_web::test]
async fn a_mention_is_answered_once() {
    let (town, ears) = Town::bound().await;
    town.sandbox.fan_mentions(FAN, false, "5000000000000001", "@小店 还有吗").await;
    assert_eq!(town.serves("有").await["result"], true);
    assert_eq!(town.serves("真的有").await["error_code"], 990_103);
    town.sandbox.fan_mentions(FAN, false, "5000000000000002", "@小店 求补货").await;
    ears.says(
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "text", "data": { "text": "补" } })
            .to_string(),
    );
    town.sandbox.fan_mentions(FAN, true, "5000000000000003", "@小店 在吗").await;
    assert_eq!(town.serves("补了").await["error_code"], 990_103, "the answer to the push was the one");
    town.sandbox.fan_says(FAN, "好的").await;
    assert_eq!(town.serves("一").await["result"], true);
    assert_eq!(town.serves("二").await["result"], true);
}

#[actix_web::test]
async fn what_does_not_fit_is_not_said() {
    let town = Town::open();
    town.sandbox.fan_says(FAN, "在吗").await;
    assert_eq!(town.serves(&"长".repeat(299)).await["result"], true);
    assert_eq!(town.serves(&"长".repeat(300)).await["error_code"], 990_104);
    assert_eq!(town.serves("").await["error_code"], 990_104);
    let sends = async |kind: &str, data: Value| {
        let mut form = says(&data);
        form.insert("type".into(), kind.into());
        town.posts(REPLY, form).await
    };
    let article = |url: &str| json!({ "display_name": "茶", "summary": "", "image": "https://a.example/a.png", "url": url });
    let articles =
        |how_many: usize| json!({ "articles": vec![article("https://shop.example/h5?id=1"); how_many] });
    assert_eq!(sends("articles", articles(8)).await["result"], true);
    assert_eq!(sends("articles", articles(9)).await["error_code"], 990_104);
    assert_eq!(sends("articles", articles(0)).await["error_code"], 990_104);
    for bad in ["/h5?id=1", "shop.example/h5", "javascript:alert(1)"] {
        assert_eq!(
            sends("articles", json!({ "articles": [article(bad)] })).await["error_code"],
            990_104,
            "{bad}"
        );
    }
    assert_eq!(
        sends("position", json!({ "longitude": "120.1551", "latitude": "30.2741" })).await["result"],
        true
    );
    assert_eq!(sends("position", json!({ "longitude": "120.1551" })).await["error_code"], 990_104);
    assert_eq!(sends("image", json!({ "text": "x" })).await["error_code"], 990_104);
    for (name, value, code) in [
        ("type", "", 10016),
        ("data", "", 10016),
        ("receiver_id", "x", 10017),
        ("save_sender_box", "2", 10017),
    ] {
        let mut form = says(&json!({ "text": "茶" }));
        form.insert(name.into(), value.into());
        assert_eq!(town.posts(REPLY, form).await["error_code"], code, "{name}");
    }
}

#[actix_web::test]
async fn data_that_was_encoded_twice_is_read_too() {
    let town = Town::open();
    town.sandbox.fan_says(FAN, "在吗").await;
    for data in ["%7B%22text%22%3A%22A%2BB%20%E8%8C%B6%22%7D", "%7B%22text%22%3A%22A%2BB+%E8%8C%B6%22%7D"] {
        let mut form = says(&Value::Null);
        form.insert("data".into(), data.into());
        assert_eq!(town.posts(REPLY, form).await["data"]["text"], "A+B 茶");
    }
    assert_eq!(
        town.serves("50%25 & 1+1").await["data"]["text"],
        "50%25 & 1+1",
        "and what was encoded once stays"
    );
}

#[actix_web::test]
async fn weibo_refuses_and_loses_as_it_is_told() {
    let town = Town::open();
    town.sandbox.fan_says(FAN, "在吗").await;
    let once = |fault| town.sandbox.set_fault(fault, Some(Lasting::Once));
    once(Fault::FanRefused);
    assert_eq!(town.serves("一").await["error_code"], 990_105);
    once(Fault::OverLimit);
    assert_eq!(town.serves("二").await["error_code"], 10023);
    once(Fault::TokenExpired);
    assert_eq!(town.serves("三").await["error_code"], 21327);
    assert!(town.sandbox.said_to(FAN).is_empty());
    once(Fault::AnswerLost);
    let url = town.url(&format!("{REPLY}?access_token={TOKEN}"));
    let lost = town.browser.post(url).form(&says(&json!({ "text": "四" }))).send().await;
    assert!(match lost {
        Ok(answer) => answer.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(town.sandbox.said_to(FAN), [text("四")]);
}

#[actix_web::test]
async fn a_broadcast_reaches_those_who_subscribe_when_it_is_delivered() {
    let town = Town::open();
    for uid in [FAN, FAN + 1, FAN + 2] {
        town.sandbox.fan_subscribes(uid).await;
    }
    town.sandbox.fan_says(FAN + 3, "不订阅").await;
    let uids = [FAN, FAN + 1, FAN + 3].map(|uid| uid.to_string());
    let body = json!({ "touser": uids, "msgtype": "text", "text": { "content": "春茶到货" } });
    let taken = town.posts_json("/2/messages/sendall.json", &body).await;
    assert_eq!(taken, json!({ "result": true, "msg_id": 600_001 }));
    assert!(town.sandbox.said_to(FAN).is_empty(), "later");
    town.sandbox.fan_unsubscribes(FAN + 1).await;
    town.clock.advance(Duration::seconds(3));
    assert_eq!(town.sandbox.said_to(FAN), [text("春茶到货")]);
    for uid in [FAN + 1, FAN + 2, FAN + 3] {
        assert!(town.sandbox.said_to(uid).is_empty(), "{uid}");
    }
    assert_eq!(town.sandbox.broadcasts()[0].end, Some(BroadcastEnd::Delivered { to: 1 }));
    town.sandbox.set_fault(Fault::FanModerated, Some(Lasting::Once));
    assert_eq!(town.posts_json("/2/messages/sendall.json", &body).await["msg_id"], 600_002);
    town.clock.advance(Duration::hours(1));
    assert_eq!(town.sandbox.broadcasts()[1].end, Some(BroadcastEnd::KeptBack));
    assert_eq!(town.sandbox.said_to(FAN).len(), 1);
}

#[actix_web::test]
async fn a_broadcast_that_does_not_fit_is_refused_in_both_families() {
    let town = Town::open();
    let text = json!({ "content": "茶" });
    let refused = async |body: Value| {
        let answer = town.posts_json("/2/messages/sendall.json", &body).await;
        assert_eq!(answer["request"], "/2/messages/sendall.json");
        assert_eq!(answer["errcode"], answer["error_code"].to_string(), "{answer}");
        assert!(answer["errmsg"].is_string() && answer["error"].is_string());
        answer["error_code"].as_u64().unwrap()
    };
    let to = json!([FAN.to_string()]);
    assert_eq!(refused(json!({ "msgtype": "text", "text": text })).await, 100_093);
    assert_eq!(refused(json!({ "touser": [], "msgtype": "text", "text": text })).await, 100_093);
    assert_eq!(
        refused(json!({ "touser": to, "filter": { "group_id": "0" }, "msgtype": "text", "text": text }))
            .await,
        100_093
    );
    assert_eq!(
        refused(json!({ "filter": { "group_id": "999" }, "msgtype": "text", "text": text })).await,
        100_091
    );
    assert_eq!(refused(json!({ "touser": to, "msgtype": "voice" })).await, 10017);
    assert_eq!(refused(json!({ "touser": to, "msgtype": "text", "text": { "content": "" } })).await, 990_104);
    town.sandbox
        .set_fans_rules(FansRules { invented_broadcasts_per_day: Some(1), ..town.sandbox.fans_rules() });
    let good = json!({ "touser": to, "msgtype": "text", "text": text });
    assert_eq!(town.posts_json("/2/messages/sendall.json", &good).await["result"], true);
    assert_eq!(refused(good.clone()).await, 100_094);
    town.clock.advance(Duration::days(1));
    assert_eq!(town.posts_json("/2/messages/sendall.json", &good).await["result"], true);
}
