//! What is said to fans by itself: to one, to many, and invitations (fans-service.md §6, §7).

use super::super::Reply;
use super::super::reply::quoted;
use super::UNFIT;
use crate::weibo::{CallError, Client};
use serde_json::json;

const REPLY: &str = "/2/messages/reply.json";
const SEND_ALL: &str = "/2/messages/sendall.json";
const INVITE: &str = "/2/messages/invite.json";

/// To whom a broadcast goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// A group's number at Weibo.
    Group(i64),
    Fans(Vec<i64>),
}

/// An invitation to a friend (§7.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub text: String,
    pub url: String,
    /// The address of its picture.
    pub logo: String,
}

impl Client {
    /// Says something to one fan. Any answer without an error is a yes: what a yes looks like is not documented.
    pub async fn reply(&self, fan: i64, reply: &Reply) -> Result<(), CallError> {
        let (fan, data) = (fan.to_string(), reply.data());
        let fields = [("type", reply.name()), ("data", data.as_str()), ("receiver_id", fan.as_str())];
        self.post_fans(&self.messages_at(REPLY), &fields).await.map(drop)
    }

    /// Hands a broadcast over and gives the number Weibo knows it by; it is delivered later. A place is refused with
    /// [`UNFIT`].
    pub async fn send_all(&self, audience: &Audience, reply: &Reply) -> Result<i64, CallError> {
        let mut body = match reply {
            Reply::Text { text } => json!({"msgtype": "text", "text": {"content": text}}),
            Reply::Articles { articles } => json!({"msgtype": "articles", "articles": articles}),
            Reply::Position { .. } => return Err(CallError::refused(UNFIT, "a place is not broadcast")),
        };
        match audience {
            Audience::Group(group) => body["filter"] = json!({"group_id": group.to_string()}),
            Audience::Fans(fans) => {
                body["touser"] = fans.iter().map(i64::to_string).collect::<Vec<_>>().into();
            }
        }
        let answer = self.post_fans_json(&self.messages_at(SEND_ALL), body.to_string()).await?;
        answer.whole("msg_id").ok_or_else(|| CallError::garbled("msg_id"))
    }

    /// Invites somebody.
    pub async fn invite(&self, uid: i64, invitation: &Invitation) -> Result<(), CallError> {
        let Invitation { text, url, logo } = invitation;
        let data =
            format!(r#"{{"text":{},"url":{},"invite_logo":{}}}"#, quoted(text), quoted(url), quoted(logo));
        let fields = [("uid", uid.to_string()), ("data", data)];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        self.post_fans(&self.messages_at(INVITE), &fields).await.map(drop)
    }
}
