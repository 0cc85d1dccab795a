//! Telling one's followers, after a purchase.

use super::order::{Draft, Opened, Seen, draw, find};
use super::telling::{Failed, original};
use crate::coupons::CouponId;
use crate::customers::{self, CustomerId};
use crate::sharing::gifts::{GiftId, Yes};
use crate::sharing::{self, RepostError, Wish};
use crate::web::form::Fields;
use crate::web::page::{Page, see_other};
use crate::web::session;
use crate::web::who::{Access, Reader, client_ip};
use crate::web::{Error, Shop};
use crate::weibo::statuses::{self, TextFault, Trouble};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};

/// Several times what a status may hold.
const LONGEST_DRAFT: usize = 1000;

/// Why a press came to nothing.
enum Stopped {
    /// By us, before Weibo was asked: the key of why.
    Wrong(&'static str),
    /// The shop may not act for her any more.
    SignIn,
    By(RepostError),
    Page(Error),
}

impl<E: Into<Error>> From<E> for Stopped {
    fn from(error: E) -> Stopped {
        Stopped::Page(error.into())
    }
}

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
    let Err(stopped) = tell(&shop, &seen, customer, &fields, &request).await else {
        session.remove(session::DRAFT);
        return Ok(see_other(&frame.to(&seen.path(&shop))));
    };
    let sign_in = matches!(stopped, Stopped::SignIn);
    let (status, key) = match stopped {
        Stopped::Wrong(key) => (StatusCode::UNPROCESSABLE_ENTITY, key),
        Stopped::SignIn => (StatusCode::CONFLICT, "repost-sign-in-again"),
        Stopped::By(RepostError::NotPaid) => {
            return Err(Error::Refused(StatusCode::CONFLICT, "error-not-paid"));
        }
        Stopped::By(RepostError::Unexpected(error)) => return Err(error.into()),
        Stopped::Page(error) => return Err(error),
        Stopped::By(error) => (StatusCode::CONFLICT, words_for(&error)),
    };
    let text = fields.text("text");
    if sign_in {
        keep(&session, &seen, &text)?;
    }
    let failed = Failed { why: frame.say(key), text, sign_in };
    draw(status, &shop, frame, seen, Some(failed)).await
}

/// Ends well where it stands, or may stand: the order's page tells which.
async fn tell(
    shop: &Shop,
    seen: &Seen,
    customer: CustomerId,
    fields: &Fields,
    request: &HttpRequest,
) -> Result<(), Stopped> {
    let mut conn = shop.db.reader().await?;
    let now = shop.clock.now();
    let held = customers::token(&mut conn, customer, &shop.keys, now).await?;
    let Some(held) = held else { return Err(Stopped::SignIn) };
    let status_id = original(&mut conn, &seen.order).await?.map(|original| original.status_id);
    drop(conn);
    let text = spoken(&fields.text("text"), status_id.is_some()).map_err(Stopped::Wrong)?;
    let ip = client_ip(request, shop.settings.trusted_proxies);
    let gift = match fields.text("gift").as_str() {
        "" => None,
        ticked => Some(yes(ticked).ok_or(Stopped::By(RepostError::NoGift))?),
    };
    let weibo = shop.weibo().await?;
    let wish = Wish { customer, token: &held.secret, text: &text, status_id, ip, gift };
    match sharing::repost(&shop.db, &weibo, &seen.order, &wish, now).await {
        Ok(()) | Err(RepostError::Already | RepostError::Unknown) => Ok(()),
        Err(RepostError::Refused(Trouble::SignInAgain)) => {
            customers::forget_token(&shop.db, customer, &held).await?;
            Err(Stopped::SignIn)
        }
        Err(error) => Err(Stopped::By(error)),
    }
}

/// What she ticked, as the page has written it: `campaign.coupon`.
fn yes(ticked: &str) -> Option<Yes> {
    let (gift, coupon) = ticked.split_once('.')?;
    Some(Yes { gift: GiftId(gift.parse().ok()?), coupon: CouponId(coupon.parse().ok()?) })
}

/// Only signing in again helps: what she has typed waits in her session until she is back.
fn keep(session: &Session, seen: &Seen, text: &str) -> Result<(), Error> {
    let typed = text.chars().filter(|c| !c.is_control() || *c == '\n').take(LONGEST_DRAFT).collect();
    session::put(session, session::DRAFT, Draft { order: seen.order.number.to_string(), text: typed })
}

/// What may be posted, or the key of what is wrong with it. A repost needs no address in its text; a share
/// does (oauth-and-statuses.md §3.2).
fn spoken(text: &str, is_repost: bool) -> Result<String, &'static str> {
    let text = customers::paragraph(text, 1000).map_err(|_| "repost-unprintable")?;
    if text.is_empty() {
        return Err("repost-empty");
    }
    let fits = if is_repost { statuses::check_repost(&text) } else { statuses::check_share(&text) };
    match fits {
        Ok(()) => Ok(text),
        Err(TextFault::Empty) => Err("repost-empty"),
        Err(TextFault::TooLong) => Err("repost-too-long"),
        Err(TextFault::Topic) => Err("repost-topic"),
        Err(TextFault::NoAddress) => Err("repost-no-address"),
    }
}

fn words_for(error: &RepostError) -> &'static str {
    match error {
        RepostError::Refused(trouble) => words_for_trouble(*trouble),
        RepostError::Unreached => "repost-unreached",
        RepostError::Unasked => "repost-unasked",
        RepostError::NotThere => "repost-not-there",
        RepostError::NoGift => "repost-no-gift",
        RepostError::Already | RepostError::Unknown => "repost-unknown",
        RepostError::NotPaid | RepostError::Unexpected(_) => "repost-other",
    }
}

fn words_for_trouble(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::SignInAgain => "repost-sign-in-again",
        Trouble::NotAllowed => "repost-not-allowed",
        Trouble::TooOften => "repost-too-often",
        Trouble::Repeated => "repost-repeated",
        Trouble::TooLong => "repost-too-long",
        Trouble::StatusGone => "repost-gone",
        Trouble::ProveYourself => "repost-prove",
        Trouble::Other => "repost-other",
    }
}
