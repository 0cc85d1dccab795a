//! What stands around the light app and posts `signed_request` to it (oauth-and-statuses.md §2): the frame of the
//! desktop, 940 px wide, and the drawn phone's own window.

use super::answer::{Error, account_cookie, page, query, told};
use crate::sandbox::Sandbox;
use crate::sandbox::pages::FramePage;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

/// The web form: inside a frame of this page. `account` is who looks; empty, it is nobody.
pub async fn framed(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    show(&request, &sandbox, true)
}

/// The H5 form: in place of this page.
pub async fn top(request: HttpRequest, sandbox: Data<Sandbox>) -> Result<HttpResponse, Error> {
    show(&request, &sandbox, false)
}

fn show(request: &HttpRequest, sandbox: &Sandbox, framed: bool) -> Result<HttpResponse, Error> {
    let shop = sandbox.0.settings.shop_url.as_ref();
    let shop = shop.ok_or_else(|| Error::Refused("没有接通店铺。 No shop is connected.".into()))?;
    let light = shop.join("light").map_err(anyhow::Error::from)?;
    let (cookie, asked) = (account_cookie(request), query(request)?.remove("account"));
    let viewer = {
        let world = sandbox.world();
        match asked.as_deref() {
            Some("") => None,
            Some(uid) => Some(world.person(uid).cloned().ok_or(Error::NotFound)?),
            None => world.acting([None, cookie.as_deref()]).cloned(),
        }
    };
    let signed_request = sandbox.signed_request(viewer.as_ref().map(|person| person.uid.as_str()));
    let view = FramePage::new(&sandbox.world(), &light, viewer, signed_request, framed);
    let mut answer = page(StatusCode::OK, &view, &[shop])?;
    // The shop believes what Weibo's own page hands over, and knows that page by its origin.
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    Ok(told(answer, "轻应用"))
}
