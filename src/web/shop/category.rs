//! One category and what is on its shelf.

use crate::catalog::{self, Category, Slug, Tile};
use crate::web::page::{Page, shared};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "shop/category.html")]
struct CategoryPage {
    page: Page,
    categories: Vec<Category>,
    category: Category,
    tiles: Vec<Tile>,
}

impl CategoryPage {
    /// Seen without scrolling: its picture is fetched first.
    fn is_first(&self, tile: &Tile) -> bool {
        self.tiles.iter().take(2).any(|first| first.slug == tile.slug)
    }
}

pub async fn show(
    slug: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    let key = format!("/c/{slug} {} {}", reader.language.code(), reader.route.as_str());
    let made = shop.pages.page(key, async || {
        let page = Page::new(&shop, &reader).await;
        let mut conn = shop.db.reader().await?;
        let category = catalog::find_category(&mut conn, &slug).await?.ok_or(Error::NotFound)?;
        let categories = catalog::categories(&mut conn).await?;
        let tiles = catalog::tiles(&mut conn, Some(category.id)).await?;
        Ok(CategoryPage { page, categories, category, tiles }.render()?)
    });
    Ok(made.await?.respond(&request, shared(None)))
}
