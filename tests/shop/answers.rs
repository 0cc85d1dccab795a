//! What every answer has in common: headers, cookies, sizes, and what the log may not know.

use crate::support::browser::{Ask, CLIENT};
use crate::support::buyer::ADDRESS;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use reqwest::header::ACCEPT_ENCODING;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

fn is_hardened(page: &Page) {
    let headers = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("cross-origin-opener-policy", "same-origin"),
    ];
    for (name, value) in headers {
        assert_eq!(page.header(name), value, "{name}: {}", page.told());
    }
    assert!(!page.header("referrer-policy").is_empty() && !page.header("cache-control").is_empty());
    assert!(page.header("content-security-policy").contains("default-src 'none'"), "{}", page.told());
    for leak in ["server", "x-powered-by"] {
        assert_eq!(page.header(leak), "");
    }
}

#[tokio::test]
async fn every_answer_is_hardened() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    for path in [
        "/",
        "/en",
        "/en/",
        "/c/table",
        "/p/mug",
        "/p/unknown",
        "/nowhere",
        "/checkout?variant=mug",
        "/checkout",
        "/orders",
        "/orders/2611-7KQ4-M2X9",
        "/q/unknown",
        "/return/weibo/pay",
        "/oauth/weibo/callback",
        "/admin/sign-in",
        "/admin/welcome/x",
        "/static/x/y",
        "/pictures/x",
        "/robots.txt",
        "/hooks/weibo/pay",
        "/hooks/weibo/refund",
    ] {
        let url = buyer.browser.at(path);
        let page = buyer.browser.send(Ask::get(url)).await;
        is_hardened(&page);
        if path != "/p/mug" {
            assert_eq!(page.header("content-security-policy"), POLICY, "{path}");
        }
    }
    let stylesheet = buyer.opens("/").await.attribute("link[rel=stylesheet]", "href");
    let page = buyer.opens(&stylesheet).await;
    is_hardened(page);
    assert!(page.header("cache-control").contains("immutable"));
}

#[tokio::test]
async fn weibos_script_is_allowed_on_product_pages_in_the_client_and_nowhere_else() {
    let shop = TestShop::open().await;
    let origin = shop.sandbox_base.origin().ascii_serialization();
    let script = format!("script[src^='{origin}']");
    let mut buyer = shop.buyer();
    for path in ["/p/mug", "/en/p/socks", "/p/longjing?variant=longjing-2"] {
        let page = buyer.opens(path).await;
        let policy = POLICY.replace("script-src 'self'", &format!("script-src 'self' {origin}"));
        assert_eq!((page.header("content-security-policy"), page.has(&script)), (policy.as_str(), true));
        assert_eq!(page.attribute(&script, "async"), "", "it never blocks");
    }
    for path in ["/", "/c/table", "/checkout?variant=mug", "/orders", "/p/unknown"] {
        let page = buyer.opens(path).await;
        assert!(!page.header("content-security-policy").contains(&origin) && !page.has(&script), "{path}");
    }
    for mut other in [shop.desktop(), shop.phone(), shop.visitor("")] {
        let page = other.opens("/p/mug").await;
        assert!(!page.header("content-security-policy").contains(&origin) && !page.has(&script));
    }
}

#[tokio::test]
async fn the_session_cookie_is_for_nobody_else() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.opens("/").await;
    buyer.opens("/p/mug").await;
    buyer.opens("/checkout?variant=mug").await;
    assert!(
        buyer.browser.set_cookies.is_empty(),
        "who only looks gets none: {:?}",
        buyer.browser.set_cookies
    );
    buyer.orders("mug", 1).await;
    let cookie = &buyer.browser.set_cookies[0];
    for part in ["weipu=", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=2592000"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "it would be lost over http");
    shop.closes().await;
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let shop = TestShop::with_web(|web| web.public_url = "https://shop.example/".parse().unwrap()).await;
    let answer =
        shop.raw(b"GET /oauth/weibo HTTP/1.1\r\nHost: shop.example\r\nConnection: close\r\n\r\n").await;
    let cookie = answer.lines().find(|line| line.starts_with("set-cookie:")).unwrap();
    for part in ["__Host-weipu=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    let answer = shop.raw(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
}

/// Real prose of the demo's catalog, so that it compresses like what a merchant writes.
async fn tells_a_long_story(shop: &TestShop) {
    let story: String =
        include_str!("../../src/catalog/demo/catalog.json").chars().skip(2_000).take(4_000).collect();
    let mut conn = shop.database.connect().await;
    let sql = "UPDATE products SET description_zh = $1, description_en = $1";
    sqlx::query(sql).bind(story).execute(&mut conn).await.unwrap();
}

#[tokio::test]
async fn pages_keep_their_budgets() {
    let shop = TestShop::open().await;
    tells_a_long_story(&shop).await;
    let mut buyer = shop.buyer();
    for (path, most) in [("/p/socks", 14), ("/en/p/socks", 14), ("/checkout?variant=socks-1", 10), ("/", 14)]
    {
        for encoding in ["gzip", "br"] {
            let url = buyer.browser.at(path);
            let page = buyer.browser.send(Ask::get(url).with(ACCEPT_ENCODING, encoding)).await;
            assert_eq!((page.status.as_u16(), page.header("content-encoding")), (200, encoding), "{path}");
            assert!(page.length > 500 && page.length <= most * 1024, "{path} {encoding}: {}", page.length);
        }
    }
}

#[tokio::test]
async fn pages_are_whole_without_any_script() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    for path in ["/", "/p/socks", "/checkout?variant=mug", "/orders", "/admin/sign-in"] {
        let page = buyer.opens(path).await;
        assert!(!page.body.contains("<script>") && !page.body.contains("javascript:"), "{path}");
        for attribute in [" onclick", " onload", " onerror", " onsubmit", " style=\""] {
            assert!(!page.body.contains(attribute), "{path}: {attribute} is against our own policy");
        }
    }
}

#[tokio::test]
async fn every_text_is_in_both_languages() {
    let shop = TestShop::open().await;
    let keys = |text: &str| {
        let names = text.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.to_owned());
        names.filter(|name| !name.starts_with(['#', ' '])).collect::<std::collections::BTreeSet<_>>()
    };
    let chinese = keys(include_str!("../../src/web/texts/zh-CN/shop.ftl"));
    assert_eq!(chinese, keys(include_str!("../../src/web/texts/en/shop.ftl")));
    let mut buyer = shop.desktop();
    let page = buyer.opens("/en/p/mug").await;
    assert_eq!((page.attribute("html", "lang"), page.text("h1")), ("en".into(), "Mountain mug".into()));
    buyer.orders_in_english("mug").await;
    let page = buyer.page();
    assert!(page.url.path().starts_with("/en/orders/"));
    for key in &chinese {
        let bare = format!(">{key}<");
        assert!(!key.contains('-') || !page.body.contains(&bare), "{key} has no text");
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_product_page_is_fresh_within_a_second_and_says_what_is_left() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.opens("/p/mug").await;
    shop.restocks("mug", 0).await;
    let page = buyer.opens("/p/mug").await;
    assert!(page.has("em.tag") && !page.has("button.buy"), "{}", page.told());
    let page = buyer.opens("/p/longjing?variant=longjing-2").await;
    // A link to what is sold out leads to what can be had.
    assert!(page.has("input[value=longjing-2][disabled]") && page.has("button.buy"), "{}", page.told());
    assert!(page.has("input[value=longjing-1][checked]"), "{}", page.told());
}

#[tokio::test]
async fn an_order_keeps_what_it_was_when_the_catalog_changes() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 2).await;
    shop.count("UPDATE variants SET price_fen = 1 WHERE sku = 'mug' RETURNING 1::bigint").await;
    shop.count("UPDATE products SET name_zh = '别的' WHERE slug = 'mug' RETURNING 1::bigint").await;
    let page = buyer.looks_again().await;
    assert!(page.body.contains("山间杯") && page.body.contains("79.80"), "{}", page.told());
    buyer.pays().await;
    shop.weibo.delivers().await;
    shop.closes().await;
    assert_eq!(shop.weibo.payment().order.total_fen, 7_980);
}

#[tokio::test]
async fn the_log_knows_nothing_personal_and_no_secret() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    let page = buyer.page().clone();
    let opened = page.attribute("main", "data-tag");
    let token = page.link("#pay").path().rsplit('/').next().unwrap().to_owned();
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.looks_again().await;
    buyer.opens("/oauth/weibo?next=/").await;
    let state = buyer.page().url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    buyer.signs_in().await;
    buyer.opens("/return/weibo/pay?sign=forged&sign_type=RSA").await;
    shop.weibo.posts("sign=forged").await;
    shop.later(minutes(40));
    shop.closes().await;
    let log = shop.logged();
    assert!(log.contains("payment settled"), "the log is heard");
    let cookie = &buyer.browser.cookies["weipu"];
    let sign = &shop.weibo.signed(shop.weibo.payment().fields())["sign"];
    for secret in [&opened, &token, &state, cookie, sign, "test-only-app-secret", CLIENT, "forged"] {
        assert!(secret.len() > 5 && !log.contains(secret), "{secret} stands in the log");
    }
    for (_, hers) in ADDRESS {
        assert!(!log.contains(hers), "{hers} stands in the log");
    }
}

#[tokio::test]
async fn a_shop_without_goods_has_a_home() {
    let shop = TestShop::open().await;
    shop.count("WITH gone AS (UPDATE products SET on_shelf = false RETURNING 1) SELECT count(*) FROM gone")
        .await;
    let mut visitor = shop.phone();
    assert_eq!(visitor.opens("/").await.status, 200);
    assert_eq!(visitor.opens("/c/table").await.status, 200);
    assert_eq!(visitor.opens("/p/mug").await.status, 404);
    assert_eq!(visitor.opens("/en").await.text("h1"), "Mountain Lane");
}
