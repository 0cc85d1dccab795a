//! What runs low, or everything that is in stock; each row with a form to count it anew.

use super::correct::Why;
use crate::catalog::VariantId;
use crate::catalog::search::{self, Scope};
use crate::catalog::stock::{self, Check, Cursor, Level, View};
use crate::staff::permission::{EditCatalog, Look};
use crate::text::counted;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: usize = 50;
/// So many variants of what somebody looks for are shown.
const FOUND: usize = 100;

#[derive(Template)]
#[template(path = "admin/stock/list.html")]
struct StockPage {
    page: Desk,
    view: View,
    q: String,
    levels: Vec<Level>,
    /// The address of the next page; empty where there is none.
    more: String,
    is_first: bool,
    low: String,
    check: Option<Check>,
}

#[derive(Deserialize)]
pub struct Asked {
    view: Option<String>,
    q: Option<String>,
    /// Behind which variant the page begins: `shortage-id`.
    after: Option<String>,
}

impl StockPage {
    fn is_all(&self) -> bool {
        self.view == View::All
    }

    fn first(&self) -> &'static str {
        if self.is_first { "" } else { address(self.view) }
    }

    fn checked_at(&self, check: &Check) -> String {
        shop_time(check.at)
    }

    fn whys(&self) -> [Why; 4] {
        Why::ALL
    }
}

/// Where a view of the list begins.
pub(super) fn address(view: View) -> &'static str {
    match view {
        View::Short => "/admin/stock",
        View::All => "/admin/stock?view=all",
    }
}

fn cursor(text: &str) -> Option<Cursor> {
    let (shortage, variant) = text.split_once('-')?;
    Some(Cursor { shortage: shortage.parse().ok()?, variant: VariantId(variant.parse().ok()?) })
}

/// `GET /admin/stock`
pub async fn show(
    staff: Staff<Look>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let view = if asked.view.as_deref() == Some("all") { View::All } else { View::Short };
    let q = asked.q.clone().unwrap_or_default().trim().to_owned();
    let after = asked.after.as_deref().and_then(cursor);
    let mut conn = shop.db.reader().await?;
    let mut levels = if q.is_empty() {
        stock::levels(&mut conn, view, after, ROWS + 1).await?
    } else {
        let products = search::ids(&mut conn, &q, FOUND, Scope::All).await?;
        stock::levels_of(&mut conn, &products, FOUND).await?
    };
    let mut more = String::new();
    if q.is_empty() && levels.len() > ROWS {
        levels.truncate(ROWS);
        let last = levels.last().map_or(Cursor::START, Cursor::behind);
        let and = if view == View::All { "&" } else { "?" };
        more = format!("{}{and}after={}-{}", address(view), last.shortage, last.variant.0);
    }
    let low = counted(stock::low_count(&mut conn).await?, stock::LOW_COUNTED);
    let check = stock::last_check(&mut conn).await?;
    let is_first = after.is_none();
    page(StatusCode::OK, &StockPage { page: frame, view, q, levels, more, is_first, low, check })
}

/// `POST /admin/stock/checks`: compares the ledger with the stock at once.
pub async fn check(staff: Staff<EditCatalog>, _: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    stock::compare(&shop.db, shop.clock.now()).await?;
    staff.says_next("stock-checked")?;
    Ok(see_other("/admin/stock"))
}
