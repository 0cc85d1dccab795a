//! What a push is answered with, in both formats (fans-service.md §5).

use super::{Format, Reply};
use serde_json::{Value, json};
use std::fmt::Write;
use time::OffsetDateTime;

/// The body that answers a push: `to` the fan, `from` the shop's account. Nothing for a place in XML, which has no
/// documented form.
pub fn write_reply(reply: &Reply, to: i64, from: i64, at: OffsetDateTime, format: Format) -> Option<Vec<u8>> {
    match format {
        Format::Json => Some(as_json(reply, to, from).into_bytes()),
        Format::Xml => as_xml(reply, to, from, at).map(String::into_bytes),
    }
}

impl Reply {
    /// What stands in `data` (§5.1), as JSON.
    pub(super) fn data(&self) -> String {
        // By hand, so that the order is the documents': a map sorts by name.
        match self {
            Reply::Text { text } => format!(r#"{{"text":{}}}"#, quoted(text)),
            Reply::Articles { articles } => format!(r#"{{"articles":{}}}"#, list(articles)),
            Reply::Position { longitude, latitude } => {
                format!(r#"{{"longitude":{},"latitude":{}}}"#, quoted(longitude), quoted(latitude))
            }
        }
    }
}

pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn list(articles: &[super::Article]) -> String {
    let one = |article: &super::Article| {
        format!(
            r#"{{"display_name":{},"summary":{},"image":{},"url":{}}}"#,
            quoted(&article.display_name),
            quoted(&article.summary),
            quoted(&article.image),
            quoted(&article.url)
        )
    };
    format!("[{}]", articles.iter().map(one).collect::<Vec<_>>().join(","))
}

fn as_json(reply: &Reply, to: i64, from: i64) -> String {
    format!(
        r#"{{"result":true,"receiver_id":{to},"sender_id":{from},"type":{},"data":{}}}"#,
        json!(reply.name()),
        json!(percent_encoded(&reply.data()))
    )
}

/// A blank as `%20` and a plus as `%2B`: every reader takes both.
fn percent_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

fn as_xml(reply: &Reply, to: i64, from: i64, at: OffsetDateTime) -> Option<String> {
    let mut xml = format!(
        "<xml><ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{}</CreateTime>",
        cdata(&to.to_string()),
        cdata(&from.to_string()),
        at.unix_timestamp()
    );
    match reply {
        Reply::Text { text } => {
            let _ = write!(xml, "<MsgType>{}</MsgType><Content>{}</Content>", cdata("text"), cdata(text));
        }
        Reply::Articles { articles } => {
            let count = articles.len();
            let _ = write!(xml, "<MsgType>{}</MsgType><ArticleCount>{count}</ArticleCount>", cdata("news"));
            xml.push_str("<Articles>");
            for article in articles {
                for (name, text) in [
                    ("<item><Title>", &article.display_name),
                    ("</Title><Description>", &article.summary),
                    ("</Description><PicUrl>", &article.image),
                    ("</PicUrl><Url>", &article.url),
                ] {
                    let _ = write!(xml, "{name}{}", cdata(text));
                }
                xml.push_str("</Url></item>");
            }
            xml.push_str("</Articles>");
        }
        Reply::Position { .. } => return None,
    }
    xml.push_str("</xml>");
    Some(xml)
}

/// Without what XML cannot hold, and with its own end split in two.
fn cdata(text: &str) -> String {
    let fits =
        |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}') || matches!(c, '\n' | '\t');
    let text: String = text.chars().filter(fits).collect();
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}
