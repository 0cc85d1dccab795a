//! Whether a coupon is given: paused, going on, ended for good. What was given before holds in any case.

use super::{LIST, record};
use crate::coupons::{self, ChangeError, CouponId};
use crate::db::Tx;
use crate::staff::permission::EditCatalog;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

/// `POST /admin/coupons/{id}/pause`
pub async fn pause(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = CouponId(*id);
    let mut tx = shop.db.begin().await?;
    let done = coupons::pause(&mut tx, id, shop.clock.now()).await;
    conclude(tx, (&shop, &staff), ("pause-coupon", id), done).await
}

/// `POST /admin/coupons/{id}/resumption`
pub async fn resume(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = CouponId(*id);
    let mut tx = shop.db.begin().await?;
    let done = coupons::resume(&mut tx, id).await;
    conclude(tx, (&shop, &staff), ("resume-coupon", id), done).await
}

/// `POST /admin/coupons/{id}/end`
pub async fn end(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = CouponId(*id);
    let mut tx = shop.db.begin().await?;
    let done = coupons::end(&mut tx, id, shop.clock.now()).await;
    conclude(tx, (&shop, &staff), ("end-coupon", id), done).await
}

/// Pressed twice, it is written down once.
async fn conclude(
    mut tx: Tx,
    (shop, staff): (&Shop, &Staff<EditCatalog>),
    (action, id): (&'static str, CouponId),
    done: Result<bool, ChangeError>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(true) => {
            record(&mut tx, (shop, staff), (action, id), (None, None)).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next("said-saved")?;
        }
        Ok(false) => {}
        Err(ChangeError::NoSuchCoupon) => return Err(Error::NotFound),
        Err(ChangeError::Unexpected(error)) => return Err(error.into()),
        Err(_) => return Err(Error::Refused(StatusCode::CONFLICT, "error-coupon-ended")),
    }
    Ok(see_other(&format!("{LIST}/{}", id.0)))
}
