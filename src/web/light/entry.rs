//! Weibo's frame says who looks: by a POST on a desktop, where no cookie arrives, and in the client's own web view,
//! where a session begins. What it signed is believed once, and only when Weibo says the same of the token in it.

use super::framer;
use super::pages::{self, Shown};
use crate::customers::{self, Way, is_own_path};
use crate::web::account::{asked, enter};
use crate::web::form::{Fields, body};
use crate::web::page::see_other;
use crate::web::visit::{self, Visit};
use crate::web::who::{Reader, Visitor};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use crate::weibo::oauth::Owner;
use crate::weibo::signed_request::{AHEAD, Known, Rejected, Viewer};
use crate::weibo::users::User;
use crate::weibo::{self, CallError};
use actix_session::Session;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
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
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let fields = Fields::parse(&body(payload.into_inner(), LARGEST).await?);
    let signed = fields.text("signed_request");
    come(&shop, &session, reader, &request, &signed, wanted.into_inner().next.as_deref()).await
}

/// She comes with a signed request; `next` is the page meant.
pub async fn come(
    shop: &Shop,
    session: &Session,
    reader: Reader,
    request: &HttpRequest,
    signed: &str,
    next: Option<&str>,
) -> Result<HttpResponse, Error> {
    let light = shop.settings.light.as_ref().ok_or(Error::NotFound)?;
    let next = next.filter(|next| is_own_path(next));
    let reader = reader.meaning(next);
    let as_a_visitor = || Ok(see_other(&Words(reader.language).path(&Shown::of(next).path())));
    if !framer::is_trusted(request, shop, light) {
        tracing::info!("a stranger's page handed over a signed request");
        return as_a_visitor();
    }
    let (weibo, now) = (shop.weibo().await?, shop.clock.now());
    let read = weibo.read_signed_request(signed, now, light.age).map_err(|why| refused(&why))?;
    let Viewer::Known(known) = read.viewer else { return as_a_visitor() };
    if !customers::take_once(&shop.db, &read.mark, now + light.age + AHEAD + MARGIN).await? {
        tracing::info!("a signed request came again");
        return as_a_visitor();
    }
    let Some((owner, user)) = ask(&weibo, &known).await? else { return as_a_visitor() };
    let token = (&known.token, owner.lives(known.expires_in));
    let who = enter::sign_in(shop, token, &user, Way::Frame).await?;
    // An address can be passed on: what stands in one begins no session.
    if request.method() == Method::GET || is_framed(request, &reader) {
        let visit = Visit::begin(shop, request, who, &user.screen_name)?;
        return welcome(shop, session, &reader, next, visit).await;
    }
    let (token, nonce) = visit::hand_over(shop, request, who)?;
    let entry = Words(reader.language).path(super::ENTRY);
    let mut answer = see_other(&format!("{entry}?entry={token}&{}", asked("next", next.unwrap_or_default())));
    answer.add_cookie(&nonce).map_err(anyhow::Error::from)?;
    Ok(answer)
}

/// She comes from there with a token. Her session begins in the browser that Weibo's page posted with; one that keeps
/// no cookie knows her by a visit. Whoever has signed in before stays who she is.
pub async fn go_on(
    shop: &Shop,
    session: &Session,
    reader: Reader,
    request: &HttpRequest,
    token: &str,
    next: Option<&str>,
) -> Result<HttpResponse, Error> {
    let light = shop.settings.light.as_ref().ok_or(Error::NotFound)?;
    let next = next.filter(|next| is_own_path(next));
    let reader = reader.meaning(next);
    if let Some(handed) = visit::taken_over(shop, request, token).await?
        && Visitor::of(session).customer.is_none()
    {
        if handed.is_hers {
            enter::begin(shop, session, handed.who).await?;
        } else if framer::is_trusted(request, shop, light) {
            return welcome(shop, session, &reader, next, handed.visit).await;
        }
    }
    let entry = Words(reader.language).path(super::ENTRY);
    Ok(see_other(next.unwrap_or(&entry)))
}

/// The page meant, for whom the visit names; where it is not there any more, the window: she is known all the same.
async fn welcome(
    shop: &Shop,
    session: &Session,
    reader: &Reader,
    next: Option<&str>,
    visit: Visit,
) -> Result<HttpResponse, Error> {
    match pages::show(shop, session, reader, Shown::of(next), Some(visit.clone())).await {
        Err(Error::NotFound) => pages::show(shop, session, reader, Shown::Home, Some(visit)).await,
        shown => shown,
    }
}

/// Who she is, as Weibo says it of her token; nothing when Weibo cannot say it now.
async fn ask(weibo: &weibo::Client, known: &Known) -> Result<Option<(Owner, User)>, Error> {
    let other = || Error::Refused(StatusCode::FORBIDDEN, "error-light-other");
    let found = match weibo.token_owner(&known.token).await {
        // The token of somebody else would act in her name.
        Ok(owner) if owner.uid != known.uid => return Err(other()),
        Ok(owner) => weibo.show_user(&known.token, owner.uid).await.map(|user| (owner, user)),
        Err(CallError::Refused { code, .. }) if weibo::oauth::is_not_ours(&code) => {
            tracing::info!(code, "Weibo refused the token of a signed request");
            return Err(other());
        }
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => Ok(Some(found)),
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

/// As the browser says it itself. Where it does not: Weibo frames it on desktops, and phones open it as a page of its
/// own.
fn is_framed(request: &HttpRequest, reader: &Reader) -> bool {
    let shown = request.headers().get(HeaderName::from_static("sec-fetch-dest"));
    match shown.map(HeaderValue::as_bytes) {
        Some(b"iframe" | b"frame") => true,
        Some(b"document") => false,
        _ => reader.route == Route::Desktop,
    }
}
