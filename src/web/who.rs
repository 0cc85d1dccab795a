//! Who is asking: the reader of a page, the browser that is known again, the buyer of an order, the staff.

use super::error::Error;
use super::visit::Visit;
use super::{Shop, session};
use crate::customers::CustomerId;
use crate::orders::{Order, OrderNumber};
use crate::text::Language;
use crate::weibo::agent::{Agent, Route};
use actix_session::Session;
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{AcceptLanguage, Header, HeaderValue, LanguageTag, USER_AGENT};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use uuid::Uuid;

/// The purpose of the tag that opens an order without a session.
const ORDER_LINK: &str = "order link";

/// Somebody in front of a page: in which language, and in which kind of client.
#[derive(Debug, Clone)]
pub struct Reader {
    pub language: Language,
    pub route: Route,
    /// This page in the other language; nothing where there is none.
    pub other_language: Option<String>,
}

impl Reader {
    /// Leaves the way she pays on the request, for `finish`.
    pub fn of(request: &HttpRequest, shop: &Shop) -> Reader {
        let reader = Reader::who_says(request.headers().get(USER_AGENT), request.path(), shop);
        request.extensions_mut().insert(reader.route);
        Reader { other_language: in_other_language(request, reader.language), ..reader }
    }

    /// Led to a page of ours that may be an English one.
    #[must_use]
    pub fn meaning(self, next: Option<&str>) -> Reader {
        let english = next.is_some_and(is_english);
        Reader { language: if english { Language::English } else { self.language }, ..self }
    }

    /// Of what a request said of its client, and of the path it asked for.
    pub fn who_says(agent: Option<&HeaderValue>, path: &str, shop: &Shop) -> Reader {
        let agent = agent.map(|v| String::from_utf8_lossy(v.as_bytes()));
        let route = Agent::parse(agent.as_deref().unwrap_or_default()).route(&shop.settings.minimum_version);
        let language = if is_english(path) { Language::English } else { Language::Chinese };
        Reader { language, route, other_language: None }
    }
}

/// Whether it is the path of an English page.
pub fn is_english(path: &str) -> bool {
    path.strip_prefix("/en").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

/// Pages that are asked for by GET and stand in both languages.
fn in_other_language(request: &HttpRequest, language: Language) -> Option<String> {
    let path = request.path();
    let one_only = ["/return/", "/oauth/", "/admin", "/sign-out"].iter().any(|own| path.starts_with(own));
    if one_only || request.method() != Method::GET {
        return None;
    }
    let query = anonymous(request.query_string());
    Some(match language {
        Language::Chinese => format!("/en{path}{query}"),
        Language::English if path == "/en" => format!("/{query}"),
        Language::English => format!("{}{query}", path.strip_prefix("/en").unwrap_or(path)),
    })
}

/// What in an address says who came. The other language's link is a page's own: it would vouch for what somebody else
/// wrote into this one's.
const SAYS_WHO: [&str; 3] = ["visit", "entry", "signed_request"];

/// A query as it stands behind a path, without what says who came.
fn anonymous(query: &str) -> String {
    let says_who = |part: &str| {
        form_urlencoded::parse(part.as_bytes()).any(|(name, _)| SAYS_WHO.contains(&name.as_ref()))
    };
    let kept: Vec<&str> = query.split('&').filter(|part| !part.is_empty() && !says_who(part)).collect();
    if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) }
}

/// Left on a request of the staff's for `finish`: the language of the member who asks.
#[derive(Debug, Clone, Copy)]
pub struct Speaks(pub Language);

impl Speaks {
    /// To whom nobody knows: as the door was asked to speak (`?lang=en`), else as her browser would like best.
    pub fn by_browser(request: &HttpRequest) -> Speaks {
        let mut query = form_urlencoded::parse(request.query_string().as_bytes());
        if let Some((_, code)) = query.find(|(name, _)| name == "lang") {
            return Speaks(Language::of_code(&code));
        }
        let wanted = AcceptLanguage::parse(request).map(|wanted| wanted.ranked()).unwrap_or_default();
        let spoken = |tag: &LanguageTag| match tag.primary_language() {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            _ => None,
        };
        Speaks(wanted.iter().find_map(|tag| tag.item().and_then(spoken)).unwrap_or_default())
    }
}

impl FromRequest for Reader {
    type Error = Error;
    type Future = Ready<Result<Reader, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shop = request.app_data::<web::Data<Shop>>().ok_or(Error::NotFound);
        ready(shop.map(|shop| Reader::of(request, shop)))
    }
}

/// A browser, perhaps known again, and the customer who has signed in on it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visitor {
    pub id: Option<Uuid>,
    pub customer: Option<CustomerId>,
}

impl Visitor {
    pub fn of(session: &Session) -> Visitor {
        Visitor {
            id: session::get(session, session::VISITOR),
            customer: session::get(session, session::CUSTOMER),
        }
    }

    /// Makes this browser one that is known again.
    pub fn remember(self, session: &Session) -> Result<Uuid, Error> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let id = Uuid::new_v4();
        session::put(session, session::VISITOR, id)?;
        Ok(id)
    }

    /// Whom the visit names that this request carries, where no session says who she is.
    pub async fn visit(
        self,
        shop: &Shop,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<Option<Visit>, Error> {
        if self.customer.is_some() { Ok(None) } else { Visit::find(shop, request, token).await }
    }

    /// A guest's order is the browser's; that of somebody who has signed in is hers, and no longer that of
    /// whoever uses the same browser.
    fn owns(&self, order: &Order) -> bool {
        match order.customer {
            Some(customer) => self.customer == Some(customer),
            None => self.id == Some(order.visitor),
        }
    }
}

/// How much of an order somebody may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It is hers.
    Owner,
    /// She has the link that nobody can guess: everything but where the parcel goes.
    Link,
}

/// Whether this visitor may see this order. Nobody else learns that it exists.
pub fn access(shop: &Shop, visitor: Visitor, order: &Order, tag: Option<&str>) -> Result<Access, Error> {
    if visitor.owns(order) {
        return Ok(Access::Owner);
    }
    let knows = tag.is_some_and(|tag| shop.keys.knows_tag(ORDER_LINK, order.number.as_str(), tag));
    if knows { Ok(Access::Link) } else { Err(Error::NotFound) }
}

/// The path of an order with the tag that opens it on any device.
pub fn order_link(shop: &Shop, number: &OrderNumber) -> String {
    format!("/orders/{number}?t={}", shop.keys.tag(ORDER_LINK, number.as_str()))
}

/// The address of whoever asks: what the outermost trusted hop has written, else the peer's own. Hops are
/// counted from the right before any is read: what somebody made up stands on the left, whatever it is.
pub fn client_ip(request: &HttpRequest, trusted_proxies: usize) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |addr| addr.ip());
    let Some(back) = trusted_proxies.checked_sub(1) else { return peer };
    let forwarded: Vec<&[u8]> = request
        .headers()
        .get_all("x-forwarded-for")
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .collect();
    forwarded.iter().rev().nth(back).and_then(|hop| address(hop)).unwrap_or(peer)
}

/// As proxies write it: bare, in brackets, with or without a port.
fn address(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    bare.parse().ok().or_else(|| hop.parse().ok().map(|with_port: SocketAddr| with_port.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn the_other_languages_link_says_nobodys_name() {
        for (query, kept) in [
            ("", ""),
            ("visit=T", ""),
            ("variant=a%20b&visit=T&quantity=2", "?variant=a%20b&quantity=2"),
            ("%76isit=T&t=1", "?t=1"),
            ("entry=T&next=/p/a", "?next=/p/a"),
            ("signed_request=a.b&&visit&page=2", "?page=2"),
            ("visits=2&q=visit", "?visits=2&q=visit"),
        ] {
            assert_eq!(anonymous(query), kept, "{query}");
        }
    }

    #[test]
    fn an_address_is_believed_from_trusted_hops_only() {
        let request = TestRequest::get()
            .peer_addr("10.0.0.1:99".parse().unwrap())
            .insert_header(("x-forwarded-for", "6.6.6.6, 203.0.113.7, 10.0.0.2"))
            .to_http_request();
        assert_eq!(client_ip(&request, 0).to_string(), "10.0.0.1");
        assert_eq!(client_ip(&request, 1).to_string(), "10.0.0.2");
        assert_eq!(client_ip(&request, 2).to_string(), "203.0.113.7");
        assert_eq!(client_ip(&request, 9).to_string(), "10.0.0.1");
    }

    #[test]
    fn a_hop_that_cannot_be_read_is_still_a_hop() {
        let seen = |lines: &[&'static [u8]], trusted| {
            let mut request = TestRequest::get().peer_addr("10.0.0.1:99".parse().unwrap());
            for line in lines {
                request = request.append_header(("x-forwarded-for", HeaderValue::from_bytes(line).unwrap()));
            }
            client_ip(&request.to_http_request(), trusted).to_string()
        };
        for (lines, expected) in [
            (&[&b"6.6.6.6, unknown"[..]][..], "10.0.0.1"),
            (&[b"6.6.6.6,"], "10.0.0.1"),
            (&[b"6.6.6.6, \xff"], "10.0.0.1"),
            (&[b"6.6.6.6", b"unknown"], "10.0.0.1"),
            (&[b"6.6.6.6, 203.0.113.7:4711"], "203.0.113.7"),
            (&[b"6.6.6.6, [2001:db8::7]:4711"], "2001:db8::7"),
            (&[b"6.6.6.6, [2001:db8::7]"], "2001:db8::7"),
            (&[b"6.6.6.6, 2001:db8::7"], "2001:db8::7"),
            (&[b"\xff, 203.0.113.7"], "203.0.113.7"),
        ] {
            assert_eq!(seen(lines, 1), expected, "{lines:?}");
        }
        assert_eq!(seen(&[b"6.6.6.6, 203.0.113.7, unknown"], 2), "203.0.113.7");
    }
}
