//! Files to take home: the template, what was exported, and the rows that were wrong. They flow piece by piece
//! and are kept by nobody on the way.

use super::{allowed, found, gone, reason, refused, subject};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{EditCatalog, ExportOrders};
use crate::transfers::{self, Kind, Transfer, TransferId, Wrong};
use crate::web::staff::{Path, Recent, Staff};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::http::header::CONTENT_DISPOSITION;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpResponse, HttpResponseBuilder};
use futures_util::stream;

/// An answer that is a table to be saved under this name. Names are ours: letters, digits, dashes.
fn table(name: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")));
    answer
}

/// `GET /admin/transfers/template`
pub async fn template(staff: Staff<EditCatalog>) -> Result<HttpResponse, Error> {
    Ok(table("weipu-products-template.csv").body(transfers::template(staff.language)?))
}

/// `GET /admin/transfers/{id}/file`
pub async fn products(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let transfer = found(&shop, &staff, *id).await?;
    if transfer.kind != Kind::ExportProducts {
        return Err(Error::NotFound);
    }
    written(&shop, &transfer)
}

/// `GET /admin/transfers/{id}/orders`: who took it home and when stays in the audit log.
pub async fn orders(
    staff: Staff<ExportOrders>,
    _: Recent,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let transfer = found(&shop, &staff, *id).await?;
    if transfer.kind != Kind::ExportOrders {
        return Err(Error::NotFound);
    }
    if !allowed(&staff, &transfer) {
        return Err(refused());
    }
    let answer = written(&shop, &transfer)?;
    let mut tx = shop.db.begin().await?;
    let subject = subject(transfer.id);
    let change = Change { action: "download-orders", subject: &subject, before: None, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    Ok(answer)
}

fn written(shop: &Data<Shop>, transfer: &Transfer) -> Result<HttpResponse, Error> {
    if !transfer.has_file(shop.clock.now()) {
        return Err(gone());
    }
    let (shop, id, count) = (shop.clone(), transfer.id, transfer.pieces);
    let pieces = stream::unfold(0, move |number| {
        let shop = shop.clone();
        async move { if number < count { Some((piece(&shop, id, number).await, number + 1)) } else { None } }
    });
    Ok(table(&transfer.file_name).streaming(pieces))
}

async fn piece(shop: &Shop, id: TransferId, number: i32) -> Result<Bytes, Error> {
    // Swept away meanwhile: the browser sees that the file is not whole.
    transfers::piece(&shop.db, id, number).await?.map(Bytes::from).ok_or_else(gone)
}

/// `GET /admin/transfers/{id}/wrong-rows`
pub async fn wrong_rows(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let transfer = found(&shop, &staff, *id).await?;
    if transfer.kind != Kind::ImportProducts {
        return Err(Error::NotFound);
    }
    if !transfer.is_kept(shop.clock.now()) {
        return Err(gone());
    }
    let (words, name) = (Words(staff.language), format!("weipu-wrong-rows-{}.csv", transfer.id.0));
    let parts = stream::unfold(Some(None), move |after| {
        let (shop, transfer) = (shop.clone(), transfer.clone());
        async move {
            let part = wrong_part(&shop, &transfer, words, after?).await;
            let next = part.as_ref().ok().and_then(|(_, next)| *next);
            Some((part.map(|(bytes, _)| Bytes::from(bytes)), next.map(Some)))
        }
    });
    Ok(table(&name).streaming(parts))
}

async fn wrong_part(
    shop: &Shop,
    transfer: &Transfer,
    words: Words,
    after: Option<i32>,
) -> Result<(Vec<u8>, Option<i32>), Error> {
    let say = move |wrong: &Wrong| {
        let column = transfers::column_name(wrong, words.0);
        let colon = if column.is_empty() { String::new() } else { words.say("colon") };
        format!("{column}{colon}{}", reason(words, wrong))
    };
    let title = words.say("transfer-reason");
    Ok(transfers::wrong_sheet(&shop.db, transfer, after, (&title, &say)).await?)
}
