//! How the desk is kept: from when on somebody waits too long, and where places can be looked at.

use crate::fans::desk::{self, Manners};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
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
use serde_json::{Value, json};
use time::Duration;

#[derive(Template)]
#[template(path = "admin/fans/manners.html")]
struct MannersPage {
    page: Desk,
    red: String,
    map: String,
    wrongs: Wrongs,
}

/// `GET /admin/fans/settings`
pub async fn show(staff: Staff<EditFans>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let kept = desk::manners(&mut *shop.db.reader().await?).await?;
    let red = kept.red_after.whole_minutes().to_string();
    page(StatusCode::OK, &MannersPage { page: frame, red, map: kept.map, wrongs: Wrongs::default() })
}

fn read(words: Words, red: &str, map: &str) -> Result<Manners, Wrongs> {
    let mut wrongs = Wrongs::default();
    let minutes = red.trim().parse().ok().filter(|minutes| Manners::RED.contains(minutes));
    if minutes.is_none() {
        wrongs.add("red_minutes", words.say("fans-red-wrong"));
    }
    let shown = Manners::read_map(map);
    if shown.is_err() {
        wrongs.add("map", words.say("fans-map-wrong"));
    }
    match (minutes, shown) {
        (Some(minutes), Ok(map)) => Ok(Manners { red_after: Duration::minutes(minutes), map }),
        _ => Err(wrongs),
    }
}

fn told(manners: &Manners) -> Value {
    json!({ "red_minutes": manners.red_after.whole_minutes(), "map": manners.map })
}

/// `POST /admin/fans/settings`
pub async fn save(
    staff: Staff<EditFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (red, map) = (form.text("red_minutes"), form.text("map"));
    let after = match read(Words(staff.language), &red, &map) {
        Ok(after) => after,
        Err(wrongs) => {
            let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
            return page(StatusCode::UNPROCESSABLE_ENTITY, &MannersPage { page: frame, red, map, wrongs });
        }
    };
    let mut tx = shop.db.begin().await?;
    let before = desk::manners(&mut tx).await?;
    desk::save_manners(&mut tx, &after).await?;
    let (was, is) = (Some(told(&before)), Some(told(&after)));
    let change = Change { action: "change-fans-desk", subject: "fans desk", before: was, after: is };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("fans-manners-saved")?;
    Ok(see_other("/admin/fans/settings"))
}
