//! One category and what is on its shelf, and on the shelves of those under it.

use crate::catalog::{self, Category, Slug, Tile, Tree};
use crate::web::page::{Page, permanently, shared};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

#[derive(Template)]
#[template(path = "shop/category.html")]
struct CategoryPage {
    page: Page,
    tree: Tree,
    category: Category,
    tiles: Vec<Tile>,
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
        let tree = Tree::new(catalog::categories(&mut conn).await?);
        let tiles = catalog::tiles(&mut conn, Some(category.id)).await?;
        Ok(CategoryPage { page, tree, category, tiles }.render()?)
    });
    match made.await {
        Ok(made) => Ok(made.respond(&request, shared(None))),
        Err(Error::NotFound) => {
            let now = catalog::moved_category(&mut *shop.db.reader().await?, &slug).await?;
            Ok(permanently(&request, &slug, &now.ok_or(Error::NotFound)?))
        }
        Err(error) => Err(error),
    }
}
