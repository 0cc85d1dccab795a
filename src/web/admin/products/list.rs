//! All products, by what was changed last, and what can be done to many of them at once.

use super::edit::archived;
use super::form::shelf_fields;
use crate::catalog::search::{self, Scope};
use crate::catalog::{self, CategoryId, Entry, Held, Many, PAGE, ProductId, Standing, Tree, Which};
use crate::db::Tx;
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditCatalog, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::Typed;
use crate::web::form::Fields;
use crate::web::page::{cut, instant, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::shop::search::typed;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/products/list.html")]
struct ListPage {
    page: Desk,
    entries: Vec<Entry>,
    tree: Tree,
    shown: Shown,
    more: String,
}

/// Which products the address asks for. What it cannot mean is not asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Shown {
    /// What somebody looks for in them.
    q: String,
    state: String,
    category: String,
    /// When the last of the page before was changed, in microseconds since 1970, and its id.
    after: String,
}

impl Shown {
    fn standing(&self) -> Option<Standing> {
        Standing::parse(&self.state)
    }

    fn category(&self) -> Option<CategoryId> {
        self.category.parse().ok().map(CategoryId)
    }

    fn which(&self, tree: &Tree, among: Option<Vec<ProductId>>) -> Which {
        Which {
            standing: self.standing(),
            categories: self.category().map(|id| tree.whole(id)),
            among,
            after: behind(&self.after),
        }
    }

    /// The address of this list, from its beginning.
    fn address(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", &self.q), ("state", &self.state), ("category", &self.category)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/admin/products".to_owned() } else { format!("/admin/products?{query}") }
    }
}

fn behind(after: &str) -> Option<(OffsetDateTime, ProductId)> {
    let (micros, id) = after.split_once('-')?;
    let at = instant(micros.parse().ok()?)?;
    Some((at, ProductId(id.parse().ok()?)))
}

impl ListPage {
    fn first(&self) -> String {
        if self.shown.after.is_empty() { String::new() } else { self.shown.address() }
    }

    fn is_filtered(&self) -> bool {
        [&self.shown.q, &self.shown.state, &self.shown.category].iter().any(|filter| !filter.is_empty())
    }

    fn price(&self, entry: &Entry) -> String {
        match entry.prices {
            None => self.page.say("no-price"),
            Some((low, high)) if low == high => format!("¥{low}"),
            Some((low, high)) => format!("¥{low} – {high}"),
        }
    }

    /// When it comes onto the shelf or leaves it by itself.
    fn schedule(&self, entry: &Entry) -> Option<String> {
        let (key, at) = match (entry.standing, entry.shelf_from, entry.shelf_until) {
            (Standing::Scheduled, Some(from), _) => ("comes-at", from),
            (Standing::Shown, _, Some(until)) => ("leaves-at", until),
            _ => return None,
        };
        Some(self.page.say_with(key, "at", shop_time(at)))
    }
}

/// `GET /admin/products`
pub async fn show(
    staff: Staff<Look>,
    shown: Query<Shown>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut shown = shown.into_inner();
    shown.q = typed(&shown.q);
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut tx = shop.db.begin().await?;
    let tree = Tree::new(catalog::categories(&mut tx).await?);
    let among = match shown.q.as_str() {
        "" => None,
        q => Some(search::ids(&mut tx, q, search::MOST, Scope::All).await?),
    };
    let which = shown.which(&tree, among);
    let mut entries = catalog::list(&mut tx, &which, shop.clock.now()).await?;
    drop(tx);
    let more = cut(&mut entries, PAGE).map(|last| next(&shown, last)).unwrap_or_default();
    page(StatusCode::OK, &ListPage { page: frame, entries, tree, shown, more })
}

fn next(shown: &Shown, last: &Entry) -> String {
    let address = shown.address();
    let joint = if address.contains('?') { '&' } else { '?' };
    let micros = last.updated_at.unix_timestamp_nanos() / 1000;
    format!("{address}{joint}after={micros}-{}", last.id.0)
}

/// `POST /admin/products`: one thing done to all that are ticked.
pub async fn change(
    staff: Staff<EditCatalog>,
    fields: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let [q, state, category] = ["q", "state", "category"].map(|name| fields.text(name));
    let shown = Shown { q: typed(&q), state, category, after: String::new() };
    let back = see_other(&shown.address());
    let ticked: Vec<ProductId> =
        fields.all("product").filter_map(|id| id.parse().ok()).map(ProductId).take(PAGE).collect();
    let Some(what) = wish(&fields).filter(|_| !ticked.is_empty()) else {
        staff.says_next("said-nothing-ticked")?;
        return Ok(back);
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let held = catalog::hold_many(&mut tx, &ticked).await?;
    let done = match catalog::change_many(&mut tx, &ticked, what, now).await {
        Ok(done) => done,
        Err(error) if crate::db::violates(&error, "products_category_id_fkey") => {
            return Err(Error::NotFound);
        }
        Err(error) => return Err(error.into()),
    };
    let held = held.iter().filter(|was| done.contains(&was.id));
    write_down(&mut tx, &staff, held, what, now).await?;
    tx.commit().await?;
    shop.pages.forget();
    staff.says_next(if done.len() == ticked.len() { "said-many" } else { "said-not-all" })?;
    Ok(back)
}

fn wish(fields: &Fields) -> Option<Many> {
    match fields.text("do").as_str() {
        "put" => Some(Many::PutOnShelf),
        "take-off" => Some(Many::TakeOff),
        "archive" => Some(Many::Archive),
        "bring-back" => Some(Many::BringBack),
        "move" => fields.text("to").parse().ok().map(|id| Many::MoveTo(CategoryId(id))),
        _ => None,
    }
}

/// One line for each, so that the history of a product is whole.
async fn write_down(
    tx: &mut Tx,
    staff: &Staff<EditCatalog>,
    held: impl Iterator<Item = &Held>,
    what: Many,
    now: OffsetDateTime,
) -> Result<(), Error> {
    for was in held {
        let shelf = || Typed::new(shelf_fields(was.shelf)).whole();
        let (action, before, after) = match what {
            Many::PutOnShelf => ("change-product", shelf(), json!({ "shelf": "on" })),
            Many::TakeOff => ("change-product", shelf(), json!({ "shelf": "off" })),
            Many::Archive => {
                let (mut before, action) = (shelf(), archived(true).0);
                before["archived"] = false.into();
                (action, before, json!({ "archived": true, "shelf": "off" }))
            }
            Many::BringBack => (archived(false).0, archived(true).1, archived(false).1),
            Many::MoveTo(to) => {
                let category = |id: CategoryId| json!({ "category": id.0.to_string() });
                ("change-product", category(was.category), category(to))
            }
        };
        let subject = format!("product {}", was.id.0);
        let change = Change { action, subject: &subject, before: Some(before), after: Some(after) };
        record(tx, staff, change, now).await?;
    }
    Ok(())
}
