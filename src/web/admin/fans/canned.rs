//! What is often said: written once, picked in a conversation.

use crate::customers::Wrong;
use crate::fans::desk::{self, Canned, CannedId};
use crate::staff::audit::{self, Change};
use crate::staff::permission::TalkToFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::orders::why_wrong;
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Path, Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

const CANNED: &str = "/admin/fans/canned";

#[derive(Template)]
#[template(path = "admin/fans/canned.html")]
struct CannedPage {
    page: Desk,
    all: Vec<(CannedId, Canned)>,
    /// Which one the form changes; nothing for a new one.
    edit: Option<CannedId>,
    typed: Canned,
    wrongs: Wrongs,
}

impl CannedPage {
    fn is_edited(&self, id: &CannedId) -> bool {
        self.edit == Some(*id)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    edit: Option<i64>,
}

/// `GET /admin/fans/canned`
pub async fn show(
    staff: Staff<TalkToFans>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let edit = address.edit.map(CannedId);
    let typed = match edit {
        Some(id) => desk::find_canned(&mut *shop.db.reader().await?, id).await?.ok_or(Error::NotFound)?,
        None => blank(),
    };
    draw(StatusCode::OK, (&shop, &reader, &staff), (edit, typed), Wrongs::default()).await
}

fn blank() -> Canned {
    Canned { category: String::new(), title: String::new(), text: String::new() }
}

async fn draw(
    status: StatusCode,
    (shop, reader, staff): (&Shop, &Reader, &Staff<TalkToFans>),
    (edit, typed): (Option<CannedId>, Canned),
    wrongs: Wrongs,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(shop, reader, staff, Section::Fans).await;
    let all = desk::canned(&mut *shop.db.reader().await?).await?;
    page(status, &CannedPage { page: frame, all, edit, typed, wrongs })
}

fn wrongs(words: Words, wrong: Vec<(&'static str, Wrong)>) -> Wrongs {
    let mut wrongs = Wrongs::default();
    for (field, why) in wrong {
        wrongs.add(field, why_wrong(words, why));
    }
    wrongs
}

/// `POST /admin/fans/canned`: a new one, or another text for the one of `id`.
pub async fn save(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let words = Words(staff.language);
    let edit = form.text("id").parse().ok().map(CannedId);
    let [category, title, text] = ["category", "title", "text"].map(|name| form.text(name));
    let canned = match Canned::read(&category, &title, &text) {
        Ok(canned) => canned,
        Err(wrong) => {
            let typed = Canned { category, title, text };
            let wrongs = wrongs(words, wrong);
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return draw(status, (&shop, &reader, &staff), (edit, typed), wrongs).await;
        }
    };
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let saved = match edit {
        Some(id) => desk::save_canned(&mut tx, id, &canned, now).await?.map(|there| there.then_some(id)),
        None => desk::write_canned(&mut tx, &canned, now).await?.map(Some),
    };
    let Ok(saved) = saved else {
        drop(tx);
        let mut wrongs = Wrongs::default();
        wrongs.add("title", words.say("fans-canned-taken"));
        return draw(StatusCode::CONFLICT, (&shop, &reader, &staff), (edit, canned), wrongs).await;
    };
    let subject = format!("canned answer {}", saved.ok_or(Error::NotFound)?.0);
    let change = Change { action: "save-canned-answer", subject: &subject, before: None, after: None };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    staff.says_next("fans-canned-saved")?;
    Ok(see_other(CANNED))
}

/// `POST /admin/fans/canned/{id}/removal`
pub async fn remove(
    staff: Staff<TalkToFans>,
    _: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    desk::remove_canned(&mut tx, CannedId(*id)).await?;
    let subject = format!("canned answer {}", *id);
    let change = Change { action: "remove-canned-answer", subject: &subject, before: None, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("fans-canned-removed")?;
    Ok(see_other(CANNED))
}
