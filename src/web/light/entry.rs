//! Weibo's frame says who looks: by a POST on a desktop, where no cookie arrives, and in the client's own web view,
//! where a session begins. What it signed is believed once, and only when Weibo says the same of the token in it.

use super::pages::{self, Shown};
use crate::customers::{self, is_own_path};
use crate::web::account::enter;
use crate::web::form::{Fields, body};
use crate::web::page::see_other;
use crate::web::visit::{self, Visit};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use crate::weibo::signed_request::{AHEAD, Known, Rejected, Viewer};
use crate::weibo::users::User;
use crate::weibo::{self, CallError};
use actix_web::http::StatusCode;
use actix_web::http::header::HeaderName;
use actix_web::web::{Data, Payload, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use time::Duration;

/// A signed request is shorter, and Weibo sends little beside it.
const LARGEST: usize = 16 * 1024;
/// What was taken once is kept in mind for so long beyond its life: clocks differ.
const MARGIN: Duration = Duration::hours(1);

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

/// `POST /light`
pub async fn post(
    payload: Payload,
    wanted: Query<Wanted>,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let fields = Fields::parse(&body(payload.into_inner(), LARGEST).await?);
    let signed = fields.text("signed_request");
    come(&shop, reader, &request, &signed, wanted.into_inner().next.as_deref()).await
}

/// She comes with a signed request; `next` is the page meant.
pub async fn come(
    shop: &Shop,
    reader: Reader,
    request: &HttpRequest,
    signed: &str,
    next: Option<&str>,
) -> Result<HttpResponse, Error> {
    let light = shop.settings.light.as_ref().ok_or(Error::NotFound)?;
    let (weibo, now) = (shop.weibo().await?, shop.clock.now());
    let read = weibo.read_signed_request(signed, now, light.age).map_err(|why| refused(&why))?;
    let next = next.filter(|next| is_own_path(next));
    let as_a_visitor = || Ok(see_other(&Shown::of(next).path()));
    let Viewer::Known(known) = read.viewer else { return as_a_visitor() };
    if !customers::take_once(&shop.db, &read.mark, now + light.age + AHEAD + MARGIN).await? {
        tracing::info!("a signed request came again");
        return as_a_visitor();
    }
    let Some(user) = ask(&weibo, &known).await? else { return as_a_visitor() };
    let who = enter::keep(shop, (&known.token, known.expires_in), &user).await?;
    if is_framed(request, &reader) {
        let visit = Visit::begin(shop, request, who, &user.screen_name)?;
        return match pages::draw(shop, &reader, Shown::of(next), Some(visit.clone())).await {
            // The page meant is not there any more; she is known all the same.
            Err(Error::NotFound) => pages::draw(shop, &reader, Shown::Home, Some(visit)).await,
            drawn => drawn,
        };
    }
    let token = visit::hand_over(shop, request, who)?;
    let next: String = form_urlencoded::byte_serialize(next.unwrap_or(super::ENTRY).as_bytes()).collect();
    Ok(see_other(&format!("{}?entry={token}&next={next}", super::ENTRY)))
}

/// Who she is, as Weibo says it of her token; nothing when Weibo cannot say it now.
async fn ask(weibo: &weibo::Client, known: &Known) -> Result<Option<User>, Error> {
    let other = || Error::Refused(StatusCode::FORBIDDEN, "error-light-other");
    let found = match weibo.token_owner(&known.token).await {
        // The token of somebody else would act in her name.
        Ok(owner) if owner.uid != known.uid => return Err(other()),
        Ok(owner) => weibo.show_user(&known.token, owner.uid).await,
        Err(CallError::Refused { code, .. }) if weibo::oauth::is_not_ours(&code) => {
            tracing::info!(code, "Weibo refused the token of a signed request");
            return Err(other());
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(user) => Ok(Some(user)),
        Err(error) => {
            tracing::warn!(%error, "Weibo does not say who looks");
            Ok(None)
        }
    }
}

fn refused(why: &Rejected) -> Error {
    tracing::info!(%why, "a signed request was refused");
    match why {
        Rejected::Stale => Error::Refused(StatusCode::BAD_REQUEST, "error-light-stale"),
        Rejected::Malformed | Rejected::Forged | Rejected::OtherAlgorithm => {
            Error::Refused(StatusCode::BAD_REQUEST, "error-light-forged")
        }
    }
}

/// Weibo frames it on desktops only; phones open it as a page of its own, which the drawn phone does in a frame.
fn is_framed(request: &HttpRequest, reader: &Reader) -> bool {
    let whole =
        request.headers().get(HeaderName::from_static("sec-fetch-dest")).is_some_and(|d| d == "document");
    reader.route == Route::Desktop && !whole
}
