//! What is on the shelf, for those who look for pages: an index, and parts of at most 50,000 addresses. Kept for a
//! minute, so that nobody can ask the database for all of it again and again.

use super::assets::{Packed, pack};
use super::{Error, Shop};
use crate::catalog;
use actix_web::http::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use moka::future::Cache;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Of a part with the most that it may hold.
const KEPT: u64 = 48 * 1024 * 1024;
const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";
/// The part of the window and the categories.
const PAGES: &str = "pages";

/// A file that is not there takes room as well.
const NO_MAP: usize = 256;

/// A file of the map as it is sent, and the mark of what is in it.
struct Map {
    packed: Packed,
    mark: String,
}

impl Map {
    fn new(text: String) -> Map {
        let digest = ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
        // Weak: it is sent in several forms.
        let mark = format!("W/\"{}\"", data_encoding::HEXLOWER.encode(&digest.as_ref()[..12]));
        Map { packed: pack(text.into_bytes(), 5), mark }
    }

    fn weight(&self) -> usize {
        self.packed.plain.len() + self.packed.gzip.len() + self.packed.brotli.len()
    }
}

/// The files of the last minute, by name, and which are not there. Clones share them.
#[derive(Clone)]
pub struct Maps(Cache<String, Option<Arc<Map>>>);

impl Default for Maps {
    fn default() -> Maps {
        let weight = |_: &String, map: &Option<Arc<Map>>| {
            u32::try_from(map.as_ref().map_or(NO_MAP, |map| map.weight())).unwrap_or(u32::MAX)
        };
        Maps(Cache::builder().max_capacity(KEPT).weigher(weight).time_to_live(Duration::from_mins(1)).build())
    }
}

impl Maps {
    /// Forgets all of it: the shelf has just been changed.
    pub fn forget(&self) {
        self.0.invalidate_all();
    }
}

/// `GET /sitemap.xml`
pub async fn index(request: HttpRequest, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let make = async {
        let parts = catalog::parts_outside(&mut *shop.db.reader().await?).await?;
        let mut xml = opened("sitemapindex");
        let pages = shop.settings.absolute(&format!("/sitemap/{PAGES}.xml"));
        entry(&mut xml, "sitemap", &pages, None);
        for part in parts {
            let url = shop.settings.absolute(&format!("/sitemap/{}.xml", part.number));
            entry(&mut xml, "sitemap", &url, Some(part.updated_at));
        }
        xml.push_str("</sitemapindex>\n");
        Ok(Some(xml))
    };
    told(&request, &shop, "index", make).await
}

/// `GET /sitemap/{part}.xml`
pub async fn part(request: HttpRequest, part: Path<String>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    // Written in one way only: others would be kept beside it.
    let number = part.parse::<i64>().ok().filter(|number| *number >= 0 && number.to_string() == *part);
    if number.is_none() && *part != PAGES {
        return Err(Error::NotFound);
    }
    let make = async {
        let mut conn = shop.db.reader().await?;
        let listed: Vec<(String, Option<OffsetDateTime>)> = if let Some(number) = number {
            let products = catalog::products_outside(&mut conn, number).await?;
            products.into_iter().map(|(slug, at)| (format!("/p/{slug}"), Some(at))).collect()
        } else {
            let categories = catalog::categories_outside(&mut conn).await?;
            let paths = categories.into_iter().map(|slug| (format!("/c/{slug}"), None));
            std::iter::once(("/".to_owned(), None)).chain(paths).collect()
        };
        drop(conn);
        Ok((!listed.is_empty()).then(|| written(&shop, &listed)))
    };
    told(&request, &shop, &part, make).await
}

/// Each page in both languages.
fn written(shop: &Shop, listed: &[(String, Option<OffsetDateTime>)]) -> String {
    let mut xml = opened("urlset");
    for (path, at) in listed {
        entry(&mut xml, "url", &shop.settings.absolute(path), *at);
        entry(&mut xml, "url", &shop.settings.absolute(&format!("/en{path}")), *at);
    }
    xml.push_str("</urlset>\n");
    xml
}

fn opened(kind: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{kind} xmlns=\"{NAMESPACE}\">\n")
}

/// Addresses of ours are slugs and numbers behind the public one: only its own could hold what XML reserves.
fn entry(xml: &mut String, kind: &str, url: &str, at: Option<OffsetDateTime>) {
    let url = url.replace('&', "&amp;").replace('<', "&lt;");
    let at = at.and_then(|at| at.replace_nanosecond(0).ok()?.format(&Rfc3339).ok());
    let at = at.map(|at| format!("<lastmod>{at}</lastmod>")).unwrap_or_default();
    // Into a String nothing fails.
    let _ = writeln!(xml, "<{kind}><loc>{url}</loc>{at}</{kind}>");
}

/// The file as it is kept, or that whoever asks has it already.
async fn told(
    request: &HttpRequest,
    shop: &Shop,
    name: &str,
    make: impl Future<Output = Result<Option<String>, Error>>,
) -> Result<HttpResponse, Error> {
    let packed = async {
        let Some(text) = make.await? else { return Ok(None) };
        // Megabytes: other pages do not wait for it.
        let map = actix_web::web::block(move || Map::new(text)).await;
        Ok(Some(Arc::new(map.map_err(anyhow::Error::from)?)))
    };
    let map = Box::pin(shop.pages.maps.0.try_get_with(name.to_owned(), packed)).await;
    let map = map.map_err(|error: Arc<Error>| error.told_again())?.ok_or(Error::NotFound)?;
    let known = request.headers().get(IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let known = known.is_some_and(|known| known.split(',').any(|mark| mark.trim() == map.mark));
    let mut answer = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    answer.insert_header((ETAG, map.mark.as_str())).insert_header((CACHE_CONTROL, "public, max-age=300"));
    if known {
        return Ok(answer.finish());
    }
    answer.content_type("application/xml; charset=utf-8");
    Ok(map.packed.respond(request, answer))
}
