//! Requests that no page of ours makes: addresses, methods, bodies, origins and hosts of strangers, and a
//! database that goes away.

use crate::support::browser::{Ask, Browser};
use crate::support::{TestShop, minutes};
use reqwest::header::{CONTENT_TYPE, HeaderName, ORIGIN};

/// Nothing is there, however it is written.
const NOWHERE: [&str; 37] = [
    "/p/unknown",
    "/p/hidden",
    "/p/Longjing",
    "/p/%00",
    "/p/%FF%FE",
    "/p/%",
    "/p/%2e%2e%2fetc",
    "/p/a/b",
    "/p/",
    "/c/unknown",
    "/c/%00",
    "/orders/1",
    "/orders/%00",
    "/orders/2611-7KQ4-M2X9",
    "/orders/%F0%9F%90%BC",
    "/orders/x?t=%00",
    "/q/",
    "/q/x",
    "/q/%00",
    "/q/%FF",
    "/static/x/../../Cargo.toml",
    "/static/0/%2e%2e/%2e%2e/Cargo.toml",
    "/pictures/..%2f..%2fetc%2fpasswd",
    "/pictures/%00.jpg",
    "/pictures/0123456789abcdef-375.jpg",
    "/admin/welcome/%FF",
    "/.env",
    "/.git/config",
    "/wp-login.php",
    "/en/nowhere",
    "//evil.example/",
    "/return/weibo/pay?extra=%00",
    "/return/weibo/pay?a=1&a=2",
    "/oauth/weibo/callback?state=%FF&code=%00",
    "/return/weibo/pay?%ZZ",
    "/orders/x/state",
    "/orders/x/events",
];

/// Odd, and harmless: a page or a refusal.
const ODD: [&str; 4] = ["/p/mug?variant=%FF%00", "/p/mug?variant=a&variant=b", "/?%FF=%00", "/orders?x=%ZZ"];

/// The status of the answer to a path sent as it is written, which no client library would.
async fn status(shop: &TestShop, path: &str) -> u16 {
    let get = format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
    let answer = shop.raw(get.as_bytes()).await;
    answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default()
}

#[tokio::test]
async fn addresses_that_lead_nowhere() {
    let shop = TestShop::open().await;
    for path in NOWHERE {
        let got = status(&shop, path).await;
        assert!((400..500).contains(&got), "{path}: {got}");
    }
    for path in ODD {
        let got = status(&shop, path).await;
        assert!(got == 200 || (400..500).contains(&got), "{path}: {got}");
    }
    let mut reader = shop.phone();
    reader.opens("/p/unknown").await.refuses_in("zh-CN");
    reader.opens("/en/p/unknown").await.refuses_in("en");
}

#[tokio::test]
async fn addresses_without_end() {
    let shop = TestShop::open().await;
    assert_eq!(status(&shop, &format!("/?q={}", "x".repeat(30_000))).await, 200);
    let got = status(&shop, &format!("/?{}", "x".repeat(100_000))).await;
    assert!(got == 0 || (400..500).contains(&got), "refused or cut: {got}");
    assert_eq!(status(&shop, "/").await, 200, "the next is served");
}

#[tokio::test]
async fn other_methods_and_other_bodies() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in();
    let body = form.encoded();
    for kind in [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "",
        "application/x-www-form-urlencoded; charset",
    ] {
        let ask = Ask::form(&form).with(CONTENT_TYPE, kind);
        let page = buyer.browser.send(ask).await;
        assert!(page.status.is_client_error() || kind.contains("charset"), "{kind}: {}", page.told());
    }
    for garbage in ["\0\0\0", "%FF%FE=%00", "&&&&", "=", "variant", "variant=%", &"&a=b".repeat(50_000)] {
        let url = buyer.browser.at("/checkout");
        buyer.browser.send(Ask::post(url, garbage)).await.refuses_in("zh-CN");
    }
    let huge = format!("{body}&note={}", "x".repeat(600_000));
    let url = buyer.browser.at("/checkout");
    let page = buyer.browser.send(Ask::post(url, huge)).await;
    assert_eq!(page.status, 413);
    page.refuses_in("zh-CN");
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
        for path in ["/", "/checkout", "/hooks/weibo/pay", "/admin", "/orders"] {
            let ask = format!(
                "{method} {path} HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            let answer = shop.raw(ask.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{method} {path}: {answer:.200}");
        }
    }
    shop.leaves_jobs();
}

/// Whether this request is refused before anything is done.
async fn is_forbidden(browser: &mut Browser, ask: Ask) -> bool {
    let page = browser.send(ask).await;
    page.status == 403
}

#[tokio::test]
async fn another_sites_form_is_not_obeyed() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=mug").await;
    let form = buyer.filled_in();
    let site = HeaderName::from_static("sec-fetch-site");
    for origin in
        ["https://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example", "\u{ff}"]
    {
        assert!(is_forbidden(&mut buyer.browser, Ask::form(&form).with(ORIGIN, origin)).await, "{origin}");
    }
    for said in ["cross-site", "same-site", "nonsense"] {
        assert!(is_forbidden(&mut buyer.browser, Ask::form(&form).with(site.clone(), said)).await, "{said}");
    }
    for path in ["/sign-out", "/admin/sign-in", "/admin/sign-out", "/orders/x/repost", "/orders/x/question"] {
        let ask = Ask::post(buyer.browser.at(path), "").of_another_site();
        assert!(is_forbidden(&mut buyer.browser, ask).await, "{path}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    // An old WebView says nothing of where it comes from.
    let silent = Ask::post(form.action.clone(), form.encoded());
    assert_eq!(buyer.asks(silent).await.payment(), "none");
    shop.closes().await;
}

#[tokio::test]
async fn another_host_is_not_ours() {
    let shop = TestShop::open().await;
    for host in ["evil.example", "127.0.0.1:1", "", "127.0.0.1@evil.example", "[::1"] {
        let answer =
            shop.raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes()).await;
        assert!(
            answer.starts_with("HTTP/1.1 421") || answer.starts_with("HTTP/1.1 400"),
            "{host}: {answer:.200}"
        );
    }
    let lies =
        "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\nX-Forwarded-Proto: https\r\n";
    let answer = shop
        .raw(format!("GET /p/mug HTTP/1.1\r\nHost: HOST\r\n{lies}Connection: close\r\n\r\n").as_bytes())
        .await;
    assert!(answer.starts_with("HTTP/1.1 200") && !answer.contains("evil.example"), "{answer:.300}");
}

#[tokio::test]
async fn user_agents_of_any_kind_get_a_page() {
    let shop = TestShop::open().await;
    for line in include_str!("../fixtures/weibo/user-agents.tsv").lines().skip(1).step_by(4) {
        let agent: &'static str = line.split('\t').next().unwrap().to_owned().leak();
        let mut visitor = shop.visitor(agent);
        let page = visitor.opens("/p/mug").await;
        let route = page.attribute("body", "data-route");
        assert!(
            ["client", "client-too-old", "desktop", "mobile"].contains(&route.as_str()),
            "{agent}: {route}"
        );
    }
    let long: &'static str = "Weibo (x__weibo__99999999999999999999999.1__android)".repeat(300).leak();
    for agent in [long, "\u{ff}\u{fe}", "__weibo__", "Weibo (a__weibo____iphone__os)"] {
        assert_eq!(shop.visitor(agent).opens("/p/mug").await.status, 200);
    }
}

#[tokio::test]
async fn a_shop_whose_database_is_gone_says_so_and_comes_back() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.goes_to_the_cashier().await;
    let mut conn = shop.database.connect().await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()";
    sqlx::query(cut).execute(&mut conn).await.unwrap();
    buyer.browser.expects_failure = true;
    buyer.presses_pay().await;
    shop.weibo.sandbox.deliver_due().await;
    buyer.browser.expects_failure = false;
    shop.later(minutes(1));
    shop.weibo.delivers().await;
    buyer.opens("/orders").await;
    assert_eq!(buyer.follows("a.listed").await.payment(), "paid");
    shop.closes().await;
}
