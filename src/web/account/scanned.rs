//! The phone's side of signing in by scanning: it sees who asks, and only a press counts.

use super::{sign_in_path, signed_in};
use crate::customers::Customer;
use crate::customers::scans::{self, Scan};
use crate::web::form::Fields;
use crate::web::page::{Page, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use askama::Template;

#[derive(Template)]
#[template(path = "account/scanned.html")]
struct ScannedPage {
    page: Page,
    scan: Scan,
    code: String,
    /// Signed in on this phone, and the shop may act for her.
    who: Option<Customer>,
    sign_in_path: String,
}

impl ScannedPage {
    fn since(&self) -> String {
        shop_time(self.scan.asked_at)
    }
}

fn over() -> Error {
    Error::Refused(StatusCode::GONE, "error-scan-over")
}

/// `GET /sign-in/{code}`
pub async fn show(
    code: Path<String>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (code, now) = (code.into_inner(), shop.clock.now());
    let scan = scans::open(&mut *shop.db.reader().await?, &code, now).await?.ok_or_else(over)?;
    let who = signed_in(&shop, &session, now).await?;
    let frame = Page::new(&shop, &reader).await;
    let sign_in_path = sign_in_path(&frame, &frame.to(&format!("/sign-in/{code}")));
    page(StatusCode::OK, &ScannedPage { page: frame, scan, code, who, sign_in_path })
}

/// `POST /sign-in/{code}`: yes or no, once. Who says no need not be anybody.
pub async fn answer(
    code: Path<String>,
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let now = shop.clock.now();
    let frame = Page::new(&shop, &reader).await;
    let (who, done) = match fields.text("answer").as_str() {
        "yes" => match signed_in(&shop, &session, now).await? {
            Some(who) => (Some(who.id), "there"),
            None => return Err(Error::Refused(StatusCode::FORBIDDEN, "error-not-signed-in")),
        },
        "no" => (None, "not-there"),
        _ => return Err(Error::Refused(StatusCode::BAD_REQUEST, "error-request")),
    };
    if !scans::answer(&mut *shop.db.reader().await?, &code, who, now).await? {
        return Err(over());
    }
    Ok(see_other(&frame.to(&format!("/account?done={done}"))))
}
