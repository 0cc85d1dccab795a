//! Calling an order off before it is paid.

use super::order::{Typed, draw, number};
use super::orders::why_wrong;
use super::shipments::refused;
use crate::customers::{Wrong, line};
use crate::orders;
use crate::payments::{self, CancelError};
use crate::staff::audit::{self, Change};
use crate::staff::permission::HandleOrders;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
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
    let number = number(&path)?;
    let typed = form.text("cancel_reason");
    let reason = match line(&typed, 200).and_then(|t| if t.is_empty() { Err(Wrong::Missing) } else { Ok(t) })
    {
        Ok(reason) => reason,
        Err(wrong) => {
            let mut typed = Typed { reason: typed, ..Typed::default() };
            typed.wrongs.add("cancel_reason", why_wrong(Words(staff.language), wrong));
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, &reader, &staff, (&number, typed)).await;
        }
    };
    let order = orders::find(&mut *shop.db.reader().await?, &number).await?.ok_or(Error::NotFound)?;
    if order.is_unpaid() {
        let terms = shop.terms().await?;
        payments::ask_about(&shop.db, terms.weibo().ok(), order.id, &shop.clock).await?;
    }
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    if let Err(error) = payments::cancel(&mut tx, order.id, &reason, &staff.actor(), now).await {
        drop(tx);
        let typed = match error {
            CancelError::InDoubt => Typed { reason, refused: Some("refused-in-doubt"), ..Typed::default() },
            CancelError::NotChanged(error) => refused(error)?,
        };
        return draw(StatusCode::CONFLICT, &shop, &reader, &staff, (&number, typed)).await;
    }
    let subject = format!("order {number}");
    let change = Change {
        action: "cancel-order",
        subject: &subject,
        before: Some(json!({ "closure": "open" })),
        after: Some(json!({ "closure": "cancelled" })),
    };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    shop.pages.recount();
    staff.says_next("said-cancelled")?;
    Ok(see_other(&format!("/admin/orders/{number}")))
}
