//! Before something grave: password and code once more, and on to where one was going.

use super::Mistake;
use crate::staff;
use crate::staff::permission::Own;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{Query, SafeForm, Staff, own_page};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "admin/account/confirm.html")]
struct ConfirmPage {
    page: Desk,
    /// Where it goes on.
    next: String,
    /// A form was on its way: it has to be sent again.
    again: bool,
    wrongs: Wrongs,
}

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
    again: Option<String>,
}

/// `GET /admin/account/confirm?next=/admin/path`
pub async fn show(
    staff: Staff<Own>,
    wanted: Query<Wanted>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let next = own_page(wanted.next.as_deref().unwrap_or_default()).to_owned();
    let (again, wrongs) = (wanted.again.is_some(), Wrongs::default());
    page(StatusCode::OK, &ConfirmPage { page: frame, next, again, wrongs })
}

/// `POST /admin/account/confirm`
pub async fn confirm(
    staff: Staff<Own>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (next, again) = (own_page(&form.text("next")).to_owned(), form.has("again"));
    let (typed, code, now) = (form.text("password"), form.text("code"), shop.clock.now());
    let tried = staff::confirm(&shop.db, &shop.keys, &staff.seat, typed, &code, now).await?;
    if let Err(not) = tried {
        let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
        let mistake = Mistake::not_in(&frame, not, "password", frame.say("wrong-confirmation"));
        let wrongs = mistake.wrongs.clone();
        let shown = page(mistake.status, &ConfirmPage { page: frame, next, again, wrongs })?;
        return Ok(mistake.finish(shown));
    }
    staff.goes_on_anew();
    if again {
        staff.says_next("confirmed-send-again")?;
    }
    Ok(see_other(&next))
}
