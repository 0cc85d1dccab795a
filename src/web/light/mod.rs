//! The light app: the shop's window inside Weibo's frame, where Weibo says who looks (oauth-and-statuses.md §2). Only
//! these pages may be framed; buying leaves the frame.

pub mod entry;
mod framer;
pub mod pages;

use super::account::asked;
use super::finish::{POLICY, admitting};
use super::page::Page;
use super::visit::Visit;
use super::{Settings, Shop};
use actix_web::HttpRequest;
use time::Duration;
use url::Url;

/// The registered address of the application: where Weibo's frame posts.
pub const ENTRY: &str = "/light";

/// How the shop stands in Weibo's frame.
#[derive(Debug, Clone)]
pub struct LightApp {
    /// How long after Weibo made it a signed request is taken.
    pub age: Duration,
    /// Whose pages may frame it: origins, as a policy names them.
    pub frames: Vec<String>,
    /// The application's own address on apps.weibo.com, where Weibo's own dialog leads after signing in.
    pub address: Option<Url>,
}

impl LightApp {
    pub fn weibos_frames() -> Vec<String> {
        ["https://*.weibo.com", "https://weibo.com"].map(str::to_owned).into()
    }
}

/// What a page says in the frame beside what it is about.
#[derive(Debug, Clone)]
pub struct Framed {
    /// Who looks, where that is known.
    pub name: Option<String>,
    /// Where somebody signs in who is not known.
    pub sign_in: String,
    /// Where Weibo's own dialog leads afterwards; nothing where only the link works.
    pub login: Option<String>,
    /// Weibo's adaptive-height script.
    pub script: Option<String>,
}

impl Framed {
    /// As `page` stands in the frame before somebody who is not known; `path` is where it is.
    pub fn of_a_stranger(shop: &Shop, page: &Page, path: &str) -> Framed {
        let address = shop.settings.light.as_ref().and_then(|light| light.address.as_ref());
        Framed {
            name: None,
            sign_in: format!("/oauth/weibo?{}", asked("next", &page.to(path))),
            login: address.map(ToString::to_string),
            script: shop.settings.appclient.as_ref().map(ToString::to_string),
        }
    }
}

/// Whether this is an address of the light app.
fn is_here(path: &str) -> bool {
    let path = path.strip_prefix("/en").unwrap_or(path);
    path.strip_prefix(ENTRY).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Who came, as an address of the light app says it. Nobody, where that cannot be looked up.
pub async fn visit(request: &HttpRequest, shop: &Shop) -> Option<Visit> {
    let mut query = form_urlencoded::parse(request.query_string().as_bytes());
    let (_, token) = query.find(|(name, _)| is_here(request.path()) && name == "visit")?;
    Visit::find(shop, request, Some(&token)).await.unwrap_or_default()
}

/// The policy of an address that may be framed; nothing for all others, which nobody may frame.
pub fn policy(settings: &Settings, path: &str) -> Option<String> {
    let light = settings.light.as_ref().filter(|_| is_here(path))?;
    let framers = format!("frame-ancestors 'self' {}", light.frames.join(" "));
    let policy = POLICY.replace("frame-ancestors 'none'", framers.trim_end());
    Some(match &settings.appclient {
        Some(script) => admitting(&policy, script),
        None => policy,
    })
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn only_the_light_app_is_framed() {
        for framed in ["/light", "/light/p/tea", "/en/light", "/en/light/c/tea", "/light/"] {
            assert!(is_here(framed), "{framed}");
        }
        for other in
            ["/", "/en", "/lighter", "/p/light", "/admin/light", "/en/en/light", "/LIGHT", "light", ""]
        {
            assert!(!is_here(other), "{other}");
        }
    }
}
