//! A new partner: what the merchant calls her, and what she is promised.

use super::{path, record};
use crate::partners::{self, Rate};
use crate::staff::permission::EditSharing;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use uuid::Uuid;

/// In characters.
const LONGEST_NAME: usize = 40;
const FIELDS: [&str; 2] = ["partner-name", "partner-rate"];

#[derive(Template)]
#[template(path = "admin/partners/new.html")]
struct NewPage {
    page: Desk,
    typed: Typed,
    wrongs: Wrongs,
    /// What makes her be made once, however often it is pressed.
    key: Uuid,
}

/// `GET /admin/sharing/partners/new`
pub async fn show(
    staff: Staff<EditSharing>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let (typed, wrongs) = (Typed::default(), Wrongs::default());
    page(StatusCode::OK, &NewPage { page: frame, typed, wrongs, key: Uuid::new_v4() })
}

/// `POST /admin/sharing/partners/new`
pub async fn create(
    staff: Staff<EditSharing>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let typed = Typed::read(&form, &FIELDS);
    let key = Uuid::parse_str(&form.text("key")).unwrap_or_else(|_| Uuid::new_v4());
    let (name, rate) = match read(&typed, Words(staff.language)) {
        Ok(read) => read,
        Err(wrongs) => {
            let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &NewPage { page: frame, typed, wrongs, key });
        }
    };
    let mut tx = shop.db.begin().await?;
    let (id, made) = partners::add(&mut tx, key, (&name, rate), &staff.actor(), shop.clock.now()).await?;
    if made {
        record(&mut tx, (&shop, &staff), ("add-partner", id), (None, Some(typed.whole()))).await?;
        tx.commit().await?;
        staff.says_next("said-saved")?;
    }
    Ok(see_other(&path(id)))
}

fn read(typed: &Typed, words: Words) -> Result<(String, Rate), Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.present("partner-name", LONGEST_NAME);
    let rate = Rate::parse(typed.of("partner-rate"));
    if rate.is_none() {
        reading.wrong("partner-rate", "wrong-partner-rate");
    }
    match (rate, reading.wrongs.is_empty()) {
        (Some(rate), true) => Ok((name, rate)),
        _ => Err(reading.wrongs),
    }
}
