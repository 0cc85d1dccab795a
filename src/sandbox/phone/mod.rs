//! The drawn phone's way out: forwards what the phone's screen asks to the shop or to the sandbox, as the chosen
//! client would. Like any phone it has cookies of its own, apart from the desktop browser's on the same host.

mod rewrite;

use super::http::answer::{Error, client_cookie};
use super::{Sandbox, clients, deliver};
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data, PayloadConfig, ServiceConfig, to};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::TryStreamExt;
use rewrite::Origins;
use std::time::Duration;
use url::Url;

/// A picture for a review fits; a film does not.
const REQUEST_LIMIT: usize = 12 * 1024 * 1024;
/// A page is held whole to be rewritten.
const PAGE_LIMIT: usize = 4 * 1024 * 1024;
/// Events may trickle for this long, then the page asks again.
const LONGEST: Duration = Duration::from_mins(10);

/// Paths of Weibo's own; all others are the shop's.
const WEIBO: [&str; 6] = ["/api/merchant/", "/oauth2/", "/2/", "/share/", "/sandbox/", "/open/"];

/// Between two machines only, never passed on; and what is set anew.
const NOT_ASKED: [&str; 14] = [
    "host",
    "connection",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "accept-encoding",
    "user-agent",
    "cookie",
    "forwarded",
];
const NOT_ANSWERED: [&str; 8] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-frame-options",
    "content-length",
];

impl Sandbox {
    /// Every path of the drawn phone. Without [`super::Settings::phone_url`] it says so and forwards nothing.
    pub fn phone_routes(&self, cfg: &mut ServiceConfig) {
        cfg.app_data(Data::new(self.clone()))
            .app_data(PayloadConfig::new(REQUEST_LIMIT))
            .default_service(to(forward));
    }

    fn origins(&self) -> Option<Origins> {
        let settings = &self.0.settings;
        let phone = settings.phone_url.as_ref()?;
        Some(Origins::new(phone, &settings.public_url, settings.shop_url.as_ref()))
    }
}

/// A client for the phone: it waits for events, follows nothing, and asks no proxy.
pub(super) fn caller() -> anyhow::Result<reqwest::Client> {
    deliver::ready_for_tls();
    Ok(reqwest::Client::builder()
        .timeout(LONGEST)
        .read_timeout(Duration::from_secs(90))
        .connect_timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?)
}

async fn forward(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let origins = sandbox.origins().ok_or(Error::NotFound)?;
    let mut target = target(&request, &sandbox)?;
    let named = |named: &[u8]| origins.as_if_the_shops(target.path(), named);
    let (query, form) = (named(target.query().unwrap_or_default().as_bytes()), named(&body));
    if query.is_some() {
        target.set_query(query.as_deref());
    }
    let body = form.map_or(body, Bytes::from);
    let asked = ask(&request, &sandbox, &origins, &target, body)?;
    let answer = sandbox.0.phone.execute(asked).await.map_err(|error| {
        tracing::warn!(error = %error.without_url(), "the phone got no answer");
        Error::Refused("店铺没有回答。 The shop does not answer.".into())
    })?;
    let status =
        actix_web::http::StatusCode::from_u16(answer.status().as_u16()).map_err(anyhow::Error::from)?;
    let mut response = HttpResponse::build(status);
    let is_page = pass_headers(&answer, &origins, &mut response);
    if !is_page {
        return Ok(response.streaming(answer.bytes_stream().map_err(std::io::Error::other)));
    }
    let html = whole(answer).await?;
    Ok(response.body(origins.page(&String::from_utf8_lossy(&html))))
}

/// The address to ask, always on this machine.
fn target(request: &HttpRequest, sandbox: &Sandbox) -> Result<Url, Error> {
    let settings = &sandbox.0.settings;
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let base = if WEIBO.iter().any(|start| path.starts_with(start)) {
        Some(&settings.public_url)
    } else {
        settings.shop_url.as_ref()
    };
    let base = base.filter(|base| deliver::local(base.as_str()).is_some());
    let base = base.ok_or_else(|| Error::Refused("这部手机没有接通店铺。 No shop is connected.".into()))?;
    if !path.starts_with('/') {
        return Err(Error::NotFound);
    }
    let url = Url::parse(&format!("{}{path}", base.origin().ascii_serialization()));
    url.map_err(|_| Error::NotFound)
}

/// The same request, as the chosen client would send it to `target`.
fn ask(
    request: &HttpRequest,
    sandbox: &Sandbox,
    origins: &Origins,
    target: &Url,
    body: Bytes,
) -> Result<reqwest::Request, Error> {
    let method =
        reqwest::Method::from_bytes(request.method().as_str().as_bytes()).map_err(anyhow::Error::from)?;
    let chosen = client_cookie(request);
    let client = clients::chosen([chosen.as_deref(), sandbox.world().desk.client.as_deref()]);
    let mut asked = sandbox
        .0
        .phone
        .request(method, target.clone())
        .header("User-Agent", client.agent)
        .header("Accept-Encoding", "identity");
    let own = target.origin().ascii_serialization();
    for (name, value) in request.headers() {
        let Ok(value) = value.to_str() else { continue };
        asked = match name.as_str() {
            name if NOT_ASKED.contains(&name) || name.starts_with("x-forwarded-") => asked,
            name @ ("origin" | "referer") => asked.header(name, origins.as_if_at(value, &own)),
            name => asked.header(name, value),
        };
    }
    let cookies = request.headers().get_all("cookie").filter_map(|value| value.to_str().ok());
    let cookies = rewrite::phones_cookies(cookies, own == origins.sandbox());
    if !cookies.is_empty() {
        asked = asked.header("Cookie", cookies);
    }
    Ok(asked.body(body).build().map_err(anyhow::Error::from)?)
}

/// Passes the headers on, and says whether the answer is a page whose links are to be rewritten.
fn pass_headers(answer: &reqwest::Response, origins: &Origins, response: &mut HttpResponseBuilder) -> bool {
    let mut policies = 0;
    for (name, value) in answer.headers() {
        let Ok(text) = value.to_str() else { continue };
        let text = match name.as_str() {
            name if NOT_ANSWERED.contains(&name) => continue,
            "location" => origins.location(text),
            "set-cookie" => rewrite::as_phones_cookie(text),
            "content-security-policy" => {
                policies += 1;
                origins.policy(text)
            }
            _ => text.to_owned(),
        };
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&text)) {
            response.append_header((name, value));
        }
    }
    if policies == 0 {
        response.append_header(("Content-Security-Policy", origins.policy("")));
    }
    let kind = answer.headers().get(CONTENT_TYPE.as_str()).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

async fn whole(mut answer: reqwest::Response) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(anyhow::Error::from)? {
        page.extend_from_slice(&chunk);
        if page.len() > PAGE_LIMIT {
            return Err(Error::Refused("这一页太大。 The page is too large.".into()));
        }
    }
    Ok(page)
}
