//! OAuth: to Weibo's consent page and back (oauth-and-statuses.md §1).

use super::enter::{enter, told};
use crate::web::page::see_other;
use crate::web::session;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::agent::Route;
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use serde::{Deserialize, Serialize};
use time::Duration;
use url::Url;

/// How long somebody may read the consent page.
const PATIENCE: Duration = Duration::minutes(10);

/// What the session remembers while somebody is away at Weibo.
#[derive(Serialize, Deserialize)]
struct Away {
    state: String,
    next: String,
    until: i64,
}

#[derive(Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

/// `GET /oauth/weibo?next=/path`
pub async fn begin(
    wanted: Query<Wanted>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let next = wanted.into_inner().next.filter(|next| is_own_path(next)).unwrap_or_else(|| "/".into());
    let away =
        Away { state: crate::seal::token(), until: (shop.clock.now() + PATIENCE).unix_timestamp(), next };
    session::put(&session, session::OAUTH, &away)?;
    let mobile = reader.route != Route::Desktop;
    let english = away.next == "/en" || away.next.starts_with("/en/");
    let consent = shop.weibo().await?.authorize_url(&callback(&shop)?, &away.state, mobile, english);
    Ok(HttpResponse::Found().insert_header(("Location", consent.as_str())).finish())
}

#[derive(Deserialize)]
pub struct Answer {
    state: Option<String>,
    code: Option<String>,
}

/// `GET /oauth/weibo/callback`: the state of this very session, once, and in time.
pub async fn end(answer: Query<Answer>, session: Session, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let stale = || Error::Refused(StatusCode::BAD_REQUEST, "error-oauth-stale");
    let away: Away = session::get(&session, session::OAUTH).ok_or_else(stale)?;
    session.remove(session::OAUTH);
    let Answer { state, code } = answer.into_inner();
    let now = shop.clock.now();
    if state.as_deref() != Some(away.state.as_str()) || now.unix_timestamp() > away.until {
        return Err(stale());
    }
    // She said no: that is her right, and the way on is the way back.
    let Some(code) = code else { return Ok(see_other(&away.next)) };
    let weibo = shop.weibo().await?;
    let token = weibo.exchange_code(&code, &callback(&shop)?).await.map_err(told)?;
    enter(&shop, &session, (&token.access_token, token.expires_in)).await?;
    Ok(see_other(&away.next))
}

fn callback(shop: &Shop) -> Result<Url, Error> {
    let url = shop.settings.public_url.join("/oauth/weibo/callback");
    url.map_err(|error| Error::from(anyhow::Error::from(error)))
}

/// A path of ours and nothing that a browser reads as another host.
pub(in crate::web) fn is_own_path(next: &str) -> bool {
    next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
        && next.len() < 500
}

/// `POST /sign-out`
pub async fn sign_out(session: Session) -> Result<HttpResponse, Error> {
    session.purge();
    Ok(see_other("/"))
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn nobody_is_led_away_by_next() {
        for own in ["/", "/orders/2611-7KQ4-M2X9?t=abc", "/en/p/tea#x"] {
            assert!(is_own_path(own), "{own}");
        }
        for other in
            ["", "orders", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "/\tx"]
        {
            assert!(!is_own_path(other), "{other}");
        }
    }
}
