//! A product as a shopper will see it, on a drawn phone: drafts too. Nothing can be bought there.

use super::desk::{Desk, Section};
use crate::catalog::{self, Draft, ProductId, Sku};
use crate::staff::permission::Look;
use crate::text::Language;
use crate::web::finish::POLICY;
use crate::web::page::Page;
use crate::web::shop::product;
use crate::web::staff::{Path, Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, X_FRAME_OPTIONS};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "admin/products/preview.html")]
struct PreviewPage {
    page: Desk,
    draft: Draft,
    english: bool,
}

#[derive(Template)]
#[template(path = "admin/products/nothing.html")]
struct NothingPage {
    page: Page,
}

#[derive(Deserialize)]
pub struct Looking {
    #[serde(default)]
    language: String,
    variant: Option<String>,
}

impl Looking {
    fn is_english(&self) -> bool {
        self.language == "en"
    }
}

async fn find(shop: &Shop, id: i64) -> Result<Draft, Error> {
    catalog::find_draft(&mut *shop.db.reader().await?, ProductId(id)).await?.ok_or(Error::NotFound)
}

/// `GET /admin/products/{id}/preview`: the phone.
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    looking: Query<Looking>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let page = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let html =
        PreviewPage { page, draft: find(&shop, *id).await?, english: looking.is_english() }.render()?;
    let policy = format!("{POLICY}; frame-src 'self'");
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(html))
}

/// `GET /admin/products/{id}/preview/page`: what the phone shows. Only a page of this shop may frame it.
pub async fn page(
    _staff: Staff<Look>,
    id: Path<i64>,
    looking: Query<Looking>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let language = if looking.is_english() { Language::English } else { Language::Chinese };
    let reader = Reader { language, route: Route::Client, other_language: None };
    let frame = Page::new(&shop, &reader).await;
    let sku = looking.variant.as_deref().and_then(|sku| Sku::parse(sku).ok());
    let draft = find(&shop, *id).await?;
    let html = if draft.product.variants.is_empty() {
        NothingPage { page: frame }.render()?
    } else {
        product::preview(&shop, frame, draft.product, sku).await?
    };
    let policy = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .insert_header((X_FRAME_OPTIONS, "SAMEORIGIN"))
        .body(html))
}
