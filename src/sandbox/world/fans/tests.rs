//! The world of fans without HTTP: how answers are read, packets written, and all of it saved.

use super::answer::read;
use super::packet::{Did, Packet};
use super::reply::{BadReply, SandboxArticle, SandboxReply};
use super::rules::Rules;
use super::sending::End;
use super::window::Window;
use super::{Format, World};
use crate::sandbox::Fault;
use crate::sandbox::faults::Lasting;
use proptest::prelude::*;
use serde_json::{Value, json};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

const NOW: OffsetDateTime = datetime!(2026-03-05 10:20:30 +8);
const SHOP: i64 = 7_000_000_001;
const FAN: i64 = 7_000_000_002;

fn world() -> World {
    World::new("7000000001")
}

fn packet(did: Did) -> Packet {
    Packet { sender: FAN, receiver: SHOP, at: NOW, did, file: None }
}

fn said() -> Packet {
    packet(Did::Said { text: "在吗".into() })
}

fn heard(body: &str) -> Result<Option<SandboxReply>, BadReply> {
    read(body.as_bytes(), &said())
}

fn text(words: &str) -> SandboxReply {
    SandboxReply::Text { text: words.into() }
}

#[test]
fn the_documents_answers_are_read() {
    let data = "%7B%22text%22%3A%22%E4%BD%A0%E5%A5%BD%20A%2BB%20%26%20%E6%AC%A2%E8%BF%8E%22%7D";
    let body = |data: &str| {
        format!(r#"{{"result":true,"receiver_id":{FAN},"sender_id":{SHOP},"type":"text","data":"{data}"}}"#)
    };
    assert_eq!(heard(&body(data)), Ok(Some(text("你好 A+B & 欢迎"))));
    assert_eq!(heard(&body(&data.replace("%20", "+"))), Ok(Some(text("你好 A+B & 欢迎"))));
    let articles = "%7B%22articles%22%3A%5B%7B%22display_name%22%3A%22%E6%98%A5%E8%8C%B6%E4%B8%8A%E6%96%B0%22%2C%22summary%22%3A%22%E6%98%8E%E5%89%8D%E9%BE%99%E4%BA%95%2050g%22%2C%22image%22%3A%22https%3A%2F%2Fshop.example%2Fimg%2Ftea-280x155.jpg%22%2C%22url%22%3A%22https%3A%2F%2Fshop.example%2Fh5%2Fitem%3Fid%3D42%22%7D%5D%7D";
    let expected = SandboxArticle {
        display_name: "春茶上新".into(),
        summary: "明前龙井 50g".into(),
        image: "https://shop.example/img/tea-280x155.jpg".into(),
        url: "https://shop.example/h5/item?id=42".into(),
    };
    let articles = body(articles).replace(r#""text","data""#, r#""articles","data""#);
    assert_eq!(heard(&articles), Ok(Some(SandboxReply::Articles { articles: vec![expected.clone()] })));
    let place = body("%7B%22longitude%22%3A%22120.1551%22%2C%22latitude%22%3A%2230.2741%22%7D");
    let place = heard(&place.replace(r#""text","data""#, r#""position","data""#));
    let (longitude, latitude) = ("120.1551".into(), "30.2741".into());
    assert_eq!(place, Ok(Some(SandboxReply::Position { longitude, latitude })));
    let xml = format!(
        "<xml><ToUserName><![CDATA[{FAN}]]></ToUserName><FromUserName><![CDATA[{SHOP}]]></FromUserName><CreateTime>1772677231</CreateTime><MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title><![CDATA[春茶上新]]></Title><Description><![CDATA[明前龙井 50g]]></Description><PicUrl><![CDATA[https://shop.example/img/tea-280x155.jpg]]></PicUrl><Url><![CDATA[https://shop.example/h5/item?id=42]]></Url></item></Articles></xml>"
    );
    assert_eq!(heard(&xml), Ok(Some(SandboxReply::Articles { articles: vec![expected] })));
}

#[test]
fn what_is_tolerated_is_tolerated() {
    let with = |more: Value| {
        let mut body = json!({ "receiver_id": FAN.to_string(), "sender_id": SHOP, "type": "text", "data": { "text": "好" } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        heard(&format!("\r\n {body}\n"))
    };
    for result in [json!({}), json!({ "result": true }), json!({ "result": "true" })] {
        assert_eq!(with(result), Ok(Some(text("好"))));
    }
    assert_eq!(with(json!({ "result": false })), Ok(None));
    assert_eq!(
        with(json!({ "data": "{\"text\":\"1+1 %41\"}" })),
        Ok(Some(text("1+1 %41"))),
        "not encoded at all"
    );
    for nothing in ["", " \n", "success", "{}"] {
        assert_eq!(heard(nothing), Ok(None), "{nothing:?}");
    }
    let xml = format!(
        "<?xml version=\"1.0\"?>\n<xml>\n  <MsgType>text</MsgType>\n  <FuncFlag/>\n  <Content>A &amp; B &#x8336;<![CDATA[<b>]]></Content>\n\
         <CreateTime>1772677231000</CreateTime><FromUserName>{SHOP}</FromUserName><ToUserName> {FAN} </ToUserName></xml>"
    );
    assert_eq!(heard(&xml), Ok(Some(text("A & B 茶<b>"))));
}

#[test]
fn what_makes_no_sense_is_not_said() {
    let to = format!("<ToUserName>{FAN}</ToUserName><FromUserName>{SHOP}</FromUserName>");
    for body in [
        "<h1>Error</h1>".to_owned(),
        "ok".to_owned(),
        "{\"type\":\"text\"".to_owned(),
        format!("<xml>{to}<MsgType>text</MsgType><Content>没有时间</Content></xml>"),
        format!("<xml>{to}<CreateTime>1</CreateTime><MsgType>voice</MsgType></xml>"),
        format!("<xml>{to}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>&boom;</Content></xml>"),
        format!("<xml>{to}<CreateTime>1</CreateTime><MsgType>text</MsgType><Content>断"),
        format!("<xml>{to}<CreateTime>1</CreateTime><MsgType>news</MsgType><Articles></Articles></xml>"),
        "<xml><ToUserName>1</ToUserName><FromUserName>7000000001</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>给别人</Content></xml>".to_owned(),
        json!({ "sender_id": SHOP, "type": "text", "data": { "text": "给谁" } }).to_string(),
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "music", "data": {} }).to_string(),
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "text", "data": "%7B" }).to_string(),
        json!({ "receiver_id": FAN, "sender_id": SHOP, "type": "text", "data": 5 }).to_string(),
    ] {
        assert!(heard(&body).is_err(), "{body}");
    }
}

proptest! {
    /// Whatever a shop answers.
    #[test]
    fn no_answer_is_too_strange(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&body, &said());
    }

    #[test]
    fn no_xml_is_too_strange(inside in "[<>/!&;#\\[\\]xmlCDATA ]{0,80}") {
        let _ = heard(&format!("<xml>{inside}</xml>"));
    }

    /// What a fan says comes back as she said it, but for what XML cannot hold.
    #[test]
    fn any_words_are_pushed_in_both_formats(words in any::<String>()) {
        let packet = packet(Did::Said { text: words.clone() });
        let told: Value = serde_json::from_str(&packet.written(Format::Json, &Rules::default())).unwrap();
        prop_assert_eq!(told["text"].as_str(), Some(words.as_str()));
        let xml = packet.written(Format::Xml, &Rules::default());
        // Read back by the reader of answers, as if the shop had said it.
        let xml = xml
            .replace("<ToUserName><![CDATA[7000000001]]>", "<ToUserName><![CDATA[x]]>")
            .replace("<FromUserName><![CDATA[7000000002]]>", "<FromUserName><![CDATA[7000000001]]>")
            .replace("<ToUserName><![CDATA[x]]>", "<ToUserName><![CDATA[7000000002]]>");
        let holds = |c: &char| (*c >= ' ' || matches!(c, '\t' | '\n' | '\r')) && !matches!(c, '\u{fffe}' | '\u{ffff}');
        let expected: String = words.chars().filter(holds).collect();
        let expected = expected.trim();
        match heard(&xml) {
            Ok(Some(SandboxReply::Text { text })) => prop_assert_eq!(text, expected),
            Err(BadReply::Text) => prop_assert!(expected.is_empty() || expected.chars().count() >= 300),
            other => prop_assert!(false, "{:?}", other),
        }
    }

    /// However she comes and goes, the window follows what she did last.
    #[test]
    fn the_window_follows_what_she_did(deeds in prop::collection::vec((0..8_u8, 0..30_i64), 1..12)) {
        let (mut world, mut now) = (world(), NOW);
        let (mut acted, mut mentioned, mut left) = (None, None, false);
        for (deed, hours) in deeds {
            now += Duration::hours(hours);
            let did = match deed {
                0 => Did::Said { text: "在吗".into() },
                1 => Did::Followed,
                2 => Did::Unfollowed,
                3 => Did::Subscribed { keyword: None },
                4 => Did::Unsubscribed { keyword: None },
                5 => Did::Viewed { url: "https://shop.example/".into() },
                6 => Did::Clicked { key: "NEW".into() },
                _ => Did::Mentioned { in_comment: false, id: "5".into(), text: "@".into() },
            };
            match deed {
                2 => (acted, mentioned, left) = (None, None, true),
                4 | 5 => {}
                7 => (mentioned, left) = (Some(now), false),
                _ => (acted, left) = (Some(now), false),
            }
            world.fan_did(FAN, did, SHOP, now);
            let open = |at: Option<OffsetDateTime>| at.map(|at| at + Duration::hours(48)).filter(|until| now < *until);
            let expected = match (left, open(acted), open(mentioned)) {
                (true, ..) => Window::Unfollowed,
                (_, Some(until), _) => Window::Open { until },
                (_, None, Some(until)) => Window::Once { until },
                (_, None, None) => Window::Over,
            };
            prop_assert_eq!(world.fan(FAN).window(&world.fans.rules, now), expected);
        }
    }
}

#[test]
fn two_packets_of_a_fan_are_never_of_one_second() {
    let mut world = world();
    let mut at = |uid: i64| world.fan_did(uid, Did::Said { text: "在".into() }, SHOP, NOW).at;
    assert_eq!([at(FAN), at(FAN), at(FAN + 1)], [NOW, NOW + Duration::SECOND, NOW]);
}

#[test]
fn a_world_with_fans_goes_on_and_one_from_before_them_too() {
    let mut world = world();
    world.faults.switch_on(Fault::FanLate, Lasting::Once);
    for did in [Did::Picture, Did::Scanned { key: "QR_SCENE_1".into(), ticket: "t".into(), followed: true }] {
        let packet = world.fan_did(FAN, did, SHOP, NOW);
        world.push(packet, NOW);
    }
    world.fan_did(FAN, Did::Subscribed { keyword: Some("dy".into()) }, SHOP, NOW);
    let group = world.create_group("老客").unwrap();
    world.move_to_group(FAN, group).unwrap();
    let body = json!({ "filter": { "group_id": "101" }, "msgtype": "text", "text": { "content": "茶" } });
    world.broadcast(&body, NOW).unwrap();
    world.deliver_broadcasts(NOW + Duration::HOUR);
    world.serve(FAN, SandboxReply::Text { text: "好".into() }, NOW).unwrap();
    assert_eq!(world.broadcasts()[0].end, Some(End::Delivered { to: 1 }));
    let saved = serde_json::to_vec(&world).unwrap();
    let again: World = serde_json::from_slice(&saved).unwrap();
    assert_eq!((again.chat(FAN), again.fan(FAN)), (world.chat(FAN), world.fan(FAN)));
    assert_eq!(again.pushes_waiting(), world.pushes_waiting());
    assert_eq!(again.groups(), world.groups());
    let mut before: Value = serde_json::from_slice(&saved).unwrap();
    before.as_object_mut().unwrap().remove("fans");
    let before: World = serde_json::from_value(before).unwrap();
    assert_eq!(before.fans().count(), 0);
}

#[test]
fn who_follows_in_the_stream_follows_here_and_the_other_way_round() {
    let mut world = world();
    world.follow("7000000002", "7000000001");
    assert!(world.fan(FAN).follows);
    world.fan_did(FAN, Did::Unfollowed, SHOP, NOW);
    assert!(!world.fan(FAN).follows && world.followers("7000000001") == 0);
    world.fan_did(FAN, Did::Followed, SHOP, NOW);
    assert_eq!(world.followers("7000000001"), 1);
    world.fan_did(FAN, Did::Unfollowed, SHOP, NOW);
    world.follow("7000000002", "7000000001");
    assert!(world.fan(FAN).follows, "on the page of consent");
}
