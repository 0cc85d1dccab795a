//! `OAuth2` of the open platform: consent, code, token (oauth-and-statuses.md §1).

use super::answer::{
    Error, account_cookie, broken, face, form, page, query, random_text, random_token, see_other, token,
    told, wished_account,
};
use crate::sandbox::clients::Face;
use crate::sandbox::pages::{ConsentPage, MessagePage};
use crate::sandbox::world::tokens::{OAuthError, Token};
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::Params;
use actix_web::http::{Method, StatusCode};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;
use url::{Host, Url};

/// Asks the person whether the application may act for them; a POST with `decision` is the answer.
pub async fn authorize(
    request: HttpRequest,
    body: Bytes,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let params = if request.method() == Method::POST { form(&body)? } else { query(&request)? };
    let back = match asked_back(&sandbox, &params) {
        Ok(back) => back,
        // Never led to an address that is not registered.
        Err(error) => return Err(Error::Refused(format!("{error} ({})", error.code()))),
    };
    if params.get("response_type").is_some_and(|kind| !kind.is_empty() && kind != "code") {
        return Ok(refuse(back, &params, OAuthError::ResponseType));
    }
    let cookie = account_cookie(&request);
    let wished = wished_account(&params, cookie.as_deref());
    match params.get("decision").map(String::as_str) {
        Some("allow") => allow(&sandbox, back, &params, wished),
        Some(_) => Ok(refuse(back, &params, OAuthError::Denied)),
        None if is_silent(&request, &sandbox, &params, wished) => allow(&sandbox, back, &params, wished),
        None => {
            let view = ConsentPage::new(&sandbox.world(), &sandbox.0.settings.seller_id, &params, wished);
            Ok(told(page(StatusCode::OK, &view, &[&back])?, "授权页"))
        }
    }
}

/// In the client nobody is asked twice, unless the application wants it. Elsewhere they always are: there this
/// page is also where the account is chosen.
fn is_silent(request: &HttpRequest, sandbox: &Sandbox, params: &Params, wished: [Option<&str>; 2]) -> bool {
    let value = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let world = sandbox.world();
    let acting = world.acting(wished);
    face(request) == Face::Client
        && value("forcelogin") != "true"
        && acting.is_some_and(|person| world.has_agreed(&person.uid, value("scope")))
}

/// POST only; the parameters may stand in the query too, as the official SDK of PHP sends them.
pub async fn access_token(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    match both(&request, &body).and_then(|params| exchange(&sandbox, &params)) {
        Ok(token) => {
            // Of its whole life: by now a second may be over.
            let lives = token.seconds_left(token.created_at);
            let wrong = sandbox.change(|world, _| world.faults.strikes(Fault::TokenUidWrong));
            let uid = if wrong { &sandbox.0.settings.seller_id } else { &token.uid };
            HttpResponse::Ok().json(json!({
                "access_token": token.text, "expires_in": lives, "remind_in": lives.to_string(), "uid": uid,
            }))
        }
        Err(error) => refusal(error, request.path()),
    }
}

fn exchange(sandbox: &Sandbox, params: &Params) -> Result<Token, OAuthError> {
    let value = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let settings = &sandbox.0.settings;
    if value("client_id") != settings.app_key || value("client_secret") != settings.app_secret {
        return Err(OAuthError::Client);
    }
    if value("grant_type") != "authorization_code" {
        return Err(OAuthError::GrantType);
    }
    let (code, back) = (value("code"), value("redirect_uri"));
    sandbox.change(|world, now| world.exchange(code, back, random_token(), now))
}

pub async fn token_info(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    if sandbox.change(|world, _| world.faults.strikes(Fault::TokenInfoLost)) {
        return broken();
    }
    let (world, now) = (sandbox.world(), sandbox.now());
    let known = both(&request, &body).and_then(|params| world.token(&token(&request, &params)));
    match known {
        Ok(token) => HttpResponse::Ok().json(json!({
            "uid": token.uid.parse::<u64>().unwrap_or(0),
            "appkey": token.app.as_ref().unwrap_or(&sandbox.0.settings.app_key),
            "scope": token.scope,
            "create_at": token.created_at.unix_timestamp(),
            "expire_in": token.seconds_left(now),
        })),
        Err(error) => refusal(error, request.path()),
    }
}

pub async fn revoke(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let revoked = both(&request, &body).and_then(|params| {
        let token = token(&request, &params);
        sandbox.change(|world, _| world.revoke(&token))
    });
    match revoked {
        Ok(()) => HttpResponse::Ok().json(json!({ "result": "true" })),
        Err(error) => refusal(error, request.path()),
    }
}

/// The parameters of query and body.
fn both(request: &HttpRequest, body: &[u8]) -> Result<Params, OAuthError> {
    let mut params = query(request).map_err(|_| OAuthError::Request)?;
    params.extend(form(body).map_err(|_| OAuthError::Request)?);
    Ok(params)
}

/// `redirect_uri`, when it is under the registered address and the application is the known one.
fn asked_back(sandbox: &Sandbox, params: &Params) -> Result<Url, OAuthError> {
    if params.get("client_id") != Some(&sandbox.0.settings.app_key) {
        return Err(OAuthError::Client);
    }
    let asked = params.get("redirect_uri").and_then(|text| Url::parse(text).ok());
    let asked = asked.ok_or(OAuthError::RedirectUri)?;
    let registered = match &sandbox.0.settings.shop_url {
        Some(shop) => asked.origin() == shop.origin() && asked.path().starts_with(shop.path()),
        // Without a registered address, whatever runs on this machine.
        None => match asked.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        },
    };
    if registered { Ok(asked) } else { Err(OAuthError::RedirectUri) }
}

fn allow(
    sandbox: &Sandbox,
    mut back: Url,
    params: &Params,
    wished: [Option<&str>; 2],
) -> Result<HttpResponse, Error> {
    let code = random_text();
    let seller = &sandbox.0.settings.seller_id;
    let in_site = params.get("display").is_some_and(|display| display == "apponweibo");
    let noted = sandbox.change(|world, now| {
        let Some(uid) = world.acting(wished).map(|person| person.uid.clone()) else { return Ok(()) };
        let scope = params.get("scope").map(String::as_str).unwrap_or_default();
        if world.faults.strikes(Fault::TooManyUsers) {
            return Err(OAuthError::TooManyUsers);
        }
        if in_site {
            world.agree(&uid, scope)?;
        } else {
            world.consent(&code, &uid, scope, back.clone(), now)?;
        }
        if params.contains_key("follow") {
            world.follow(&uid, seller);
        }
        Ok(())
    });
    if let Err(error) = noted {
        return Ok(refuse(back, params, error));
    }
    if in_site {
        // §1.1: it gives no code; the frame around it is loaded again.
        let words = "外层页面会重新载入。 The page around this one is loaded again.".into();
        return Ok(told(page(StatusCode::OK, &MessagePage { title: "已授权", words }, &[])?, "允许"));
    }
    back.query_pairs_mut().append_pair("code", &code);
    with_state(&mut back, params);
    Ok(told(see_other(back.as_str()), "允许"))
}

fn refuse(mut back: Url, params: &Params, error: OAuthError) -> HttpResponse {
    back.query_pairs_mut()
        .append_pair("error", &error.to_string())
        .append_pair("error_code", &error.code().to_string())
        .append_pair("error_description", &format!("{error} (sandbox)"))
        .append_pair("error_uri", "/oauth2/authorize");
    with_state(&mut back, params);
    told(see_other(back.as_str()), error.to_string())
}

fn with_state(back: &mut Url, params: &Params) {
    if let Some(state) = params.get("state") {
        back.query_pairs_mut().append_pair("state", state);
    }
}

/// An error of OAuth as JSON (§1.1, §1.5).
pub fn refusal(error: OAuthError, path: &str) -> HttpResponse {
    let body = json!({
        "error": error.to_string(), "error_code": error.code(), "request": path,
        "error_uri": path, "error_description": format!("{error} (sandbox)"),
    });
    told(HttpResponse::BadRequest().json(body), error.code().to_string())
}
