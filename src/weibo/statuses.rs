//! Reposts and shares (oauth-and-statuses.md §3): in a person's name with her token, or by Weibo's own page.

mod reading;
mod text;
mod trouble;

pub use reading::{Own, Reading, Seen, UNREAD, page_of};
pub use text::{TextFault, check_repost, check_share, length};
pub use trouble::Trouble;

use super::client::{CallError, Client, below};
use super::oauth::form;
use super::signature::Params;
use anyhow::anyhow;
use secrecy::{ExposeSecret, SecretString};
use std::net::IpAddr;
use url::Url;

const REPOST: &str = "/2/statuses/repost.json";
const SHARE: &str = "/2/statuses/share.json";
const SHARE_PAGE: &str = "/share/share.php";
const SHARE_PAGE_MOBILE: &str = "/share/mobile.php";

/// `accepted but delayed`: a success that has no id yet (§3.3).
const DELAYED: &str = "20032";

/// Of Weibo's own troubles (§3.3): whether it has posted before it failed is not known.
const FAILED: [&str; 3] = ["10001", "10002", "10003"];

/// What became of a post that Weibo took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Posted {
    /// It is there, under this status id.
    Published { id: i64 },
    /// Weibo took it and will show it later, under an id we are not told.
    Accepted,
}

impl Client {
    /// Reposts a status in the token owner's name. An empty `text` leaves Weibo's own words; `ip` is hers.
    pub async fn repost(
        &self,
        token: &SecretString,
        status_id: i64,
        text: &str,
        ip: IpAddr,
    ) -> Result<Posted, CallError> {
        let mut form = acting(token, ip);
        form.insert("id".to_owned(), status_id.to_string());
        if !text.is_empty() {
            form.insert("status".to_owned(), text.to_owned());
        }
        self.publish(REPOST, token, &form).await
    }

    /// Posts a new status in the token owner's name; `text` as [`check_share`] wants it, `ip` is hers.
    pub async fn share(&self, token: &SecretString, text: &str, ip: IpAddr) -> Result<Posted, CallError> {
        let mut form = acting(token, ip);
        form.insert("status".to_owned(), text.to_owned());
        self.publish(SHARE, token, &form).await
    }

    /// Weibo's own page on which anybody may share `url`, without a token (§3.5).
    pub fn share_page(&self, mobile: bool, url: &Url, title: &str, pic: Option<&Url>) -> Url {
        let path = if mobile { SHARE_PAGE_MOBILE } else { SHARE_PAGE };
        let mut address = below(&self.settings().addresses.share, path);
        let mut query = address.query_pairs_mut();
        query.append_pair("url", url.as_str()).append_pair("title", title);
        if let Some(pic) = pic {
            query.append_pair("pic", pic.as_str());
        }
        query.append_pair("appkey", &self.settings().app_key);
        let (name, value) = if mobile { ("source", "bookmark") } else { ("content", "utf-8") };
        query.append_pair(name, value);
        drop(query);
        address
    }

    async fn publish(&self, path: &str, token: &SecretString, form: &Params) -> Result<Posted, CallError> {
        let _turn = self.turn(token).await?;
        let reply = self.post(&below(&self.settings().addresses.api, path), form).await?;
        match reply.api() {
            Ok(answer) => {
                let id = answer.whole("id").or_else(|| answer.whole("idstr"));
                id.map(|id| Posted::Published { id }).ok_or_else(|| CallError::garbled("id"))
            }
            Err(CallError::Refused { code, .. }) if code == DELAYED => Ok(Posted::Accepted),
            Err(CallError::Refused { code, message }) if FAILED.contains(&code.as_str()) => {
                Err(CallError::Unknown(anyhow!("Weibo failed with {code}: {message}")))
            }
            Err(error) => Err(error),
        }
    }
}

/// Weibo wants the person's own address, not ours, to count her limits by (`rip`).
fn acting(token: &SecretString, ip: IpAddr) -> Params {
    form([("access_token", token.expose_secret()), ("rip", &ip.to_canonical().to_string())])
}

#[cfg(test)]
mod tests;
