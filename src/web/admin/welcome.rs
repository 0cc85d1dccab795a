//! The first owner's link: a name, a password, and the shop is hers.

use crate::staff::{self, SHORTEST_PASSWORD, Wrong};
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{Page, page, see_other};
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

#[derive(Template)]
#[template(path = "admin/welcome.html")]
struct WelcomePage {
    page: Page,
    typed_name: String,
    shortest: usize,
    wrongs: Wrongs,
}

/// `GET /admin/welcome/{link}`
pub async fn show(link: Path<String>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    if !staff::link_works(&shop.db, &link, shop.clock.now()).await? {
        return Err(Error::Refused(StatusCode::GONE, "error-link"));
    }
    let frame = Page::new(&shop, &reader).await;
    again(StatusCode::OK, frame, String::new(), Wrongs::default())
}

/// `POST /admin/welcome/{link}`
pub async fn accept(
    link: Path<String>,
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (name, password) = (fields.text("name"), fields.text("password"));
    let made = staff::accept_link(&shop.db, &link, &name, password, shop.clock.now()).await?;
    let frame = Page::new(&shop, &reader).await;
    let (field, words) = match made {
        Ok(id) => {
            session::begin_staff(&session, id)?;
            return Ok(see_other("/admin"));
        }
        Err(Wrong::Link) => return Err(Error::Refused(StatusCode::GONE, "error-link")),
        Err(Wrong::Name) => ("name", frame.say("wrong-name")),
        Err(Wrong::NameTaken) => ("name", frame.say("wrong-name-taken")),
        Err(Wrong::Password) => ("password", frame.say_with("wrong-password", "least", SHORTEST_PASSWORD)),
    };
    let mut wrongs = Wrongs::default();
    wrongs.add(field, words);
    again(StatusCode::UNPROCESSABLE_ENTITY, frame, name, wrongs)
}

fn again(status: StatusCode, frame: Page, name: String, wrongs: Wrongs) -> Result<HttpResponse, Error> {
    page(status, &WelcomePage { page: frame, typed_name: name, shortest: SHORTEST_PASSWORD, wrongs })
}
