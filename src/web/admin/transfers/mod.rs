//! Import and export: files that came and went, how far each is, and what was wrong with it.

pub mod files;
pub mod list;
pub mod orders;
pub mod show;

use crate::staff::{May, Member};
use crate::transfers::{self, Kind, NotNow, Transfer, TransferId, Wrong};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;

/// Whether this member may see what a transfer holds. Files in which buyers stand in full are for those who see
/// buyers anyway.
fn allowed(member: &Member, transfer: &Transfer) -> bool {
    match transfer.kind {
        Kind::ImportProducts | Kind::ExportProducts => member.may(May::EditCatalog),
        Kind::ExportOrders => {
            member.may(May::ExportOrders) && (transfer.masked || member.may(May::SeeBuyers))
        }
    }
}

/// The transfer of this number, for a member who may see it.
async fn found(shop: &Shop, member: &Member, id: i64) -> Result<Transfer, Error> {
    let transfer = transfers::find(&mut *shop.db.reader().await?, TransferId(id)).await?;
    let transfer = transfer.ok_or(Error::NotFound)?;
    if allowed(member, &transfer) { Ok(transfer) } else { Err(refused()) }
}

fn refused() -> Error {
    Error::Refused(StatusCode::FORBIDDEN, "error-permission")
}

fn not_now(why: NotNow) -> Error {
    match why {
        NotNow::NoSuch => Error::NotFound,
        NotNow::Forgotten => gone(),
        NotNow::State | NotNow::NothingToDo => Error::Refused(StatusCode::CONFLICT, "error-transfer-state"),
    }
}

fn gone() -> Error {
    Error::Refused(StatusCode::GONE, "error-transfer-gone")
}

fn subject(id: TransferId) -> String {
    format!("transfer {}", id.0)
}

/// What is wrong with a cell, in words.
fn reason(words: Words, wrong: &Wrong) -> String {
    words.say_with(&format!("word-row-{}", wrong.why.name()), "with", &wrong.with)
}
