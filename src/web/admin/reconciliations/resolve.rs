//! A difference that somebody has seen to.

use super::{found, subject};
use crate::reconciliation::{self, RowId};
use crate::staff::audit::{self, Change};
use crate::staff::permission::MoveMoney;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/money/reconciliations/{id}/rows/{row}/resolution`: pressed twice, it is done once.
pub async fn resolve(
    staff: Staff<MoveMoney>,
    _form: SafeForm,
    path: Path<(i64, i64)>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, row) = *path;
    let (run, now) = (found(&shop, id).await?, shop.clock.now());
    let mut tx = shop.db.begin().await?;
    if reconciliation::resolve(&mut tx, run.id, RowId(row), &staff.name, now).await? {
        let subject = subject(run.id);
        let after = Some(json!({ "row": row }));
        let change = Change { action: "resolve-difference", subject: &subject, before: None, after };
        audit::record(&mut tx, &staff, change, now).await?;
        tx.commit().await?;
        staff.says_next("difference-resolved")?;
    }
    Ok(see_other(&format!("/admin/money/reconciliations/{id}")))
}
