//! What handlers share: reading parameters, pages with their policy, and the one error.

use crate::sandbox::clients::Face;
use crate::sandbox::pages::MessagePage;
use crate::weibo::signature::{Params, read_form};
use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::CONTENT_SECURITY_POLICY;
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use futures_util::stream;
use url::Url;

/// What the list of traffic says of an answer, in place of its status.
pub struct Told {
    pub words: String,
    pub good: bool,
}

/// What a handler answers when it does not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("not found")]
    NotFound,
    #[error("refused: {0}")]
    Refused(String),
    /// The same, told to a program.
    #[error("refused: {0}")]
    Json(String),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Error::NotFound => StatusCode::NOT_FOUND,
            Error::Refused(_) | Error::Json(_) => StatusCode::BAD_REQUEST,
            Error::Unexpected(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (title, words) = match self {
            Error::NotFound => ("没有找到", "这里什么也没有。 There is nothing here.".to_owned()),
            Error::Refused(words) => ("沙箱没有照办", words.clone()),
            Error::Json(words) => {
                return HttpResponse::build(self.status_code()).json(serde_json::json!({ "error": words }));
            }
            Error::Unexpected(error) => {
                tracing::error!(error = format!("{error:#}"), "the sandbox failed");
                ("沙箱出错了", "原因写在日志里。 The reason is in the log.".to_owned())
            }
        };
        let page = MessagePage { title, words };
        page.render().map_or_else(
            |_| HttpResponse::InternalServerError().finish(),
            |html| html_with_policy(self.status_code(), html, &[]),
        )
    }
}

/// A page whose forms may lead to this origin and to `leads_to` only.
pub fn page(status: StatusCode, page: &impl Template, leads_to: &[&Url]) -> Result<HttpResponse, Error> {
    let html = page.render().map_err(anyhow::Error::from)?;
    Ok(html_with_policy(status, html, leads_to))
}

fn html_with_policy(status: StatusCode, html: String, leads_to: &[&Url]) -> HttpResponse {
    let mut form_action = "'self'".to_owned();
    for url in leads_to {
        form_action.push(' ');
        form_action.push_str(&url.origin().ascii_serialization());
    }
    // Pictures come from the shop, wherever it is; frames are the drawn phone's screen.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http: https:; \
         media-src 'self'; connect-src 'self'; frame-src 'self' http: https:; form-action {form_action}; base-uri 'none'; \
         frame-ancestors 'self'"
    );
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(html)
}

/// Notes for the list of traffic what was answered.
pub fn told(mut response: HttpResponse, words: impl Into<String>) -> HttpResponse {
    let good = response.status().as_u16() < 400;
    response.extensions_mut().insert(Told { words: words.into(), good });
    response
}

/// The same for a refusal that the status does not show.
pub fn told_refused(mut response: HttpResponse, words: impl Into<String>) -> HttpResponse {
    response.extensions_mut().insert(Told { words: words.into(), good: false });
    response
}

/// An answer that ends before it begins: the caller sees the connection break.
pub fn broken() -> HttpResponse {
    let nothing = stream::once(async { Err::<Bytes, _>(std::io::Error::other("lost on purpose")) });
    told(HttpResponse::Ok().body(SizedStream::new(1000, nothing)), "做了，回答丢了")
}

/// The query's parameters; a name that is there twice is refused.
pub fn query(request: &HttpRequest) -> Result<Params, Error> {
    checked(request.query_string().as_bytes())
}

/// A form's parameters; a name that is there twice is refused.
pub fn form(body: &[u8]) -> Result<Params, Error> {
    checked(body)
}

fn checked(encoded: &[u8]) -> Result<Params, Error> {
    let params = read_form(encoded).map_err(|ambiguous| Error::Refused(ambiguous.to_string()))?;
    if params.values().any(|value| value.contains('\0')) {
        return Err(Error::Refused("a parameter with a NUL byte".into()));
    }
    Ok(params)
}

/// The account that the form names, then the one of the cookie: either may be unknown.
pub fn wished_account<'a>(form: &'a Params, cookie: Option<&'a str>) -> [Option<&'a str>; 2] {
    [form.get("account").map(String::as_str), cookie]
}

/// The account chosen on the desk by this browser.
pub fn account_cookie(request: &HttpRequest) -> Option<String> {
    request.cookie(ACCOUNT_COOKIE).map(|cookie| cookie.value().to_owned())
}

/// Holds the uid of the chosen account. The shop on the same host sees it too and does not care.
pub const ACCOUNT_COOKIE: &str = "sandbox_account";

/// Leads on with GET, whatever the method was.
pub fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", to)).finish()
}

/// By the `User-Agent`; a wrong guess costs only the look.
pub fn face(request: &HttpRequest) -> Face {
    let agent = request.headers().get("User-Agent").and_then(|value| value.to_str().ok());
    Face::of(agent.unwrap_or_default())
}

/// The access token, from the query, the form or `Authorization: OAuth2` (oauth-and-statuses.md §1.3).
/// Empty when there is none.
pub fn token(request: &HttpRequest, form: &Params) -> String {
    let header = request.headers().get("Authorization").and_then(|value| value.to_str().ok());
    let from_header = || {
        let (kind, token) = header?.split_once(' ')?;
        let known = ["oauth2", "bearer"].iter().any(|known| kind.eq_ignore_ascii_case(known));
        known.then(|| token.trim().to_owned())
    };
    let from_query = || query(request).ok()?.remove("access_token");
    let places = [form.get("access_token").cloned(), from_query(), from_header()];
    places.into_iter().flatten().find(|token| !token.is_empty()).unwrap_or_default()
}

/// Something that nobody guesses: 32 letters and digits.
pub fn random_text() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

/// An access token as Weibo's look: 32 characters that begin with `2.00` (oauth-and-statuses.md §2).
pub fn random_token() -> String {
    let mut token = format!("2.00{}", random_text());
    token.truncate(32);
    token
}

/// Holds the id of the chosen client.
pub const CLIENT_COOKIE: &str = "sandbox_client";

/// The client chosen on the desk by this browser.
pub fn client_cookie(request: &HttpRequest) -> Option<String> {
    request.cookie(CLIENT_COOKIE).map(|cookie| cookie.value().to_owned())
}
