//! The connection to Weibo: settings, time-outs, and what may be believed of an answer.
//! Tokens and secrets travel in bodies and headers only, never in an address, an error or a log.

mod outward;

use super::answer::Answer;
use super::flights::{Flight, Flights};
use super::jsapi;
use super::signature::{Params, SigningKey, VerifyingKey, write_form};
use super::statuses::Reading;
use anyhow::{Context, anyhow, ensure};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode, redirect};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use url::Url;

/// How long a call may take in all.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The code of a refusal of our own: nothing was sent, because earlier calls with the same token do not end.
pub const BUSY: &str = "token_busy";
/// A user with her last status has some 6 kB, a page of somebody's statuses with their originals many times that.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Who we are to Weibo, and where Weibo is.
#[derive(Debug)]
pub struct Settings {
    pub app_key: String,
    pub app_secret: SecretString,
    /// Weibo uid of the account approved for Weibo Pay.
    pub seller_id: String,
    pub merchant_key: SigningKey,
    /// Any of them may have signed: an old and a new one while Weibo changes its key.
    pub platform_keys: Vec<VerifyingKey>,
    /// Of the fans service; nothing where that is not set up.
    pub fans: Option<FansKeys>,
    pub addresses: Addresses,
    /// How statuses are read again.
    pub reading: Reading,
    /// Whether a shopper's return without a signature is refused (weibo-pay.md §5).
    pub require_signed_return: bool,
    /// Whether plain http is refused; off for the sandbox only.
    pub https_only: bool,
    /// For a whole call, see [`DEFAULT_TIMEOUT`].
    pub timeout: Duration,
    /// Since when we are who we are: seller, app or key were another's before. Nothing when that is not known.
    pub known_since: Option<OffsetDateTime>,
}

/// What the fans service knows the shop's account by (fans-service.md §1, §9).
#[derive(Debug, Clone)]
pub struct FansKeys {
    /// The account's own, not the application's.
    pub token: SecretString,
    /// Signs what Weibo pushes: the secret of the app that the account is bound with.
    pub secret: SecretString,
}

/// The bases of Weibo's addresses, each without a path. The default is the real Weibo.
#[derive(Debug, Clone)]
pub struct Addresses {
    pub pay: Url,
    pub api: Url,
    pub oauth: Url,
    pub oauth_mobile: Url,
    pub share: Url,
    /// Of the fans service: messages, groups, menus.
    pub messages: Url,
    /// Where pictures and voices of fans lie.
    pub upload: Url,
}

impl Addresses {
    fn all(&self) -> [&Url; 7] {
        let Addresses { pay, api, oauth, oauth_mobile, share, messages, upload } = self;
        [pay, api, oauth, oauth_mobile, share, messages, upload]
    }
}

impl Default for Addresses {
    fn default() -> Addresses {
        let real = |address: &str| Url::parse(address).expect("a constant address");
        Addresses {
            pay: real("https://pay.sc.weibo.com"),
            api: real("https://api.weibo.com"),
            oauth: real("https://api.weibo.com"),
            oauth_mobile: real("https://open.weibo.cn"),
            share: real("https://service.weibo.com"),
            messages: real("https://m.api.weibo.com"),
            upload: real("https://upload.api.weibo.com"),
        }
    }
}

/// Why a call brought nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Weibo answered, well-formed, no.
    #[error("Weibo refused with {code}: {message}")]
    Refused { code: String, message: String },
    /// Nothing came back that can be trusted: whether Weibo did it is not known.
    #[error("no answer from Weibo that can be trusted")]
    Unknown(#[source] anyhow::Error),
}

/// Talks to Weibo as one app and one merchant. Cheap to clone.
#[derive(Clone)]
pub struct Client(Arc<Inside>);

struct Inside {
    settings: Settings,
    http: reqwest::Client,
    /// For addresses that others wrote down; made when the first is asked.
    outward: OnceLock<reqwest::Client>,
    flights: Flights,
    /// Taken for a call too, so that there is one at a time.
    ticket: Mutex<jsapi::Kept>,
}

impl Client {
    /// Fails when the settings cannot work: an empty name, no platform key, http where https is wanted.
    pub fn new(settings: Settings) -> anyhow::Result<Client> {
        check(&settings)?;
        // An error says only that some other part of the process was first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = connection(settings.timeout).https_only(settings.https_only).build();
        let http = http.context("the HTTP client cannot be built")?;
        let (flights, ticket) = (Flights::default(), Mutex::default());
        Ok(Client(Arc::new(Inside { settings, http, outward: OnceLock::new(), flights, ticket })))
    }

    /// The merchant at Weibo Pay: the uid of her account.
    pub fn seller_id(&self) -> &str {
        &self.settings().seller_id
    }

    /// What the fans service knows the shop by, where that is set up.
    pub fn fans(&self) -> Option<&FansKeys> {
        self.settings().fans.as_ref()
    }

    pub(super) fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// One's turn to call with this token; whoever waits as long as a call may take in all is refused with [`BUSY`].
    pub(super) async fn turn(&self, token: &SecretString) -> Result<Flight, CallError> {
        let turn = tokio::time::timeout(self.settings().timeout, self.0.flights.alone(token));
        turn.await.map_err(|_| CallError::refused(BUSY, "other calls with this token take too long"))
    }

    pub(super) fn kept_ticket(&self) -> &Mutex<jsapi::Kept> {
        &self.0.ticket
    }

    /// Posts a form and reads the JSON that comes back.
    pub(super) async fn post(&self, address: &Url, form: &Params) -> Result<Reply, CallError> {
        let request = self.0.http.post(address.clone());
        let request =
            request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(write_form(form));
        ask(request).await
    }

    /// Posts JSON, the token in a header, and reads the JSON that comes back.
    pub(super) async fn post_json(
        &self,
        address: &Url,
        token: &SecretString,
        json: String,
    ) -> Result<Reply, CallError> {
        let header = authorization(token)?;
        let _turn = self.turn(token).await?;
        let request = self.0.http.post(address.clone()).header(AUTHORIZATION, header);
        ask(request.header(CONTENT_TYPE, "application/json").body(json)).await
    }

    /// Gets JSON, the token in a header (oauth-and-statuses.md §1.3).
    pub(super) async fn get(&self, address: &Url, token: &SecretString) -> Result<Reply, CallError> {
        let header = authorization(token)?;
        let _turn = self.turn(token).await?;
        ask(self.0.http.get(address.clone()).header(AUTHORIZATION, header)).await
    }

    /// Gets a file of at most so many bytes, with a token in a header or without one.
    pub(super) async fn get_file(
        &self,
        address: &Url,
        token: Option<&SecretString>,
        largest: usize,
    ) -> Result<(StatusCode, Vec<u8>), CallError> {
        let mut request = self.0.http.get(address.clone());
        let _turn = match token {
            Some(token) => {
                request = request.header(AUTHORIZATION, authorization(token)?);
                Some(self.turn(token).await?)
            }
            None => None,
        };
        receive(request, largest).await.map_err(CallError::Unknown)
    }
}

/// It follows nobody elsewhere, and the environment cannot send tokens elsewhere.
fn connection(timeout: Duration) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("weipu/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .connect_timeout(CONNECT_TIMEOUT.min(timeout))
        .redirect(redirect::Policy::none())
        .no_proxy()
}

/// What came back, not yet judged: a JSON object under a status that is no server error.
pub(super) struct Reply {
    pub status: StatusCode,
    pub answer: Answer,
}

impl Reply {
    /// For the API and OAuth (§3.3, §1.1): a `code` and words, under any HTTP status, are a refusal.
    pub fn api(self) -> Result<Answer, CallError> {
        let code = self.answer.text("error_code").filter(|code| code != "0");
        let error = self.answer.text("error");
        if let Some(code) = code.or_else(|| error.clone()) {
            let words = self.answer.text("error_description").or(error).unwrap_or_default();
            return Err(CallError::refused(&code, &words));
        }
        if self.status.is_success() { Ok(self.answer) } else { Err(unexplained(self.status)) }
    }

    /// For Weibo Pay (weibo-pay.md §6): `100000` is yes, any other code no; gives what stands in `data`.
    pub fn pay(self) -> Result<Answer, CallError> {
        self.pay_whole()?.object("data").ok_or_else(|| CallError::garbled("data"))
    }

    /// The same for an answer whose `data` may be absent or a list.
    pub fn pay_whole(self) -> Result<Answer, CallError> {
        match self.answer.text("code") {
            Some(code) if code != "100000" => {
                Err(CallError::refused(&code, &self.answer.text("msg").unwrap_or_default()))
            }
            Some(_) if self.status.is_success() => Ok(self.answer),
            Some(_) => Err(unexplained(self.status)),
            None => Err(CallError::garbled("code")),
        }
    }
}

impl CallError {
    /// Whether surely nothing of the call has left: no connection was made for it. What broke off later may have
    /// arrived.
    pub fn never_left(&self) -> bool {
        let CallError::Unknown(error) = self else { return false };
        error.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect)
    }

    pub(super) fn refused(code: &str, message: &str) -> CallError {
        // Foreign text goes into logs: short, and on one line.
        let short = |text: &str, most| text.chars().filter(|c| !c.is_control()).take(most).collect();
        CallError::Refused { code: short(code, 40), message: short(message, 200) }
    }

    /// The answer lacks `field`, or it is not of the documented kind.
    pub(super) fn garbled(field: &'static str) -> CallError {
        CallError::Unknown(anyhow!("the answer's {field} is missing or not as documented"))
    }
}

pub(super) fn unexplained(status: StatusCode) -> CallError {
    CallError::Unknown(anyhow!("HTTP status {status} without an error code"))
}

fn authorization(token: &SecretString) -> Result<HeaderValue, CallError> {
    let mut header = HeaderValue::try_from(format!("OAuth2 {}", token.expose_secret()))
        .map_err(|_| CallError::Unknown(anyhow!("the token cannot stand in a header")))?;
    header.set_sensitive(true);
    Ok(header)
}

async fn ask(request: RequestBuilder) -> Result<Reply, CallError> {
    let request = request.header(ACCEPT, "application/json");
    let (status, body) = receive(request, LARGEST_ANSWER).await.map_err(CallError::Unknown)?;
    // The parser's own words quote the body, which may hold a token.
    let answer = Answer::parse(&body)
        .ok_or_else(|| CallError::Unknown(anyhow!("HTTP status {status} without a JSON object")))?;
    Ok(Reply { status, answer })
}

async fn receive(request: RequestBuilder, largest: usize) -> anyhow::Result<(StatusCode, Vec<u8>)> {
    let response = request.send().await.map_err(reqwest::Error::without_url)?;
    let status = response.status();
    ensure!(status.is_success() || status.is_client_error(), "HTTP status {status}");
    Ok((status, read(response, largest).await?))
}

async fn read(mut response: Response, largest: usize) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        ensure!(body.len() + chunk.len() <= largest, "an answer of more than {largest} bytes");
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// `path` below a base address, which may have a path of its own.
pub(super) fn below(base: &Url, path: &str) -> Url {
    let mut address = base.clone();
    address.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    address.set_query(None);
    address
}

fn check(settings: &Settings) -> anyhow::Result<()> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    ensure!(!settings.app_key.is_empty(), "the app key is empty");
    ensure!(!settings.app_secret.expose_secret().is_empty(), "the app secret is empty");
    ensure!(digits(&settings.seller_id), "the seller id is not a Weibo uid");
    ensure!(!settings.platform_keys.is_empty(), "no key of Weibo's: no notice could be verified");
    for address in settings.addresses.all() {
        let fits = address.scheme() == "https" || (address.scheme() == "http" && !settings.https_only);
        ensure!(fits && address.has_host(), "{address} is not an https address");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
