//! A partner's month as a table, for the accountant.

use crate::partners::{self, Month, PartnerId};
use crate::staff::permission::Look;
use crate::web::partner::statement;
use crate::web::staff::{Path, Staff};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `GET /admin/sharing/partners/{id}/statements/{month}`
pub async fn statement(
    staff: Staff<Look>,
    of: Path<(i64, String)>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, month) = (PartnerId(of.0), Month::parse(&of.1).ok_or(Error::NotFound)?);
    partners::find(&mut *shop.db.reader().await?, id).await?.ok_or(Error::NotFound)?;
    Ok(statement::answer(shop, (id, month), Words(staff.language), statement::Numbers::Whole))
}
