//! Packets as Weibo writes them, for tests: the shop itself only reads them.

use super::{Content, Event, MentionIn, Packet};
use serde_json::{Value, json};
use std::fmt::Write;
use time::macros::{format_description, offset};

/// How an XML packet is laid out; all of it means the same.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a way to write by itself")]
pub struct Layout {
    /// So many parts come first that would come last.
    pub turned: usize,
    pub cdata: bool,
    pub indented: bool,
    pub milliseconds: bool,
    pub upper: bool,
}

pub const PLAIN: Layout =
    Layout { turned: 0, cdata: true, indented: false, milliseconds: false, upper: false };

pub fn json(packet: &Packet) -> String {
    let form = format_description!(
        "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute] [year]"
    );
    let (name, data) = match &packet.content {
        Content::Text => ("text", json!({})),
        Content::Image { file } => ("image", file_data(*file)),
        Content::Voice { file } => ("voice", file_data(*file)),
        Content::Position { longitude, latitude } => {
            ("position", json!({"longitude": longitude, "latitude": latitude}))
        }
        Content::Event { event } => ("event", event_data(event)),
        Content::Mention { r#in, key } => ("mention", json!({"subtype": within(*r#in), "key": key})),
        Content::Unknown { name } => (name.as_str(), json!({"field": 1})),
    };
    json!({
        "type": name,
        "receiver_id": packet.receiver,
        "sender_id": packet.sender,
        "created_at": packet.created_at.to_offset(offset!(+8)).format(form).unwrap(),
        "text": packet.text,
        "data": data,
    })
    .to_string()
}

fn file_data(file: Option<i64>) -> Value {
    file.map_or_else(|| json!({}), |file| json!({"vfid": file - 1, "tovfid": file}))
}

fn event_data(event: &Event) -> Value {
    let (name, key, ticket) = event_parts(event);
    let mut data = json!({"subtype": name});
    if let Some(key) = key {
        data["key"] = key.into();
    }
    if let Some(ticket) = ticket {
        data["ticket"] = ticket.into();
    }
    data
}

fn event_parts(event: &Event) -> (&str, Option<&str>, Option<&str>) {
    match event {
        Event::Follow => ("follow", None, None),
        Event::Unfollow => ("unfollow", None, None),
        Event::Subscribe | Event::FollowOrSubscribe => ("subscribe", None, None),
        Event::Unsubscribe | Event::UnfollowOrUnsubscribe => ("unsubscribe", None, None),
        Event::Scan { key, ticket } => ("scan", Some(key), Some(ticket)),
        Event::ScanFollow { key, ticket } => ("scan_follow", Some(key), Some(ticket)),
        Event::Click { key } => ("click", Some(key), None),
        Event::View { url } => ("view", Some(url), None),
        Event::Unknown { name } => (name, None, None),
    }
}

fn within(within: MentionIn) -> &'static str {
    match within {
        MentionIn::Status => "status",
        MentionIn::Comment => "comment",
    }
}

pub fn xml(packet: &Packet, layout: Layout) -> String {
    let mut parts = parts(packet, layout);
    let turned = layout.turned % parts.len();
    parts.rotate_left(turned);
    let mut xml = String::from("<xml>");
    for (name, text) in parts {
        xml.push_str(if layout.indented { "\n  " } else { "" });
        let text = if layout.cdata {
            format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
        } else {
            text.replace('&', "&amp;").replace('<', "&#60;").replace('>', "&#x3E;")
        };
        let _ = write!(xml, "<{name}>{text}</{name}>");
    }
    xml + if layout.indented { "\n</xml>\n" } else { "</xml>" }
}

fn parts(packet: &Packet, layout: Layout) -> Vec<(&'static str, String)> {
    let case = |name: &str| if layout.upper { name.to_ascii_uppercase() } else { name.to_owned() };
    let seconds = packet.created_at.unix_timestamp();
    let mut parts = vec![
        ("ToUserName", packet.receiver.to_string()),
        ("FromUserName", packet.sender.to_string()),
        ("CreateTime", if layout.milliseconds { seconds * 1000 + 7 } else { seconds }.to_string()),
        ("Content", packet.text.clone()),
        ("MsgId", String::new()),
    ];
    let file = |file: &Option<i64>| ("MediaId", file.map(|file| file.to_string()).unwrap_or_default());
    let name = match &packet.content {
        Content::Text => "text",
        Content::Image { file: number } => {
            parts.extend([("PicUrl", String::new()), file(number)]);
            "image"
        }
        Content::Voice { file: number } => {
            parts.extend([("Format", "amr".into()), file(number)]);
            "voice"
        }
        Content::Position { longitude, latitude } => {
            parts.extend([("Location_X", latitude.clone()), ("Location_Y", longitude.clone())]);
            "location"
        }
        Content::Event { event } => {
            let (name, key, ticket) = event_parts(event);
            let name = if matches!(event, Event::Unknown { .. }) { name.to_owned() } else { case(name) };
            parts.extend([("Event", name), ("EventKey", key.unwrap_or_default().to_owned())]);
            parts.extend(ticket.map(|ticket| ("Ticket", ticket.to_owned())));
            "event"
        }
        Content::Mention { r#in, key } => {
            parts.extend([("Event", case(within(*r#in))), ("EventKey", key.clone())]);
            "mention"
        }
        Content::Unknown { name } => name,
    };
    parts.push(("MsgType", name.to_owned()));
    parts
}
