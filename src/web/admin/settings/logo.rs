//! The shop's logo: put up from a file, and taken down.

use super::profile;
use crate::catalog::pictures::{LARGEST_FILE, WHITE};
use crate::settings;
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditSettings;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::pictures_upload::{Not, develop};
use crate::web::page::see_other;
use crate::web::staff::{SafeForm, Staff};
use crate::web::upload::{Limits, Upload};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// A file that is somewhat too large is told so in its place, and only a much larger one is cut off.
const LIMITS: Limits = Limits { file: LARGEST_FILE, files: 1, total: 3 * LARGEST_FILE };

/// `POST /admin/settings/logo`
pub async fn put_up(
    staff: Staff<EditSettings>,
    upload: Upload,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    match receive(&shop, upload).await? {
        Ok(name) => hang(&shop, &staff, Some(&name)).await,
        Err((status, key)) => {
            let frame = Desk::new(&shop, &Reader::of(&request, &shop), &staff, Section::Settings).await;
            let words = frame.say(key);
            let mut page = profile::with_wrong_logo(&shop, frame, (status, words)).await?;
            if status == StatusCode::SERVICE_UNAVAILABLE {
                page.headers_mut().insert(RETRY_AFTER, 30.into());
            }
            Ok(page)
        }
    }
}

/// `POST /admin/settings/logo/removal`
pub async fn take_down(
    staff: Staff<EditSettings>,
    _: SafeForm,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    hang(&shop, &staff, None).await
}

/// The name of the picture that was made of the file, or the status and the key of what to tell.
async fn receive(shop: &Shop, upload: Upload) -> Result<Result<String, (StatusCode, &'static str)>, Error> {
    let unusable = |key| Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, key)));
    let mut upload = upload.within(LIMITS)?;
    let Some(sent) = upload.next().await? else { return unusable("no-file-chosen") };
    let Ok(file) = sent.content else { return unusable("picture-too-heavy") };
    match develop(shop, file, WHITE).await? {
        Ok(name) => Ok(Ok(name)),
        Err(Not::Refused(key)) => unusable(key),
        Err(Not::Stored(status, key)) => Ok(Err((status, key))),
    }
}

async fn hang(shop: &Shop, staff: &Staff<EditSettings>, logo: Option<&str>) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    let before = settings::save_logo(&mut tx, logo).await?;
    if before.as_deref() != logo {
        let (before, after) = (Some(json!({ "logo": before })), Some(json!({ "logo": logo })));
        let change = Change { action: "change-logo", subject: "shop", before, after };
        audit::record(&mut tx, staff, change, shop.clock.now()).await?;
    }
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next(if logo.is_some() { "logo-up" } else { "logo-down" })?;
    Ok(see_other("/admin/settings"))
}
