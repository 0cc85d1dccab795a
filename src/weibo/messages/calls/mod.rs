//! The calls of the fans service, with the shop's own token (fans-service.md §6 to §9).

mod account;
mod codes;
mod groups;
mod media;
mod menu;
mod sending;
mod subscribers;

pub use account::FanInfo;
pub use codes::{Code, LONGEST_LIFE, MOST_PERMANENT, Ticket};
pub use groups::Group;
pub use media::{Media, MediaKind};
pub use sending::{Audience, Invitation};
pub use subscribers::Subscribers;

use crate::weibo::answer::Answer;
use crate::weibo::client::{Reply, below, unexplained};
use crate::weibo::signature::Params;
use crate::weibo::{CallError, Client};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The code of a refusal of our own: the shop has no token for the fans service.
pub const NO_TOKEN: &str = "no_fans_token";
/// Another: Weibo has no form for that, nothing was sent.
pub const UNFIT: &str = "unfit";

impl Client {
    fn fans_token(&self) -> Result<&SecretString, CallError> {
        let keys = self.fans().ok_or_else(|| CallError::refused(NO_TOKEN, "the fans service is not set up"));
        Ok(&keys?.token)
    }

    fn messages_at(&self, path: &str) -> Url {
        below(&self.settings().addresses.messages, path)
    }

    /// Posts a form with the token in it.
    async fn post_fans(&self, address: &Url, fields: &[(&str, &str)]) -> Result<Answer, CallError> {
        let token = self.fans_token()?;
        let mut form: Params =
            fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        form.insert("access_token".to_owned(), token.expose_secret().to_owned());
        let _turn = self.turn(token).await?;
        judged(self.post(address, &form).await?)
    }

    async fn post_fans_json(&self, address: &Url, json: String) -> Result<Answer, CallError> {
        judged(self.post_json(address, self.fans_token()?, json).await?)
    }

    async fn get_fans(&self, address: &Url) -> Result<Answer, CallError> {
        judged(self.get(address, self.fans_token()?).await?)
    }
}

/// Both families of errors (§7.2, §10), under any HTTP status that is none of the server's: code 0 and the word `ok`
/// are none, `"result": false` is a no without a code.
fn judged(reply: Reply) -> Result<Answer, CallError> {
    let Reply { status, answer } = reply;
    let code =
        ["error_code", "errcode"].into_iter().find_map(|name| answer.text(name).filter(|code| code != "0"));
    let words = ["error", "errmsg"].into_iter().find_map(|name| answer.text(name));
    let words = words.filter(|words| !words.eq_ignore_ascii_case("ok"));
    if let Some(code) = code.or_else(|| words.clone()) {
        return Err(CallError::refused(&code, &words.unwrap_or_default()));
    }
    if answer.boolean("result") == Some(false) || answer.text("result").as_deref() == Some("false") {
        return Err(CallError::refused("result_false", "Weibo answered no, and not why"));
    }
    if status.is_success() { Ok(answer) } else { Err(unexplained(status)) }
}

#[cfg(test)]
mod tests;
