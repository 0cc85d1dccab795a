//! The posts there are.

use super::PATH;
use crate::catalog::{self, ProductId};
use crate::sharing::posts::{self, Post, PostId, State};
use crate::staff::permission::Look;
use crate::text::Text;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;

/// So many stand on a page.
const ROWS: usize = 30;

#[derive(Template)]
#[template(path = "admin/sharing/posts/list.html")]
struct ListPage {
    page: Desk,
    posts: Vec<Post>,
    names: BTreeMap<ProductId, Text>,
    /// Only those that wait for a person.
    waiting: bool,
    first: String,
    more: String,
}

impl ListPage {
    fn when(&self, post: &Post) -> String {
        let at = match post.state {
            State::Scheduled { at } => at,
            _ => post.asked_at.unwrap_or(post.made_at),
        };
        shop_time(at)
    }

    fn about(&self, post: &Post) -> String {
        let name = post.product.and_then(|product| self.names.get(&product));
        name.map_or_else(|| self.page.say("post-of-shop"), |name| self.page.text(name).to_owned())
    }

    fn colour(&self, post: &Post) -> &'static str {
        colour(&post.state)
    }
}

/// Of a post's state.
pub fn colour(state: &State) -> &'static str {
    match state {
        State::Done { .. } | State::Accepted => "jade",
        State::Scheduled { .. } | State::Sending => "amber",
        State::Held { .. } | State::Refused { .. } | State::Unknown => "red",
        State::Draft | State::Discarded => "",
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
    /// With anything in it: only those that wait for a person.
    waiting: Option<String>,
}

/// `GET /admin/sharing/posts`
pub async fn show(
    staff: Staff<Look>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let waiting = from.waiting.is_some();
    let some = if waiting { "waiting=1&" } else { "" };
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut all = posts::latest(&mut conn, from.before.map(PostId), waiting, most).await?;
    let more = cut(&mut all, ROWS).map(|last| format!("{PATH}/posts?{some}before={}", last.id.0));
    let products: Vec<ProductId> = all.iter().filter_map(|post| post.product).collect();
    let names = catalog::names(&mut conn, &products).await?;
    drop(conn);
    let first = from.before.map(|_| format!("{PATH}/posts?{some}")).unwrap_or_default();
    let more = more.unwrap_or_default();
    page(StatusCode::OK, &ListPage { page: frame, posts: all, names, waiting, first, more })
}
