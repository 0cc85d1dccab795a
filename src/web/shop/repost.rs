//! Telling one's followers, after a purchase.

use super::order::{Draft, Failed, Opened, Seen, draw, find, status_of};
use crate::customers;
use crate::sharing::{self, RepostError, Wish};
use crate::web::form::Fields;
use crate::web::page::{Page, see_other};
use crate::web::session;
use crate::web::who::{Access, Reader, client_ip};
use crate::web::{Error, Shop};
use crate::weibo::statuses::{self, Trouble};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

/// Several times what a status may hold.
const LONGEST_DRAFT: usize = 1000;

/// `POST /orders/{number}/repost`
pub async fn create(
    number: Path<String>,
    opened: Query<Opened>,
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let reader = Reader::of(&request, &shop);
    let frame = Page::new(&shop, &reader).await;
    let seen = find(&shop, &number, opened.into_inner(), &session).await?;
    let (Access::Owner, Some(customer)) = (seen.access, seen.visitor.customer) else {
        return Err(Error::Refused(StatusCode::FORBIDDEN, "error-sign-in"));
    };
    let mut conn = shop.db.reader().await?;
    let now = shop.clock.now();
    let Some(held) = customers::token(&mut conn, customer, &shop.keys, now).await? else {
        let failed = sign_in_again(&frame, &session, &seen, fields.text("text"))?;
        return draw(StatusCode::CONFLICT, &shop, frame, seen, Some(failed)).await;
    };
    let status_id = status_of(&mut conn, &seen.order).await?;
    drop(conn);
    let text = match spoken(&fields.text("text"), status_id.is_some()) {
        Ok(text) => text,
        Err(key) => {
            let failed = Failed { why: frame.say(key), text: fields.text("text"), sign_in: false };
            return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, seen, Some(failed)).await;
        }
    };
    let ip = client_ip(&request, shop.settings.trusted_proxies);
    let wish = Wish { customer, token: &held.secret, text: &text, status_id, ip };
    match sharing::repost(&shop.db, &shop.weibo().await?, &seen.order, &wish, now).await {
        Ok(()) | Err(RepostError::Already | RepostError::Unknown) => {
            session.remove(session::DRAFT);
            Ok(see_other(&frame.to(&seen.path(&shop))))
        }
        Err(RepostError::NotPaid) => Err(Error::Refused(StatusCode::CONFLICT, "error-not-paid")),
        Err(RepostError::Refused(Trouble::SignInAgain)) => {
            customers::forget_token(&shop.db, customer, &held).await?;
            let failed = sign_in_again(&frame, &session, &seen, text)?;
            draw(StatusCode::CONFLICT, &shop, frame, seen, Some(failed)).await
        }
        Err(RepostError::Refused(trouble)) => {
            let failed = Failed { why: frame.say(words_for(trouble)), text, sign_in: false };
            draw(StatusCode::CONFLICT, &shop, frame, seen, Some(failed)).await
        }
        Err(RepostError::Unexpected(error)) => Err(error.into()),
    }
}

/// Only signing in again helps: what she has typed waits in her session until she is back.
fn sign_in_again(frame: &Page, session: &Session, seen: &Seen, text: String) -> Result<Failed, Error> {
    let typed = text.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_DRAFT).collect();
    session::put(session, session::DRAFT, Draft { order: seen.order.number.to_string(), text: typed })?;
    Ok(Failed { why: frame.say("repost-sign-in-again"), text, sign_in: true })
}

/// What may be posted, or the key of what is wrong with it. A repost needs no address in its text; a share
/// does (oauth-and-statuses.md §3.2).
fn spoken(text: &str, is_repost: bool) -> Result<String, &'static str> {
    let text = customers::paragraph(text, 1000).map_err(|_| "repost-unprintable")?;
    if text.is_empty() {
        return Err("repost-empty");
    }
    let fits = if is_repost { statuses::check_repost(&text) } else { statuses::check_share(&text) };
    fits.map_err(|_| if is_repost { "repost-too-long" } else { "repost-share-rules" })?;
    Ok(text)
}

fn words_for(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::SignInAgain => "repost-sign-in-again",
        Trouble::NotAllowed => "repost-not-allowed",
        Trouble::TooOften => "repost-too-often",
        Trouble::Repeated => "repost-repeated",
        Trouble::TooLong => "repost-too-long",
        Trouble::StatusGone => "repost-gone",
        Trouble::Other => "repost-other",
    }
}
