//! The pages of the light app: the shop's window, a category and a product, as they stand elsewhere, for whoever the
//! session or the visit says.

use super::{Framed, entry};
use crate::catalog::{Sku, Slug};
use crate::customers;
use crate::web::page::{Page, page_number};
use crate::web::shop::{category, home, product};
use crate::web::visit::Visit;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

/// A page of the light app.
#[derive(Debug)]
pub enum Shown {
    Home,
    Product(Slug, Option<Sku>),
    Category(Slug, usize),
}

impl Shown {
    /// The twin of a page of ours; the window where it has none.
    pub fn of(path: Option<&str>) -> Shown {
        let whole = path.unwrap_or_default().split('#').next().unwrap_or_default();
        let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
        let said = |wanted: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find_map(|(name, value)| (name == wanted).then_some(value))
        };
        let path = path.strip_prefix("/en").unwrap_or(path);
        let path = path.strip_prefix(super::ENTRY).unwrap_or(path);
        let named = |kind: &str| path.strip_prefix(kind).and_then(|slug| Slug::parse(slug).ok());
        if let Some(slug) = named("/p/") {
            return Shown::Product(slug, said("variant").and_then(|sku| Sku::parse(&sku).ok()));
        }
        named("/c/").map_or(Shown::Home, |slug| {
            Shown::Category(slug, page_number(said("page").as_deref(), category::MOST_PAGES))
        })
    }

    /// Where it is, without a language.
    pub fn path(&self) -> String {
        match self {
            Shown::Home => super::ENTRY.to_owned(),
            Shown::Product(slug, None) => format!("/light/p/{slug}"),
            Shown::Product(slug, Some(sku)) => format!("/light/p/{slug}?variant={}", sku.as_str()),
            Shown::Category(slug, number) => format!("/light{}", category::path(slug, *number)),
        }
    }
}

/// What the address of a page of the light app may hold.
#[derive(Deserialize)]
pub struct Asked {
    /// Weibo's frame may also ask by GET.
    signed_request: Option<String>,
    /// Her session begins.
    entry: Option<String>,
    next: Option<String>,
    visit: Option<String>,
    variant: Option<String>,
    page: Option<String>,
}

/// `GET /light`. The older entry (`cid`, `viewer`, `sub_appkey`, `tokenString`) leads here too: nothing of it can be
/// checked, so who comes by it signs in herself.
pub async fn home(
    asked: Query<Asked>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let asked = asked.into_inner();
    let next = asked.next.as_deref();
    if let Some(signed) = &asked.signed_request {
        return entry::come(&shop, &session, reader, &request, signed, next).await;
    }
    if let Some(token) = &asked.entry {
        return entry::go_on(&shop, &session, reader, &request, token, next).await;
    }
    let visit = Visit::find(&shop, &request, asked.visit.as_deref()).await?;
    show(&shop, &session, &reader, Shown::Home, visit).await
}

/// `GET /light/p/{slug}`
pub async fn product(
    (slug, asked): (Path<String>, Query<Asked>),
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    let sku = asked.variant.as_deref().and_then(|sku| Sku::parse(sku).ok());
    let visit = Visit::find(&shop, &request, asked.visit.as_deref()).await?;
    match show(&shop, &session, &reader, Shown::Product(slug.clone(), sku), visit).await {
        Err(Error::NotFound) => product::moved(&shop, &slug, &request).await,
        Ok(shown) => {
            product::looked_at(&shop, &request, &slug, asked.variant.is_some());
            Ok(shown)
        }
        failed => failed,
    }
}

/// `GET /light/c/{slug}`
pub async fn category(
    (slug, asked): (Path<String>, Query<Asked>),
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    let number = page_number(asked.page.as_deref(), category::MOST_PAGES);
    let visit = Visit::find(&shop, &request, asked.visit.as_deref()).await?;
    match show(&shop, &session, &reader, Shown::Category(slug.clone(), number), visit).await {
        Err(Error::NotFound) => category::moved(&shop, &slug, &request).await,
        shown => shown,
    }
}

/// For whom the session knows; for whom the visit names only where it knows nobody.
pub async fn show(
    shop: &Shop,
    session: &Session,
    reader: &Reader,
    shown: Shown,
    visit: Option<Visit>,
) -> Result<HttpResponse, Error> {
    let Some(id) = Visitor::of(session).customer else {
        let name = visit.as_ref().map(|visit| visit.name.clone());
        return answer(shop, reader, shown, (name, visit)).await;
    };
    let found = customers::find(&mut *shop.db.reader().await?, id).await?;
    answer(shop, reader, shown, (found.map(|known| known.screen_name), None)).await
}

async fn answer(
    shop: &Shop,
    reader: &Reader,
    shown: Shown,
    (name, visit): (Option<String>, Option<Visit>),
) -> Result<HttpResponse, Error> {
    if shop.settings.light.is_none() {
        return Err(Error::NotFound);
    }
    let path = shown.path();
    let mut page = Page::at(shop, reader, &path).await;
    page.framed = Some(Framed { name, ..Framed::of_a_stranger(shop, &page, &path) });
    let page = page.known_by(visit);
    let html = match shown {
        Shown::Home => home::draw(shop, page).await?,
        Shown::Product(slug, sku) => product::draw(shop, page, &slug, sku).await?,
        Shown::Category(slug, number) => category::draw(shop, page, &slug, number).await?,
    };
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html))
}
