//! The drawn phone over HTTP: what it asks as, what comes back, and what it never does.

use super::{Town, listen};
use crate::clock::Clock;
use crate::sandbox::{Sandbox, Settings};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use std::net::TcpListener;
use url::Url;

struct Street {
    phone: Url,
    shop: Url,
    browser: reqwest::Client,
}

/// A shop that shows what it was asked, behind a phone.
fn street() -> Street {
    let town = Town::open();
    let shop = listen(|cfg: &mut ServiceConfig| {
        cfg.route("/echo", web::to(echo))
            .route("/go", web::get().to(go))
            .route("/events", web::get().to(events));
    });
    // The phone's address must be known before it listens.
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let phone = Url::parse(&format!("http://{}/", free.local_addr().unwrap())).unwrap();
    let settings = Settings {
        phone_url: Some(phone.clone()),
        ..Settings::demo(town.base.clone(), Some(shop.clone()), None).unwrap()
    };
    let sandbox = Sandbox::new(settings, Clock::system()).unwrap();
    let server = actix_web::HttpServer::new(move || {
        let sandbox = sandbox.clone();
        actix_web::App::new().configure(move |cfg| sandbox.phone_routes(cfg))
    });
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(free).unwrap().run());
    Street { phone, shop, browser: town.browser }
}

async fn echo(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let header =
        |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    let host = request.connection_info().host().to_owned();
    HttpResponse::Ok()
        .content_type("text/html")
        .insert_header(("X-Frame-Options", "DENY"))
        .insert_header(("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"))
        .insert_header(("Set-Cookie", "session=2; Path=/"))
        .body(format!(
            "<a href=\"http://{host}/p\">agent={} host={host} origin={} cookie={} encoding={} body={}",
            header("user-agent"),
            header("origin"),
            header("cookie"),
            header("accept-encoding"),
            String::from_utf8_lossy(&body),
        ))
}

async fn go(request: HttpRequest) -> HttpResponse {
    let host = request.connection_info().host().to_owned();
    HttpResponse::Found().insert_header(("Location", format!("http://{host}/echo?a=1"))).finish()
}

async fn events() -> HttpResponse {
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(web::Bytes::from("data: 1\n\n"))]);
    let never = futures_util::stream::pending();
    let both = futures_util::StreamExt::chain(first, never);
    HttpResponse::Ok().content_type("text/event-stream").streaming(both)
}

#[actix_web::test]
async fn the_shop_sees_the_chosen_client_at_its_own_address() {
    let street = street();
    let asked = street
        .browser
        .post(street.phone.join("echo").unwrap())
        .header("Origin", street.phone.origin().ascii_serialization())
        .header("Cookie", "session=desktop; phone-session=1; sandbox_client=android")
        .body("x=1");
    let answer = asked.send().await.unwrap();
    assert!(!answer.headers().contains_key("x-frame-options"));
    let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'self'; frame-ancestors 'self' http://"), "{policy}");
    assert_eq!(answer.headers()["set-cookie"], "phone-session=2; Path=/");
    let page = answer.text().await.unwrap();
    let shop = street.shop.origin().ascii_serialization();
    assert!(page.contains("__weibo__15.12.2__android"), "{page}");
    assert!(page.contains(&format!("origin={shop} cookie=session=1 encoding=identity body=x=1")), "{page}");
    assert!(page.contains(&format!("href=\"{}p\"", street.phone)), "{page}");
}

#[actix_web::test]
async fn redirects_and_weibos_own_paths_stay_on_the_phone() {
    let street = street();
    let led = street.browser.get(street.phone.join("go").unwrap()).send().await.unwrap();
    assert_eq!(led.headers()["location"], street.phone.join("echo?a=1").unwrap().as_str());
    let screen = street.browser.get(street.phone.join("sandbox/stream").unwrap()).send().await.unwrap();
    assert!(screen.text().await.unwrap().contains("沙箱 SANDBOX"));
}

#[actix_web::test]
async fn events_come_through_while_the_answer_is_still_open() {
    let street = street();
    let mut answer = street.browser.get(street.phone.join("events").unwrap()).send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "data: 1\n\n");
}

#[actix_web::test]
async fn a_shop_elsewhere_is_never_asked() {
    let town = Town::open();
    let elsewhere = Url::parse("http://shop.example/").unwrap();
    let mut settings = Settings::demo(town.base.clone(), Some(elsewhere), None).unwrap();
    settings.phone_url = Some(town.base.clone());
    let sandbox = Sandbox::new(settings, Clock::system()).unwrap();
    let phone = listen(move |cfg| sandbox.phone_routes(cfg));
    assert_eq!(town.browser.get(phone).send().await.unwrap().status(), 400);
}
