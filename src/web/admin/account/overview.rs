//! What one's own account is, and in which language the back office speaks.

use super::record;
use crate::staff;
use crate::staff::permission::Own;
use crate::text::Language;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde_json::json;

#[derive(Template)]
#[template(path = "admin/account/overview.html")]
struct AccountPage {
    page: Desk,
    codes_left: i64,
    /// In how many browsers she is signed in.
    seats: usize,
}

/// `GET /admin/account`
pub async fn show(staff: Staff<Own>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut conn = shop.db.reader().await?;
    let codes_left = staff::recovery_codes_left(&mut conn, staff.id).await?;
    let seats = staff::seats_of(&mut conn, staff.id, shop.clock.now()).await?.len();
    page(StatusCode::OK, &AccountPage { page: frame, codes_left, seats })
}

/// `POST /admin/account/language`
pub async fn speak(staff: Staff<Own>, form: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let wanted = Language::of_code(&form.text("language"));
    let mut tx = shop.db.begin().await?;
    staff::speak(&mut tx, staff.id, wanted).await?;
    let (before, after) =
        (json!({ "language": staff.language.code() }), json!({ "language": wanted.code() }));
    record(&mut tx, &staff, "change-language", (Some(before), Some(after)), &shop).await?;
    tx.commit().await?;
    staff.says_next("saved-language")?;
    Ok(see_other("/admin/account"))
}
