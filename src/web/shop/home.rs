//! The shop's window: its categories and everything on the shelf.

use crate::catalog::{self, Category, Tile};
use crate::web::page::{Page, shared};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "shop/home.html")]
struct HomePage {
    page: Page,
    categories: Vec<Category>,
    tiles: Vec<Tile>,
}

impl HomePage {
    fn of<'a>(&'a self, category: &'a Category) -> impl Iterator<Item = &'a Tile> {
        self.tiles.iter().filter(move |tile| tile.category == category.slug)
    }

    /// Seen without scrolling: its picture is fetched first.
    fn is_first(&self, tile: &Tile) -> bool {
        self.tiles.iter().take(2).any(|first| first.slug == tile.slug)
    }
}

pub async fn show(shop: Data<Shop>, reader: Reader, request: HttpRequest) -> Result<HttpResponse, Error> {
    let key = format!("/ {} {}", reader.language.code(), reader.route.as_str());
    let made = shop.pages.page(key, async || {
        let page = Page::new(&shop, &reader).await;
        let mut conn = shop.db.reader().await?;
        let categories = catalog::categories(&mut conn).await?;
        let tiles = catalog::tiles(&mut conn, None).await?;
        Ok(HomePage { page, categories, tiles }.render()?)
    });
    Ok(made.await?.respond(&request, shared(None)))
}
