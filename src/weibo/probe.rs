//! Looking whether an address answers, and what time it is there. Sends nothing of ours.

use super::client::{CallError, Client, below};
use super::oauth::form;
use super::signature::{Params, SigningKey, VerifyingKey};
use anyhow::Context;
use reqwest::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, DATE};
use reqwest::redirect;
use secrecy::ExposeSecret;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use url::Url;

/// A person waits for it.
const PATIENCE: Duration = Duration::from_secs(6);
/// Weibo's `invalid_client`, and what it says to a code that it never gave (oauth-and-statuses.md §1.5).
const INVALID_CLIENT: &str = "21324";
const INVALID_GRANT: &str = "21325";

/// What an address answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    pub status: u16,
    /// The time in its `Date` header, to the second.
    pub at: Option<OffsetDateTime>,
    /// It tells browsers what they may load, as every answer of a shop's does.
    pub is_guarded: bool,
}

/// What Weibo thinks of app key and secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It minded the code only, which was none.
    Known,
    /// It says that they are wrong.
    WrongClient,
    /// It said something that does not tell.
    Unclear {
        code: String,
    },
    NoAnswer,
}

/// Looks at an address of anybody's. Follows nothing.
pub async fn look(address: &Url, https_only: bool) -> anyhow::Result<Seen> {
    let answer = http(https_only)?.get(address.clone()).send().await;
    Ok(Seen::of(&answer.map_err(reqwest::Error::without_url)?))
}

/// Posts a form to an address of our own, and brings the beginning of what it says. Follows nothing.
pub async fn knock(address: &Url, form: &'static str, https_only: bool) -> anyhow::Result<(Seen, String)> {
    let request = http(https_only)?.post(address.clone());
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
    let mut answer = request.send().await.map_err(reqwest::Error::without_url)?;
    let seen = Seen::of(&answer);
    let said = answer.chunk().await.map_err(reqwest::Error::without_url)?.unwrap_or_default();
    Ok((seen, String::from_utf8_lossy(&said).into_owned()))
}

fn http(https_only: bool) -> anyhow::Result<reqwest::Client> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("weipu/", env!("CARGO_PKG_VERSION")))
        .timeout(PATIENCE)
        .connect_timeout(PATIENCE / 2)
        .redirect(redirect::Policy::none())
        .https_only(https_only)
        .no_proxy()
        .build()
        .context("the HTTP client cannot be built")
}

impl Seen {
    fn of(answer: &reqwest::Response) -> Seen {
        let headers = answer.headers();
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let is_guarded = headers.contains_key(CONTENT_SECURITY_POLICY);
        Seen { status: answer.status().as_u16(), at: date.and_then(read_date), is_guarded }
    }
}

/// `Sat, 21 Nov 2026 04:00:00 GMT`
fn read_date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

impl Client {
    /// Asks for a token with a code that Weibo never gave. That gives nothing and changes nothing; but a wrong
    /// app key or secret Weibo answers otherwise than a wrong code.
    pub async fn try_app(&self, redirect: &Url) -> Verdict {
        let settings = self.settings();
        let form = form([
            ("client_id", settings.app_key.as_str()),
            ("client_secret", settings.app_secret.expose_secret()),
            ("grant_type", "authorization_code"),
            ("code", "0"),
            ("redirect_uri", redirect.as_str()),
        ]);
        let address = below(&settings.addresses.oauth, "/oauth2/access_token");
        let asked = self.post(&address, &form);
        match tokio::time::timeout(PATIENCE, asked)
            .await
            .map(|reply| reply.and_then(super::client::Reply::api))
        {
            Ok(Err(CallError::Refused { code, .. })) => match code.as_str() {
                INVALID_GRANT => Verdict::Known,
                INVALID_CLIENT => Verdict::WrongClient,
                _ => Verdict::Unclear { code },
            },
            Ok(Ok(_)) => Verdict::Unclear { code: "200".into() },
            Ok(Err(CallError::Unknown(_))) | Err(_) => Verdict::NoAnswer,
        }
    }

    /// Our key, to look at it.
    pub fn merchant_key(&self) -> &SigningKey {
        &self.settings().merchant_key
    }

    /// Weibo's keys, to look at them.
    pub fn platform_keys(&self) -> &[VerifyingKey] {
        &self.settings().platform_keys
    }
}

impl SigningKey {
    /// Whether what it signs is what its own public half verifies.
    pub fn works(&self) -> bool {
        let mut params = Params::from([("seller_id".to_owned(), "1".to_owned())]);
        let Ok(sign) = self.sign(&params) else { return false };
        params.insert("sign".to_owned(), sign);
        self.public().is_ok_and(|public| public.verifies(&params))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let date = read_date("Sat, 21 Nov 2026 04:00:00 GMT");
        assert_eq!(date, Some(datetime!(2026-11-21 04:00 UTC)));
        for bad in ["", "0", "yesterday", "Sat, 21 Nov 2026"] {
            assert_eq!(read_date(bad), None, "{bad}");
        }
    }
}
