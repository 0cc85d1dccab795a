//! Putting a product away, where nobody loses it, and taking it out again.

use super::edit::archived;
use crate::catalog::{self, EditError, ProductId};
use crate::staff::audit::{Change, record};
use crate::staff::permission::EditCatalog;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/products/{id}/archive`: `archived` is `yes` or `no`.
pub async fn change(
    staff: Staff<EditCatalog>,
    id: Path<i64>,
    fields: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, away) = (ProductId(*id), fields.text("archived") == "yes");
    let (now, expected) = (shop.clock.now(), fields.text("version").parse().unwrap_or(0));
    let mut tx = shop.db.begin().await?;
    match catalog::archive(&mut tx, id, expected, away, now).await {
        Ok(()) => {
            let (action, after) = archived(away);
            let (subject, before) = (format!("product {}", id.0), json!({ "archived": !away }));
            let change = Change { action, subject: &subject, before: Some(before), after: Some(after) };
            record(&mut tx, &staff, change, now).await?;
            tx.commit().await?;
            shop.pages.forget();
            staff.says_next(if away { "said-archived" } else { "said-brought-back" })?;
        }
        Err(EditError::Outdated) => staff.says_next("said-outdated")?,
        Err(EditError::NoSuchProduct) => return Err(Error::NotFound),
        Err(error) => return Err(anyhow::Error::from(error).into()),
    }
    Ok(see_other(&format!("/admin/products/{}", id.0)))
}
