//! Signing in to the back office, and out.

use crate::staff;
use crate::web::form::Fields;
use crate::web::page::{Page, page, see_other};
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/sign-in.html")]
struct SignInPage {
    page: Page,
    name: String,
    wrong: bool,
}

/// `GET /admin/sign-in`
pub async fn show(shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    page(StatusCode::OK, &SignInPage { page: frame, name: String::new(), wrong: false })
}

/// `POST /admin/sign-in`
pub async fn enter(
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let name = fields.text("name");
    if let Some(member) = staff::sign_in(&shop.db, &name, fields.text("password")).await? {
        session::begin_staff(&session, member.id)?;
        return Ok(see_other("/admin"));
    }
    let frame = Page::new(&shop, &reader).await;
    page(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { page: frame, name, wrong: true })
}

/// `POST /admin/sign-out`
pub async fn leave(session: Session) -> Result<HttpResponse, Error> {
    session.purge();
    Ok(see_other("/admin/sign-in"))
}
