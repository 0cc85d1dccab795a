//! Fans over real HTTP: binding, what is pushed, and what becomes of the shop's answers.

mod calls;
mod chat;
mod sending;

use super::{Town, listen};
use crate::sandbox::{Did, FanAnswer, FansFormat, Fault, Lasting, Said, SandboxReply};
use crate::weibo::signature::{Params, read_form, write_form};
use actix_web::web::{Bytes, Data, get, post, resource};
use actix_web::{HttpRequest, HttpResponse};
use data_encoding::HEXLOWER;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use time::Duration;

pub const SHOP: i64 = 7_000_000_001;
pub const TOKEN: &str = "2.00fansDemoTestOnlyToken0000001";
pub const FAN: i64 = 7_000_000_002;

/// A shop that keeps what it is told, and answers with what it was given to say.
#[derive(Clone, Default)]
pub struct Ears {
    pub heard: Arc<Mutex<Vec<(Params, String)>>>,
    pub says: Arc<Mutex<Says>>,
}

#[derive(Clone)]
pub struct Says {
    pub status: u16,
    pub body: String,
    /// What stands before the echo.
    pub before_echo: &'static str,
}

impl Default for Says {
    fn default() -> Says {
        Says { status: 200, body: String::new(), before_echo: "" }
    }
}

fn is_signed(query: &Params) -> bool {
    let mut parts = ["test-only-app-secret-0001", &query["timestamp"], &query["nonce"]];
    parts.sort_unstable();
    let sum = digest(&SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    query["timestamp"].len() == 13 && query["signature"] == HEXLOWER.encode(sum.as_ref())
}

async fn bind(request: HttpRequest, ears: Data<Ears>) -> HttpResponse {
    let query = read_form(request.query_string().as_bytes()).unwrap();
    assert!(is_signed(&query));
    let echo = format!("{}{}", ears.says.lock().unwrap().before_echo, query["echostr"]);
    HttpResponse::Ok().body(echo)
}

async fn hear(request: HttpRequest, body: Bytes, ears: Data<Ears>) -> HttpResponse {
    let query = read_form(request.query_string().as_bytes()).unwrap();
    if !is_signed(&query) {
        return HttpResponse::Forbidden().finish();
    }
    ears.heard.lock().unwrap().push((query, String::from_utf8(body.to_vec()).unwrap()));
    let says = ears.says.lock().unwrap().clone();
    HttpResponse::build(says.status.try_into().unwrap()).body(says.body)
}

impl Ears {
    pub fn says(&self, body: impl Into<String>) {
        self.says.lock().unwrap().body = body.into();
    }

    pub fn fails(&self, status: u16) {
        self.says.lock().unwrap().status = status;
    }

    pub fn bodies(&self) -> Vec<String> {
        self.heard.lock().unwrap().iter().map(|(_, body)| body.clone()).collect()
    }

    fn last(&self) -> Value {
        serde_json::from_str(self.bodies().last().unwrap()).unwrap()
    }
}

impl Town {
    /// Not bound yet.
    pub fn shop(&self) -> (Ears, String) {
        let ears = Ears::default();
        let data = Data::new(ears.clone());
        let base = listen(move |cfg| {
            cfg.app_data(data.clone())
                .service(resource("/hooks/weibo/fans").route(get().to(bind)).route(post().to(hear)));
        });
        (ears, base.join("hooks/weibo/fans").unwrap().into())
    }

    pub async fn bound() -> (Town, Ears) {
        let town = Town::open();
        let (ears, url) = town.shop();
        town.sandbox.bind_fans(&url).await.unwrap();
        (town, ears)
    }
}

/// Calls with the merchant's token.
impl Town {
    /// A form with the token in the query, as the page's example has it.
    pub async fn posts(&self, path: &str, form: Params) -> Value {
        let url = self.url(&format!("{path}?access_token={TOKEN}"));
        self.browser.post(url).form(&form).send().await.unwrap().json().await.unwrap()
    }

    pub async fn posts_json(&self, path: &str, body: &Value) -> Value {
        let url = self.url(&format!("{path}?access_token={TOKEN}"));
        self.browser.post(url).body(body.to_string()).send().await.unwrap().json().await.unwrap()
    }

    pub async fn asks_for(&self, path: &str, mut query: Params) -> Value {
        query.insert("access_token".into(), TOKEN.into());
        let mut url = self.url(path);
        url.set_query(Some(&write_form(&query)));
        self.browser.get(url).send().await.unwrap().json().await.unwrap()
    }
}

pub fn text(words: &str) -> SandboxReply {
    SandboxReply::Text { text: words.into() }
}

#[actix_web::test]
async fn a_shop_is_bound_that_echoes_byte_for_byte_and_no_other() {
    let town = Town::open();
    let (ears, url) = town.shop();
    ears.says.lock().unwrap().before_echo = "\n";
    assert!(town.sandbox.bind_fans(&url).await.is_err());
    assert!(town.sandbox.bind_fans("http://shop.example/hooks/weibo/fans").await.is_err());
    assert!(town.sandbox.bind_fans(town.url("/nothing").as_str()).await.is_err());
    let unheard = town.sandbox.fan_says(FAN, "有人吗").await;
    assert_eq!((unheard.status, unheard.trouble.as_deref()), (0, Some("no shop is bound")));
    ears.says.lock().unwrap().before_echo = "";
    town.sandbox.bind_fans(&url).await.unwrap();
    assert_eq!(town.sandbox.fan_says(FAN, "有人吗").await.status, 200);
}

#[actix_web::test]
async fn what_a_fan_does_is_pushed_in_the_words_of_the_protocol() {
    let (town, ears) = Town::bound().await;
    let weibo = &town.sandbox;
    weibo.fan_says(FAN, "你好 A+B").await;
    let expected = json!({
        "type": "text", "receiver_id": SHOP, "sender_id": FAN, "text": "你好 A+B", "data": {},
        "created_at": "Thu Mar 05 10:21:00 +0800 2026",
    });
    assert_eq!(ears.last(), expected);
    weibo.fan_sends_picture(FAN).await;
    let picture = ears.last();
    assert_eq!(
        (&picture["type"], &picture["created_at"]),
        (&"image".into(), &"Thu Mar 05 10:21:01 +0800 2026".into())
    );
    assert_eq!(
        picture["data"],
        json!({ "vfid": 1_000_000_000_000_001_u64, "tovfid": 1_000_000_000_000_002_u64 })
    );
    weibo.fan_is_at(FAN, "120.1551", "30.2741").await;
    assert_eq!(ears.last()["data"], json!({ "longitude": "120.1551", "latitude": "30.2741" }));
    weibo.fan_scans(FAN, "QR_SCENE_123").await;
    assert_eq!(ears.last()["data"]["subtype"], "scan_follow");
    weibo.fan_scans(FAN, "QR_SCENE_123").await;
    assert_eq!(
        ears.last()["data"],
        json!({ "subtype": "scan", "key": "QR_SCENE_123", "ticket": "TESTONLYTICKET0001" })
    );
    weibo.fan_clicks(FAN, "NEW").await;
    assert_eq!(
        (&ears.last()["type"], &ears.last()["data"]),
        (&"event".into(), &json!({ "subtype": "click", "key": "NEW" }))
    );
    weibo.fan_mentions(FAN, true, "5000000000000002", "@小店 求补货").await;
    assert_eq!(
        (&ears.last()["type"], &ears.last()["data"]["subtype"]),
        (&"mention".into(), &"comment".into())
    );
}

#[actix_web::test]
async fn in_xml_it_is_wechats_with_weibos_names_or_with_wechats() {
    let (town, ears) = Town::bound().await;
    let weibo = &town.sandbox;
    weibo.set_fans_format(FansFormat::Xml);
    weibo.fan_says(FAN, "a<b>]]>c\u{1}").await;
    let said = "<xml><ToUserName><![CDATA[7000000001]]></ToUserName><FromUserName><![CDATA[7000000002]]></FromUserName>\
                <CreateTime>1772677260</CreateTime><MsgType><![CDATA[text]]></MsgType>\
                <Content><![CDATA[a<b>]]]]><![CDATA[>c]]></Content><MsgId></MsgId></xml>";
    assert_eq!(ears.bodies().last().unwrap(), said);
    weibo.fan_follows(FAN).await;
    assert!(
        ears.bodies()
            .last()
            .unwrap()
            .contains("<Event><![CDATA[follow]]></Event><EventKey></EventKey></xml>")
    );
    let rules = weibo.fans_rules();
    weibo.set_fans_rules(crate::sandbox::FansRules { wechat_names: true, ..rules });
    weibo.fan_follows(FAN).await;
    assert!(ears.bodies().last().unwrap().contains("<Event><![CDATA[subscribe]]></Event>"));
    weibo.fan_clicks(FAN, "NEW").await;
    assert!(
        ears.bodies().last().unwrap().contains("<Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[NEW]]>")
    );
}

#[actix_web::test]
async fn an_answer_is_what_the_fan_sees() {
    let (town, ears) = Town::bound().await;
    let said = town.sandbox.fan_says(FAN, "在吗").await;
    assert_eq!((said.status, said.reply, said.trouble), (200, None, None));
    ears.says(json!({ "receiver_id": FAN, "sender_id": SHOP.to_string(), "type": "text", "data": "%7B%22text%22%3A%22%E5%9C%A8+A%2BB%22%7D" }).to_string());
    let said = town.sandbox.fan_says(FAN, "在吗").await;
    assert_eq!(said, FanAnswer { status: 200, reply: Some(text("在 A+B")), trouble: None });
    ears.says(
        json!({ "receiver_id": FAN + 1, "sender_id": SHOP, "type": "text", "data": { "text": "错" } })
            .to_string(),
    );
    let said = town.sandbox.fan_says(FAN, "在吗").await;
    assert!(said.reply.is_none() && said.trouble.is_some());
    assert_eq!(town.sandbox.said_to(FAN), [text("在 A+B")]);
    let chat = town.sandbox.fan_chat(FAN);
    assert!(matches!(&chat[2].said, Said::Answer { reply } if *reply == text("在 A+B")));
    assert_eq!(chat.len(), 4);
}

#[actix_web::test]
async fn who_has_just_unfollowed_is_told_nothing() {
    let (town, ears) = Town::bound().await;
    ears.says(
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "text", "data": { "text": "别走" } })
            .to_string(),
    );
    let left = town.sandbox.fan_unfollows(FAN).await;
    assert!(left.reply.is_none() && left.trouble.is_some());
    assert!(town.sandbox.said_to(FAN).is_empty());
}

#[actix_web::test]
async fn what_is_not_taken_is_pushed_three_times_more_and_then_no_more() {
    let (town, ears) = Town::bound().await;
    ears.fails(500);
    assert_eq!(town.sandbox.fan_says(FAN, "一").await.status, 500);
    for tries in 2..=4 {
        assert!(town.sandbox.push_due().await.is_empty(), "too soon");
        town.clock.advance(Duration::seconds(5));
        assert_eq!(town.sandbox.push_due().await.len(), 1);
        assert_eq!(ears.bodies().len(), tries);
    }
    town.clock.advance(Duration::days(1));
    assert!(town.sandbox.push_due().await.is_empty() && town.sandbox.waiting_pushes().is_empty());
    let bodies = ears.bodies();
    assert!(bodies.iter().all(|body| *body == bodies[0]), "the same to the letter");
    let signed: Vec<String> =
        ears.heard.lock().unwrap().iter().map(|(query, _)| query["nonce"].clone()).collect();
    assert_ne!(signed[0], signed[1], "but signed anew");
}

#[actix_web::test]
async fn who_does_not_answer_in_time_or_says_too_much_has_not_answered() {
    let town = Town::open();
    let quick = crate::sandbox::FansRules { answer_seconds: 1, ..town.sandbox.fans_rules() };
    town.sandbox.set_fans_rules(quick);
    let base = listen(|cfg| {
        let silent = || async { std::future::pending::<HttpResponse>().await };
        let away = || async { HttpResponse::Found().insert_header(("Location", "/echo")).finish() };
        let long = || async { HttpResponse::Ok().body("{".repeat(65 * 1024)) };
        for (path, answer) in
            [("/silent", post().to(silent)), ("/away", post().to(away)), ("/long", post().to(long))]
        {
            cfg.service(resource(path).route(get().to(echo)).route(answer));
        }
    });
    for (path, status) in [("silent", 0), ("away", 302), ("long", 0)] {
        town.sandbox.bind_fans(base.join(path).unwrap().as_str()).await.unwrap();
        let answer = town.sandbox.fan_says(FAN, path).await;
        assert_eq!((answer.status, answer.reply), (status, None), "{path}");
    }
    assert_eq!(town.sandbox.waiting_pushes().len(), 3);
}

async fn echo(request: HttpRequest) -> HttpResponse {
    let query = read_form(request.query_string().as_bytes()).unwrap();
    HttpResponse::Ok().body(query["echostr"].clone())
}

#[actix_web::test]
async fn weibo_misbehaves_as_it_is_told() {
    let (town, ears) = Town::bound().await;
    let once = |fault| town.sandbox.set_fault(fault, Some(Lasting::Once));
    once(Fault::FanTwice);
    town.sandbox.fan_says(FAN, "二").await;
    assert_eq!(ears.bodies().len(), 2);
    once(Fault::FanForged);
    assert_eq!(town.sandbox.fan_says(FAN, "伪").await.status, 403);
    assert_eq!(ears.bodies().len(), 2);
    once(Fault::FanLate);
    town.sandbox.fan_says(FAN, "迟").await;
    town.sandbox.fan_says(FAN, "先").await;
    town.clock.advance(Duration::minutes(20));
    town.sandbox.push_due().await;
    let words: Vec<Value> = ears
        .bodies()
        .iter()
        .map(|body| serde_json::from_str::<Value>(body).unwrap()["text"].take())
        .collect();
    assert_eq!(words[2..], ["先", "迟"]);
    once(Fault::FanSlow);
    ears.says(
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "text", "data": { "text": "慢" } })
            .to_string(),
    );
    assert!(town.sandbox.fan_says(FAN, "快点").await.reply.is_none());
    assert!(town.sandbox.said_to(FAN).is_empty());
    town.clock.advance(Duration::seconds(5));
    let answers = town.sandbox.push_due().await;
    assert_eq!(answers.last().unwrap().reply, Some(text("慢")));
}

#[actix_web::test]
async fn a_packet_can_be_had_to_send_oneself() {
    let (town, ears) = Town::bound().await;
    let packet = town.sandbox.fan_packet(FAN, Did::Said { text: "我自己来".into() });
    assert!(ears.bodies().is_empty());
    assert!(is_signed(&read_form(packet.query.as_bytes()).unwrap()));
    assert_eq!(serde_json::from_str::<Value>(&packet.body).unwrap()["text"], "我自己来");
    assert_eq!(town.sandbox.fan_chat(FAN).len(), 1);
}
