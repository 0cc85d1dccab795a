//! What somebody looks for, and a way on when nothing is found.

use crate::catalog::search::{self, Scope};
use crate::catalog::{self, Category, Tile};
use crate::web::page::{Page, page_number, shared};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

/// Tiles on a page; ten pages are [`search::MOST`].
const TILES: usize = 24;
/// What is typed is shown again so far, in characters.
const LONGEST: usize = 100;

#[derive(Template)]
#[template(path = "shop/search.html")]
struct SearchPage {
    page: Page,
    categories: Vec<Category>,
    q: String,
    /// Nothing has what was typed: this was looked for.
    instead: Option<String>,
    tiles: Vec<Tile>,
    /// How many there are on all pages.
    all: usize,
    number: usize,
}

#[derive(Deserialize)]
pub struct Asked {
    q: Option<String>,
    page: Option<String>,
}

impl SearchPage {
    /// Seen without scrolling: its picture is fetched first.
    fn is_first(&self, tile: &Tile) -> bool {
        self.tiles.iter().take(2).any(|first| first.slug == tile.slug)
    }

    fn address(&self, number: usize) -> String {
        self.page.to(&path(&self.q, number))
    }

    fn before(&self) -> Option<String> {
        (self.number > 1).then(|| self.address(self.number - 1))
    }

    fn next(&self) -> Option<String> {
        (self.number * TILES < self.all).then(|| self.address(self.number + 1))
    }
}

fn path(q: &str, number: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", q);
    if number > 1 {
        query.append_pair("page", &number.to_string());
    }
    format!("/search?{}", query.finish())
}

/// What somebody looks for, as it can be shown again on one line.
pub fn typed(text: &str) -> String {
    let printable = text.chars().filter(|c| !c.is_control());
    printable.take(LONGEST).collect::<String>().trim().to_owned()
}

/// `GET /search`
pub async fn show(
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let q = typed(asked.q.as_deref().unwrap_or_default());
    let number = page_number(asked.page.as_deref(), search::MOST / TILES);
    let key = format!("{} {} {}", path(&q, number), reader.language.code(), reader.route.as_str());
    let made = shop.pages.page(key, async || {
        let page = Page::at(&shop, &reader, &path(&q, number)).await;
        let mut conn = shop.db.reader().await?;
        let found = search::find(&mut conn, &q, search::MOST, Scope::Shelf).await?;
        let here: Vec<_> = found.products.iter().copied().skip((number - 1) * TILES).take(TILES).collect();
        let tiles = catalog::tiles_of(&mut conn, &here).await?;
        let categories = catalog::categories(&mut conn).await?;
        let (all, instead) = (found.products.len(), found.instead);
        Ok(SearchPage { page, categories, q, instead, tiles, all, number }.render()?)
    });
    Ok(made.await?.respond(&request, shared(None)))
}
