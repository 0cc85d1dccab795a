//! The client's JS interface over HTTP: tickets for the merchant's server, the script for its pages, and what the
//! desk and tests choose that it answers.

use super::answer::{Error, broken, form, query, random_text, see_other, told};
use crate::sandbox::world::jsapi::{Claim, is_choice};
use crate::sandbox::{Fault, Sandbox};
use actix_web::HttpRequest;
use actix_web::HttpResponse;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::web::{Bytes, Data};
use serde_json::json;
use std::collections::BTreeMap;

const SCRIPT: &str = include_str!("../../../static/sandbox/bridge.js");
/// What stands in the script where the choices go.
const PLACE: &str = "/* chosen */ {}";
/// What one browser's client answers, before what was chosen for all: `name=code&name=code`.
const COOKIE: &str = "sandbox_bridge";

/// `POST /oauth2/js_ticket/generate` (jsapi.md §3): as a form or in the query; GET is seen to work as well.
pub async fn ticket(
    request: HttpRequest,
    body: Bytes,
    sandbox: Data<Sandbox>,
) -> Result<HttpResponse, Error> {
    let mut params = query(&request)?;
    params.extend(form(&body)?);
    let settings = &sandbox.0.settings;
    let known = params.get("client_id") == Some(&settings.app_key)
        && params.get("client_secret") == Some(&settings.app_secret);
    let strikes = |fault| sandbox.change(|world, _| world.faults.strikes(fault));
    if !known || strikes(Fault::TicketRefused) {
        let refused = json!({ "error": "invalid_client", "error_code": 21324, "request": request.path() });
        return Ok(told(HttpResponse::BadRequest().json(refused), "21324"));
    }
    if strikes(Fault::TicketLost) {
        return Ok(broken());
    }
    let text = random_text() + &random_text();
    let lives = sandbox.change(|world, now| world.give_ticket(text.clone(), now));
    Ok(HttpResponse::Ok().json(json!({ "result": true, "js_ticket": text, "expire_time": lives })))
}

/// The script that Weibo's pages call mobile.js: it plays the bridge as well, which a client would inject.
pub async fn script(request: HttpRequest, sandbox: Data<Sandbox>) -> HttpResponse {
    let mut chosen = sandbox.world().chosen().clone();
    if let Some(cookie) = request.cookie(COOKIE) {
        let own = form_urlencoded::parse(cookie.value().as_bytes());
        let own = own.filter(|(name, to)| is_choice(name, to));
        chosen.extend(own.map(|(name, to)| (name.into_owned(), to.into_owned())));
    }
    // Only what `is_choice` knows: nothing that could end the script's text.
    let script = SCRIPT.replacen(PLACE, &json!(chosen).to_string(), 1);
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(script)
}

/// Whether a page may be admitted: as a script, for the shop's policy lets its pages load nothing else of ours.
pub async fn check(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let params = query(&request)?;
    let value = |name: &str| params.get(name).map(String::as_str).unwrap_or_default();
    let claim = Claim {
        timestamp: value("timestamp"),
        noncestr: value("noncestr"),
        signature: value("signature"),
        url: value("url"),
    };
    let ours = value("appkey") == sandbox.0.settings.app_key;
    let admitted = ours && sandbox.world().admits(claim, sandbox.now());
    let number: u32 = value("number").parse().unwrap_or_default();
    let script = format!("window.sandboxAdmits({number}, {admitted});");
    let answer = HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(script);
    Ok(told(answer, if admitted { "签名对" } else { "签名不对" }))
}

/// What is chosen for all.
pub async fn chosen(sandbox: Data<Sandbox>) -> HttpResponse {
    HttpResponse::Ok().json(sandbox.world().chosen())
}

/// `{"getLocation": "553", "bridge": "late", "openMenu": null}`
pub async fn choose(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let wishes: BTreeMap<String, Option<String>> = serde_json::from_slice(&body)
        .map_err(|error| Error::Json(format!("the JSON does not fit: {error}")))?;
    for (name, to) in &wishes {
        if to.as_deref().is_some_and(|to| !is_choice(name, to)) {
            return Err(Error::Json(format!("{name} cannot be told so: see GET /sandbox/api")));
        }
    }
    sandbox.change(|world, _| wishes.iter().for_each(|(name, to)| world.choose(name, to.as_deref())));
    Ok(chosen(sandbox).await)
}

/// The same from the desk: one action, and `ok` for all being well.
pub async fn choose_at_desk(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let form = form(&body)?;
    let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let (name, to) = (value("action"), value("to"));
    if to != "ok" && !is_choice(name, to) {
        return Err(Error::Refused(format!("{name} cannot answer {to}")));
    }
    sandbox.change(|world, _| world.choose(name, Some(to).filter(|to| *to != "ok")));
    // What this browser was told before would come first.
    let mut gone = Cookie::build(COOKIE, "").path("/").same_site(SameSite::Lax).finish();
    gone.make_removal();
    let mut answer = see_other("/sandbox/");
    answer.add_cookie(&gone).map_err(anyhow::Error::from)?;
    Ok(answer)
}
