//! The API that acts for a person: who they are, reposts and shared statuses (oauth-and-statuses.md §1.4, §3).

use super::answer::{broken, form, query, token, told};
use super::oauth;
use super::write::{person_json, status_json};
use crate::sandbox::world::limits::{Call, CallError};
use crate::sandbox::world::statuses::{SayError, Status};
use crate::sandbox::world::tokens::OAuthError;
use crate::sandbox::{Fault, Sandbox};
use crate::weibo::signature::Params;
use actix_web::http::Method;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use std::net::IpAddr;

/// So many statuses a page of them has.
const PAGE: usize = 20;

/// Why a call is refused.
enum Refused {
    OAuth(OAuthError),
    Say(SayError),
    Call(CallError),
    /// No call at all: number and words of §3.3.
    Unknown(u32, &'static str),
    Parameter,
    /// The captcha that it wants from her first.
    Captcha,
    /// Nothing that says why.
    Down,
}

impl From<CallError> for Refused {
    fn from(error: CallError) -> Refused {
        Refused::Call(error)
    }
}

impl From<SayError> for Refused {
    fn from(error: SayError) -> Refused {
        Refused::Say(error)
    }
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Refused {
        Refused::OAuth(error)
    }
}

pub async fn uid(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    match caller(&request, &body, &sandbox) {
        Ok((_, uid)) => HttpResponse::Ok().json(json!({ "uid": uid.parse::<u64>().unwrap_or(0) })),
        Err(refused) => refusal(&refused, request.path()),
    }
}

pub async fn show_user(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let called = caller(&request, &body, &sandbox);
    let (world, now) = (sandbox.world(), sandbox.now());
    let person = called.and_then(|(params, asks)| {
        let found = match (present(&params, "uid"), present(&params, "screen_name")) {
            (Some(uid), None) => world.person(uid),
            (None, Some(name)) => world.people().iter().find(|person| person.name == name),
            (None, None) => return Err(SayError::Missing.into()),
            (Some(_), Some(_)) => return Err(Refused::Parameter),
        };
        found.map(|person| (person, asks)).ok_or(SayError::NoSuchUser.into())
    });
    match person {
        Ok((person, asks)) => {
            let mut shown = person_json(&world, person, now);
            shown["follow_me"] = person.follows.contains(&asks).into();
            HttpResponse::Ok().json(shown)
        }
        Err(refused) => refusal(&refused, request.path()),
    }
}

pub async fn repost(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let called = caller(&request, &body, &sandbox).and_then(|(params, uid)| {
        acts_from(&params)?;
        may_post(&sandbox)?;
        let id = present(&params, "id").ok_or(SayError::Missing)?;
        let id = id.parse().map_err(|_| SayError::Invalid)?;
        let text = present(&params, "status").unwrap_or_default();
        Ok(sandbox.change(|world, now| world.repost(&uid, id, text, now).cloned())?)
    });
    said(&sandbox, called, request.path())
}

pub async fn share(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let called = caller(&request, &body, &sandbox).and_then(|(params, uid)| {
        acts_from(&params)?;
        may_post(&sandbox)?;
        let text = present(&params, "status").ok_or(SayError::Missing)?;
        let domain = sandbox.0.settings.shop_url.as_ref();
        Ok(sandbox.change(|world, now| world.share(&uid, text, domain, now).cloned())?)
    });
    said(&sandbox, called, request.path())
}

/// One status of the person whose token asks: of nobody else's the API tells an application.
pub async fn show(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let seen = reader(&request, &body, &sandbox).and_then(|(params, uid)| {
        let id = present(&params, "id").ok_or(SayError::Missing)?;
        let id = id.parse().map_err(|_| SayError::Invalid)?;
        let world = sandbox.world();
        Ok(status_json(&world, world.own_status(&uid, id)?, sandbox.now()))
    });
    read(seen, request.path())
}

/// The latest statuses of the person whose token asks.
pub async fn user_timeline(request: HttpRequest, body: Bytes, sandbox: Data<Sandbox>) -> HttpResponse {
    let listed = reader(&request, &body, &sandbox).map(|(_, uid)| {
        let world = sandbox.world();
        let own: Vec<&Status> = world.stream().filter(|status| status.uid == uid).collect();
        let page = own.iter().take(PAGE).map(|status| status_json(&world, status, sandbox.now()));
        json!({ "statuses": page.collect::<Vec<_>>(), "total_number": own.len() })
    });
    read(listed, request.path())
}

fn reader(request: &HttpRequest, body: &[u8], sandbox: &Sandbox) -> Result<(Params, String), Refused> {
    let called = caller(request, body, sandbox)?;
    let strikes = |fault| sandbox.change(|world, _| world.faults.strikes(fault));
    if strikes(Fault::ReadForbidden) {
        return Err(CallError::NotPermitted.into());
    }
    if strikes(Fault::ReadFails) { Err(Refused::Down) } else { Ok(called) }
}

fn read(shown: Result<Value, Refused>, path: &str) -> HttpResponse {
    match shown {
        Ok(shown) => HttpResponse::Ok().json(shown),
        Err(Refused::Down) => told(HttpResponse::InternalServerError().finish(), "500"),
        Err(refused) => refusal(&refused, path),
    }
}

/// 10020: the API has no such call.
pub fn no_such_call(path: &str) -> HttpResponse {
    let mut response = refusal(&Refused::Unknown(10020, "Request API not found!"), path);
    *response.status_mut() = actix_web::http::StatusCode::NOT_FOUND;
    response
}

/// 10021: there is such a call, but not by this method.
pub async fn wrong_method(request: HttpRequest) -> HttpResponse {
    let refused = Refused::Unknown(10021, "HTTP METHOD is not suported for this request!");
    let mut response = refusal(&refused, request.path());
    *response.status_mut() = actix_web::http::StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// The call's parameters and the uid for which its token acts, unless a fault has it otherwise.
fn caller(request: &HttpRequest, body: &[u8], sandbox: &Sandbox) -> Result<(Params, String), Refused> {
    let mut params = query(request).map_err(|_| Refused::Parameter)?;
    params.extend(form(body).map_err(|_| Refused::Parameter)?);
    let token = token(request, &params);
    let from = request.peer_addr().map(|address| address.ip());
    let writes = request.method() == Method::POST;
    sandbox.change(|world, now| {
        let uid = world.live_token(&token, now)?.uid.clone();
        if world.faults.strikes(Fault::TokenExpired) {
            return Err(OAuthError::Expired.into());
        }
        world.admit_call(&Call { uid: &uid, from, writes }, now)?;
        Ok((params, uid))
    })
}

fn may_post(sandbox: &Sandbox) -> Result<(), Refused> {
    let strikes = |fault| sandbox.change(|world, _| world.faults.strikes(fault));
    if strikes(Fault::PostCaptcha) {
        return Err(Refused::Captcha);
    }
    if strikes(Fault::PostDropped) { Err(Refused::Down) } else { Ok(()) }
}

/// `rip` is the acting person's address; on one machine it may be a private one.
fn acts_from(params: &Params) -> Result<IpAddr, SayError> {
    present(params, "rip").ok_or(SayError::Missing)?.parse().map_err(|_| SayError::Invalid)
}

fn present<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    params.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn said(sandbox: &Sandbox, status: Result<Status, Refused>, path: &str) -> HttpResponse {
    match status {
        Ok(_) if sandbox.change(|world, _| world.faults.strikes(Fault::AnswerLost)) => broken(),
        Ok(_) if sandbox.change(|world, _| world.faults.strikes(Fault::PostDelayed)) => refusal(
            &Refused::Unknown(20032, "Update success, while server slow now, please wait 1-2 minutes!"),
            path,
        ),
        Ok(_) if sandbox.change(|world, _| world.faults.strikes(Fault::PostFails)) => {
            refusal(&Refused::Unknown(10003, "Remote service error"), path)
        }
        Err(Refused::Down) => broken(),
        Ok(status) => HttpResponse::Ok().json(status_json(&sandbox.world(), &status, sandbox.now())),
        Err(refused) => refusal(&refused, path),
    }
}

fn refusal(refused: &Refused, path: &str) -> HttpResponse {
    let (code, words) = match refused {
        Refused::OAuth(error) => return oauth::refusal(*error, path),
        Refused::Say(error) => (error.code(), error.to_string()),
        Refused::Call(error) => (error.code(), error.to_string()),
        Refused::Unknown(code, words) => (*code, (*words).to_owned()),
        Refused::Captcha => (20031, "need captcha".to_owned()),
        Refused::Down => (10001, "System error".to_owned()),
        Refused::Parameter => (10008, "Param error, see doc for more info".to_owned()),
    };
    let body = json!({ "request": path, "error_code": code, "error": words });
    told(HttpResponse::BadRequest().json(body), code.to_string())
}
