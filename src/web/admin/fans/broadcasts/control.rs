//! Sending a broadcast, stopping it, and letting it go on.

use super::{address, found, show, subject};
use crate::clock::SHOP_ZONE;
use crate::db::Tx;
use crate::fans::broadcasts::{self, BroadcastId, NotNow};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, PrimitiveDateTime};

/// So far ahead one may be put off.
const FURTHEST: Duration = Duration::days(90);

/// `POST /admin/fans/broadcasts/{id}/sending`
pub async fn send(
    staff: Staff<EditFans>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (id, now) = (BroadcastId(*id), shop.clock.now());
    let (later, typed) = (form.has("later"), form.text("at"));
    let at = later.then(|| minute(&typed, now));
    if at == Some(None) {
        let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
        let mut wrongs = Wrongs::default();
        wrongs.add("at", frame.say("broadcast-wrong-time"));
        let (again, status) = (((String::new(), typed), wrongs), StatusCode::UNPROCESSABLE_ENTITY);
        return show::draw(status, &shop, frame, found(&shop, id.0).await?, again).await;
    }
    let version = form.text("version").parse().unwrap_or(-1);
    let mut tx = shop.db.begin().await?;
    match broadcasts::send(&mut tx, id, version, at.flatten(), now).await? {
        Ok(()) => {}
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        // Pressed twice: it is on its way.
        Err(NotNow::State) => return Ok(see_other(&address(id))),
        Err(NotNow::Stale) => return Err(Error::Refused(StatusCode::CONFLICT, "error-broadcast-stale")),
    }
    let when = at.flatten().map(|at| at.to_offset(SHOP_ZONE).to_string());
    note(&mut tx, &staff, ("send-broadcast", id, json!({ "at": when })), now).await?;
    tx.commit().await?;
    staff.says_next(if later { "broadcast-scheduled" } else { "broadcast-begun" })?;
    Ok(see_other(&address(id)))
}

/// `POST /admin/fans/broadcasts/{id}/pause`
pub async fn hold(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, now, mut tx) = (BroadcastId(*id), shop.clock.now(), shop.db.begin().await?);
    let done = broadcasts::hold(&mut tx, id, now).await?;
    end(tx, done, &staff, ("hold-broadcast", id), now).await
}

/// `POST /admin/fans/broadcasts/{id}/resumption`
pub async fn go_on(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, now, mut tx) = (BroadcastId(*id), shop.clock.now(), shop.db.begin().await?);
    let done = broadcasts::go_on(&mut tx, id, now).await?;
    end(tx, done, &staff, ("resume-broadcast", id), now).await
}

/// `POST /admin/fans/broadcasts/{id}/cancellation`
pub async fn cancel(
    staff: Staff<EditFans>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, now, mut tx) = (BroadcastId(*id), shop.clock.now(), shop.db.begin().await?);
    let done = broadcasts::cancel(&mut tx, id, now).await?;
    end(tx, done, &staff, ("cancel-broadcast", id), now).await
}

/// Keeps what was done; whoever comes too late sees on the page how it stands.
async fn end(
    mut tx: Tx,
    done: Result<(), NotNow>,
    staff: &Staff<EditFans>,
    (action, id): (&'static str, BroadcastId),
    now: OffsetDateTime,
) -> Result<HttpResponse, Error> {
    match done {
        Ok(()) => {
            note(&mut tx, staff, (action, id, json!({})), now).await?;
            tx.commit().await?;
        }
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        Err(NotNow::State | NotNow::Stale) => {}
    }
    Ok(see_other(&address(id)))
}

async fn note(
    tx: &mut Tx,
    staff: &Staff<EditFans>,
    (action, id, after): (&'static str, BroadcastId, serde_json::Value),
    now: OffsetDateTime,
) -> Result<(), Error> {
    let change = Change { action, subject: &subject(id), before: None, after: Some(after) };
    Ok(audit::record(tx, staff, change, now).await?)
}

/// A minute of the shop's day that is still to come.
pub fn minute(text: &str, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    // Some browsers send seconds too.
    let text = text.get(..16).unwrap_or(text);
    let at = PrimitiveDateTime::parse(text, format).ok()?.assume_offset(SHOP_ZONE);
    (now < at && at < now + FURTHEST).then_some(at)
}
