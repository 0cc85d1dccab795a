//! Other people's clients of Weibo against the sandbox, so that our pretend Weibo is not only our own opinion.
//! They are Python and live in a folder of their own, which `.ci/peers` makes; `merchants` are bound the other way.
//! `pages` are those of a shop, before readers that know nothing of Weibo.

#![expect(clippy::unwrap_used, reason = "a test that cannot start shall fail")]

#[path = "../browser/support/kept.rs"]
mod kept;
mod merchants;
mod pages;
mod readers;

use std::net::TcpListener;
use std::path::Path;
use tokio::process::Command;
use tokio::sync::OnceCell;
use url::Url;
use weipu::clock::Clock;
use weipu::sandbox::{Sandbox, SandboxReply, Settings};

/// Somebody who follows the shop.
const FAN: i64 = 7_000_000_002;

/// Made once, whoever asks first.
static PYTHON: OnceCell<String> = OnceCell::const_new();

async fn python() -> &'static str {
    PYTHON.get_or_init(make_python).await
}

async fn make_python() -> String {
    let made = Command::new(root().join(".ci/peers")).output().await.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs one client against a Weibo of its own: each script asserts for itself.
async fn drives(script: &str) -> Sandbox {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = Url::parse(&format!("http://{}/", socket.local_addr().unwrap())).unwrap();
    let settings = Settings::demo(base.clone(), None, None).unwrap();
    let fans_token = settings.fans_token.clone();
    let sandbox = Sandbox::new(settings, Clock::system()).unwrap();
    sandbox.fan_follows(FAN).await;
    let shown = sandbox.clone();
    let server = actix_web::HttpServer::new(move || {
        let sandbox = shown.clone();
        actix_web::App::new().configure(move |cfg| sandbox.routes(cfg))
    });
    actix_web::rt::spawn(server.workers(1).disable_signals().listen(socket).unwrap().run());
    let ran = Command::new(python().await)
        .arg(root().join("tests/peers").join(script))
        .env("SANDBOX", base.as_str())
        .env("FANS_TOKEN", fans_token)
        .env("NO_PROXY", "*")
        .env("no_proxy", "*")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .await
        .unwrap();
    assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
    sandbox
}

#[actix_web::test]
async fn the_client_of_lxyu_answers_fans_sorts_them_and_hangs_up_a_menu() {
    let sandbox = drives("weibo_fans.py").await;
    let said = sandbox.said_to(FAN);
    let SandboxReply::Text { text } = &said[0] else { panic!("{said:?}") };
    assert_eq!(text, "你好 A+B & 100%");
    assert!(matches!(&said[1..], [SandboxReply::Articles { articles }] if articles.len() == 1), "{said:?}");
    assert_eq!(sandbox.fans_menu().unwrap().button.len(), 2);
}

#[actix_web::test]
async fn the_client_of_winton_answers_fans_from_the_query() {
    let sandbox = drives("weibopy_fans.py").await;
    let said = sandbox.said_to(FAN);
    assert!(matches!(&said[..], [SandboxReply::Text { text }] if text == "在 query 里 + & %"), "{said:?}");
}

#[actix_web::test]
async fn the_client_of_lxyu_signs_in_shares_and_is_refused() {
    drives("weibo_client.py").await;
}

#[actix_web::test]
async fn the_client_of_winton_signs_in_by_header_and_query() {
    drives("weibopy_client.py").await;
}
