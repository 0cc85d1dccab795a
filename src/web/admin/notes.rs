//! What the staff writes to each other about an order.

use super::handling::{Handling, something};
use super::order::Typed;
use crate::customers::paragraph;
use crate::orders;
use crate::staff::permission::HandleOrders;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;

/// `POST /admin/orders/{number}/notes`
pub async fn add(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = Handling::of(&path, &staff, &shop, &reader)?;
    let typed = Typed { memo: form.text("memo"), ..Typed::default() };
    let text = match something(paragraph(&typed.memo, 1000)) {
        Ok(text) => text,
        Err(why) => return at.again_for("memo", why, typed).await,
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    if let Err(why) = orders::note(&mut tx, &at.number, &text, &staff.actor(), now).await {
        return at.refuse(tx, why).await;
    }
    // The words themselves stand in the order's history only: they may be about a person.
    at.record(&mut tx, "note-order", (None, None), now).await?;
    tx.commit().await?;
    at.go_on("said-noted", &at.page())
}
