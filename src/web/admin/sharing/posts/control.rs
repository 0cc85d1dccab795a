//! What a person does to a post before it stands on Weibo: other words, sending it, calling it back, putting it away.

use super::compose::LONGEST;
use super::{address, found, note, show, too_late, wrong_text};
use crate::clock::SHOP_ZONE;
use crate::sharing::posts::{self, NotNow, PostId, Sending};
use crate::staff::permission::EditSharing;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::fans::broadcasts::control::minute;
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::{Fields, Wrongs};
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::{Reader, client_ip};
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The account that she was shown; nobody's where the form names none.
pub(super) fn shown(form: &Fields) -> i64 {
    form.text("uid").parse().unwrap_or(-1)
}

pub(super) fn version(form: &Fields) -> i32 {
    form.text("version").parse().unwrap_or(-1)
}

/// `POST /admin/sharing/posts/{id}/text`
pub async fn rewrite(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let id = PostId(*id);
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let typed = Typed::read(&form, &["post-text"]);
    let mut reading = Reading { typed: &typed, words: frame.words, wrongs: Wrongs::default() };
    let text = reading.paragraph("post-text", LONGEST);
    let mut wrongs = reading.wrongs;
    let mut status = StatusCode::UNPROCESSABLE_ENTITY;
    if wrongs.is_empty() {
        let mut tx = shop.db.begin().await?;
        let seen = (id, version(&form));
        match posts::rewrite(&mut tx, seen, &text, &shop.settings.public_url).await? {
            Ok(()) => {
                note(&mut tx, &staff, ("rewrite-post", id, json!({ "text": text })), &shop).await?;
                tx.commit().await?;
                staff.says_next("said-post-saved")?;
                return Ok(see_other(&address(id)));
            }
            Err(NotNow::Text(fault)) => wrongs.add("post-text", frame.say(wrong_text(fault))),
            Err(NotNow::NoSuch) => return Err(Error::NotFound),
            // What she has typed stays before her: it is going, or somebody else was quicker.
            Err(NotNow::State | NotNow::Stale) => {
                status = StatusCode::CONFLICT;
                wrongs.add("post-text", frame.say("post-changed-meanwhile"));
            }
        }
    }
    show::draw(status, &shop, frame, found(&shop, id.0).await?, (typed, wrongs)).await
}

/// `POST /admin/sharing/posts/{id}/sending`: now, or with `later` at a time.
pub async fn send(
    staff: Staff<EditSharing>,
    form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (id, now, later) = (PostId(*id), shop.clock.now(), form.has("later"));
    let at = later.then(|| minute(&form.text("post-at"), now));
    if at == Some(None) {
        let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
        let post = found(&shop, id.0).await?;
        let typed = Typed::new([("post-text", post.text.clone()), ("post-at", form.text("post-at"))]);
        let mut wrongs = Wrongs::default();
        wrongs.add("post-at", frame.say("post-wrong-time"));
        return show::draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, post, (typed, wrongs)).await;
    }
    let ip = client_ip(&request, shop.settings.trusted_proxies);
    let mut tx = shop.db.begin().await?;
    let sending = Sending { at: at.flatten(), ip, uid: shown(&form) };
    match posts::send(&mut tx, (id, version(&form)), sending, now).await? {
        Ok(()) => {}
        Err(why) => return pressed_late(&shop, id, why).await,
    }
    let when = at.flatten().map(|at| at.to_offset(SHOP_ZONE).to_string());
    note(&mut tx, &staff, ("send-post", id, json!({ "at": when })), &shop).await?;
    tx.commit().await?;
    staff.says_next(if later { "said-post-scheduled" } else { "said-post-going" })?;
    Ok(see_other(&address(id)))
}

/// Whoever presses twice sees it on its way; whoever saw another text than the one that is there is told so.
pub(super) async fn pressed_late(shop: &Shop, id: PostId, why: NotNow) -> Result<HttpResponse, Error> {
    if why == NotNow::Stale && !found(shop, id.0).await?.state.is_open() {
        return Ok(see_other(&address(id)));
    }
    too_late(why).map_or_else(|| Ok(see_other(&address(id))), Err)
}

/// `POST /admin/sharing/posts/{id}/recall`
pub async fn call_back(
    staff: Staff<EditSharing>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, mut tx) = (PostId(*id), shop.db.begin().await?);
    match posts::call_back(&mut tx, id).await? {
        Ok(()) => note(&mut tx, &staff, ("recall-post", id, json!({})), &shop).await?,
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        // It has gone meanwhile: the page says so.
        Err(_) => return Ok(see_other(&address(id))),
    }
    tx.commit().await?;
    staff.says_next("said-post-recalled")?;
    Ok(see_other(&address(id)))
}

/// `POST /admin/sharing/posts/{id}/discarding`
pub async fn discard(
    staff: Staff<EditSharing>,
    _form: SafeForm,
    id: Path<i64>,
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let (id, mut tx) = (PostId(*id), shop.db.begin().await?);
    match posts::discard(&mut tx, id).await? {
        Ok(()) => note(&mut tx, &staff, ("discard-post", id, json!({})), &shop).await?,
        Err(NotNow::NoSuch) => return Err(Error::NotFound),
        Err(_) => return Ok(see_other(&address(id))),
    }
    tx.commit().await?;
    staff.says_next("said-post-discarded")?;
    Ok(see_other(&address(id)))
}
