//! Pictures that are uploaded to a product: each by itself, so that the good ones hang when others are refused.

use super::desk::{Desk, Section};
use super::pictures::{Outcome, answer, find, subject};
use crate::catalog::pictures::gallery::{self, Gallery, HangError};
use crate::catalog::pictures::{Intake, LARGEST_FILE, PictureError, Refused};
use crate::catalog::{ProductId, Rgb, TouchError};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditCatalog;
use crate::web::page::see_other;
use crate::web::staff::{Path, Staff};
use crate::web::upload::{Limits, PassedOver, Sent, Upload};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, RETRY_AFTER};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use std::fs::File;
use std::io::ErrorKind;

const LIMITS: Limits = Limits { file: LARGEST_FILE, files: gallery::MOST, total: 200 * 1024 * 1024 };

/// `POST /admin/products/{id}/pictures`. A script that accepts JSON is told in JSON.
pub async fn create(
    staff: Staff<EditCatalog>,
    upload: Upload,
    id: Path<i64>,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let gallery = find(&shop, ProductId(*id)).await?;
    let product = gallery.product;
    let (status, outcomes) = receive(&shop, &staff, upload, gallery).await?;
    if request.headers().get(ACCEPT).is_some_and(|accept| accept == "application/json") {
        return Ok(HttpResponse::Ok().json(json!({ "outcomes": outcomes })));
    }
    if status == StatusCode::OK {
        staff.says_next("pictures-hung")?;
        return Ok(see_other(&format!("/admin/products/{}/pictures", product.0)));
    }
    let desk = Desk::new(&shop, &Reader::of(&request, &shop), &staff, Section::Catalog).await;
    let mut page = answer(status, desk, find(&shop, product).await?, outcomes)?;
    if status == StatusCode::SERVICE_UNAVAILABLE {
        page.headers_mut().insert(RETRY_AFTER, 30.into());
    }
    Ok(page)
}

/// Takes file after file until one cannot be stored, or no more can be read. What hangs, hangs.
async fn receive(
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    upload: Upload,
    gallery: Gallery,
) -> Result<(StatusCode, Vec<Outcome>), Error> {
    let words = Words(staff.language);
    let mut upload = upload.within(LIMITS)?;
    let (mut outcomes, mut status) = (Vec::new(), StatusCode::OK);
    loop {
        let sent = match upload.next().await {
            Ok(Some(sent)) => sent,
            Ok(None) => break,
            // A line that broke has nobody at its other end.
            Err(Error::Refused(why, key))
                if why.is_server_error() || why == StatusCode::PAYLOAD_TOO_LARGE =>
            {
                outcomes.push(Outcome { words: words.say(key), ..Outcome::default() });
                return Ok((why, outcomes));
            }
            Err(error) => return Err(error),
        };
        let name = sent.name.clone();
        let taken = take(shop, staff, sent, &gallery).await?;
        let version = taken.as_ref().ok().copied();
        let key = match taken {
            Ok(_) => "picture-hung",
            Err(Not::Refused(key)) => {
                status = StatusCode::UNPROCESSABLE_ENTITY;
                key
            }
            Err(Not::Stored(why, key)) => {
                status = why;
                key
            }
        };
        outcomes.push(Outcome { name, hung: version.is_some(), words: words.say(key), version });
        if status.is_server_error() {
            return Ok((status, outcomes));
        }
    }
    if outcomes.is_empty() {
        let none = words.say("no-file-chosen");
        outcomes.push(Outcome { words: none, ..Outcome::default() });
        status = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok((status, outcomes))
}

/// Why nothing comes of a file: the key of what to tell.
pub(super) enum Not {
    Refused(&'static str),
    /// The next one would fare no better.
    Stored(StatusCode, &'static str),
}

/// Develops, stores and hangs one file; the version that the product has since.
async fn take(
    shop: &Shop,
    staff: &Staff<EditCatalog>,
    sent: Sent,
    gallery: &Gallery,
) -> Result<Result<i32, Not>, Error> {
    let file = match sent.content {
        Ok(file) => file,
        Err(PassedOver::TooLarge) => return Ok(Err(Not::Refused("picture-too-heavy"))),
        Err(PassedOver::TooMany) => return Ok(Err(Not::Refused("pictures-too-many"))),
    };
    let name = match develop(shop, file, gallery.ground).await? {
        Ok(name) => name,
        Err(not) => return Ok(Err(not)),
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let version = match gallery::hang(&mut tx, gallery.product, &name, now).await {
        Ok(version) => version,
        Err(HangError::Full) => return Ok(Err(Not::Refused("pictures-full"))),
        Err(HangError::AlreadyThere) => return Ok(Err(Not::Refused("picture-already-there"))),
        Err(HangError::Touch(TouchError::Unexpected(error))) => return Err(error.into()),
        Err(HangError::Touch(_)) => return Err(Error::NotFound),
    };
    let (subject, after) = (subject(gallery.product), Some(json!({ "picture": name })));
    let change = Change { action: "add-picture", subject: &subject, before: None, after };
    audit::record(&mut tx, staff, change, now).await?;
    tx.commit().await?;
    shop.pages.forget();
    Ok(Ok(version))
}

/// Makes all that a picture is shown as of a file, and returns its name.
pub(super) async fn develop(shop: &Shop, file: File, ground: Rgb) -> Result<Result<String, Not>, Error> {
    let intake = Intake { db: &shop.db, files: &shop.files, darkroom: &shop.darkroom };
    Ok(match intake.take_in(file, ground, shop.clock.now()).await {
        Ok(name) => Ok(name),
        Err(PictureError::Refused(why)) => Err(Not::Refused(refusal(why))),
        Err(PictureError::Storage(error)) => {
            tracing::error!(%error, "a picture cannot be stored");
            Err(match error.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                    Not::Stored(StatusCode::INSUFFICIENT_STORAGE, "error-no-room")
                }
                _ => Not::Stored(StatusCode::SERVICE_UNAVAILABLE, "pictures-away"),
            })
        }
        Err(PictureError::Unexpected(error)) => return Err(error.into()),
    })
}

/// The key of the words for who uploaded it.
fn refusal(why: Refused) -> &'static str {
    match why {
        Refused::NotAPicture => "picture-none",
        Refused::TooHeavy => "picture-too-heavy",
        Refused::TooLarge => "picture-too-large",
        Refused::Empty => "picture-empty",
        Refused::Damaged => "picture-damaged",
        Refused::ForPrint => "picture-for-print",
    }
}
