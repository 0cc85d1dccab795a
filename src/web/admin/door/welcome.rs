//! A link that opens the door once: the first owner's, an invitation, or a member's new beginning.

use super::{Spoken, frame, welcome_in};
use crate::staff::audit::{self, Change};
use crate::staff::{
    self, Caller, Hashed, Kind, Link, Member, Password, SHORTEST_PASSWORD, SeatId, Weak, Wrong,
};
use crate::text::Language;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{Page, page};
use crate::web::who::Reader;
use crate::web::{Error, Shop, session};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use serde_json::json;

#[derive(Template)]
#[template(path = "admin/door/welcome.html")]
struct WelcomePage {
    page: Page,
    link: Link,
    typed_name: String,
    shortest: usize,
    wrongs: Wrongs,
}

impl WelcomePage {
    fn is(&self, kind: &str) -> bool {
        kind == match self.link.kind {
            Kind::First => "first",
            Kind::Invitation => "invitation",
            Kind::Reset => "reset",
        }
    }
}

fn dead() -> Error {
    Error::Refused(StatusCode::GONE, "error-link")
}

/// `GET /admin/welcome/{link}`
pub async fn show(
    link: Path<String>,
    spoken: Query<Spoken>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let found = staff::find_link(&mut *shop.db.reader().await?, &link, shop.clock.now()).await?;
    let frame = frame(&shop, &reader, spoken.language().unwrap_or_default()).await;
    again(StatusCode::OK, frame, found.ok_or_else(dead)?, String::new(), Wrongs::default())
}

/// `POST /admin/welcome/{link}`
pub async fn accept(
    link: Path<String>,
    fields: Fields,
    caller: Caller,
    (session, reader): (Session, Reader),
    shop: Data<Shop>,
) -> Result<HttpResponse, Error> {
    let found = staff::find_link(&mut *shop.db.reader().await?, &link, shop.clock.now()).await?;
    let found = found.ok_or_else(dead)?;
    let spoken = Language::of_code(&fields.text("lang"));
    let frame = frame(&shop, &reader, spoken).await;
    let typed = fields.text("name");
    let mut wrongs = Wrongs::default();
    let chosen = choice(&frame, &found, &typed, fields.text("password"), &mut wrongs);
    let Some((name, password)) = chosen else {
        return again(StatusCode::UNPROCESSABLE_ENTITY, frame, found, typed, wrongs);
    };
    let (name, hashed) = (name, password.hash().await?);
    match take(&shop, &caller, &link, (&name, spoken), &hashed).await? {
        Ok((seat, member)) => {
            session::begin_staff(&session, seat)?;
            welcome_in(&shop, &caller, &member)
        }
        Err(Wrong::Link) => Err(dead()),
        Err(Wrong::Name | Wrong::NameTaken) => {
            wrongs.add("name", frame.say("wrong-name-taken"));
            again(StatusCode::UNPROCESSABLE_ENTITY, frame, found, typed, wrongs)
        }
    }
}

/// Name and password when both will do. A member who begins anew keeps her name.
fn choice(
    frame: &Page,
    link: &Link,
    typed: &str,
    password: String,
    wrongs: &mut Wrongs,
) -> Option<(String, Password)> {
    let name = match &link.member {
        Some(member) => Some(member.name.clone()),
        None => staff::name(typed).ok(),
    };
    if name.is_none() {
        wrongs.add("name", frame.say("wrong-name"));
    }
    let names =
        [frame.shop_name.zh.as_str(), frame.shop_name.en.as_str(), name.as_deref().unwrap_or_default()];
    let password = Password::choose(password, &names);
    let password = password.map_err(|weak| wrongs.add("password", weakness(frame, weak))).ok();
    name.zip(password)
}

/// Why a password will not do.
pub fn weakness(frame: &Page, weak: Weak) -> String {
    match weak {
        Weak::Length => frame.say_with("wrong-password", "least", SHORTEST_PASSWORD),
        Weak::Common => frame.say("wrong-password-common"),
        Weak::Name => frame.say("wrong-password-name"),
    }
}

/// Uses the link up, and lets whoever has it in.
async fn take(
    shop: &Shop,
    caller: &Caller,
    link: &str,
    (name, spoken): (&str, Language),
    hashed: &Hashed,
) -> Result<Result<(SeatId, Member), Wrong>, Error> {
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let accepted = staff::accept(&mut tx, link, name, hashed, spoken, now).await?;
    let (kind, member) = match accepted {
        Ok(accepted) => accepted,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let (subject, role) = (member.subject(), member.role.name());
    let change = match kind {
        Kind::Reset => Change { action: "begin-anew", subject: &subject, before: None, after: None },
        Kind::First | Kind::Invitation => Change {
            action: "join",
            subject: &subject,
            before: None,
            after: Some(json!({ "name": member.name, "role": role })),
        },
    };
    audit::record(&mut tx, &member, change, now).await?;
    let seat = staff::sit(&mut tx, &member, caller, true, now).await?;
    tx.commit().await?;
    Ok(Ok((seat, member)))
}

fn again(
    status: StatusCode,
    frame: Page,
    link: Link,
    typed_name: String,
    wrongs: Wrongs,
) -> Result<HttpResponse, Error> {
    page(status, &WelcomePage { page: frame, link, typed_name, shortest: SHORTEST_PASSWORD, wrongs })
}
