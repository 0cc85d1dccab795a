//! Where one is signed in, and ending that from afar.

use super::record;
use crate::staff::permission::Own;
use crate::staff::{self, Seat, SeatId};
use crate::web::admin::desk::{Desk, Section};
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
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/account/sessions.html")]
struct SessionsPage {
    page: Desk,
    seats: Vec<Seat>,
    own: SeatId,
}

impl SessionsPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }
}

/// `GET /admin/account/sessions`
pub async fn show(staff: Staff<Own>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let seats = staff::seats_of(&mut *shop.db.reader().await?, staff.id, shop.clock.now()).await?;
    page(StatusCode::OK, &SessionsPage { page: frame, seats, own: staff.seat.id })
}

/// `POST /admin/account/sessions/{id}/end`
pub async fn end(
    staff: Staff<Own>,
    _: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    if !staff::end(&mut tx, staff.id, SeatId(*id)).await? {
        return Err(Error::NotFound);
    }
    record(&mut tx, &staff, "end-sessions", (Some(json!({ "sessions": 1 })), None), &shop).await?;
    tx.commit().await?;
    staff.says_next("ended-session")?;
    Ok(see_other("/admin/account/sessions"))
}

/// `POST /admin/account/sessions/end-others`
pub async fn end_others(staff: Staff<Own>, _: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    let ended = staff::end_others(&mut tx, staff.id, staff.seat.id).await?;
    record(&mut tx, &staff, "end-sessions", (Some(json!({ "sessions": ended })), None), &shop).await?;
    tx.commit().await?;
    staff.says_next("ended-sessions")?;
    Ok(see_other("/admin/account/sessions"))
}
