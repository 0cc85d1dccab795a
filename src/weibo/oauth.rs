//! Sign-in with Weibo (oauth-and-statuses.md §1): the consent page, the token for a code, whose token it is.

use super::answer::{Answer, positive};
use super::client::{CallError, Client, below};
use super::signature::Params;
use super::statuses::Trouble;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use url::Url;

const AUTHORIZE: &str = "/oauth2/authorize";
const ACCESS_TOKEN: &str = "/oauth2/access_token";
const TOKEN_INFO: &str = "/oauth2/get_token_info";
const REVOKE: &str = "/oauth2/revokeoauth2";

/// The consent page then offers to follow the app's official account (§1.6).
const FOLLOW: &str = "follow_app_official_microblog";
/// No token lives longer than a developer's own, five years (§1.2): more is a mistake of somebody's.
const LONGEST: Duration = Duration::from_hours(6 * 365 * 24);

/// The code of a refusal of our own: the token is good, but of another app.
pub const ANOTHER_APP: &str = "another_app";
/// Weibo's `expired_token`.
const EXPIRED: &str = "21327";

/// How the consent page shall look, and what it offers (§1.1). By default for a desktop, in Chinese.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are parameters of Weibo's, each by itself")]
pub struct Wish {
    /// For phones and the Weibo app.
    pub mobile: bool,
    pub english: bool,
    /// She wants to choose with which account.
    pub another: bool,
    /// Offers to follow the app's official account.
    pub follow: bool,
}

/// Leave to act for one person for a while. Its text is shown to nobody.
#[derive(Debug, Clone)]
pub struct Token {
    pub access_token: SecretString,
    /// As the token endpoint says it; [`Client::token_owner`] is what identifies the login (§1.2).
    pub uid: i64,
    pub expires_in: Duration,
}

/// What Weibo says of a token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    pub uid: i64,
    /// How long it still lives; nothing when Weibo does not say.
    pub rest: Duration,
}

impl Owner {
    /// How long the token lives: as it was said with the token, and where nothing was, as Weibo says it now.
    pub fn lives(&self, said: Duration) -> Duration {
        if said.is_zero() { self.rest } else { said }
    }
}

/// Whether a refusal with this code says that the token is over, or never was this app's. Any other says nothing of
/// the token: a limit is reached, or Weibo has troubles of its own.
pub fn is_not_ours(code: &str) -> bool {
    code == ANOTHER_APP || Trouble::of(code) == Trouble::SignInAgain
}

impl Client {
    /// The consent page. Weibo sends the shopper back to `redirect`, which must be the registered one, with
    /// `code` and `state`.
    pub fn authorize_url(&self, redirect: &Url, state: &str, wish: Wish) -> Url {
        let addresses = &self.settings().addresses;
        let base = if wish.mobile { &addresses.oauth_mobile } else { &addresses.oauth };
        let mut address = below(base, AUTHORIZE);
        let mut query = address.query_pairs_mut();
        query
            .append_pair("client_id", &self.settings().app_key)
            .append_pair("redirect_uri", redirect.as_str())
            .append_pair("response_type", "code")
            .append_pair("state", state);
        for (wished, name, value) in [
            (wish.mobile, "display", "mobile"),
            (wish.english, "language", "en"),
            (wish.another, "forcelogin", "true"),
            (wish.follow, "scope", FOLLOW),
        ] {
            if wished {
                query.append_pair(name, value);
            }
        }
        drop(query);
        address
    }

    /// Trades the code for a token; `redirect` as in [`Client::authorize_url`]. A code is good once: after
    /// [`CallError::Unknown`] the shopper has to sign in again.
    pub async fn exchange_code(&self, code: &str, redirect: &Url) -> Result<Token, CallError> {
        let form = form([
            ("client_id", self.settings().app_key.as_str()),
            ("client_secret", self.settings().app_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect.as_str()),
        ]);
        let answer = self.post(&below(&self.settings().addresses.oauth, ACCESS_TOKEN), &form).await?.api()?;
        Ok(Token {
            access_token: token(&answer).ok_or_else(|| CallError::garbled("access_token"))?,
            uid: uid(&answer)?,
            expires_in: seconds(&answer, "expires_in")?,
        })
    }

    /// Whose token it is, and for how long. A token of another app is refused with [`ANOTHER_APP`], else anyone's
    /// app could sign its users in here.
    pub async fn token_owner(&self, token: &SecretString) -> Result<Owner, CallError> {
        let _turn = self.turn(token).await?;
        let form = form([("access_token", token.expose_secret())]);
        let answer = self.post(&below(&self.settings().addresses.oauth, TOKEN_INFO), &form).await?.api()?;
        let app_key = answer.text("appkey").ok_or_else(|| CallError::garbled("appkey"))?;
        if app_key != self.settings().app_key {
            return Err(CallError::refused(ANOTHER_APP, "the token was given to another app"));
        }
        // Weibo answers for expired tokens as well, with a negative rest.
        let rest = answer.whole("expire_in");
        if rest.is_some_and(|rest| rest <= 0) {
            return Err(CallError::refused(EXPIRED, "expired_token"));
        }
        let rest = rest.and_then(|rest| u64::try_from(rest).ok()).map(Duration::from_secs);
        Ok(Owner { uid: uid(&answer)?, rest: rest.unwrap_or_default().min(LONGEST) })
    }

    /// Ends the token at Weibo.
    pub async fn revoke(&self, token: &SecretString) -> Result<(), CallError> {
        let _turn = self.turn(token).await?;
        let form = form([("access_token", token.expose_secret())]);
        let answer = self.post(&below(&self.settings().addresses.oauth, REVOKE), &form).await?.api()?;
        let done = answer.text("result").as_deref() == Some("true") || answer.boolean("result") == Some(true);
        if done { Ok(()) } else { Err(CallError::garbled("result")) }
    }
}

/// A form's parameters.
pub(super) fn form<const N: usize>(pairs: [(&str, &str); N]) -> Params {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Tokens go into headers: plain visible characters only.
fn token(answer: &Answer) -> Option<SecretString> {
    let text = answer.text("access_token")?;
    text.bytes().all(|b| b.is_ascii_graphic()).then(|| SecretString::from(text))
}

fn uid(answer: &Answer) -> Result<i64, CallError> {
    answer.text("uid").and_then(|uid| positive(&uid)).ok_or_else(|| CallError::garbled("uid"))
}

fn seconds(answer: &Answer, name: &'static str) -> Result<Duration, CallError> {
    let seconds = answer.whole(name).and_then(|seconds| u64::try_from(seconds).ok());
    seconds.map(|seconds| Duration::from_secs(seconds).min(LONGEST)).ok_or_else(|| CallError::garbled(name))
}

#[cfg(test)]
mod tests;
