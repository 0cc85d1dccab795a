//! What fans do, as it is pushed to the shop: in JSON, or in XML as WeChat's (fans-service.md §3 and §4).

use super::Format;
use super::rules::Rules;
use crate::clock::SHOP_ZONE;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt::Write;
use time::{OffsetDateTime, macros::format_description};

/// What a fan does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "did", rename_all = "snake_case")]
pub enum Did {
    Said {
        text: String,
    },
    Picture,
    Voice,
    At {
        longitude: String,
        latitude: String,
    },
    Followed,
    Unfollowed,
    /// With the keyword that she sent; without one she pressed a button.
    Subscribed {
        keyword: Option<String>,
    },
    Unsubscribed {
        keyword: Option<String>,
    },
    /// A code; `followed` when she began to follow by it.
    Scanned {
        key: String,
        #[serde(default)]
        ticket: String,
        #[serde(default)]
        followed: bool,
    },
    Clicked {
        key: String,
    },
    Viewed {
        url: String,
    },
    Mentioned {
        in_comment: bool,
        /// Of the status or the comment.
        id: String,
        text: String,
    },
}

/// Something a fan did, on its way to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packet {
    pub sender: i64,
    pub receiver: i64,
    /// A whole second.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    pub did: Did,
    /// The receiver's view of the picture or the voice.
    pub file: Option<u64>,
}

impl Did {
    /// The words that the packet carries (§3.2, §3.3).
    pub fn text(&self) -> &str {
        match self {
            Did::Said { text } | Did::Mentioned { text, .. } => text,
            Did::Picture => "发了一个图片消息",
            Did::Voice => "发了一个语音消息",
            Did::At { .. } => "发送了一个位置",
            Did::Followed => "关注事件消息",
            Did::Unfollowed => "取消关注事件消息",
            Did::Subscribed { keyword } => keyword.as_deref().unwrap_or("订阅事件消息"),
            Did::Unsubscribed { keyword } => keyword.as_deref().unwrap_or("取消订阅事件消息"),
            Did::Scanned { .. } => "扫描二维码",
            Did::Clicked { .. } => "",
            Did::Viewed { .. } => "自定义菜单跳转链接事件消息",
        }
    }

    /// `data.subtype`, for what is no plain message.
    fn subtype(&self) -> Option<&'static str> {
        Some(match self {
            Did::Said { .. } | Did::Picture | Did::Voice | Did::At { .. } => return None,
            Did::Followed => "follow",
            Did::Unfollowed => "unfollow",
            Did::Subscribed { .. } => "subscribe",
            Did::Unsubscribed { .. } => "unsubscribe",
            Did::Scanned { followed: false, .. } => "scan",
            Did::Scanned { followed: true, .. } => "scan_follow",
            Did::Clicked { .. } => "click",
            Did::Viewed { .. } => "view",
            Did::Mentioned { in_comment: false, .. } => "status",
            Did::Mentioned { in_comment: true, .. } => "comment",
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Did::Said { .. } => "text",
            Did::Picture => "image",
            Did::Voice => "voice",
            Did::At { .. } => "position",
            Did::Mentioned { .. } => "mention",
            _ => "event",
        }
    }

    fn key(&self) -> &str {
        match self {
            Did::Scanned { key, .. } | Did::Clicked { key } => key,
            Did::Viewed { url } => url,
            Did::Mentioned { id, .. } => id,
            _ => "",
        }
    }

    fn ticket(&self) -> &str {
        if let Did::Scanned { ticket, .. } = self { ticket } else { "" }
    }

    /// WeChat's names of the same events: following and subscribing are one there.
    fn wechat_name(&self) -> Option<&'static str> {
        Some(match self {
            Did::Followed | Did::Subscribed { .. } | Did::Scanned { followed: true, .. } => "subscribe",
            Did::Unfollowed | Did::Unsubscribed { .. } => "unsubscribe",
            Did::Scanned { followed: false, .. } => "SCAN",
            Did::Clicked { .. } => "CLICK",
            Did::Viewed { .. } => "VIEW",
            _ => return None,
        })
    }
}

impl Packet {
    /// The body of the push.
    pub fn written(&self, format: Format, rules: &Rules) -> String {
        match format {
            Format::Json => self.json(),
            Format::Xml => self.xml(rules.wechat_names),
        }
    }

    /// A word about it for the list of traffic.
    pub fn about(&self) -> String {
        match self.did.subtype() {
            Some(subtype) => format!("{} {}", self.did.kind(), subtype),
            None => self.did.kind().to_owned(),
        }
    }

    fn json(&self) -> String {
        let mut data = json!({});
        if let Some(file) = self.file {
            data = json!({ "vfid": file - 1, "tovfid": file });
        }
        if let Did::At { longitude, latitude } = &self.did {
            data = json!({ "longitude": longitude, "latitude": latitude });
        }
        if let Some(subtype) = self.did.subtype() {
            data["subtype"] = subtype.into();
        }
        for (name, value) in [("key", self.did.key()), ("ticket", self.did.ticket())] {
            if !value.is_empty() {
                data[name] = value.into();
            }
        }
        let format = format_description!(
            "[weekday repr:short] [month repr:short] [day] [hour]:[minute]:[second] +0800 [year]"
        );
        json!({
            "type": self.did.kind(),
            "receiver_id": self.receiver,
            "sender_id": self.sender,
            "created_at": self.at.to_offset(SHOP_ZONE).format(format).unwrap_or_default(),
            "text": self.did.text(),
            "data": data,
        })
        .to_string()
    }

    fn xml(&self, wechat_names: bool) -> String {
        let mut xml = String::from("<xml>");
        let element = |xml: &mut String, name: &str, text: &str| {
            if text.is_empty() {
                let _ = write!(xml, "<{name}></{name}>");
            } else {
                let _ = write!(xml, "<{name}><![CDATA[{}]]></{name}>", within_cdata(text));
            }
        };
        element(&mut xml, "ToUserName", &self.receiver.to_string());
        element(&mut xml, "FromUserName", &self.sender.to_string());
        let _ = write!(xml, "<CreateTime>{}</CreateTime>", self.at.unix_timestamp());
        let file = self.file.map(|file| file.to_string()).unwrap_or_default();
        let kind = if matches!(self.did, Did::At { .. }) { "location" } else { self.did.kind() };
        element(&mut xml, "MsgType", kind);
        match &self.did {
            Did::Said { text } => element(&mut xml, "Content", text),
            Did::Picture => {
                xml.push_str("<PicUrl></PicUrl>");
                element(&mut xml, "MediaId", &file);
            }
            Did::Voice => {
                element(&mut xml, "MediaId", &file);
                element(&mut xml, "Format", "amr");
            }
            Did::At { longitude, latitude } => {
                let _ = write!(
                    xml,
                    "<Location_X>{}</Location_X><Location_Y>{}</Location_Y>",
                    escaped(latitude),
                    escaped(longitude)
                );
                xml.push_str("<Scale>16</Scale>");
                element(&mut xml, "Label", "");
            }
            did => {
                if let Did::Mentioned { text, .. } = did {
                    element(&mut xml, "Content", text);
                }
                let own = did.subtype().unwrap_or_default();
                let wechat = did.wechat_name().filter(|_| wechat_names);
                element(&mut xml, "Event", wechat.unwrap_or(own));
                let begins =
                    if wechat == Some("subscribe") && !did.key().is_empty() { "qrscene_" } else { "" };
                element(&mut xml, "EventKey", &format!("{begins}{}", did.key()));
                if !did.ticket().is_empty() {
                    element(&mut xml, "Ticket", did.ticket());
                }
            }
        }
        if self.did.subtype().is_none() {
            xml.push_str("<MsgId></MsgId>");
        }
        xml.push_str("</xml>");
        xml
    }
}

/// What may stand in XML 1.0, with no end of the section inside.
fn within_cdata(text: &str) -> String {
    allowed(text).replace("]]>", "]]]]><![CDATA[>")
}

fn escaped(text: &str) -> String {
    allowed(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn allowed(text: &str) -> String {
    text.chars()
        .filter(|c| *c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
        .filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}'))
        .collect()
}
