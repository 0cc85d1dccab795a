//! The documents' examples, and what nobody documents: both formats mean the same.

use super::packets::{self, PLAIN};
use super::*;
use secrecy::SecretString;
use serde_json::Value;
use time::macros::datetime;

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/weibo/fans/", $name))
    };
}

mod any;
mod menus;
mod replies;

const JSON: &str = fixture!("packets.jsonl");
const XML: &str = fixture!("packets.xml.txt");
const SHOP: i64 = 7_000_000_001;
const FAN: i64 = 7_000_000_002;
const AT: OffsetDateTime = datetime!(2026-03-05 02:20:30 UTC);

fn packet(text: &str, content: Content) -> Packet {
    Packet { sender: FAN, receiver: SHOP, created_at: AT, text: text.into(), content }
}

fn position() -> Content {
    Content::Position { longitude: "120.1551".into(), latitude: "30.2741".into() }
}

fn mention(within: MentionIn, key: &str) -> Content {
    Content::Mention { r#in: within, key: key.into() }
}

fn scans() -> [Event; 2] {
    let (key, ticket) = ("QR_SCENE_123".into(), "TESTONLYTICKET0001".into());
    let more = ("QR_LIMIT_SCENE_77".into(), "TESTONLYTICKET0002".into());
    [Event::Scan { key, ticket }, Event::ScanFollow { key: more.0, ticket: more.1 }]
}

fn click() -> Event {
    Event::Click { key: "NEW".into() }
}

fn view() -> Event {
    Event::View { url: "https://shop.example/orders".into() }
}

/// The documents' JSON examples, line by line.
fn json_examples() -> Vec<Packet> {
    let event = |text: &str, event| packet(text, Content::Event { event });
    let [scan, scan_follow] = scans();
    vec![
        packet("你好 A+B", Content::Text),
        packet("发了一个图片消息", Content::Image { file: Some(1_000_000_000_000_002) }),
        packet("发了一个语音消息", Content::Voice { file: Some(1_000_000_000_000_004) }),
        packet("发送了一个位置", position()),
        event("关注事件消息", Event::Follow),
        event("取消关注事件消息", Event::Unfollow),
        event("dy", Event::Subscribe),
        event("订阅事件消息", Event::Subscribe),
        event("取消订阅事件消息", Event::Unsubscribe),
        event("扫描二维码", scan),
        event("扫描二维码", scan_follow),
        event("", click()),
        event("自定义菜单跳转链接事件消息", view()),
        packet("@小店 这款还有吗", mention(MentionIn::Status, "5000000000000001")),
        packet("@小店 求补货", mention(MentionIn::Comment, "5000000000000002")),
    ]
}

fn xml_examples() -> Vec<Packet> {
    let event = |event| packet("", Content::Event { event });
    let [scan, scan_follow] = scans();
    vec![
        packet("你好 A+B", Content::Text),
        packet("", Content::Image { file: Some(1_000_000_000_000_002) }),
        packet("", Content::Voice { file: Some(1_000_000_000_000_004) }),
        packet("", position()),
        event(Event::Follow),
        event(Event::Unfollow),
        event(Event::FollowOrSubscribe),
        event(Event::UnfollowOrUnsubscribe),
        event(scan),
        event(scan_follow),
        event(click()),
        event(view()),
        packet("@小店 这款还有吗", mention(MentionIn::Status, "5000000000000001")),
    ]
}

#[test]
fn every_example_of_the_documents_is_read() {
    for (examples, format, expected) in
        [(JSON, Format::Json, json_examples()), (XML, Format::Xml, xml_examples())]
    {
        assert_eq!(examples.lines().count(), expected.len());
        for (line, expected) in examples.lines().zip(expected) {
            assert_eq!(read(line.as_bytes()), Ok((expected, format)), "{line}");
        }
    }
}

/// XML does not tell subscribing from following.
fn in_xml(packet: &Packet) -> Packet {
    let mut packet = packet.clone();
    if let Content::Event { event } = &mut packet.content {
        match event {
            Event::Subscribe => *event = Event::FollowOrSubscribe,
            Event::Unsubscribe => *event = Event::UnfollowOrUnsubscribe,
            _ => {}
        }
    }
    packet
}

#[test]
fn every_example_goes_through_both_formats() {
    for packet in json_examples().iter().chain(&xml_examples()) {
        let xml = packets::xml(packet, PLAIN);
        assert_eq!(read(xml.as_bytes()), Ok((in_xml(packet), Format::Xml)), "{xml}");
        let json = packets::json(packet);
        assert_eq!(read(json.as_bytes()).map(|(read, _)| in_xml(&read)), Ok(in_xml(packet)), "{json}");
    }
    for (line, packet) in JSON.lines().zip(json_examples()) {
        let mut expected: Value = serde_json::from_str(line).unwrap();
        if let Some(file) = expected["data"].get("tovfid").and_then(Value::as_i64) {
            expected["data"]["vfid"] = (file - 1).into();
        }
        assert_eq!(serde_json::from_str::<Value>(&packets::json(&packet)).unwrap(), expected);
    }
}

#[test]
fn ids_come_as_texts_too_and_kinds_that_nobody_knows_are_kept() {
    let said = r#"{"type":"text","receiver_id":"7000000001","sender_id":"7000000002",
        "created_at":"Thu Mar 05 10:20:30 +0800 2026","text":"x"}"#;
    assert_eq!(read(said.as_bytes()).unwrap().0, packet("x", Content::Text));
    let with = |kind: &str, data: &str| {
        let body = format!(
            r#"{{"type":"{kind}","receiver_id":7000000001,"sender_id":7000000002,"extra":[1],
            "created_at":"Thu Mar 5 02:20:30 +0000 2026","data":{data}}}"#
        );
        read(body.as_bytes()).unwrap().0.content
    };
    let unknown = |name: &str| Content::Unknown { name: name.into() };
    assert_eq!(with("hologram", "null"), unknown("hologram"));
    assert_eq!(with("position", r#"{"longitude":120.1551,"latitude":30.2741}"#), position());
    for place in [
        r#"{"longitude":"1"}"#,
        r#"{"longitude":"1","latitude":"91"}"#,
        r#"{"longitude":"1","latitude":"NaN"}"#,
    ] {
        assert_eq!(with("position", place), unknown("position"), "{place}");
    }
    assert_eq!(with("image", "{}"), Content::Image { file: None });
    assert_eq!(with("image", r#"{"tovfid":"5"}"#), Content::Image { file: Some(5) });
    let dance = Content::Event { event: Event::Unknown { name: "dance".into() } };
    assert_eq!(with("event", r#"{"subtype":"dance"}"#), dance);
    assert_eq!(with("event", r#"{"subtype":"comment","key":5}"#), mention(MentionIn::Comment, "5"));
    assert_eq!(with("mention", r#"{"subtype":"song","key":5}"#), unknown("mention"));
}

#[test]
fn xml_is_read_however_it_is_laid_out() {
    let laid_out = "\u{feff} \r\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a -->\n<xml>\r
        <MsgType>text</MsgType>\n <Nested><a>1</a><Content>no</Content></Nested>\n\t<Content>\n <![CDATA[a]]><![CDATA[ b]]>\n </Content>
        <CreateTime> 1772677230123 </CreateTime><FromUserName>7000000002</FromUserName><MsgId/>
        <ToUserName attribute=\"x\">7000000001</ToUserName></xml>\n";
    assert_eq!(read(laid_out.as_bytes()), Ok((packet("a b", Content::Text), Format::Xml)));
    let said = |content: &str| {
        let body = format!(
            "<xml><ToUserName>7000000001</ToUserName><FromUserName>7000000002</FromUserName>\
            <CreateTime>1772677230</CreateTime><MsgType>Text</MsgType><Content>{content}</Content></xml>"
        );
        read(body.as_bytes()).map(|(packet, _)| packet.text)
    };
    assert_eq!(said("a &amp;&lt;&gt;&quot;&apos; &#33;&#x4F60; b").as_deref(), Ok("a &<>\"' !你 b"));
    assert_eq!(said("&amp; &amp;").as_deref(), Ok("& &"));
    for refused in ["&nbsp;", "&#0;", "&#xD800;", "&", "<", "&amp", "</Content><Content>"] {
        assert_eq!(said(refused), Err(Unreadable::Malformed), "{refused}");
    }
}

#[test]
fn who_began_to_follow_by_a_code_is_told_from_who_only_follows() {
    let happened = |event: &str, key: &str| {
        let body = format!(
            "<xml><ToUserName>7000000001</ToUserName><FromUserName>7000000002</FromUserName>\
            <CreateTime>1772677230</CreateTime><MsgType>event</MsgType><Event>{event}</Event>\
            <EventKey><![CDATA[{key}]]></EventKey><Ticket>T</Ticket></xml>"
        );
        let Content::Event { event } = read(body.as_bytes()).unwrap().0.content else { panic!("{body}") };
        event
    };
    let scanned = |key: &str| Event::ScanFollow { key: key.into(), ticket: "T".into() };
    assert_eq!(happened("subscribe", "qrscene_QR_SCENE_5"), scanned("QR_SCENE_5"));
    assert_eq!(happened("Subscribe", "qrscene_77"), scanned("77"));
    assert_eq!(happened("subscribe", "last_trade_no_1"), Event::FollowOrSubscribe);
    assert_eq!(happened("subscribe", ""), Event::FollowOrSubscribe);
    assert_eq!(happened("CLICK", "qrscene_1"), Event::Click { key: "qrscene_1".into() });
}

#[test]
fn what_is_no_packet_is_refused_with_its_reason() {
    use Unreadable::*;
    let whole = |inside: &str| {
        format!(
            "<xml><ToUserName>1</ToUserName><FromUserName>2</FromUserName><MsgType>text</MsgType>\
            <CreateTime>1772677230</CreateTime>{inside}</xml>"
        )
    };
    assert!(read(whole("").as_bytes()).is_ok());
    let bomb = "<!DOCTYPE xml [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>".to_owned();
    for (body, reason) in [
        (String::new(), Neither),
        ("[1]".into(), Neither),
        ("text".into(), Neither),
        ("{".into(), Malformed),
        ("{}".into(), Lacks("sender_id")),
        (r#"{"sender_id":-1}"#.into(), Lacks("sender_id")),
        (r#"{"sender_id":1.5}"#.into(), Lacks("sender_id")),
        (r#"{"sender_id":"+1"}"#.into(), Lacks("sender_id")),
        (r#"{"sender_id":99999999999999999999}"#.into(), Lacks("sender_id")),
        (r#"{"sender_id":1,"receiver_id":2,"created_at":"2026-03-05"}"#.into(), Lacks("created_at")),
        ("<xml>".into(), Malformed),
        ("<html></html>".into(), Malformed),
        ("<xml></xml>".into(), Lacks("MsgType")),
        (whole("") + "<xml></xml>", Malformed),
        (whole("") + "x", Malformed),
        (whole("<MsgType>image</MsgType>"), Malformed),
        (whole("<a></b>"), Malformed),
        (whole(&("<a>".repeat(20) + &"</a>".repeat(20))), Malformed),
        (bomb + &whole("<Content>&b;</Content>"), Malformed),
        (whole(&format!("<Content>{}</Content>", "a".repeat(LARGEST_PACKET))), TooLarge),
        (format!("{{\"a\":{}1{}}}", "[".repeat(30_000), "]".repeat(30_000)), Malformed),
    ] {
        assert_eq!(read(body.as_bytes()), Err(reason), "{body}");
    }
    assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(NotText));
    for end in ["+0000 -5000", "+0000 2008", "+0000 5000", "+0000 5138", "-2359 9999"] {
        let body = format!(
            r#"{{"type":"text","sender_id":1,"receiver_id":2,"created_at":"Thu Dec 31 23:59:59 {end}"}}"#
        );
        assert_eq!(read(body.as_bytes()), Err(Lacks("created_at")), "{end}");
    }
    for long_ago in ["1", "1230767999", "95617584000", "95617584000000", "9223372036854775807"] {
        let body = whole("").replace("1772677230", long_ago);
        assert_eq!(read(body.as_bytes()), Err(Lacks("CreateTime")), "{long_ago}");
    }
}

#[test]
fn control_characters_are_dropped() {
    let body = r#"{"type":"text","receiver_id":1,"sender_id":2,"created_at":"Thu Mar 05 10:20:30 +0800 2026",
        "text":"a\u0000b\u0007\r\n\tc\u009f"}"#;
    assert_eq!(read(body.as_bytes()).unwrap().0.text, "ab\n\tc");
    let xml = packets::xml(&packet("a\0b\u{1b}[31m", Content::Text), PLAIN);
    assert_eq!(read(xml.as_bytes()).unwrap().0.text, "ab[31m");
}

#[test]
fn a_push_is_signed_over_secret_time_and_nonce_in_byte_order() {
    for (secret, timestamp, nonce, signature) in [
        (
            "test-only-app-secret-0001",
            "1772677230123",
            "57000001",
            "1705380335e3433a5242370c881fc5ead5d67ae6",
        ),
        ("0testOnlySecret9", "1772677230123", "ZaBcD", "98743d87fada6c7502fde615a7d095fc08197adb"),
        ("TestOnlyUpper", "1772677230999", "TestOnlyLower", "c9c13cba5b90b7b14af30b1c3077064b60c63c5e"),
    ] {
        let (secret, other) = (SecretString::from(secret), SecretString::from("other"));
        assert_eq!(sign_push(&secret, timestamp, nonce), signature);
        let checks = |secrets: &[SecretString], signature| check_push(secrets, signature, timestamp, nonce);
        assert!(checks(&[other.clone(), secret.clone()], signature));
        assert!(!checks(&[other], signature) && !checks(&[], signature));
        for forged in ["", &signature[1..], &signature.to_uppercase(), &signature.replace(['1', '7'], "2")] {
            assert!(!checks(std::slice::from_ref(&secret), forged), "{forged}");
        }
        assert!(!check_push([&secret], signature, timestamp, "1"));
        assert!(!check_push([&secret], signature, &timestamp[1..], nonce));
    }
    let nothing = SecretString::from("");
    assert!(
        !check_push([&nothing], &sign_push(&nothing, "1", "2"), "1", "2"),
        "an empty secret signs nothing"
    );
}
