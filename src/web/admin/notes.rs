//! What the staff writes to each other about an order.

use super::order::{Typed, draw, number};
use super::orders::why_wrong;
use super::shipments::refused;
use crate::customers::{Wrong, paragraph};
use crate::orders;
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

/// `POST /admin/orders/{number}/notes`
pub async fn add(
    staff: Staff<HandleOrders>,
    form: SafeForm,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let number = number(&path)?;
    let memo = form.text("memo");
    let read = paragraph(&memo, 1000).and_then(|t| if t.is_empty() { Err(Wrong::Missing) } else { Ok(t) });
    let text = match read {
        Ok(text) => text,
        Err(wrong) => {
            let mut typed = Typed { memo, ..Typed::default() };
            typed.wrongs.add("memo", why_wrong(Words(staff.language), wrong));
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, &reader, &staff, (&number, typed)).await;
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    orders::note(&mut tx, &number, &text, &staff.actor(), now).await.or_else(|e| refused(e).map(|_| ()))?;
    // The words themselves stand in the order's history only: they may be about a person.
    let subject = format!("order {number}");
    let change = Change { action: "note-order", subject: &subject, before: None, after: None };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    staff.says_next("said-noted")?;
    Ok(see_other(&format!("/admin/orders/{number}")))
}
