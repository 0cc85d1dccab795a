//! From how many pieces on a variant runs low.

use super::correct::Typed;
use super::show::{find, show_it};
use crate::catalog::stock;
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditCatalog;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::whole;
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// The highest threshold.
const MOST: u32 = 1_000_000;

/// `POST /admin/stock/{sku}/threshold`: empty for the shop's own.
pub async fn change(
    staff: Staff<EditCatalog>,
    form: SafeForm,
    sku: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let level = find(&shop, &sku).await?;
    let typed = form.text("low-at").trim().to_owned();
    let low_at = whole(&typed, MOST);
    if low_at.is_none() && !typed.is_empty() {
        let mut wrongs = Wrongs::default();
        wrongs.add("low-at", frame.say_with("wrong-stock-number", "most", MOST));
        let typed = Typed { low_at: typed, ..Typed::of(&level) };
        return show_it(&shop, frame, level, None, (StatusCode::UNPROCESSABLE_ENTITY, typed, wrongs)).await;
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    stock::set_threshold(&mut tx, level.variant, low_at).await?;
    let change = Change {
        action: "change-threshold",
        subject: &format!("variant {}", level.sku),
        before: Some(json!({ "low-at": level.low_at })),
        after: Some(json!({ "low-at": low_at })),
    };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    staff.says_next("threshold-saved")?;
    Ok(see_other(&format!("/admin/stock/{}", level.sku)))
}
