//! What came and went, and where new files are sent.

use super::subject;
use crate::staff::audit::{self, Change};
use crate::staff::permission::{EditCatalog, Look};
use crate::transfers::{self, MOST_BYTES, Refusal, Transfer, TransferId};
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::upload::{Sent, Upload};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

/// So many stand on a page.
const PAGE: usize = 30;

#[derive(Template)]
#[template(path = "admin/transfers/list.html")]
struct ListPage {
    page: Desk,
    transfers: Vec<Transfer>,
    first: String,
    more: String,
    wrongs: Wrongs,
}

impl ListPage {
    fn when(&self, transfer: &Transfer) -> String {
        shop_time(transfer.asked_at)
    }

    fn good(&self, transfer: &Transfer) -> i32 {
        transfer.good_rows()
    }

    fn may_see(&self, transfer: &Transfer) -> bool {
        super::allowed(&self.page.member, transfer)
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
}

/// `GET /admin/transfers`
pub async fn show(
    staff: Staff<Look>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    list(StatusCode::OK, &shop, frame, from.before, Wrongs::default()).await
}

async fn list(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    before: Option<i64>,
    wrongs: Wrongs,
) -> Result<HttpResponse, Error> {
    let limit = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut transfers = transfers::latest(&mut conn, before.map(TransferId), limit).await?;
    drop(conn);
    let last = cut(&mut transfers, PAGE);
    let more = last.map(|last| format!("/admin/transfers?before={}", last.id.0)).unwrap_or_default();
    let first = if before.is_some() { "/admin/transfers" } else { "" }.to_owned();
    page(status, &ListPage { page: frame, transfers, first, more, wrongs })
}

/// `POST /admin/transfers/products`
pub async fn upload(
    staff: Staff<EditCatalog>,
    upload: Upload,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let received = match upload.only_file(MOST_BYTES).await? {
        None => Err(None),
        Some(sent) => receive(&shop, &staff, sent).await?.map_err(Some),
    };
    let refusal = match received {
        Ok(id) => return Ok(see_other(&format!("/admin/transfers/{}", id.0))),
        Err(refusal) => refusal,
    };
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let words = match refusal {
        None => frame.say("transfer-choose-file"),
        Some(why) => frame.say_with(&format!("word-refused-{}", why.name()), "with", why.with()),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add("file", words);
    list(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, wrongs).await
}

/// Keeps a file and lets it be checked.
async fn receive(
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    sent: Sent,
) -> Result<Result<TransferId, Refusal>, Error> {
    let Ok(file) = sent.content else { return Ok(Err(Refusal::TooLarge)) };
    let (actor, now) = (staff.actor(), shop.clock.now());
    let received = match transfers::receive(&shop.db, file, (&sent.name, staff.language), &actor, now).await?
    {
        Ok(received) => received,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let mut tx = shop.db.begin().await?;
    transfers::begin_import(&mut tx, &received).await?;
    transfers::go_on(&mut tx, received.id, now).await?;
    let (subject, after) = (subject(received.id), Some(json!({ "file": sent.name })));
    let change = Change { action: "send-products", subject: &subject, before: None, after };
    audit::record(&mut tx, staff, change, now).await?;
    tx.commit().await?;
    Ok(Ok(received.id))
}

/// `POST /admin/transfers/product-exports`
pub async fn export(
    staff: Staff<EditCatalog>,
    _form: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let id = transfers::export_products(&mut tx, staff.language, &staff.actor(), now).await?;
    transfers::go_on(&mut tx, id, now).await?;
    let change = Change { action: "export-products", subject: &subject(id), before: None, after: None };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/transfers/{}", id.0)))
}
