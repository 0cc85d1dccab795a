//! Name and password, and the way out.

use super::{Spoken, frame, retry_after, wait_in_words, welcome_in};
use crate::staff::audit::{self, Change};
use crate::staff::permission::Own;
use crate::staff::{self, Caller, NotIn};
use crate::text::Language;
use crate::web::form::Fields;
use crate::web::page::{Page, page, see_other};
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

#[derive(Template)]
#[template(path = "admin/door/sign-in.html")]
struct SignInPage {
    page: Page,
    name: String,
    /// Why she is not in.
    trouble: Option<String>,
}

/// `GET /admin/sign-in`
pub async fn show(spoken: Query<Spoken>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = frame(&shop, &reader, spoken.language().unwrap_or_default()).await;
    page(StatusCode::OK, &SignInPage { page: frame, name: String::new(), trouble: None })
}

/// `POST /admin/sign-in`
pub async fn enter(
    fields: Fields,
    caller: Caller,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (name, spoken) = (fields.text("name"), Language::of_code(&fields.text("lang")));
    let now = shop.clock.now();
    let tried = staff::enter(&shop.db, &shop.keys, &caller, &name, fields.text("password"), now).await?;
    let frame = frame(&shop, &reader, spoken).await;
    match tried {
        Ok(proof) => {
            session::begin_staff(&session, proof.seat)?;
            if proof.complete {
                return welcome_in(&shop, &caller, &proof.member);
            }
            Ok(see_other(&format!("/admin/sign-in/code?lang={}", spoken.code())))
        }
        Err(NotIn::Wrong) => {
            let trouble = Some(frame.say("wrong-sign-in"));
            page(StatusCode::UNPROCESSABLE_ENTITY, &SignInPage { page: frame, name, trouble })
        }
        Err(NotIn::Wait(wait)) => {
            let trouble = Some(wait_in_words(&frame, wait));
            let shown = page(StatusCode::TOO_MANY_REQUESTS, &SignInPage { page: frame, name, trouble })?;
            Ok(retry_after(shown, wait))
        }
    }
}

/// `POST /admin/sign-out`
pub async fn leave(staff: Staff<Own>, _: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    staff::end(&mut tx, staff.id, staff.seat.id).await?;
    let change = Change { action: "sign-out", subject: &staff.subject(), before: None, after: None };
    audit::record(&mut tx, &staff, change, shop.clock.now()).await?;
    tx.commit().await?;
    staff.leaves();
    Ok(see_other("/admin/sign-in"))
}
