//! Who came, where no cookie can say it: a token that travels in the addresses and forms of the shop's own pages. It
//! names a customer for half an hour, to one kind of browser, and only on the way from a page of ours to the next.

use super::Shop;
use super::error::Error;
use super::finish::is_our_origin;
use super::sender::Sender;
use crate::customers::{self, CustomerId, Entered};
use crate::seal::{fingerprint, token as random_token};
use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::USER_AGENT;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use time::{Duration, OffsetDateTime};

const VISIT: &str = "visit";
const LIVES: Duration = Duration::minutes(30);
/// Between an answer and the request that follows it.
const HANDED_OVER: &str = "handed over";
const AT_ONCE: Duration = Duration::minutes(1);
/// Ours have some 80 letters, and those with a fingerprint 140.
const LONGEST: usize = 200;

/// Somebody whom a token names.
#[derive(Debug, Clone)]
pub struct Visit {
    pub customer: CustomerId,
    pub name: String,
    pub token: String,
}

impl Visit {
    /// Begins: she is known from Weibo.
    pub fn begin(shop: &Shop, request: &HttpRequest, who: Entered, name: &str) -> Result<Visit, Error> {
        let named = Named { who, until: shop.clock.now() + LIVES, nonce: String::new() };
        let token = sealed(shop, request, VISIT, &named)?;
        Ok(Visit { customer: who.customer, name: name.to_owned(), token })
    }

    /// Whom the token names, when it came here from a page of ours.
    pub async fn find(
        shop: &Shop,
        request: &HttpRequest,
        token: Option<&str>,
    ) -> Result<Option<Visit>, Error> {
        let Some(token) = token.filter(|_| is_from_our_page(request, shop)) else { return Ok(None) };
        let Some(Named { who, .. }) = opened(shop, request, VISIT, token) else { return Ok(None) };
        let found = customers::find_entered(&mut *shop.db.reader().await?, who).await?;
        Ok(found.map(|known| Visit { customer: known.id, name: known.screen_name, token: token.to_owned() }))
    }
}

/// Somebody who comes from Weibo's page to the page meant.
#[derive(Debug)]
pub struct HandedOver {
    pub who: Entered,
    /// For a browser that keeps no cookie.
    pub visit: Visit,
    /// Whether the browser that Weibo's page posted with shows the token, not somebody who was given the address.
    pub is_hers: bool,
}

/// A token with which the very next request begins her session, for one that Weibo's page posts brings no cookie and
/// would end what the browser had before; and the cookie by which that request is the same browser's.
pub fn hand_over(
    shop: &Shop,
    request: &HttpRequest,
    who: Entered,
) -> Result<(String, Cookie<'static>), Error> {
    let nonce = random_token();
    let named =
        Named { who, until: shop.clock.now() + AT_ONCE, nonce: BASE64URL_NOPAD.encode(&fingerprint(&nonce)) };
    let cookie = Cookie::build(nonce_name(shop), nonce)
        .path("/")
        .secure(shop.settings.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(AT_ONCE)
        .finish();
    Ok((sealed(shop, request, HANDED_OVER, &named)?, cookie))
}

/// Who comes: the first time that the token is shown, unless she has ended all her sessions since.
pub async fn taken_over(
    shop: &Shop,
    request: &HttpRequest,
    token: &str,
) -> Result<Option<HandedOver>, Error> {
    let Some(Named { who, until, nonce }) = opened(shop, request, HANDED_OVER, token) else {
        return Ok(None);
    };
    if !customers::take_once(&shop.db, &fingerprint(token), until).await? {
        return Ok(None);
    }
    let found = customers::find_entered(&mut *shop.db.reader().await?, who).await?;
    let Some(known) = found else { return Ok(None) };
    let shown = request.cookie(nonce_name(shop));
    let is_hers = shown.is_some_and(|shown| BASE64URL_NOPAD.encode(&fingerprint(shown.value())) == nonce);
    Ok(Some(HandedOver { who, visit: Visit::begin(shop, request, who, &known.screen_name)?, is_hers }))
}

fn nonce_name(shop: &Shop) -> &'static str {
    if shop.settings.is_https() { "__Host-weipu-entry" } else { "weipu-entry" }
}

/// What a token says.
struct Named {
    who: Entered,
    until: OffsetDateTime,
    /// The fingerprint of the cookie that belongs to it; empty where none does.
    nonce: String,
}

fn sealed(shop: &Shop, request: &HttpRequest, purpose: &str, named: &Named) -> Result<String, Error> {
    let Named { who, until, nonce } = named;
    let plain = format!("{} {} {} {nonce}", who.customer.0, who.round, until.unix_timestamp());
    let sealed = shop.keys.seal(&bound(request, purpose), plain.as_bytes())?;
    Ok(BASE64URL_NOPAD.encode(&sealed))
}

fn opened(shop: &Shop, request: &HttpRequest, purpose: &str, token: &str) -> Option<Named> {
    let sealed = BASE64URL_NOPAD.decode(token.as_bytes()).ok().filter(|_| token.len() <= LONGEST)?;
    let plain = String::from_utf8(shop.keys.open(&bound(request, purpose), &sealed)?).ok()?;
    let mut parts = plain.splitn(4, ' ');
    let mut number = || parts.next()?.parse::<i64>().ok();
    let who = Entered { customer: CustomerId(number()?), round: number()?.try_into().ok()? };
    let until = OffsetDateTime::from_unix_timestamp(number()?).ok()?;
    let nonce = parts.next().unwrap_or_default().to_owned();
    (shop.clock.now() < until).then_some(Named { who, until, nonce })
}

/// Opens in the same kind of browser only.
fn bound(request: &HttpRequest, purpose: &str) -> String {
    let agent = request.headers().get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
    format!("{purpose} {}", HEXLOWER.encode(&fingerprint(agent.as_deref().unwrap_or_default())))
}

/// Whether a page of ours leads here. An address that somebody else gives her, on a page or in a message, would name
/// him, and make his what she orders.
fn is_from_our_page(request: &HttpRequest, shop: &Shop) -> bool {
    let sender = Sender::of(request);
    match sender.site {
        Some(site) => site == "same-origin",
        None => sender.page().is_some_and(|from| is_our_origin(from, &shop.settings.public_url)),
    }
}
