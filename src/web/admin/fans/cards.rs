//! A product as a card in a message: looked for, picked, sent.

use super::answer::{fresh, say};
use super::at::At;
use super::inbox::frame;
use super::list::Address;
use super::talk::Typed;
use crate::catalog::search::{self, Scope};
use crate::catalog::{self, Slug, Tile};
use crate::fans::{self, Fan};
use crate::staff::permission::TalkToFans;
use crate::web::admin::desk::Desk;
use crate::web::page::page;
use crate::web::staff::{Path, Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::messages::{Article, Reply, TEXT_LIMIT};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

/// So many are found.
const FOUND: usize = 12;

#[derive(Template)]
#[template(path = "admin/fans/cards.html")]
struct CardsPage {
    page: Desk,
    fan: Fan,
    /// The list beside the conversation.
    list: String,
    back: String,
    looked: String,
    tiles: Vec<Tile>,
    /// The last message that stood in the conversation.
    seen: Option<i64>,
}

impl CardsPage {
    /// The mark of one more form.
    fn fresh(&self) -> Uuid {
        fresh()
    }
}

/// Which products.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Looking {
    /// What is looked for.
    product: String,
    /// The list beside the conversation, as a query.
    list: String,
    /// The last message that stood in the conversation.
    seen: String,
}

/// `GET /admin/fans/{uid}/cards`
pub async fn show(
    staff: Staff<TalkToFans>,
    fan: Path<i64>,
    looking: Query<Looking>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let address = Address::parse(&looking.list);
    let frame = frame(&shop, &reader, &staff, &address).await;
    let mut conn = shop.db.reader().await?;
    let fan = fans::find(&mut conn, *fan).await?.ok_or(Error::NotFound)?;
    let found = search::ids(&mut conn, &looking.product, FOUND, Scope::Shelf).await?;
    let drawn = CardsPage {
        page: frame,
        list: address.query(),
        back: address.of(fan.uid),
        looked: looking.product.clone(),
        tiles: catalog::tiles_of(&mut conn, &found).await?,
        seen: looking.seen.parse().ok(),
        fan,
    };
    drop(conn);
    page(StatusCode::OK, &drawn)
}

/// `POST /admin/fans/{uid}/cards`
pub async fn create(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut conn = shop.db.reader().await?;
    let found = match Slug::parse(&form.text("product")) {
        Ok(slug) => catalog::find_product(&mut conn, &slug).await?,
        Err(_) => None,
    };
    let tile = match found {
        Some(product) => catalog::tiles_of(&mut conn, &[product.id]).await?.pop(),
        None => None,
    };
    drop(conn);
    let Some(tile) = tile else {
        let refused = Some(at.words().say("fans-card-gone"));
        return at.again(StatusCode::CONFLICT, Typed { refused, ..Typed::default() }).await;
    };
    say(&at, &card(&shop, &tile), Typed::of(&form)).await
}

/// As an article; in words where the product has no picture, for Weibo wants one. In the language of the shop: what a
/// fan reads nobody knows.
fn card(shop: &Shop, tile: &Tile) -> Reply {
    let from = if tile.one_price { String::new() } else { Words::CHINESE.say("from") };
    let price = format!("¥{}{from}", tile.from);
    let url = shop.settings.absolute(&format!("/p/{}", tile.slug));
    if let Some(cover) = &tile.cover {
        let article = Article {
            display_name: tile.name.zh.clone(),
            summary: format!("{price} {}", tile.summary.zh).trim_end().to_owned(),
            image: shop.settings.absolute(&format!("/pictures/{}-375.jpg", cover.name)),
            url,
        };
        return Reply::Articles { articles: vec![article] };
    }
    let told = format!(" {price}\n{url}");
    let room = (TEXT_LIMIT - 1).saturating_sub(told.chars().count());
    let name: String = tile.name.zh.chars().take(room).collect();
    Reply::Text { text: name + &told }
}
