//! Whether a campaign goes on: paused, going on, ended for good. Whoever takes part already gets her coupon.

use super::{at, record};
use crate::db::Tx;
use crate::sharing::gifts::{self, ChangeError, GiftId};
use crate::staff::permission::EditSharing;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

/// `POST /admin/sharing/reposts/gifts/{id}/pause`
pub async fn pause(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = GiftId(*id);
    let mut tx = shop.db.begin().await?;
    let done = gifts::pause(&mut tx, id, shop.clock.now()).await;
    conclude(tx, (&shop, &staff), ("pause-gift", id), done).await
}

/// `POST /admin/sharing/reposts/gifts/{id}/resumption`
pub async fn resume(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = GiftId(*id);
    let mut tx = shop.db.begin().await?;
    let done = gifts::resume(&mut tx, id).await;
    conclude(tx, (&shop, &staff), ("resume-gift", id), done).await
}

/// `POST /admin/sharing/reposts/gifts/{id}/end`
pub async fn end(
    staff: Staff<EditSharing>,
    id: Path<i64>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let id = GiftId(*id);
    let mut tx = shop.db.begin().await?;
    let done = gifts::end(&mut tx, id, shop.clock.now()).await;
    conclude(tx, (&shop, &staff), ("end-gift", id), done).await
}

/// Pressed twice, it is written down once.
async fn conclude(
    mut tx: Tx,
    (shop, staff): (&Shop, &Staff<EditSharing>),
    (action, id): (&'static str, GiftId),
    done: Result<bool, ChangeError>,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(true) => {
            record(&mut tx, (shop, staff), (action, id), (None, None)).await?;
            tx.commit().await?;
            staff.says_next("said-saved")?;
        }
        Ok(false) => {}
        Err(ChangeError::NoSuchGift) => return Err(Error::NotFound),
        Err(ChangeError::Unexpected(error)) => return Err(error.into()),
        Err(_) => return Err(Error::Refused(StatusCode::CONFLICT, "error-gift-ended")),
    }
    Ok(see_other(&at(id)))
}
