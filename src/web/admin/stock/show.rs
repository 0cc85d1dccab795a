//! One variant: what is left, every movement that led there, a form to count it anew and one for its threshold.

use super::correct::{Typed, Why};
use crate::actor::Actor;
use crate::catalog::Sku;
use crate::catalog::stock::{self, Level, Movement};
use crate::orders::{self, OrderNumber};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Movements on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "admin/stock/show.html")]
struct VariantPage {
    page: Desk,
    level: Level,
    movements: Vec<Movement>,
    orders: BTreeMap<i64, OrderNumber>,
    /// The addresses of the next page and of the first; empty where there is none.
    more: String,
    first: String,
    typed: Typed,
    wrongs: Wrongs,
}

#[derive(Deserialize)]
pub struct Asked {
    /// The id of the movement before which the page begins.
    before: Option<i64>,
}

impl VariantPage {
    fn when(&self, movement: &Movement) -> String {
        shop_time(movement.at)
    }

    fn order(&self, movement: &Movement) -> Option<&OrderNumber> {
        self.orders.get(&movement.order?)
    }

    fn who(&self, movement: &Movement) -> String {
        match &movement.actor {
            Actor::Staff { name, .. } => name.clone(),
            other => self.page.say(&format!("word-stock-by-{}", other.kind())),
        }
    }

    /// Why the pieces moved, with the words that somebody gave.
    fn reason(&self, movement: &Movement) -> String {
        let reason = self.page.say(&format!("word-stock-{}", movement.reason.name()));
        if movement.note.is_empty() { reason } else { format!("{reason} · {}", movement.note) }
    }

    fn whys(&self) -> [Why; 4] {
        Why::ALL
    }
}

/// `GET /admin/stock/{sku}`
pub async fn show(
    staff: Staff<Look>,
    sku: Path<String>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let level = find(&shop, &sku).await?;
    let form = (StatusCode::OK, Typed::of(&level), Wrongs::default());
    show_it(&shop, frame, level, asked.before, form).await
}

/// The variant of this SKU that is made.
pub(super) async fn find(shop: &Shop, sku: &str) -> Result<Level, Error> {
    let sku = Sku::parse(sku).map_err(|_| Error::NotFound)?;
    stock::level(&mut *shop.db.reader().await?, &sku).await?.ok_or(Error::NotFound)
}

pub(super) async fn show_it(
    shop: &Shop,
    frame: Desk,
    level: Level,
    before: Option<i64>,
    (status, typed, wrongs): (StatusCode, Typed, Wrongs),
) -> Result<HttpResponse, Error> {
    let mut conn = shop.db.reader().await?;
    let mut movements = stock::movements(&mut conn, level.variant, before, ROWS + 1).await?;
    let here = format!("/admin/stock/{}", level.sku);
    let last = cut(&mut movements, ROWS);
    let more = last.map(|last| format!("{here}?before={}", last.id)).unwrap_or_default();
    let ids: Vec<i64> = movements.iter().filter_map(|movement| movement.order).collect();
    let orders = orders::numbers(&mut conn, &ids).await?;
    let first = if before.is_some() { here } else { String::new() };
    page(status, &VariantPage { page: frame, level, movements, orders, more, first, typed, wrongs })
}
