//! A code to be shown and to be printed. One that has ended is neither.

use super::found;
use crate::fans::codes::{self, FanCode, Life, Poster};
use crate::staff::permission::EditFans;
use crate::web::staff::{Path, Staff};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::Data;

/// `GET /admin/fans/codes/{id}/picture`
pub async fn picture(
    _staff: Staff<EditFans>,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (_, png) = ready(&shop, *id).await?;
    Ok(HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(png))
}

/// `GET /admin/fans/codes/{id}/poster`: of a permanent one. Nobody prints what ends within the hour.
pub async fn poster(staff: Staff<EditFans>, id: Path<i64>, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let (code, png) = ready(&shop, *id).await?;
    if code.of.life != Life::Permanent {
        return Err(Error::NotFound);
    }
    let terms = shop.terms().await?;
    let name = terms.profile.name.in_language(staff.language).to_owned();
    let hint = Words(staff.language).say("code-poster-hint");
    let invitation = code.of.invitation.clone();
    let made = tokio::task::spawn_blocking(move || {
        codes::poster(&Poster { shop: &name, invitation: &invitation, hint: &hint, png: &png })
    });
    let pdf = made.await.map_err(anyhow::Error::from)??;
    let file = format!("attachment; filename=\"weipu-poster-{}.pdf\"", code.id.0);
    Ok(HttpResponse::Ok()
        .content_type("application/pdf")
        .insert_header((CONTENT_DISPOSITION, file))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .body(pdf))
}

async fn ready(shop: &Shop, id: i64) -> Result<(FanCode, Vec<u8>), Error> {
    let code = found(shop, id).await?;
    if !code.is_ready(shop.clock.now()) {
        return Err(Error::NotFound);
    }
    let png = codes::picture(&mut *shop.db.reader().await?, code.id).await?.ok_or(Error::NotFound)?;
    Ok((code, png))
}
