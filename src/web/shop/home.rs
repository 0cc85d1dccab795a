//! The shop's window: its categories, and the first of what each has on the shelf.

use crate::catalog::{self, Category, Tile, Tree};
use crate::web::page::{Page, shared};
use crate::web::shop::head::Head;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// So many of each category; the rest is on the category's own page.
const TILES: usize = 8;

#[derive(Template)]
#[template(path = "shop/home.html")]
struct HomePage {
    page: Page,
    tree: Tree,
    /// Of each category, in this order, and one more where it has more than are shown.
    tiles: Vec<Tile>,
    head: Head,
}

impl HomePage {
    /// Those that stand under nothing.
    fn top(&self) -> impl Iterator<Item = &Category> {
        self.tree.under(None)
    }

    /// The first of what is in it and in those under it, where that is anything; and whether there is more.
    fn sections(&self) -> Vec<(&Category, &[Tile], bool)> {
        let top = |tile: &Tile| self.tree.top_of(&tile.category).map(|top| top.id);
        let groups = self.tiles.chunk_by(|one, next| top(one) == top(next));
        groups
            .filter_map(|tiles| {
                let category = self.tree.find(tiles.first().and_then(top)?)?;
                let shown = tiles.get(..TILES).unwrap_or(tiles);
                Some((category, shown, tiles.len() > TILES))
            })
            .collect()
    }

    /// Seen without scrolling: its picture is fetched first.
    fn is_first(&self, tile: &Tile) -> bool {
        self.tiles.iter().take(2).any(|first| first.slug == tile.slug)
    }
}

pub async fn show(shop: Data<Shop>, reader: Reader, request: HttpRequest) -> Result<HttpResponse, Error> {
    let key = format!("/ {} {}", reader.language.code(), reader.route.as_str());
    let made = shop.pages.page(key, async || draw(&shop, Page::new(&shop, &reader).await).await);
    Ok(made.await?.respond(&request, shared(None)))
}

/// The window in this frame.
pub async fn draw(shop: &Shop, page: Page) -> Result<String, Error> {
    let mut conn = shop.db.reader().await?;
    let tree = Tree::new(catalog::categories(&mut conn).await?);
    let groups: Vec<_> = tree.under(None).map(|top| tree.whole(top.id)).collect();
    let tiles = catalog::window(&mut conn, &groups, 0, TILES + 1).await?;
    drop(conn);
    let cards = &shop.terms().await?.cards;
    let title = page.text(&page.shop_name).to_owned();
    let description = page.say_with("home-description", "shop", &title);
    let mut head = Head::new(shop, &page, "/", (&title, &description));
    if let Some(logo) = &page.profile.logo {
        head.show_named(shop, logo);
    }
    head.prove(&cards.verification);
    Ok(HomePage { page, tree, tiles, head }.render()?)
}
