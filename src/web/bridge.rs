//! What the scripts of our own pages ask: a signature that admits them to the Weibo client's abilities, and which
//! province and city somebody is in. Nothing here is needed to buy, and what is asked is neither kept nor logged.

use super::form::Fields;
use super::{Error, Shop};
use crate::customers::Position;
use actix_web::HttpResponse;
use actix_web::http::header::RETRY_AFTER;
use actix_web::web::Data;
use serde_json::json;
use url::Url;

/// A page with a longer address is not signed: it has the bridge alone.
const LONGEST: usize = 2048;

/// `POST /api/weibo/signature` with `url`: for `WeiboJS.init` on the page at this address of ours, as the browser
/// writes it. By POST, for an order's address may hold the tag that opens it, and proxies log the addresses of what
/// is asked by GET. Without a ticket of Weibo's the page goes on by the bridge alone.
pub async fn sign(fields: Fields, shop: Data<Shop>) -> HttpResponse {
    let page = fields.text("url");
    if !is_ours(&page, &shop.settings.public_url) {
        return HttpResponse::BadRequest().json(json!({ "error": "url" }));
    }
    let signed = match shop.weibo().await {
        Ok(weibo) => weibo.sign_page(&page, shop.clock.now()).await.ok(),
        Err(_) => None,
    };
    match signed {
        Some(signed) => HttpResponse::Ok().json(signed),
        None => HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, "30"))
            .json(json!({ "error": "no-ticket" })),
    }
}

/// Whether an address stands under our own, letter by letter: Weibo compares the signature of just this text.
fn is_ours(page: &str, ours: &Url) -> bool {
    let rest = page.strip_prefix(&ours.origin().ascii_serialization());
    let plain = page.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    rest.is_some_and(|rest| rest.starts_with('/')) && plain && page.len() <= LONGEST
}

/// `POST /api/place` with `lat` and `long`: province and city near there, or nothing. By POST, for
/// the same reason.
pub async fn place(fields: Fields) -> Result<HttpResponse, Error> {
    let Some(position) = Position::read(&fields.text("lat"), &fields.text("long")) else {
        return Ok(HttpResponse::BadRequest().json(json!({ "error": "position" })));
    };
    Ok(match position.place() {
        Some(place) => HttpResponse::Ok().json(place),
        None => HttpResponse::NoContent().finish(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_under_our_own_are_signed() {
        let ours = Url::parse("https://shop.example/").unwrap();
        for good in ["https://shop.example/", "https://shop.example/p/%E8%8C%B6?a=b&c=d#e"] {
            assert!(is_ours(good, &ours), "{good}");
        }
        let long = format!("https://shop.example/{}", "a".repeat(LONGEST));
        for other in [
            "",
            "/",
            "//shop.example/",
            "https://shop.example",
            "http://shop.example/",
            "https://shop.example.evil/",
            "https://shop.example@evil/",
            "https://shop.example:444/",
            "https://evil/?https://shop.example/",
            " https://shop.example/",
            "HTTPS://SHOP.EXAMPLE/",
            "https:/\\shop.example/",
            "https://shop.example/\\evil",
            "https://shop.example/a b",
            "https://shop.example/\n",
            "https://shop.example/茶",
            &long,
        ] {
            assert!(!is_ours(other, &ours), "{other}");
        }
        let demo = Url::parse("http://127.0.0.1:8080/").unwrap();
        assert!(is_ours("http://127.0.0.1:8080/p/mug", &demo) && !is_ours("http://127.0.0.1:80801/", &demo));
    }
}
