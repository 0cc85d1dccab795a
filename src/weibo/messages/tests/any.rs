//! Whatever is said goes through both formats, and nothing breaks their readers.

use super::replies::written;
use super::*;
use crate::weibo::messages::packets::Layout;
use proptest::prelude::*;

prop_compose! {
    fn layout()(turned: usize, [cdata, indented, milliseconds, upper]: [bool; 4]) -> Layout {
        Layout { turned, cdata, indented, milliseconds, upper }
    }
}

fn words() -> impl Strategy<Value = String> {
    any::<String>().prop_map(|text| text.chars().filter(|c| !c.is_control() || "\n\t".contains(*c)).collect())
}

/// Without blanks around it.
fn key() -> impl Strategy<Value = String> {
    words().prop_map(|text| text.trim().to_owned())
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Follow),
        Just(Event::Unfollow),
        Just(Event::Subscribe),
        Just(Event::Unsubscribe),
        (key(), key()).prop_map(|(key, ticket)| Event::Scan { key, ticket }),
        (key(), key()).prop_map(|(key, ticket)| Event::ScanFollow { key, ticket }),
        key().prop_map(|key| Event::Click { key }),
        key().prop_map(|url| Event::View { url }),
        "x_[a-zA-Z0-9]{1,20}".prop_map(|name| Event::Unknown { name }),
    ]
}

fn content() -> impl Strategy<Value = Content> {
    let file = || prop::option::of(1..=i64::MAX);
    prop_oneof![
        Just(Content::Text),
        file().prop_map(|file| Content::Image { file }),
        file().prop_map(|file| Content::Voice { file }),
        ("-?1?[0-7]?[0-9](\\.[0-9]{1,8})?", "-?[0-8]?[0-9](\\.[0-9]{1,8})?")
            .prop_map(|(longitude, latitude)| Content::Position { longitude, latitude }),
        event().prop_map(|event| Content::Event { event }),
        (any::<bool>(), key()).prop_map(|(status, key)| {
            Content::Mention { r#in: if status { MentionIn::Status } else { MentionIn::Comment }, key }
        }),
        "x_[a-zA-Z0-9]{1,20}".prop_map(|name| Content::Unknown { name }),
    ]
}

prop_compose! {
    fn any_packet()(
        sender in 1..=i64::MAX,
        receiver in 1..=i64::MAX,
        at in 1_300_000_000_i64..90_000_000_000,
        text in words(),
        content in content(),
    ) -> Packet {
        let created_at = OffsetDateTime::from_unix_timestamp(at).unwrap();
        Packet { sender, receiver, created_at, text, content }
    }
}

proptest! {
    #[test]
    fn any_packet_goes_through_both_formats(packet in any_packet(), layout in layout()) {
        let xml = packets::xml(&packet, layout);
        prop_assert_eq!(read(xml.as_bytes()), Ok((in_xml(&packet), Format::Xml)), "{}", xml);
        let json = packets::json(&packet);
        prop_assert_eq!(read(json.as_bytes()), Ok((packet, Format::Json)), "{}", json);
    }

    #[test]
    fn a_damaged_packet_breaks_nothing(packet in any_packet(), layout in layout(), at: prop::sample::Index, byte: u8) {
        for mut body in [packets::json(&packet).into_bytes(), packets::xml(&packet, layout).into_bytes()] {
            let at = at.index(body.len());
            let _ = read(&body[..at]);
            body[at] = byte;
            if let Ok((packet, _)) = read(&body) {
                prop_assert!(packet.sender > 0 && !packet.text.contains('\0'));
            }
        }
    }

    #[test]
    fn any_text_is_answered_in_both_formats(text in any::<String>()) {
        let reply = Reply::Text { text };
        let json: Value = serde_json::from_str(&written(&reply, Format::Json).unwrap()).unwrap();
        let data = form_urlencoded::parse(json["data"].as_str().unwrap().as_bytes()).next().unwrap().0.into_owned();
        let Reply::Text { text } = reply.clone() else { unreachable!() };
        prop_assert_eq!(&serde_json::from_str::<Value>(&data).unwrap()["text"], &text);
        let xml = written(&reply, Format::Xml).unwrap();
        let packet = read(xml.as_bytes()).unwrap().0;
        let kept: String = text.chars().filter(|c| (!c.is_control() || "\n\t".contains(*c)) && !"\u{fffe}\u{ffff}".contains(*c)).collect();
        prop_assert_eq!((packet.text, packet.receiver), (kept, FAN));
    }
}
