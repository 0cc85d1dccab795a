//! One category and what is on its shelf, and on the shelves of those under it.

use crate::catalog::{self, Category, Slug, Tile, Tree};
use crate::web::page::{Page, page_number, permanently, shared};
use crate::web::shop::head::Head;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

/// Tiles on a page.
const TILES: usize = 24;
/// No category has more pages.
pub const MOST_PAGES: usize = 9_999;

#[derive(Template)]
#[template(path = "shop/category.html")]
struct CategoryPage {
    page: Page,
    tree: Tree,
    category: Category,
    tiles: Vec<Tile>,
    /// Which page, counted from 1.
    number: usize,
    is_last: bool,
    head: Head,
}

#[derive(Deserialize)]
pub struct Asked {
    page: Option<String>,
}

/// Without a language.
pub fn path(slug: &Slug, number: usize) -> String {
    if number > 1 { format!("/c/{slug}?page={number}") } else { format!("/c/{slug}") }
}

impl CategoryPage {
    /// Those of the shop's window.
    fn top(&self) -> impl Iterator<Item = &Category> {
        self.tree.under(None)
    }

    /// Those right under this one or, where there are none, those beside it.
    fn near(&self) -> Vec<&Category> {
        let under: Vec<_> = self.tree.under(Some(self.category.id)).collect();
        match self.category.parent {
            Some(parent) if under.is_empty() => self.tree.under(Some(parent)).collect(),
            _ => under,
        }
    }

    /// It is this one, or this one stands under it.
    fn is_here(&self, category: &Category) -> bool {
        self.tree.path(self.category.id).iter().any(|above| above.id == category.id)
    }

    fn before(&self) -> Option<String> {
        (self.number > 1).then(|| self.page.window("", path(&self.category.slug, self.number - 1)))
    }

    fn next(&self) -> Option<String> {
        (!self.is_last).then(|| self.page.window("", path(&self.category.slug, self.number + 1)))
    }

    /// Seen without scrolling: its picture is fetched first.
    fn is_first(&self, tile: &Tile) -> bool {
        self.tiles.iter().take(2).any(|first| first.slug == tile.slug)
    }
}

pub async fn show(
    slug: Path<String>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let slug = Slug::parse(&slug).map_err(|_| Error::NotFound)?;
    let number = page_number(asked.page.as_deref(), MOST_PAGES);
    let key = format!("{} {} {}", path(&slug, number), reader.language.code(), reader.route.as_str());
    let made = shop.pages.page(key, async || {
        draw(&shop, Page::at(&shop, &reader, &path(&slug, number)).await, &slug, number).await
    });
    match made.await {
        Ok(made) => Ok(made.respond(&request, shared(None))),
        Err(Error::NotFound) => moved(&shop, &slug, &request).await,
        Err(error) => Err(error),
    }
}

/// Where a category went that had this address before.
pub async fn moved(shop: &Shop, slug: &Slug, request: &HttpRequest) -> Result<HttpResponse, Error> {
    let now = catalog::moved_category(&mut *shop.db.reader().await?, slug).await?;
    Ok(permanently(request, slug, &now.ok_or(Error::NotFound)?))
}

/// A page of a category in this frame.
pub async fn draw(shop: &Shop, page: Page, slug: &Slug, number: usize) -> Result<String, Error> {
    let mut conn = shop.db.reader().await?;
    let category = catalog::find_category(&mut conn, slug).await?.ok_or(Error::NotFound)?;
    let tree = Tree::new(catalog::categories(&mut conn).await?);
    let groups = [tree.whole(category.id)];
    let mut tiles = catalog::window(&mut conn, &groups, (number - 1) * TILES, TILES + 1).await?;
    if tiles.is_empty() && number > 1 {
        return Err(Error::NotFound);
    }
    let is_last = tiles.len() <= TILES;
    tiles.truncate(TILES);
    let mut head = Head::new(shop, &page, &path(slug, number), (page.text(&category.name), ""));
    if let Some(cover) = tiles.iter().find_map(|tile| tile.cover.as_ref()) {
        head.show_named(shop, &cover.name);
    }
    Ok(CategoryPage { page, tree, category, tiles, number, is_last, head }.render()?)
}
