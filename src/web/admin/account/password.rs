//! A new password: asks for the old one, and ends every other session.

use super::{Mistake, asks_password, chosen, record};
use crate::staff::permission::Own;
use crate::staff::{self, SHORTEST_PASSWORD};
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/account/password.html")]
struct PasswordPage {
    page: Desk,
    shortest: usize,
    wrongs: Wrongs,
}

fn show_it(status: StatusCode, frame: Desk, wrongs: Wrongs) -> Result<HttpResponse, Error> {
    page(status, &PasswordPage { page: frame, shortest: SHORTEST_PASSWORD, wrongs })
}

/// `GET /admin/account/password`
pub async fn show(staff: Staff<Own>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    show_it(StatusCode::OK, frame, Wrongs::default())
}

/// `POST /admin/account/password`
pub async fn change(
    staff: Staff<Own>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let password = match chosen(&frame, &staff, form.text("new-password")) {
        Ok(password) => password,
        Err(words) => return refuse(frame, &Mistake::field("new-password", words)),
    };
    if let Some(mistake) =
        asks_password(&shop, &frame, &staff, "old-password", form.text("old-password")).await?
    {
        return refuse(frame, &mistake);
    }
    let hashed = password.hash().await?;
    let mut tx = shop.db.begin().await?;
    staff::change_password(&mut tx, staff.id, &hashed).await?;
    staff::end_others(&mut tx, staff.id, staff.seat.id).await?;
    record(&mut tx, &staff, "change-password", (None, None), &shop).await?;
    tx.commit().await?;
    staff.goes_on_anew();
    staff.says_next("saved-password")?;
    Ok(see_other("/admin/account"))
}

fn refuse(frame: Desk, mistake: &Mistake) -> Result<HttpResponse, Error> {
    let shown = show_it(mistake.status, frame, mistake.wrongs.clone())?;
    Ok(mistake.finish(shown))
}
