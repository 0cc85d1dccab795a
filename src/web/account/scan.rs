//! The desktop's side of signing in by scanning: it shows a code, looks how that stands, and takes its sign-in once.

use super::oauth::own;
use super::{asked, enter, signed_in};
use crate::customers::scans::{self, Standing};
use crate::web::caller::browser;
use crate::web::page::{Markup, Page, page, see_other};
use crate::web::shop::qr::qr;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "account/scan.html")]
struct ScanPage {
    page: Page,
    scan: Uuid,
    /// What a phone reads; nothing once it is over.
    qr: Markup,
    standing: Standing,
    /// Signs in on this very machine.
    here: String,
    /// A new code.
    anew: String,
}

impl ScanPage {
    fn is_waiting(&self) -> bool {
        self.standing == Standing::Waiting
    }
}

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
    scan: Option<Uuid>,
}

/// `GET /sign-in?next=`: begins a scan, then shows it at `?scan=`, where it ends as well. Who has signed in, and let
/// the shop act for her, is led on; phones need not scan themselves.
pub async fn show(
    wanted: Query<Wanted>,
    session: Session,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let (Wanted { next, scan }, reader) = (wanted.into_inner(), Reader::of(&request, &shop));
    let (next, now) = (own(next), shop.clock.now());
    shop.weibo().await?;
    if reader.route != Route::Desktop {
        return Ok(see_other(&format!("/oauth/weibo?{}", asked("next", &next))));
    }
    if signed_in(&shop, &session, now).await?.is_some() {
        return Ok(see_other(&next));
    }
    let frame = Page::new(&shop, &reader).await;
    let visitor = Visitor::of(&session).remember(&session)?;
    let Some(id) = scan else {
        let (mut conn, asks) = (shop.db.reader().await?, (visitor, browser(&request)));
        let id = scans::begin(&mut conn, &shop.keys, asks, next.clone(), now).await?;
        return Ok(see_other(&frame.to(&format!("/sign-in?scan={id}&{}", asked("next", &next)))));
    };
    if let Some(next) = take(&shop, &session, (id, visitor), now).await? {
        return Ok(see_other(&next));
    }
    let standing = scans::standing(&mut *shop.db.reader().await?, id, visitor, now).await?;
    draw(&shop, frame, (id, standing.unwrap_or(Standing::Expired)), &asked("next", &next))
}

/// The sign-in to which the phone has said yes, once.
async fn take(
    shop: &Shop,
    session: &Session,
    (scan, visitor): (Uuid, Uuid),
    now: OffsetDateTime,
) -> Result<Option<String>, Error> {
    let mut tx = shop.db.begin().await?;
    let Some((entered, next)) = scans::take(&mut tx, scan, visitor, now).await? else { return Ok(None) };
    enter::begin_by(tx, session, entered, now).await?;
    Ok(Some(next))
}

fn draw(
    shop: &Shop,
    frame: Page,
    (scan, standing): (Uuid, Standing),
    next: &str,
) -> Result<HttpResponse, Error> {
    let code = scans::code(&shop.keys, scan);
    let read = shop.settings.absolute(&frame.to(&format!("/sign-in/{code}")));
    let qr = if standing == Standing::Waiting { qr(&read)? } else { Markup::default() };
    let (here, anew) = (format!("/oauth/weibo?{next}"), frame.to(&format!("/sign-in?{next}")));
    page(StatusCode::OK, &ScanPage { page: frame, scan, qr, standing, here, anew })
}

#[derive(Deserialize)]
pub struct Asked {
    scan: Uuid,
}

/// `GET /sign-in/state?scan=`: for the script of the page that shows the code, in the browser that asked for it.
pub async fn state(asked: Query<Asked>, session: Session, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let visitor = Visitor::of(&session).id.ok_or(Error::NotFound)?;
    let mut conn = shop.db.reader().await?;
    let standing = scans::standing(&mut conn, asked.scan, visitor, shop.clock.now()).await?;
    let standing = standing.ok_or(Error::NotFound)?;
    Ok(HttpResponse::Ok().json(json!({ "state": standing.name() })))
}
