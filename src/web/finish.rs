//! What every answer has in common: security headers, the right host, and an error page that a person can
//! read and go on from.

use super::Shop;
use super::error::{Error, Told};
use super::light::{self, Framed};
use super::page::{self, Page};
use super::sender::Sender;
use super::staff::own_page;
use super::visit::Visit;
use super::who::{Reader, Speaks};
use super::words::Words;
use crate::weibo::agent::Route;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use url::Position;

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    title: String,
    words: String,
    retry: bool,
}

/// The same in the back office, for a member or whoever stands at its door.
#[derive(Template)]
#[template(path = "admin/error.html")]
struct DeskErrorPage {
    page: Page,
    title: String,
    words: String,
}

/// The outermost layer around every route.
pub async fn finish(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(shop) = request.app_data::<web::Data<Shop>>().cloned() else {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    };
    // No copy of the request may live while it is routed: actix would panic.
    let agent = request.headers().get(header::USER_AGENT).cloned();
    let speaks = at_desk(request.path()).then(|| Speaks::by_browser(request.request()));
    let asked = Asked { agent, path: request.path().to_owned(), shop, route: None, speaks, visit: None };
    if let Some(refused) = refuse(request.request(), &asked.shop) {
        let answer = asked.finish(actix_web::ResponseError::error_response(&refused)).await;
        return Ok(request.into_response(answer));
    }
    if request.method() == Method::HEAD {
        // Answered like GET; actix leaves the body out. Whoever writes down a visit sees that it was none.
        request.extensions_mut().insert(OnlyLooked);
        request.head_mut().method = Method::GET;
    }
    match next.call(request).await {
        Ok(response) => {
            let (request, answer) = response.map_into_boxed_body().into_parts();
            let speaks = request.extensions().get::<Speaks>().copied().or(asked.speaks);
            let route = request.extensions().get::<Route>().copied();
            let fails = answer.status().is_client_error();
            let visit = if fails { light::visit(&request, &asked.shop).await } else { None };
            Ok(ServiceResponse::new(request, Asked { route, speaks, visit, ..asked }.finish(answer).await))
        }
        // A middleware's error, such as that of a session that cannot be read.
        Err(error) => {
            let ours = error.as_error::<Error>().is_some();
            let answer = if ours { error.error_response() } else { foreign(&error) };
            Err(InternalError::from_response("finished", asked.finish(answer).await).into())
        }
    }
}

/// In the extensions of a request that came as HEAD.
#[derive(Debug, Clone, Copy)]
pub struct OnlyLooked;

/// Whether this is a page of the back office, or its door.
fn at_desk(path: &str) -> bool {
    own_page(path) == path
}

/// What is known of a request once it has been routed away.
struct Asked {
    shop: web::Data<Shop>,
    agent: Option<HeaderValue>,
    path: String,
    /// What the page was made for, when it asked.
    route: Option<Route>,
    /// In the back office: how its error pages speak.
    speaks: Option<Speaks>,
    /// In the light app: who came, as its error pages go on knowing.
    visit: Option<Visit>,
}

impl Asked {
    async fn finish(&self, answer: HttpResponse) -> HttpResponse {
        let mut answer = self.readable(answer).await;
        let is_page = is_page(&answer);
        let framed = light::policy(&self.shop.settings, &self.path);
        harden(answer.headers_mut(), framed.as_deref());
        if is_page {
            self.admit_script(answer.headers_mut());
        }
        answer
    }

    fn reader(&self) -> Reader {
        Reader::who_says(self.agent.as_ref(), &self.path, &self.shop)
    }

    /// In the Weibo client the shoppers' pages may load Weibo's mobile.js, from exactly that origin. Nobody else's
    /// script runs where the staff work: there the client's bridge has to do.
    fn admit_script(&self, headers: &mut header::HeaderMap) {
        if self.shop.settings.jsapi.is_none() || at_desk(&self.path) {
            return;
        }
        let route = self.route.unwrap_or_else(|| self.reader().route);
        let Some(script) = page::jsapi(&self.shop, route) else { return };
        let policy = headers.get(header::CONTENT_SECURITY_POLICY).and_then(|v| v.to_str().ok());
        let admitted = policy.map(|policy| HeaderValue::try_from(admitting(policy, script)));
        if let Some(Ok(admitted)) = admitted {
            headers.insert(header::CONTENT_SECURITY_POLICY, admitted);
        }
    }

    /// Answers of 400 and above become a page; those for machines stay as they are.
    async fn readable(&self, answer: HttpResponse) -> HttpResponse {
        let status = answer.status();
        let told = answer.extensions().get::<Told>().copied();
        let for_machines = ["/hooks/", "/api/", "/cards/"].iter().any(|path| self.path.starts_with(path));
        if !(status.is_client_error() || status.is_server_error()) || is_page(&answer) || for_machines {
            return answer;
        }
        let missing = status == StatusCode::NOT_FOUND;
        let key = told.map_or(if missing { "error-not-found" } else { "error-request" }, |told| told.0);
        let mut page = Page::new(&self.shop, &self.reader()).await;
        page.words = self.speaks.map_or(page.words, |speaks| Words(speaks.0));
        if light::policy(&self.shop.settings, &self.path).is_some() {
            let name = self.visit.as_ref().map(|visit| visit.name.clone());
            page.framed = Some(Framed { name, ..Framed::of_a_stranger(&self.shop, &page, light::ENTRY) });
            page = page.known_by(self.visit.clone());
        }
        let (title, words) = (page.say(&format!("{key}-title")), page.say(key));
        let retry = status == StatusCode::SERVICE_UNAVAILABLE;
        let html = if at_desk(&self.path) {
            DeskErrorPage { page, title, words }.render()
        } else {
            ErrorPage { page, title, words, retry }.render()
        };
        let Ok(html) = html else { return answer };
        let mut page = HttpResponse::build(status).content_type("text/html; charset=utf-8").body(html);
        for name in [header::RETRY_AFTER, header::ALLOW] {
            if let Some(value) = answer.headers().get(&name) {
                page.headers_mut().insert(name, value.clone());
            }
        }
        page
    }
}

fn is_page(answer: &HttpResponse) -> bool {
    let html = |v: &HeaderValue| v.to_str().is_ok_and(|v| v.starts_with("text/html"));
    answer.headers().get(header::CONTENT_TYPE).is_some_and(html)
}

/// An error that is not ours: what it says is for the log.
fn foreign(error: &actix_web::Error) -> HttpResponse {
    let status = error.as_response_error().status_code();
    if status.is_server_error() {
        // Sessions cannot be read: the database is not there, or crowded. Trying again helps.
        tracing::error!(%error, "request failed");
        return actix_web::ResponseError::error_response(&Error::Busy);
    }
    HttpResponse::new(status)
}

/// Requests that are not for us, or that another site's page makes in the visitor's name.
fn refuse(request: &HttpRequest, shop: &Shop) -> Option<Error> {
    let ours = &shop.settings.public_url;
    if !is_our_host(request, ours) {
        return Some(Error::Refused(StatusCode::MISDIRECTED_REQUEST, "error-host"));
    }
    let from_weibo = request.path().starts_with("/hooks/") || request.path().starts_with("/return/");
    // Weibo's frame posts from its own page who looks; only what it has signed counts.
    let from_frame = request.path() == light::ENTRY;
    if matches!(*request.method(), Method::GET | Method::HEAD) || from_weibo || from_frame {
        return None;
    }
    let sender = Sender::of(request);
    let foreign = match (sender.site, sender.origin) {
        (Some(site), _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => !is_our_origin(origin, ours),
        // Old WebViews send neither; the session cookie is Lax, so another site's form has none.
        (None, None) => false,
    };
    foreign.then_some(Error::Refused(StatusCode::FORBIDDEN, "error-origin"))
}

/// On loopback every name of this machine is ours; else only the public one is.
fn is_our_host(request: &HttpRequest, ours: &url::Url) -> bool {
    let host =
        request.uri().authority().map(ToString::to_string).or_else(|| {
            request.headers().get(header::HOST).and_then(|v| v.to_str().ok()).map(ToOwned::to_owned)
        });
    host.is_some_and(|host| {
        // Nearly every request names the public one just so.
        host == ours[Position::BeforeHost..Position::AfterPort]
            || is_our_origin(&format!("{}://{host}", ours.scheme()), ours)
    })
}

/// An address of ours, as browsers write it into `Origin` and `Referer`.
pub fn is_our_origin(origin: &str, ours: &url::Url) -> bool {
    let Ok(origin) = url::Url::parse(origin) else { return false };
    let loopback = |url: &url::Url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let same_port = origin.port_or_known_default() == ours.port_or_known_default();
    origin.scheme() == ours.scheme()
        && same_port
        && (origin.host() == ours.host() || (loopback(&origin) && loopback(ours)))
}

/// The policy of a page that says nothing else: nothing but our own styles, scripts and pictures.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same policy for a page that may also load this script, from exactly that origin.
pub fn admitting(policy: &str, script: &url::Url) -> String {
    let origin = script.origin().ascii_serialization();
    let directive = |text: &str| {
        let mut words = text.split_ascii_whitespace();
        let lacks_it = words.next() == Some("script-src") && words.all(|word| word != origin);
        if lacks_it { format!("{text} {origin}") } else { text.to_owned() }
    };
    policy.split(';').map(directive).collect::<Vec<_>>().join(";")
}

/// `framed` is the policy of a page that Weibo's frame may show, whatever the page itself says. Its address may hold
/// who looks: other sites never learn it.
fn harden(headers: &mut actix_web::http::header::HeaderMap, framed: Option<&str>) {
    if let Some(policy) = framed.and_then(|policy| HeaderValue::from_str(policy).ok()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    } else {
        default(headers, header::X_FRAME_OPTIONS, "DENY");
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
        (header::PERMISSIONS_POLICY, "interest-cohort=()"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        default(headers, name, value);
    }
}

fn default(headers: &mut actix_web::http::header::HeaderMap, name: HeaderName, value: &'static str) {
    if !headers.contains_key(&name) {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_admitted_by_the_directive_for_scripts_and_once() {
        let script = url::Url::parse("https://a.example/open/mobile.js").unwrap();
        let policy = admitting(POLICY, &script);
        assert_eq!(policy, POLICY.replace("script-src 'self'", "script-src 'self' https://a.example"));
        assert_eq!(admitting(&policy, &script), policy);
        for (other, admitted) in [
            // Named elsewhere, or one that begins alike, is not admitted yet.
            (
                "script-src 'self'; frame-ancestors https://a.example",
                "script-src 'self' https://a.example; frame-ancestors https://a.example",
            ),
            ("script-src https://a.example.evil", "script-src https://a.example.evil https://a.example"),
            ("default-src 'none'; style-src 'self'", "default-src 'none'; style-src 'self'"),
        ] {
            assert_eq!(admitting(other, &script), admitted);
        }
    }

    #[test]
    fn only_our_own_origin_is_ours() {
        let shop = url::Url::parse("https://shop.example").unwrap();
        assert!(is_our_origin("https://shop.example", &shop));
        for other in [
            "null",
            "",
            "http://shop.example",
            "https://shop.example.evil",
            "https://127.0.0.1",
            "https://shop.example:444",
        ] {
            assert!(!is_our_origin(other, &shop), "{other}");
        }
        let demo = url::Url::parse("http://127.0.0.1:8080").unwrap();
        assert!(is_our_origin("http://localhost:8080", &demo));
        assert!(!is_our_origin("http://localhost:8090", &demo));
    }
}
