//! One card: how it looks, what could be better, its link, what is posted about it, and what it brought.

use super::drawn::Seen;
use super::funnel::Funnel;
use super::{DAYS, PATH, since};
use crate::catalog::{self, Draft, ProductId, Standing};
use crate::sharing::cards::address::{self, Wanted};
use crate::sharing::cards::{Tally, tally};
use crate::sharing::funnel::{self, Came};
use crate::sharing::links::{self, Source};
use crate::sharing::posts::{self, Post};
use crate::staff::audit::{Change, record};
use crate::staff::permission::{EditSharing, Look};
use crate::web::admin::desk::{Desk, Section};
use crate::web::cards::write_books;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;
use sqlx::PgConnection;
use time::OffsetDateTime;

/// So many posts are shown.
const POSTS: i64 = 10;

#[derive(Template)]
#[template(path = "admin/sharing/card.html")]
struct CardPage {
    page: Desk,
    draft: Draft,
    /// Behind `word-card-` in the texts.
    standing: &'static str,
    /// Nothing where there is no variant to draw yet.
    seen: Option<Seen>,
    /// Its own link: the whole address, and the code.
    link: Option<(String, String)>,
    posts: Vec<Post>,
    funnel: Funnel,
    /// What Weibo asked about it.
    asked: Option<Tally>,
}

impl CardPage {
    fn days(&self) -> i64 {
        DAYS
    }

    fn time(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn when(&self, post: &Post) -> String {
        let at = match post.state {
            posts::State::Scheduled { at } => at,
            _ => post.asked_at.unwrap_or(post.made_at),
        };
        shop_time(at)
    }

    /// What Weibo shows under this post is the product's own status.
    fn is_own(&self, post: &Post) -> bool {
        let own = self.draft.product.weibo_status_id;
        own.is_some() && post.state == posts::State::Done { status_id: own }
    }
}

/// `GET /admin/sharing/cards/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    // What was counted a moment ago is told too.
    write_books(&shop).await;
    let mut conn = shop.db.reader().await?;
    let draft = catalog::find_draft(&mut conn, ProductId(*id)).await?.ok_or(Error::NotFound)?;
    let product = draft.product.id;
    let posts = posts::of_product(&mut conn, product, POSTS).await?;
    let asked = tally(&mut conn, product, since(shop.clock.now()).0).await?;
    let funnel = came(&mut conn, product, asked, &shop).await?;
    let link = own_link(&mut conn, &draft).await?;
    drop(conn);
    let whole = |code: String| (posts::address(&shop.settings.public_url, &code), code);
    let link = link.map(whole);
    let drawn = !draft.product.variants.is_empty();
    let seen = if drawn { Some(Seen::new(&shop, &draft.product).await?) } else { None };
    let standing = match draft.standing(shop.clock.now()) {
        Standing::Shown if draft.product.is_sold_out() => "sold-out",
        Standing::Shown => "on",
        Standing::Scheduled => "scheduled",
        Standing::Off | Standing::Archived => "off",
    };
    page(StatusCode::OK, &CardPage { page: frame, draft, standing, seen, link, posts, funnel, asked })
}

async fn came(
    conn: &mut PgConnection,
    product: ProductId,
    asked: Option<Tally>,
    shop: &Shop,
) -> Result<Funnel, Error> {
    let (day, moment) = since(shop.clock.now());
    let codes = funnel::codes_of_products(conn, &[product]).await?;
    let codes: Vec<String> = codes.into_iter().map(|(_, code)| code).collect();
    let mut came = Came::default();
    for of_one in funnel::by_code(conn, &codes, moment).await?.into_values() {
        came += of_one;
    }
    let calls = asked.map_or(0, |asked| asked.calls - asked.refusals);
    let views = funnel::views(conn, &[product], day).await?.remove(&product).unwrap_or(0);
    Ok(Funnel::of_card(calls, views, came))
}

/// The code of its own link, where one was made: the one to its address of today before older ones, as long as
/// they lead on: an address of before may be another's by now.
async fn own_link(conn: &mut PgConnection, draft: &Draft) -> Result<Option<String>, Error> {
    let links = funnel::links_of_product(conn, draft.product.id).await?;
    let path = format!("/p/{}", draft.product.slug);
    if let Some((code, _)) = links.iter().find(|(_, leads)| *leads == path) {
        return Ok(Some(code.clone()));
    }
    for (code, leads) in links {
        let Ok(Wanted::Product(slug)) = address::of_path(&leads) else { continue };
        if catalog::whose_slug(conn, &slug).await?.is_some_and(|(whose, _)| whose == draft.product.id) {
            return Ok(Some(code));
        }
    }
    Ok(None)
}

/// `POST /admin/sharing/cards/{id}/link`: the same one, however often.
pub async fn link(
    staff: Staff<EditSharing>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, now) = (ProductId(*id), shop.clock.now());
    let mut tx = shop.db.begin().await?;
    let draft = catalog::find_draft(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if own_link(&mut tx, &draft).await?.is_none() {
        let path = format!("/p/{}", draft.product.slug);
        let code = links::make(&mut tx, &path, Source::Product(id.0), now).await?;
        let (subject, after) = (format!("product {}", id.0), json!({ "code": code, "path": path }));
        let change = Change { action: "make-card-link", subject: &subject, before: None, after: Some(after) };
        record(&mut tx, &staff, change, now).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("{PATH}/cards/{}#link", id.0)))
}
