//! OAuth: to Weibo's consent page and back (oauth-and-statuses.md §1).

use super::asked;
use super::enter::{enter, refused, told};
use crate::customers::hints::Meant;
use crate::customers::is_own_path;
use crate::customers::{self, Away, CustomerId, Purpose, hints};
use crate::settings;
use crate::web::admin::sharing::speaker;
use crate::web::page::see_other;
use crate::web::session::{self, HINT};
use crate::web::who::{Reader, Visitor, is_english};
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use crate::weibo::oauth::Wish;
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::Deserialize;
use url::Url;

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
    /// Asks with which account, although one may be signed in at Weibo; `hint` goes on by the hint that she followed
    /// with the wrong one.
    another: Option<String>,
}

/// Why somebody goes to Weibo.
#[derive(Default)]
pub struct Journey {
    /// A path of ours.
    pub next: String,
    /// The mark of the hint that she follows.
    pub hint: Option<Vec<u8>>,
    pub another: bool,
}

/// The path that was asked for where it is one of ours; else the home page.
pub fn own(next: Option<String>) -> String {
    next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".into())
}

/// `GET /oauth/weibo?next=/path`
pub async fn begin(
    wanted: Query<Wanted>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let Wanted { next, another } = wanted.into_inner();
    let hint =
        another.as_deref().filter(|another| *another == "hint").and_then(|_| session::get(&session, HINT));
    let journey = Journey { next: own(next), another: another.is_some(), hint };
    leave(&shop, &session, &reader, journey).await
}

/// To Weibo's consent page; the browser is remembered until it comes back.
pub async fn leave(
    shop: &Shop,
    session: &Session,
    reader: &Reader,
    journey: Journey,
) -> Result<HttpResponse, Error> {
    let weibo = shop.weibo().await?;
    let mobile = reader.route != Route::Desktop;
    let english = is_english(&journey.next);
    let visitor = Visitor::of(session).remember(session)?;
    let away = Away { visitor, purpose: Purpose::Enter, next: journey.next, hint: journey.hint };
    let mut conn = shop.db.reader().await?;
    let follow = settings::offers_to_follow(&mut conn).await?;
    let state = customers::leave(&mut conn, &away, shop.clock.now()).await?;
    let wish = Wish { mobile, english, another: journey.another, follow };
    let consent = weibo.authorize_url(&callback(shop)?, &state, wish);
    Ok(HttpResponse::Found().insert_header(("Location", consent.as_str())).finish())
}

#[derive(Deserialize)]
pub struct Answer {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_code: Option<String>,
}

impl Answer {
    /// The code of a refusal that is worth a word: that she said no is her right.
    fn refusal(&self) -> Option<&str> {
        let denied = self.error.as_deref() == Some("access_denied");
        match self.error_code.as_deref() {
            Some("21330") => None,
            Some(code) => Some(code),
            None if denied || self.error.is_none() => None,
            None => Some(""),
        }
    }
}

/// `GET /oauth/weibo/callback`: a state that this very browser left with, once, and in time.
pub async fn end(answer: Query<Answer>, session: Session, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let too_late = || Error::Refused(StatusCode::BAD_REQUEST, "error-oauth-stale");
    let state = answer.state.as_deref().ok_or_else(too_late)?;
    let away = customers::come_back(&mut *shop.db.reader().await?, state, shop.clock.now()).await?;
    let away = away.filter(|away| Visitor::of(&session).id == Some(away.visitor)).ok_or_else(too_late)?;
    let Some(code) = answer.code.as_deref().filter(|code| !code.is_empty()) else {
        return match answer.refusal() {
            Some(code) => Err(refused(digits(code))),
            None => Ok(see_other(&away.next)),
        };
    };
    if away.purpose == Purpose::Speaker {
        return speaker::end(&shop, &session, code).await;
    }
    let weibo = shop.weibo().await?;
    let token = weibo.exchange_code(code, &callback(&shop)?).await.map_err(told)?;
    let customer = enter(&shop, &session, (&token.access_token, token.expires_in)).await?;
    let next = match &away.hint {
        Some(mark) => follow(&shop, &session, (mark, &away.next), customer).await?,
        None => away.next,
    };
    Ok(see_other(&next))
}

/// Where a hint leads somebody who has signed in by it: the page meant when it was meant for her. Another is told, and
/// may open that page like anybody else, or follow the hint with another account.
async fn follow(
    shop: &Shop,
    session: &Session,
    (mark, next): (&[u8], &str),
    customer: CustomerId,
) -> Result<String, Error> {
    session.remove(HINT);
    let mut conn = shop.db.reader().await?;
    let Some(who) = customers::find(&mut conn, customer).await? else { return Ok(next.to_owned()) };
    Ok(match hints::follow(&mut conn, mark, who.weibo_uid, shop.clock.now()).await? {
        Meant::Her(path) => path,
        Meant::Spent => next.to_owned(),
        Meant::Another => {
            session::put(session, HINT, mark)?;
            let page = if is_english(next) { "/en/account" } else { "/account" };
            format!("{page}?{}", asked("meant", next))
        }
    })
}

/// What comes back in an address may be anybody's: only a number goes into the log.
fn digits(code: &str) -> &str {
    let number = code.len() <= 6 && code.bytes().all(|b| b.is_ascii_digit());
    if number { code } else { "" }
}

/// Where Weibo sends everybody back to: the one address that is registered there.
pub fn callback(shop: &Shop) -> Result<Url, Error> {
    let url = shop.settings.public_url.join("/oauth/weibo/callback");
    url.map_err(|error| Error::from(anyhow::Error::from(error)))
}

/// `POST /sign-out`
pub async fn sign_out(session: Session) -> Result<HttpResponse, Error> {
    session.purge();
    Ok(see_other("/"))
}
