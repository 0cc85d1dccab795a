//! The shop's window: its categories and everything on the shelf.

use crate::catalog::{self, Category, Tile, Tree};
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
    tree: Tree,
    tiles: Vec<Tile>,
}

impl HomePage {
    /// Those that stand under nothing.
    fn top(&self) -> impl Iterator<Item = &Category> {
        self.tree.under(None)
    }

    /// What is in it and in those under it.
    fn of<'a>(&'a self, category: &'a Category) -> impl Iterator<Item = &'a Tile> {
        let within =
            move |tile: &&Tile| self.tree.top_of(&tile.category).is_some_and(|top| top.id == category.id);
        self.tiles.iter().filter(within)
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
        let tree = Tree::new(catalog::categories(&mut conn).await?);
        let tiles = catalog::tiles(&mut conn, None).await?;
        Ok(HomePage { page, tree, tiles }.render()?)
    });
    Ok(made.await?.respond(&request, shared(None)))
}
