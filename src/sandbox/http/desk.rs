//! The desk: a drawn phone, who holds it, the switches for faults, and what was sent and got.

use super::answer::{
    ACCOUNT_COOKIE, CLIENT_COOKIE, Error, account_cookie, client_cookie, form, page, see_other,
};
use crate::sandbox::clients;
use crate::sandbox::pages::{DeskPage, desk::Shown};
use crate::sandbox::{Fault, Lasting, Sandbox};
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

const DESK: &str = "/sandbox/";

pub async fn show(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let (account, client) = (account_cookie(&request), client_cookie(&request));
    let settings = &sandbox.0.settings;
    let traffic = sandbox.traffic();
    let view = {
        let world = sandbox.world();
        let shown = Shown {
            account: world.acting([None, account.as_deref()]).cloned(),
            client: clients::chosen([client.as_deref(), world.desk.client.as_deref()]),
            screen: settings.phone_url.as_ref().unwrap_or(&settings.public_url).clone(),
            has_phone: settings.phone_url.is_some(),
        };
        DeskPage::new(&world, shown, &traffic)
    };
    page(StatusCode::OK, &view, &[])
}

/// Hands the phone to another account.
pub async fn choose_account(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let account = form(&body)?.remove("account").unwrap_or_default();
    if sandbox.world().person(&account).is_none() {
        return Err(Error::Refused("no such account".into()));
    }
    sandbox.change(|world, _| world.desk.account = Some(account.clone()));
    Ok(remembering(ACCOUNT_COOKIE, account, DESK))
}

/// Makes the phone another client.
pub async fn choose_client(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let client = form(&body)?.remove("client").unwrap_or_default();
    if !clients::CLIENTS.iter().any(|known| known.id == client) {
        return Err(Error::Refused("no such client".into()));
    }
    sandbox.change(|world, _| world.desk.client = Some(client.clone()));
    Ok(remembering(CLIENT_COOKIE, client, DESK))
}

/// Switches a fault: `to` is `once`, `until_off` or `off`.
pub async fn switch(body: Bytes, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    let form = form(&body)?;
    let value = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let fault = Fault::named(value("fault")).ok_or_else(|| Error::Refused("no such fault".into()))?;
    let lasting = match value("to") {
        "once" => Some(Lasting::Once),
        "until_off" => Some(Lasting::UntilOff),
        "off" => None,
        _ => return Err(Error::Refused("`to` is once, until_off or off".into())),
    };
    sandbox.set_fault(fault, lasting);
    Ok(see_other(DESK))
}

/// Keeps a choice in this browser, and leads on.
pub fn remembering(name: &'static str, value: String, to: &str) -> HttpResponse {
    let cookie = Cookie::build(name, value).path("/").http_only(true).same_site(SameSite::Lax).finish();
    HttpResponse::SeeOther().cookie(cookie).insert_header(("Location", to)).finish()
}
