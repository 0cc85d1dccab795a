//! The code after the password: of the authenticator, or one to recover with.

use super::{Spoken, frame, retry_after, wait_in_words, welcome_in};
use crate::staff::{self, Caller, NotIn, Seat};
use crate::text::Language;
use crate::web::form::Fields;
use crate::web::page::{Page, page};
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use askama::Template;

#[derive(Template)]
#[template(path = "admin/door/code.html")]
struct CodePage {
    page: Page,
    trouble: Option<String>,
}

/// Whose password was right a short while ago. Everybody else begins at the door.
async fn half_in(shop: &Shop, session: &Session) -> Result<Seat, Error> {
    let Some(id) = session::get(session, session::SEAT) else { return Err(Error::SignInFirst) };
    let seat = staff::find_seat(&mut *shop.db.reader().await?, id).await?;
    seat.filter(|seat| seat.waits_for_code(shop.clock.now())).ok_or(Error::SignInFirst)
}

/// `GET /admin/sign-in/code`
pub async fn show(
    spoken: Query<Spoken>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seat = half_in(&shop, &session).await?;
    let frame = frame(&shop, &reader, spoken.language().unwrap_or(seat.member.language)).await;
    page(StatusCode::OK, &CodePage { page: frame, trouble: None })
}

/// `POST /admin/sign-in/code`
pub async fn give(
    fields: Fields,
    caller: Caller,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let seat = half_in(&shop, &session).await?;
    let now = shop.clock.now();
    let tried = staff::give_code(&shop.db, &shop.keys, &caller, &seat, &fields.text("code"), now).await?;
    let frame = frame(&shop, &reader, Language::of_code(&fields.text("lang"))).await;
    match tried {
        Ok(()) => {
            session::begin_staff(&session, seat.id)?;
            welcome_in(&shop, &caller, &seat.member)
        }
        Err(NotIn::Wrong) => {
            let trouble = Some(frame.say("wrong-code"));
            page(StatusCode::UNPROCESSABLE_ENTITY, &CodePage { page: frame, trouble })
        }
        Err(NotIn::Wait(wait)) => {
            let trouble = Some(wait_in_words(&frame, wait));
            Ok(retry_after(page(StatusCode::TOO_MANY_REQUESTS, &CodePage { page: frame, trouble })?, wait))
        }
    }
}
