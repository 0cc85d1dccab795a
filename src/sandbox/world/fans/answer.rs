//! Reads what the shop answers to a push, as tolerantly as fans-service.md §11 has it.

use super::packet::Packet;
use super::reply::{BadReply, SandboxArticle, SandboxReply, data};
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;
use serde_json::Value;

/// The reply in an answer's body; nothing when it says nothing.
pub fn read(body: &[u8], to: &Packet) -> Result<Option<SandboxReply>, BadReply> {
    let body = body.trim_ascii();
    match body.first() {
        None => Ok(None),
        Some(b'{') => read_json(body, to),
        Some(b'<') => read_xml(body, to),
        // The word that WeChat's merchants say in place of nothing.
        Some(_) if body == b"success" => Ok(None),
        Some(_) => Err(BadReply::Unreadable("neither JSON nor XML".into())),
    }
}

fn read_json(body: &[u8], to: &Packet) -> Result<Option<SandboxReply>, BadReply> {
    let answer: Value =
        serde_json::from_slice(body).map_err(|error| BadReply::Unreadable(error.to_string()))?;
    let says_no = matches!(&answer["result"], Value::Bool(false)) || answer["result"] == "false";
    if says_no || answer.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(None);
    }
    for (name, expected) in [("receiver_id", to.sender), ("sender_id", to.receiver)] {
        let is_expected = match &answer[name] {
            Value::Number(number) => number.as_i64() == Some(expected),
            Value::String(text) => text.trim() == expected.to_string(),
            _ => false,
        };
        if !is_expected {
            return Err(BadReply::Elsewhere);
        }
    }
    let kind = answer["type"].as_str().unwrap_or_default();
    SandboxReply::read(kind, &data(&answer["data"])?).map(Some)
}

/// WeChat's shapes: elements in any order, CDATA or not, indented or not.
fn read_xml(body: &[u8], to: &Packet) -> Result<Option<SandboxReply>, BadReply> {
    let elements = elements(body)?;
    let text = |path: &str| {
        let found = elements.iter().find(|(at, _)| at == path);
        found.map(|(_, text)| text.trim().to_owned()).unwrap_or_default()
    };
    if text("xml/ToUserName") != to.sender.to_string() || text("xml/FromUserName") != to.receiver.to_string()
    {
        return Err(BadReply::Elsewhere);
    }
    // Seconds, or milliseconds as npm's `wechat` writes them.
    if text("xml/CreateTime").parse::<u64>().is_err() {
        return Err(BadReply::Unreadable("CreateTime is no number".into()));
    }
    let reply = match text("xml/MsgType").as_str() {
        "text" => SandboxReply::Text { text: text("xml/Content") },
        "news" => SandboxReply::Articles { articles: items(&elements) },
        other => return Err(BadReply::Kind(other.chars().take(40).collect())),
    };
    reply.checked().map(Some)
}

fn items(elements: &[(String, String)]) -> Vec<SandboxArticle> {
    let mut articles: Vec<SandboxArticle> = Vec::new();
    for (path, text) in elements {
        let Some(name) = path.strip_prefix("xml/Articles/item") else { continue };
        if name.is_empty() {
            articles.push(SandboxArticle::default());
        }
        let Some(article) = articles.last_mut() else { continue };
        let text = text.trim().to_owned();
        match name {
            "/Title" => article.display_name = text,
            "/Description" => article.summary = text,
            "/PicUrl" => article.image = text,
            "/Url" => article.url = text,
            _ => {}
        }
    }
    articles
}

/// Each element's path and text, in the order in which they begin.
fn elements(body: &[u8]) -> Result<Vec<(String, String)>, BadReply> {
    let unreadable = |error: &dyn std::fmt::Display| BadReply::Unreadable(error.to_string());
    let mut reader = Reader::from_reader(body);
    let (mut found, mut open): (Vec<(String, String)>, Vec<usize>) = (Vec::new(), Vec::new());
    let mut buffer = Vec::new();
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(|error| unreadable(&error))?;
        let piece = match event {
            Event::Start(start) => {
                let name = String::from_utf8_lossy(start.name().as_ref()).into_owned();
                let parent = open.last().map(|at| format!("{}/", found[*at].0)).unwrap_or_default();
                open.push(found.len());
                found.push((format!("{parent}{name}"), String::new()));
                continue;
            }
            Event::End(_) => {
                open.pop();
                continue;
            }
            Event::Text(text) => text.decode().map_err(|error| unreadable(&error))?.into_owned(),
            Event::CData(text) => text.decode().map_err(|error| unreadable(&error))?.into_owned(),
            Event::GeneralRef(name) => match name.resolve_char_ref().map_err(|error| unreadable(&error))? {
                Some(character) => character.to_string(),
                None => name
                    .decode()
                    .ok()
                    .and_then(|name| resolve_xml_entity(&name))
                    .ok_or_else(|| BadReply::Unreadable("an entity that XML does not have".into()))?
                    .to_owned(),
            },
            Event::Eof => break,
            _ => continue,
        };
        if let Some(at) = open.last() {
            found[*at].1.push_str(&piece);
        }
    }
    if !open.is_empty() || found.first().is_none_or(|(root, _)| root != "xml") {
        return Err(BadReply::Unreadable("no whole <xml>".into()));
    }
    Ok(found)
}
