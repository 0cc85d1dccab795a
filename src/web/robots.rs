//! What crawlers may read: the shelf, and nothing that belongs to somebody.

use super::Shop;
use actix_web::HttpResponse;
use actix_web::web::Data;
use std::fmt::Write;

/// In both languages, where there are two. Short links stay open: whoever draws a card for one has to get to the
/// product's page behind it.
const CLOSED: [&str; 16] = [
    "/admin",
    "/checkout",
    "/orders",
    "/search",
    "/coupons/",
    "/q/",
    "/account",
    "/sign-in",
    "/sign-out",
    "/light",
    "/partner",
    "/m/",
    "/oauth/",
    "/hooks/",
    "/return/",
    "/api/",
];

/// `GET /robots.txt`
pub async fn get(shop: Data<Shop>) -> HttpResponse {
    let mut rules = "User-agent: *\n".to_owned();
    for path in CLOSED {
        // Into a String nothing fails.
        let _ = writeln!(rules, "Disallow: {path}");
    }
    for path in CLOSED.iter().take_while(|path| **path != "/m/").filter(|path| **path != "/admin") {
        let _ = writeln!(rules, "Disallow: /en{path}");
    }
    let _ = writeln!(rules, "Sitemap: {}", shop.settings.absolute("/sitemap.xml"));
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(rules)
}
