//! Real input, and bad input: every field and every address with what people and machines send. Always a
//! page that says what is wrong in the reader's language, never a 5xx, and nothing lost.

use crate::support::browser::{Ask, Browser};
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use reqwest::header::{CONTENT_TYPE, HeaderName, ORIGIN};

/// A page in this language that refuses.
fn refuses(page: &Page, language: &str) {
    assert!(page.status.is_client_error(), "{}", page.told());
    assert_eq!(page.attribute("html", "lang"), language, "{}", page.told());
    assert!(!page.text("h1").is_empty() && page.has("main a, main button"), "a way on: {}", page.told());
}

/// The checkout form filled in, in both languages.
async fn forms(shop: &TestShop) -> [(Buyer, &'static str); 2] {
    let (mut chinese, mut english) = (shop.phone(), shop.phone());
    chinese.opens("/checkout?variant=longjing-1").await;
    english.opens("/en/checkout?variant=longjing-1").await;
    [(chinese, "zh-CN"), (english, "en")]
}

#[tokio::test]
async fn every_field_of_the_checkout_with_what_it_may_not_hold() {
    let shop = TestShop::open().await;
    let long = "长".repeat(21_845);
    let fields = ["recipient", "phone", "province", "city", "district", "street", "note"];
    for (mut buyer, language) in forms(&shop).await {
        for field in fields {
            for bad in ["\0", "a\0b", "a\u{7}b", "\u{1b}[31m", &long] {
                let form = buyer.filled_in().with(field, bad);
                let page = buyer.submits(&form).await;
                assert_eq!(
                    (page.status.as_u16(), page.wrong(field).is_empty()),
                    (422, false),
                    "{field} {bad:.9}"
                );
                assert_eq!(page.attribute("html", "lang"), language);
                assert!(page.has(&format!("#wrongs a[href='#{field}']")), "the summary leads there");
                if !bad.contains(char::is_control) {
                    assert_eq!(page.value(field), bad, "kept");
                }
                let other = if field == "street" { "city" } else { "street" };
                assert!(!page.value(other).is_empty(), "nothing else is lost");
                buyer
                    .opens(if language == "en" {
                        "/en/checkout?variant=longjing-1"
                    } else {
                        "/checkout?variant=longjing-1"
                    })
                    .await;
            }
        }
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
}

#[tokio::test]
async fn what_is_missing_is_told_all_at_once() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        let empty = buyer.page().form("form.split").with("phone", "not a phone");
        let page = buyer.submits(&empty).await;
        assert_eq!(page.status, 422);
        for field in ["recipient", "phone", "province", "city", "street"] {
            assert!(!page.wrong(field).is_empty(), "{field} {language}");
        }
        assert!(page.has("[role=alert]"));
    }
}

#[tokio::test]
async fn quantities_that_are_none() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        for bad in [
            "",
            "0",
            "-1",
            "+1",
            "1.5",
            "1e3",
            "100",
            "1000000000000000000",
            "9223372036854775808",
            "１",
            "\0",
            "1 OR 1=1",
        ] {
            let form = buyer.filled_in().with("quantity", bad);
            let page = buyer.submits(&form).await;
            assert_eq!(
                (page.status.as_u16(), page.wrong("quantity").contains("99")),
                (422, true),
                "{bad:?} {language}"
            );
            assert_eq!(page.value("recipient"), "林阿梨");
            let bad: String = form_urlencoded::byte_serialize(bad.as_bytes()).collect();
            let page = buyer.opens(&format!("/checkout?variant=longjing-1&quantity={bad}")).await;
            assert_eq!((page.status.as_u16(), page.wrong("quantity").is_empty()), (422, false), "{bad:?}");
        }
    }
    assert_eq!(shop.stock("longjing-1").await, 20);
}

#[tokio::test]
async fn names_of_all_the_world_are_welcome() {
    let shop = TestShop::open().await;
    for name in [
        "👩🏽‍🌾 阿梨",
        "محمد بن عبد الله",
        "\u{202b}שרה",
        "José 'O''Brien' <i>",
        "𠮷野家",
        "a&b=c+d%20",
        "Zoë; DROP TABLE orders",
    ] {
        let mut buyer = shop.desktop();
        buyer.opens("/checkout?variant=longjing-1").await;
        let form = buyer.filled_in().with("recipient", name).with("note", name).with("street", name);
        let page = buyer.submits(&form).await;
        if page.status == 422 {
            assert!(name.contains('\u{202b}'), "only what turns the text of others around: {name}");
            assert!(!page.wrong("recipient").is_empty());
            continue;
        }
        assert_eq!(page.status, 200, "{}", page.told());
        assert!(!page.body.contains("<i>"), "escaped");
        buyer.pays().await;
        shop.weibo.delivers().await;
        let page = buyer.looks_again().await;
        assert!(page.text(".whereto bdi").contains(name), "{name}: {}", page.told());
    }
    shop.closes().await;
}

#[tokio::test]
async fn a_forged_price_is_never_charged() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    let form = buyer
        .filled_in()
        .with("shown_price", "1")
        .with("price", "1")
        .with("total", "1")
        .with("total_fen", "1");
    let page = buyer.submits(&form).await;
    assert_eq!(
        (page.status.as_u16(), page.wrong("quantity").contains("128.00")),
        (409, true),
        "{}",
        page.told()
    );
    let page = buyer.checks_out().await;
    assert!(page.body.contains("128.00"));
    for nonsense in ["", "-1", "1e9", "\0", "99999999999999999999999"] {
        buyer.opens("/checkout?variant=longjing-1").await;
        let form = buyer.filled_in().with("shown_price", nonsense);
        let page = buyer.submits(&form).await;
        assert!(page.status == 200 || page.status.is_client_error(), "{}", page.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders WHERE total_fen <> 12800").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_price_that_changed_meanwhile_is_told_before_it_is_charged() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=longjing-1").await;
    shop.count("UPDATE variants SET price_fen = 15000 WHERE sku = 'longjing-1' RETURNING 1::bigint").await;
    let form = buyer.filled_in();
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity").contains("150.00")), (409, true));
    let form = page.form("form.split");
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.payment()), (200, "none".into()));
    shop.closes().await;
}

#[tokio::test]
async fn what_sold_out_between_page_and_press_is_told_with_everything_kept() {
    let shop = TestShop::open().await;
    for (mut buyer, language) in forms(&shop).await {
        shop.restocks("longjing-1", 20).await;
        let form = buyer.filled_in().with("quantity", "3");
        shop.restocks("longjing-1", 2).await;
        let page = buyer.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.wrong("quantity").contains('2')), (409, true), "{language}");
        let form = page.form("form.split").with("quantity", "2");
        assert_eq!(buyer.submits(&form).await.payment(), "none");
        let page = buyer.opens("/checkout?variant=longjing-1").await;
        assert_eq!((page.status.as_u16(), page.has("a.button")), (409, true), "sold out now");
    }
    shop.closes().await;
}

#[tokio::test]
async fn more_than_can_be_charged_is_refused() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    buyer.opens("/checkout?variant=gold&quantity=2").await;
    let form = buyer.filled_in();
    let page = buyer.submits(&form).await;
    assert_eq!((page.status.as_u16(), page.wrong("quantity").is_empty()), (409, false), "{}", page.told());
    assert_eq!(shop.stock("gold").await, 5);
}

#[tokio::test]
async fn variants_that_are_none() {
    let shop = TestShop::open().await;
    for bad in ["", "unknown", "hidden", "..", "a b", "%00", "%F0%9F%90%BC", "' OR ''='", &"x".repeat(5_000)]
    {
        let mut buyer = shop.phone();
        refuses(buyer.opens(&format!("/checkout?variant={bad}")).await, "zh-CN");
        refuses(buyer.opens(&format!("/en/checkout?variant={bad}")).await, "en");
        buyer.opens("/checkout?variant=mug").await;
        let form = buyer.filled_in().with("variant", bad);
        refuses(buyer.submits(&form).await, "zh-CN");
        let product = buyer.opens(&format!("/p/longjing?variant={bad}")).await;
        assert_eq!(product.status, 200, "the product is there: {bad}");
    }
}

#[tokio::test]
async fn keys_that_are_none_place_no_order_and_a_fresh_one_is_given() {
    let shop = TestShop::open().await;
    let mut buyer = shop.phone();
    for bad in ["", "x", "\0", "00000000-0000-0000-0000-00000000000g", &"k".repeat(70_000)] {
        buyer.opens("/checkout?variant=mug").await;
        let form = buyer.filled_in().with("key", bad);
        let page = buyer.submits(&form).await;
        assert_eq!((page.status.as_u16(), page.value("key").len()), (422, 36), "{}", page.told());
        assert!(page.has("#wrongs"));
    }
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    buyer.checks_out().await;
    shop.closes().await;
}

#[tokio::test]
async fn without_her_cookie_the_link_shows_her_order_and_not_where_it_goes() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    buyer.opens("/orders").await;
    buyer.follows("a.listed").await;
    let url = buyer.page().url.clone();
    assert!(buyer.page().body.contains("龙井路 1 号"));
    buyer.browser.cookies.clear();
    assert_eq!(buyer.visits(url.clone()).await.status, 404);
    let opened = shop.order_link(url.path().rsplit('/').next().unwrap());
    let page = buyer.opens(&opened).await;
    assert_eq!((page.payment(), page.body.contains("龙井路 1 号")), ("paid".into(), false));
    for cookie in ["", "nonsense", "a%00b", &"x".repeat(4_000)] {
        buyer.browser.cookies.insert("weipu".into(), cookie.into());
        assert_eq!(buyer.visits(url.clone()).await.status, 404, "{cookie:?}");
    }
    shop.closes().await;
}

#[tokio::test]
async fn addresses_that_lead_nowhere() {
    let shop = TestShop::open().await;
    let long = format!("/?q={}", "x".repeat(30_000));
    let paths = [
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
        "/admin/nothing",
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
    for path in paths {
        let answer = shop
            .raw(format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").as_bytes())
            .await;
        let status: u16 = answer[9..12].parse().unwrap();
        assert!((400..500).contains(&status), "{path}: {answer:.300}");
    }
    for path in
        [long.as_str(), "/p/mug?variant=%FF%00", "/p/mug?variant=a&variant=b", "/?%FF=%00", "/orders?x=%ZZ"]
    {
        let answer = shop
            .raw(format!("GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").as_bytes())
            .await;
        let status: u16 = answer[9..12].parse().unwrap();
        assert!(status == 200 || (400..500).contains(&status), "{path:.40}: {answer:.300}");
    }
    let huge = "x".repeat(100_000);
    let answer = shop
        .raw(format!("GET /?{huge} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").as_bytes())
        .await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 2"),
        "{answer:.300}"
    );
    let mut reader = shop.phone();
    refuses(reader.opens("/p/unknown").await, "zh-CN");
    refuses(reader.opens("/en/p/unknown").await, "en");
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
        refuses(&buyer.browser.send(Ask::post(url, garbage)).await, "zh-CN");
    }
    let huge = format!("{body}&note={}", "x".repeat(600_000));
    let url = buyer.browser.at("/checkout");
    let page = buyer.browser.send(Ask::post(url, huge)).await;
    assert_eq!(page.status, 413);
    refuses(&page, "zh-CN");
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
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
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
