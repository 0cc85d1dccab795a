//! Calling an order off before it is paid.

use super::handling::{Handling, something};
use super::order::Typed;
use crate::customers::line;
use crate::orders;
use crate::payments::{self, CancelError};
use crate::staff::permission::HandleOrders;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/orders/{number}/cancellation`: Weibo is asked first whether it took money after all.
pub async fn cancel(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let typed = Typed { reason: form.text("cancel_reason"), ..Typed::default() };
    let reason = match something(line(&typed.reason, 200)) {
        Ok(reason) => reason,
        Err(why) => return at.again_for("cancel_reason", why, typed).await,
    };
    let order = orders::find(&mut *shop.db.reader().await?, &at.number).await?.ok_or(Error::NotFound)?;
    if order.is_unpaid() {
        payments::ask_about(&shop.db, shop.terms().await?.weibo().ok(), order.id, &shop.clock).await?;
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    match payments::cancel(&mut tx, order.id, &reason, &staff.actor(), now).await {
        Ok(()) => {}
        Err(CancelError::NotChanged(why)) => return at.refuse(tx, why).await,
        Err(CancelError::InDoubt) => {
            return at.refuse_as(tx, Typed { refused: Some("refused-in-doubt"), ..typed }).await;
        }
    }
    let change = (Some(json!({ "closure": "open" })), Some(json!({ "closure": "cancelled" })));
    at.record(&mut tx, "cancel-order", change, now).await?;
    tx.commit().await?;
    shop.pages.recount();
    at.go_on("said-cancelled", &at.page())
}
