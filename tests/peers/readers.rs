//! Somebody else's reader of WeChat's XML reads what the sandbox pushes and what the shop answers, and reads the same
//! as we do.

use crate::{python, root};
use serde_json::{Value, json};
use std::process::Stdio;
use time::macros::datetime;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use url::Url;
use weipu::clock::Clock;
use weipu::sandbox::{Did, FansFormat, FansRules, Sandbox, Settings};
use weipu::weibo::messages::{self, Article, Content, Event, Format, Reply, write_reply};

const SHOP: i64 = 7_000_000_001;
const FAN: i64 = 7_000_000_002;

async fn reads(given: &Value) -> Value {
    let mut peer = Command::new(python().await)
        .arg(root().join("tests/peers/wechatpy_reader.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = peer.stdin.take().unwrap();
    line.write_all(given.to_string().as_bytes()).await.unwrap();
    drop(line);
    let ran = peer.wait_with_output().await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    serde_json::from_slice(&ran.stdout).unwrap()
}

/// The deeds that WeChat has a name for, and what the peer has to read of each beside who, to whom and when.
fn deeds() -> Vec<(Did, Value)> {
    let (key, ticket) = ("QR_SCENE_123".to_owned(), "TESTONLYTICKET0001".to_owned());
    let place = ("120.1551".to_owned(), "30.2741".to_owned());
    let url = "https://shop.example/orders?a=1&b=<2>".to_owned();
    vec![
        (
            Did::Said { text: "你好 A+B & <b> ]]> 🍵".into() },
            json!({"type": "text", "content": "你好 A+B & <b> ]]> 🍵"}),
        ),
        (
            Did::At { longitude: place.0, latitude: place.1 },
            json!({"type": "location", "location": ["30.2741", "120.1551"]}),
        ),
        (Did::Followed, json!({"type": "event", "event": "subscribe"})),
        (Did::Unfollowed, json!({"type": "event", "event": "unsubscribe"})),
        (
            Did::Scanned { key: key.clone(), ticket: ticket.clone(), followed: false },
            json!({"type": "event", "event": "scan", "scene_id": key, "ticket": ticket}),
        ),
        (Did::Clicked { key: "NEW".into() }, json!({"type": "event", "event": "click", "key": "NEW"})),
        (Did::Viewed { url: url.clone() }, json!({"type": "event", "event": "view", "url": url})),
    ]
}

fn shown(content: &Content, text: &str) -> Value {
    match content {
        Content::Text => json!({"type": "text", "content": text}),
        Content::Position { longitude, latitude } => {
            json!({"type": "location", "location": [latitude, longitude]})
        }
        Content::Event { event } => match event {
            Event::FollowOrSubscribe => json!({"type": "event", "event": "subscribe"}),
            Event::UnfollowOrUnsubscribe => json!({"type": "event", "event": "unsubscribe"}),
            Event::Scan { key, ticket } => {
                json!({"type": "event", "event": "scan", "scene_id": key, "ticket": ticket})
            }
            Event::Click { key } => json!({"type": "event", "event": "click", "key": key}),
            Event::View { url } => json!({"type": "event", "event": "view", "url": url}),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[actix_web::test]
async fn wechatpy_reads_what_is_pushed_as_we_do() {
    let base = Url::parse("http://127.0.0.1:1/").unwrap();
    let settings = Settings::demo(base, None, None).unwrap();
    let secret = settings.app_secret.clone();
    let sandbox = Sandbox::new(settings, Clock::stopped(datetime!(2026-03-05 02:20:30 UTC))).unwrap();
    sandbox.set_fans_format(FansFormat::Xml);
    sandbox.set_fans_rules(FansRules { wechat_names: true, ..FansRules::default() });
    let packets: Vec<_> = deeds().into_iter().map(|(did, _)| sandbox.fan_packet(FAN, did)).collect();
    let given: Vec<_> =
        packets.iter().map(|packet| json!({"query": packet.query, "body": packet.body})).collect();
    let read = reads(&json!({"secret": secret, "packets": given, "replies": []})).await;
    for ((packet, (_, expected)), read) in packets.iter().zip(deeds()).zip(read[0].as_array().unwrap()) {
        let (ours, format) = messages::read(packet.body.as_bytes()).unwrap();
        assert_eq!(
            (format, shown(&ours.content, &ours.text)),
            (Format::Xml, expected.clone()),
            "{}",
            packet.body
        );
        assert_eq!((ours.sender, ours.receiver), (FAN, SHOP));
        let who =
            json!({"from": FAN.to_string(), "to": SHOP.to_string(), "at": ours.created_at.unix_timestamp()});
        for (name, value) in expected.as_object().unwrap().iter().chain(who.as_object().unwrap()) {
            assert_eq!(&read[name], value, "{name} of {}", packet.body);
        }
    }
}

#[actix_web::test]
async fn wechatpy_reads_what_the_shop_answers() {
    let at = datetime!(2026-03-05 02:20:31 UTC);
    let article = |name: &str, number: u8| Article {
        display_name: name.into(),
        summary: "明前 & <50g>".into(),
        image: format!("https://shop.example/{number}.jpg?a=1&b=2"),
        url: format!("https://shop.example/p/{number}"),
    };
    // It breaks on a single article, which is its own affair.
    let articles: Vec<_> = (1..=8).map(|number| article("春茶 ]]>", number)).collect();
    let text = "你好 A+B & <欢迎> ]]>\n🍵".to_owned();
    let replies: Vec<String> =
        [Reply::Text { text: text.clone() }, Reply::Articles { articles: articles.clone() }]
            .iter()
            .map(|reply| String::from_utf8(write_reply(reply, FAN, SHOP, at, Format::Xml).unwrap()).unwrap())
            .collect();
    let read = reads(&json!({"secret": "", "packets": [], "replies": replies})).await;
    let read = read[1].as_array().unwrap();
    for reply in read {
        assert_eq!(
            (&reply["from"], &reply["to"], &reply["at"]),
            (&json!(SHOP.to_string()), &json!(FAN.to_string()), &json!(at.unix_timestamp()))
        );
    }
    assert_eq!(read[0]["content"], text);
    let expected: Vec<Value> = articles
        .iter()
        .map(|a| json!({"title": a.display_name, "description": a.summary, "image": a.image, "url": a.url}))
        .collect();
    assert_eq!(read[1]["articles"], json!(expected));
}
