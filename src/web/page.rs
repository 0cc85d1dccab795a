//! What every page knows: the reader's language and route, and how it is sent.

use super::assets;
use super::error::Error;
use super::light::Framed;
use super::visit::Visit;
use super::who::Reader;
use super::words::Words;
use super::{Shop, finish};
use crate::catalog::Slug;
use crate::settings::Profile;
use crate::text::{Language, Text};
use crate::weibo::agent::Route;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use time::OffsetDateTime;
use url::Url;

/// Markup of our own making that templates put in as it is: never anything that somebody typed.
#[derive(Debug, Clone, Default)]
pub struct Markup(pub Cow<'static, str>);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Markup {}

/// The frame around a page's own content.
#[derive(Clone)]
pub struct Page {
    pub words: Words,
    pub route: Route,
    /// Weibo's mobile.js, on shoppers' pages in the client only.
    pub jsapi: Option<String>,
    /// This page in the other language; nothing where there is none.
    pub other_language: Option<String>,
    /// The first version of the client that can pay.
    pub minimum_version: String,
    pub shop_name: Text,
    pub profile: Arc<Profile>,
    /// It stands in Weibo's frame: what leads to other pages leaves the frame.
    pub framed: Option<Framed>,
    /// Whom the token in this page's address names: its links carry the token on.
    pub visit: Option<Visit>,
}

impl Page {
    pub async fn new(shop: &Shop, reader: &Reader) -> Page {
        let profile = Box::pin(profile(shop)).await;
        Page {
            words: Words(reader.language),
            route: reader.route,
            jsapi: jsapi(shop, reader.route).map(ToString::to_string),
            other_language: reader.other_language.clone(),
            minimum_version: shop.settings.minimum_version.to_string(),
            shop_name: profile.shop_name(),
            profile,
            framed: None,
            visit: None,
        }
    }

    /// A page that is kept for all who ask for `path`, however each of them wrote it: what leads to the other
    /// language is made of what was understood.
    pub async fn at(shop: &Shop, reader: &Reader, path: &str) -> Page {
        let other = match reader.language {
            Language::Chinese => Words(Language::English).path(path),
            Language::English => Words(Language::Chinese).path(path),
        };
        Page { other_language: Some(other), ..Page::new(shop, reader).await }
    }

    /// Of somebody whom a visit names that was honoured: the link to the other language carries it too.
    #[must_use]
    pub fn known_by(mut self, visit: Option<Visit>) -> Page {
        self.visit = visit;
        self.other_language = self.other_language.take().map(|other| self.carrying(other));
        self
    }

    pub fn say(&self, key: &str) -> String {
        self.words.say(key)
    }

    pub fn say_with(&self, key: &str, name: &'static str, value: impl fmt::Display) -> String {
        self.words.say_with(key, name, value)
    }

    /// A path of ours in the reader's language.
    pub fn to(&self, path: &str) -> String {
        self.words.path(path)
    }

    /// The path of a page of the shop's window: in Weibo's frame, its twin there.
    pub fn window(&self, kind: &str, name: impl fmt::Display) -> String {
        if self.framed.is_none() {
            return self.to(&format!("{kind}{name}"));
        }
        let kind = if kind == "/" { "" } else { kind };
        self.knowing(&format!("/light{kind}{name}"))
    }

    /// A path of ours whose page shall know who came, though no cookie says so.
    pub fn knowing(&self, path: &str) -> String {
        self.carrying(self.to(path))
    }

    /// An address of ours, with the token of her visit where there is one.
    pub fn carrying(&self, path: String) -> String {
        match &self.visit {
            Some(visit) => {
                format!("{path}{}visit={}", if path.contains('?') { '&' } else { '?' }, visit.token)
            }
            None => path,
        }
    }

    /// For a link that stays in Weibo's frame.
    pub fn stay(&self) -> Markup {
        self.attributes(if self.framed.is_some() { " target=\"_self\"" } else { "" })
    }

    /// The merchant's text in the reader's language.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.in_language(self.words.0)
    }

    pub fn lang(&self) -> &'static str {
        self.words.0.code()
    }

    pub fn is_desktop(&self) -> bool {
        self.route == Route::Desktop
    }

    pub fn is_client(&self) -> bool {
        self.route == Route::Client
    }

    pub fn is_too_old(&self) -> bool {
        self.route == Route::ClientTooOld
    }

    /// Attributes of an input, as they stand in a template.
    pub fn attributes(&self, literal: &'static str) -> Markup {
        Markup(Cow::Borrowed(literal))
    }

    /// The address of a file under `static/`.
    pub fn asset(&self, name: &str) -> &'static str {
        assets::address(name)
    }
}

/// Weibo's mobile.js, where a page may load it.
pub fn jsapi(shop: &Shop, route: Route) -> Option<&Url> {
    shop.settings.jsapi.as_ref().filter(|_| route == Route::Client)
}

/// How the shop presents itself; as one that nobody has named where that cannot be read.
async fn profile(shop: &Shop) -> Arc<Profile> {
    match shop.terms().await {
        Ok(terms) => terms.profile.clone(),
        Err(error) => {
            tracing::warn!(%error, "the shop's settings cannot be read");
            Arc::default()
        }
    }
}

/// Which page of a long list an address asks for, counted from 1; the first where it asks for none.
pub fn page_number(asked: Option<&str>, last: usize) -> usize {
    asked.and_then(|number| number.parse().ok()).unwrap_or(1).clamp(1, last)
}

/// Cuts a list to one page, where it was read to one row more: then it goes on behind the row that is returned.
pub fn cut<T>(rows: &mut Vec<T>, page: usize) -> Option<&T> {
    let is_more = rows.len() > page;
    rows.truncate(page);
    rows.last().filter(|_| is_more)
}

/// A moment in an address, in microseconds; nothing where neither a list nor the database reaches.
pub fn instant(micros: i128) -> Option<OffsetDateTime> {
    let at = OffsetDateTime::from_unix_timestamp_nanos(micros.checked_mul(1_000)?).ok()?;
    (at.year() >= 1970).then_some(at)
}

/// A page that is this visitor's own.
pub fn page(status: StatusCode, page: &impl Template) -> Result<HttpResponse, Error> {
    Ok(HttpResponse::build(status).content_type("text/html; charset=utf-8").body(page.render()?))
}

/// A page that is the same for everybody, kept for a second; `with_script` lets it load Weibo's script
/// from exactly that origin.
pub fn shared(with_script: Option<&Url>) -> actix_web::HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.content_type("text/html; charset=utf-8").insert_header((CACHE_CONTROL, "private, no-cache"));
    if let Some(script) = with_script {
        response.insert_header((CONTENT_SECURITY_POLICY, finish::admitting(finish::POLICY, script)));
    }
    response
}

/// An address that has become another: the same path and query with `new` in the place of `old`. Browsers do not
/// keep it, for it may become this one again.
pub fn permanently(request: &HttpRequest, old: &Slug, new: &Slug) -> HttpResponse {
    let path = request.path().strip_suffix(old.as_str()).unwrap_or_default();
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    HttpResponse::PermanentRedirect().insert_header(("Location", format!("{path}{new}{query}"))).finish()
}

/// After a change: go and look at it.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header(("Location", path)).finish()
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_page_goes_on_behind_its_last_row_where_another_was_read() {
        for (read, kept, behind) in [(0, 0, None), (2, 2, None), (3, 2, Some(1)), (9, 2, Some(1))] {
            let mut rows: Vec<i64> = (0..read).collect();
            assert_eq!(cut(&mut rows, 2).copied(), behind, "{read}");
            assert_eq!(rows.len(), kept, "{read}");
        }
    }
}
