//! What crawlers may read: the shelf, and nothing that belongs to somebody.

use actix_web::HttpResponse;

/// `GET /robots.txt`
pub async fn get() -> HttpResponse {
    let rules = "User-agent: *\nDisallow: /admin\nDisallow: /checkout\nDisallow: /orders\nDisallow: /q/\nDisallow: /en/checkout\n\
                 Disallow: /en/orders\nDisallow: /en/q/\nDisallow: /account\nDisallow: /en/account\nDisallow: /sign-in\n\
                 Disallow: /en/sign-in\nDisallow: /m/\nDisallow: /oauth/\n";
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(rules)
}
