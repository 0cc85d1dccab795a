//! Who stands at the door of the back office: from where, with which browser, and whether somebody of the
//! staff has signed in on it before.

use super::error::Error;
use super::who::client_ip;
use super::{Shop, session};
use crate::staff::{Caller, StaffId, device_mark};
use actix_session::SessionExt;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpRequest, HttpResponse, web};
use std::future::{Ready, ready};

/// A device is known for so long after the last sign-in on it.
const KNOWN: Duration = Duration::days(365);

impl FromRequest for Caller {
    type Error = Error;
    type Future = Ready<Result<Caller, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let shop = request.app_data::<web::Data<Shop>>().ok_or(Error::NotFound);
        ready(shop.map(|shop| caller(request, shop)))
    }
}

fn caller(request: &HttpRequest, shop: &Shop) -> Caller {
    let prefix = cookie_prefix(shop);
    let cookies = request.cookies();
    let mark = |cookie: &Cookie<'_>| {
        let of = cookie.name().strip_prefix(prefix)?.parse().ok()?;
        Some((of, cookie.value().to_owned()))
    };
    Caller {
        address: client_ip(request, shop.settings.trusted_proxies),
        browser: browser(request),
        marks: cookies.map(|all| all.iter().filter_map(mark).collect()).unwrap_or_default(),
        seat: session::get(&request.get_session(), session::SEAT),
    }
}

/// One cookie for each member: several may share a browser.
fn cookie_prefix(shop: &Shop) -> &'static str {
    if shop.settings.is_https() { "__Secure-weipu-known-" } else { "weipu-known-" }
}

/// From now on this browser is one in which the member has signed in before.
pub fn know(response: &mut HttpResponse, shop: &Shop, caller: &Caller, of: StaffId) -> Result<(), Error> {
    if caller.is_known(of, &shop.keys) {
        return Ok(());
    }
    let cookie = Cookie::build(format!("{}{}", cookie_prefix(shop), of.0), device_mark(of, &shop.keys))
        .path("/admin")
        .secure(shop.settings.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(KNOWN)
        .finish();
    response.add_cookie(&cookie).map_err(|error| Error::Unexpected(error.into()))
}

/// What a request says of its browser.
pub fn browser(request: &HttpRequest) -> String {
    let agent = request.headers().get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes()));
    family(agent.as_deref().unwrap_or_default())
}

/// The browser's family and its system, such as `Chrome · Windows`: enough for somebody to know her own.
fn family(agent: &str) -> String {
    let first = |names: &[(&'static str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Nearly all call themselves Safari, and most Chrome: the rarer mark comes first.
    let browser = first(&[
        ("__weibo__", "Weibo"),
        ("MicroMessenger/", "WeChat"),
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    let known: Vec<&str> = browser.into_iter().chain(system).collect();
    if known.is_empty() { "?".to_owned() } else { known.join(" · ") }
}

#[cfg(test)]
mod tests {
    use super::family;

    #[test]
    fn a_browser_is_known_by_its_family() {
        let named = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36",
                "Chrome · Linux",
            ),
            ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) Version/16.6 Safari/604.1",
                "Safari · iPhone",
            ),
            ("curl/8.5", "?"),
            ("", "?"),
        ];
        for (agent, name) in named {
            assert_eq!(family(agent), name, "{agent}");
        }
    }
}
