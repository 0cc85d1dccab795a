//! The format of pushes, and what Weibo tells of a fan (fans-service.md §9).

use super::super::Format;
use super::super::read::clean;
use crate::weibo::answer::Answer;
use crate::weibo::client::below;
use crate::weibo::{CallError, Client};
use time::OffsetDateTime;
use url::Url;

const SET_FORMAT: &str = "/2/eps/push/set_format.json";
const INFO: &str = "/2/eps/user/info.json";

/// Of somebody who does not follow only that is told.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FanInfo {
    pub follows: bool,
    pub subscribes: Option<bool>,
    pub subscribed_at: Option<OffsetDateTime>,
    pub nickname: Option<String>,
    /// 180 px wide, else 50 px; http or https. See [`Client::face`].
    pub picture: Option<Url>,
    /// Province and city, in her own language.
    pub place: String,
}

impl Client {
    /// In which format Weibo shall push from now on.
    pub async fn set_format(&self, format: Format) -> Result<(), CallError> {
        let address = below(&self.settings().addresses.api, SET_FORMAT);
        self.post_fans(&address, &[("format", format.name())]).await.map(drop)
    }

    /// Looks a fan up; an answer about somebody else is not believed.
    pub async fn fan_info(&self, uid: i64) -> Result<FanInfo, CallError> {
        let mut address = below(&self.settings().addresses.api, INFO);
        address.query_pairs_mut().append_pair("uid", &uid.to_string());
        let answer = self.get_fans(&address).await?;
        let follows = switch(&answer, "follow").ok_or_else(|| CallError::garbled("follow"))?;
        if answer.text("uid").is_some() && answer.whole("uid") != Some(uid) {
            return Err(CallError::garbled("uid"));
        }
        let since = answer.whole("subscribe_time").filter(|at| *at > 0);
        let place = ["province", "city"].into_iter().filter_map(|name| line(&answer, name));
        Ok(FanInfo {
            follows,
            subscribes: switch(&answer, "subscribe"),
            subscribed_at: since.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()),
            nickname: line(&answer, "nickname"),
            picture: picture(&answer, "headimgurl_large").or_else(|| picture(&answer, "headimgurl")),
            place: place.collect::<Vec<_>>().join(" "),
        })
    }
}

fn switch(answer: &Answer, name: &str) -> Option<bool> {
    match answer.text(name) {
        Some(text) => Some(text != "0" && text != "false"),
        None => answer.boolean(name),
    }
}

/// Short, and on one line: other people wrote it.
fn line(answer: &Answer, name: &str) -> Option<String> {
    let text: String = clean(&answer.text(name)?).replace(['\n', '\t'], " ").chars().take(60).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn picture(answer: &Answer, name: &str) -> Option<Url> {
    let address = Url::parse(&answer.text(name)?).ok()?;
    matches!(address.scheme(), "http" | "https").then_some(address)
}
