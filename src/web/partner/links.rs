//! Her links: she makes one for any product on sale or the home page, copies its address, or shows its code.

use super::partner;
use super::room::link_name;
use crate::catalog::search::{self, Scope};
use crate::catalog::{self, Slug, Tile};
use crate::partners::{self, Link, NoLink};
use crate::web::form::Fields;
use crate::web::page::{Markup, Page, page, see_other};
use crate::web::shop::qr::qr;
use crate::web::shop::search::typed;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde::Deserialize;
use sqlx::PgConnection;

/// So many products are offered at once.
const OFFERED: usize = 24;

#[derive(Template)]
#[template(path = "partner/links.html")]
struct LinksPage {
    page: Page,
    q: String,
    /// Nothing has what was typed: this was looked for.
    instead: Option<String>,
    tiles: Vec<Tile>,
}

#[derive(Deserialize)]
pub struct Asked {
    q: Option<String>,
}

/// `GET /partner/links`: for what she may make one.
pub async fn show(
    asked: Query<Asked>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    partner(&shop, &session).await?;
    let q = typed(asked.q.as_deref().unwrap_or_default());
    let mut conn = shop.db.reader().await?;
    let found = search::find(&mut conn, &q, OFFERED, Scope::Shelf).await?;
    let tiles = catalog::tiles_of(&mut conn, &found.products).await?;
    drop(conn);
    let frame = Page::new(&shop, &reader).await;
    page(StatusCode::OK, &LinksPage { page: frame, q, instead: found.instead, tiles })
}

/// `POST /partner/links`: of the product that the form names, or of the home page. Pressed twice, it is one.
pub async fn make(
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (customer, partner) = partner(&shop, &session).await?;
    let mut tx = shop.db.begin().await?;
    let path = match fields.text("product").as_str() {
        "" => "/".to_owned(),
        slug => {
            let slug = Slug::parse(slug).map_err(|_| Error::NotFound)?;
            let product = catalog::find_product(&mut tx, &slug).await?.ok_or(Error::NotFound)?;
            format!("/p/{}", product.slug)
        }
    };
    let code = match partners::link(&mut tx, (partner.id, customer), &path, shop.clock.now()).await? {
        Ok(code) => code,
        Err(NoLink::Ended) => return Err(Error::Refused(StatusCode::CONFLICT, "error-partner-ended")),
        Err(NoLink::TooMany) => return Err(Error::Refused(StatusCode::CONFLICT, "error-partner-links")),
    };
    tx.commit().await?;
    Ok(see_other(&Page::new(&shop, &reader).await.to(&format!("/partner/links/{code}"))))
}

#[derive(Template)]
#[template(path = "partner/link.html")]
struct LinkPage {
    page: Page,
    name: String,
    /// The product that it leads to, while it is on sale.
    tile: Option<Tile>,
    clicks: i64,
    /// Its whole address.
    address: String,
    qr: Markup,
}

/// `GET /partner/links/{code}`
pub async fn one(
    code: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (_, partner) = partner(&shop, &session).await?;
    let mut conn = shop.db.reader().await?;
    let link = partners::own_link(&mut conn, partner.id, &code).await?.ok_or(Error::NotFound)?;
    let tile = tile(&mut conn, &link).await?;
    drop(conn);
    let address = shop.settings.absolute(&format!("/s/{}", link.code));
    let frame = Page::new(&shop, &reader).await;
    let (name, qr) = (link_name(&frame, &link), qr(&address)?);
    page(StatusCode::OK, &LinkPage { page: frame, name, tile, clicks: link.clicks, address, qr })
}

async fn tile(conn: &mut PgConnection, link: &Link) -> Result<Option<Tile>, Error> {
    let Some(slug) = link.path.strip_prefix("/p/").and_then(|slug| Slug::parse(slug).ok()) else {
        return Ok(None);
    };
    let Some(product) = catalog::find_product(conn, &slug).await? else { return Ok(None) };
    Ok(catalog::tiles_of(conn, &[product.id]).await?.pop())
}
