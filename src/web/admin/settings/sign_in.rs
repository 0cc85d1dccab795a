//! What buyers are offered when they sign in with Weibo: a switch on the page of Weibo's keys.

use crate::settings;
use crate::staff::audit::{self, Change};
use crate::staff::permission::HoldKeys;
use crate::web::page::see_other;
use crate::web::staff::{Recent, SafeForm, Staff};
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/settings/weibo/sign-in`
pub async fn save(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let after = fields.has("offer_follow");
    let mut tx = shop.db.begin().await?;
    let before = settings::save_offer_to_follow(&mut tx, after).await?;
    if before != after {
        let told = |on: bool| Some(json!({ "offer_follow": if on { "on" } else { "off" } }));
        let change =
            Change { action: "change-sign-in", subject: "shop", before: told(before), after: told(after) };
        audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    }
    tx.commit().await?;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/settings/weibo"))
}
