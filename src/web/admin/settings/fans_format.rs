//! In which format Weibo pushes what fans do. Weibo is asked; what is not known of its answer is not claimed.

use super::fans::FansPage;
use crate::fans::service::{self, Service};
use crate::staff::audit::{self, Change};
use crate::staff::permission::HoldKeys;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{page, see_other};
use crate::web::staff::{Recent, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::CallError;
use crate::weibo::messages::Format;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/settings/fans/format`
pub async fn set(
    staff: Staff<HoldKeys>,
    _: Recent,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let format = Format::of(&fields.text("format"));
    let format = format.ok_or(Error::Refused(StatusCode::UNPROCESSABLE_ENTITY, "error-request"))?;
    let before = begin(&shop, &staff, format).await?;
    let said = match shop.weibo().await {
        Ok(weibo) => weibo.set_format(format).await,
        Err(error) => {
            take_back(&shop, &before).await?;
            return Err(error);
        }
    };
    let why = match said {
        Ok(()) => {
            let mut tx = shop.db.begin().await?;
            service::set_format(&mut tx, format, true, shop.clock.now()).await?;
            tx.commit().await?;
            staff.says_next("fans-format-saved")?;
            return Ok(see_other("/admin/settings/fans"));
        }
        Err(CallError::Refused { code, message }) => format!("{code} {message}"),
        Err(error) if error.never_left() => String::new(),
        Err(CallError::Unknown(error)) => {
            tracing::warn!(error = format!("{error:#}"), "nobody knows in which format Weibo pushes");
            staff.says_next("fans-format-lost")?;
            return Ok(see_other("/admin/settings/fans"));
        }
    };
    take_back(&shop, &before).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let mut again = FansPage::new(&shop, frame).await?;
    let words = if why.is_empty() {
        again.page.say("fans-format-unreached")
    } else {
        again.page.say_with("fans-format-refused", "why", why)
    };
    again.wrongs.add("format", words);
    page(StatusCode::UNPROCESSABLE_ENTITY, &again)
}

/// Before the call: should nobody live to hear its answer, nothing is claimed.
async fn begin(shop: &Shop, staff: &Staff<HoldKeys>, format: Format) -> Result<Service, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let before = service::read(&mut tx).await?;
    service::set_format(&mut tx, format, false, now).await?;
    let told = |format: Format| Some(json!({ "format": format.name() }));
    let (old, new) = (told(before.format), told(format));
    let change = Change { action: "change-fans-format", subject: "weibo", before: old, after: new };
    audit::record(&mut tx, staff, change, now).await?;
    tx.commit().await?;
    Ok(before)
}

async fn take_back(shop: &Shop, before: &Service) -> Result<(), Error> {
    let mut tx = shop.db.begin().await?;
    service::put_format(&mut tx, before).await?;
    tx.commit().await?;
    Ok(())
}
