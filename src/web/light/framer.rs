//! Whose page leads here. Weibo signs for whoever asks it, so what it signed says who looks only where Weibo's own
//! page, not somebody else's, hands it over: else a stranger would sign her in as himself.

use super::LightApp;
use crate::web::Shop;
use crate::web::finish::is_our_origin;
use crate::web::sender::Sender;
use actix_web::HttpRequest;
use url::{Host, Url};

/// Whether no page leads here but one that may frame the light app, or one of ours.
pub fn is_trusted(request: &HttpRequest, shop: &Shop, light: &LightApp) -> bool {
    let sender = Sender::of(request);
    // No page at all: a web view's own POST says so, beside an origin of `null`.
    if matches!(sender.site, Some("none" | "same-origin")) {
        return true;
    }
    match sender.page() {
        Some(from) => is_our_origin(from, &shop.settings.public_url) || may_frame(&light.frames, from),
        // An old browser says nothing of a page; another hides one.
        None => sender.site.is_none(),
    }
}

/// As `frame-ancestors` reads these sources, but that http is never taken for https.
fn may_frame(frames: &[String], from: &str) -> bool {
    let Ok(from) = Url::parse(from) else { return false };
    frames.iter().any(|frame| {
        let Ok(source) = Url::parse(&frame.replacen("://*.", "://", 1)) else { return false };
        let same_door = source.scheme() == from.scheme()
            && source.port_or_known_default() == from.port_or_known_default();
        same_door
            && match (source.host(), from.host()) {
                (Some(Host::Domain(above)), Some(Host::Domain(name))) if frame.contains("://*.") => {
                    name.strip_suffix(above).is_some_and(|below| below.len() > 1 && below.ends_with('.'))
                }
                (source, from) => source.is_some() && source == from,
            }
    })
}

#[cfg(test)]
mod tests {
    use super::may_frame;

    #[test]
    fn only_who_may_frame_it_is_believed() {
        let frames = ["https://*.weibo.com", "https://weibo.com", "http://127.0.0.1:8090"].map(str::to_owned);
        for from in [
            "https://weibo.com",
            "https://weibo.com/u/7000000001",
            "https://apps.weibo.com",
            "https://a.b.weibo.com",
            "https://weibo.com:443",
            "http://127.0.0.1:8090",
        ] {
            assert!(may_frame(&frames, from), "{from}");
        }
        for from in [
            "",
            "null",
            "unreadable",
            "http://weibo.com",
            "https://weibo.com:8443",
            "https://evil.example",
            "https://evilweibo.com",
            "https://.weibo.com",
            "https://weibo.com.evil.example",
            "https://weibo.com@evil.example",
            "https://evil.example/https://weibo.com",
            "http://127.0.0.1:8091",
            "http://localhost:8090",
            "javascript://weibo.com",
        ] {
            assert!(!may_frame(&frames, from), "{from}");
        }
        assert!(!may_frame(&["https://*.weibo.com".to_owned()], "https://weibo.com"));
        assert!(!may_frame(&[], "https://weibo.com"));
    }
}
