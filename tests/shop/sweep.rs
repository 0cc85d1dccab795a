//! Every address of the shopper's that can be opened, by everybody: visitor, buyer, stranger, signed-in stranger,
//! partner and staff. Those of the back office are in `access`.

use crate::partners::{MIA, link, partner};
use crate::support::TestShop;
use crate::support::browser::{Ask, Browser};
use crate::support::page::Page;
use std::collections::BTreeSet;

/// Where each pattern of the route table leads in this test: `{n}` a number, `{t}` its pay token.
const ROUTES: &[(&str, &str)] = &[
    ("/", "/"),
    ("/c/{slug}", "/c/table"),
    ("/p/{slug}", "/p/mug"),
    ("/checkout", "/checkout?variant=mug"),
    ("/coupons/{slug}", "/coupons/a2b3c4d5"),
    ("/account/coupons", "/account/coupons"),
    ("/orders", "/orders"),
    ("/orders/{number}", "/orders/{n}"),
    ("/orders/{number}/question", "/orders/{n}/question"),
    ("/orders/{number}/receipt", "/orders/{n}/receipt"),
    ("/orders/{number}/repost", "/orders/{n}/repost"),
    ("/orders/{number}/follow/dismissal", "/orders/{n}/follow/dismissal"),
    ("/orders/{number}/events", "/orders/{n}/events"),
    ("/orders/{number}/state", "/orders/{n}/state"),
    ("/q/{token}", "/q/{t}"),
    ("/s/{code}", "/s/00000000"),
    ("/p/{slug}/reminder", "/p/mug/reminder"),
    ("/account/reminders/{id}/removal", "/account/reminders/1/removal"),
    ("/search", "/search?q=mug"),
    ("/light", "/light"),
    ("/light/p/{slug}", "/light/p/mug"),
    ("/light/c/{slug}", "/light/c/table"),
    ("/light/p/{slug}", "/en/light/p/mug?visit=x"),
    ("/en", "/en"),
    ("", "/en"),
    ("/hooks/weibo/pay", "/hooks/weibo/pay"),
    ("/hooks/weibo/refund", "/hooks/weibo/refund"),
    ("/hooks/weibo/fans", "/hooks/weibo/fans"),
    ("/return/weibo/pay", "/return/weibo/pay"),
    ("/api/orders/{number}/payment", "/api/orders/{n}/payment"),
    ("/api/weibo/signature", "/api/weibo/signature"),
    ("/api/place", "/api/place"),
    ("/static/{mark}/{name:.*}", "/static/0/shop.css"),
    ("/pictures/{name}", "/pictures/none.jpg"),
    ("/robots.txt", "/robots.txt"),
    ("/sitemap.xml", "/sitemap.xml"),
    ("/sitemap/{part}.xml", "/sitemap/pages.xml"),
    ("/cards/object", "/cards/object"),
    ("/oauth/weibo", "/oauth/weibo"),
    ("/oauth/weibo/callback", "/oauth/weibo/callback"),
    ("/sign-out", "/sign-out"),
    ("/hooks/weibo/deauthorize", "/hooks/weibo/deauthorize?uid=7000000002"),
    ("/m/{hint}", "/m/AAAAAAAAAAAAAAAAAAAAAA"),
    ("/account", "/account"),
    ("/account/withdrawal", "/account/withdrawal"),
    ("/account/sign-out-everywhere", "/account/sign-out-everywhere"),
    ("/sign-in", "/sign-in"),
    ("/sign-in/state", "/sign-in/state?scan=00000000-0000-4000-8000-000000000001"),
    ("/sign-in/{code}", "/sign-in/AAAAAAAAAAAAAAAAAAAAAA"),
    ("/partner", "/partner"),
    ("/partner/links", "/partner/links"),
    ("/partner/links/{code}", "/partner/links/00000000"),
    ("/partner/statements/{month}", "/partner/statements/2026-11"),
    ("/partner/invitations/{link}", "/partner/invitations/none"),
    ("/en/nowhere", "/en/nowhere"),
    ("/nowhere", "/nowhere"),
    ("/en/p/{slug}", "/en/p/mug"),
];

/// The patterns in the route table, as they are written there.
fn patterns() -> BTreeSet<&'static str> {
    let table = include_str!("../../src/web/routes.rs");
    let calls = [".route(\"", "resource(\"", "scope(\""];
    calls
        .iter()
        .flat_map(|call| table.split(call).skip(1))
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|pattern| *pattern != "/admin")
        .collect()
}

/// What somebody may be answered who opens this.
fn expected(who: &str, pattern: &str) -> &'static [u16] {
    match pattern {
        "/orders/{number}" | "/orders/{number}/events" | "/orders/{number}/state" if who != "buyer" => &[404],
        "/hooks/weibo/pay"
        | "/hooks/weibo/refund"
        | "/api/orders/{number}/payment"
        | "/api/place"
        | "/api/weibo/signature"
        | "/sign-out"
        | "/account/withdrawal"
        | "/account/sign-out-everywhere"
        | "/orders/{number}/question"
        | "/p/{slug}/reminder"
        | "/account/reminders/{id}/removal"
        | "/orders/{number}/receipt"
        | "/orders/{number}/repost"
        | "/orders/{number}/follow/dismissal" => &[404, 405],
        "/q/{token}" | "/oauth/weibo" => &[302],
        "/static/{mark}/{name:.*}"
        | "/pictures/{name}"
        | "/coupons/{slug}"
        | "/nowhere"
        | "/en/nowhere"
        | "/return/weibo/pay"
        | "/m/{hint}"
        | "/s/{code}"
        | "/sign-in/state" => &[404],
        "/sign-in" => &[303],
        "/sign-in/{code}" | "/partner/invitations/{link}" => &[410],
        "/oauth/weibo/callback" | "/cards/object" => &[400],
        "/partner" | "/partner/links" | "/partner/links/{code}" | "/partner/statements/{month}"
            if who == "signed in" =>
        {
            &[404]
        }
        "/partner/links" | "/partner/links/{code}" | "/partner/statements/{month}" if who != "partner" => {
            &[403]
        }
        "/hooks/weibo/fans" => &[403],
        _ => &[200],
    }
}

/// What somebody gets who opens this.
async fn status(browser: &mut Browser, path: &str) -> u16 {
    if path.ends_with("/events") {
        return browser.status_only(path).await;
    }
    let url = browser.at(path);
    browser.send(Ask::get(url)).await.status.as_u16()
}

#[tokio::test]
async fn every_route_by_everybody() {
    let shop = TestShop::open().await;
    let swept: BTreeSet<_> = ROUTES.iter().map(|(pattern, _)| *pattern).collect();
    let missing: Vec<_> = patterns().difference(&swept).copied().collect();
    assert!(missing.is_empty(), "not swept: {missing:?}");

    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    let token = buyer.page().link("#pc").path().rsplit('/').next().unwrap().to_owned();
    let visitor = shop.phone();
    let mut stranger = shop.phone();
    stranger.orders("longjing-1", 1).await;
    let mut signed_in = shop.buyer();
    signed_in.opens("/oauth/weibo?next=/").await;
    signed_in.signs_in().await;
    let mut staff = shop.owner().await;
    let (mut partner, _) = partner(&shop, &mut staff, "8", MIA).await;
    let code = link(&mut partner, "mug").await;
    let everybody = [
        ("visitor", visitor),
        ("buyer", buyer),
        ("stranger", stranger),
        ("signed in", signed_in),
        ("partner", partner),
        ("staff", staff),
    ];
    for (who, mut person) in everybody {
        for &(pattern, path) in ROUTES {
            let path = path.replace("{n}", &number).replace("{t}", &token);
            let path = path.replace("/partner/links/00000000", &code.replace("/s/", "/partner/links/"));
            let expected = expected(who, pattern);
            let got = status(&mut person.browser, &path).await;
            assert!(expected.contains(&got), "{who} at {path}: {got}, expected {expected:?}");
        }
    }
    shop.closes().await;
}

/// Where a browser shows an answer.
fn framers(page: &Page) -> String {
    let policy = page.header("content-security-policy");
    let directive = policy.split("; ").find(|directive| directive.starts_with("frame-ancestors"));
    directive.unwrap_or_else(|| panic!("{} says nothing of frames", page.url)).to_owned()
}

#[tokio::test]
async fn only_the_light_app_may_be_framed() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let number = buyer.order();
    let token = buyer.page().link("#pc").path().rsplit('/').next().unwrap().to_owned();
    let office =
        ["/admin", "/admin/sign-in", "/admin/orders", "/admin/settings/weibo"].map(|path| (path, path));
    for mut person in [buyer, shop.phone(), shop.owner().await] {
        for &(_, path) in ROUTES.iter().chain(&office) {
            let path = path.replace("{n}", &number).replace("{t}", &token);
            if path.ends_with("/events") {
                continue;
            }
            let url = person.browser.at(&path);
            let page = person.browser.send(Ask::get(url)).await;
            let light = path.starts_with("/light") || path.starts_with("/en/light");
            if light {
                assert_eq!(
                    framers(&page),
                    "frame-ancestors 'self' https://*.weibo.com https://weibo.com",
                    "{path}"
                );
                assert!(!page.headers.contains_key("x-frame-options"), "{path}");
            } else if path.starts_with("/pictures/") {
                assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
            } else {
                assert_eq!(framers(&page), "frame-ancestors 'none'", "{path}");
                assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
            }
        }
    }
    shop.closes().await;
}

#[tokio::test]
async fn another_persons_order_is_nowhere_to_be_found() {
    let shop = TestShop::open().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let (number, url) = (buyer.order(), buyer.page().url.clone());
    let mut stranger = shop.desktop();
    stranger.orders("longjing-1", 1).await;
    let own = stranger.page().url.query().unwrap().to_owned();
    let mut signed_in = shop.desktop();
    signed_in.opens("/oauth/weibo?next=/").await;
    signed_in.signs_in().await;
    for mut person in [stranger, signed_in, shop.owner().await, shop.phone()] {
        for opened in
            ["", "?t=", "?t=x", "?t=AAAAAAAAAAAAAAAAAAAAAA", "?t=%00", &format!("?{own}"), "?t=a&t=b"]
        {
            for path in ["", "/state", "/events"] {
                let got = person.browser.status_only(&format!("/orders/{number}{path}{opened}")).await;
                assert!(got == 404 || (opened.contains("&t=") && got == 400), "{path}{opened}: {got}");
            }
            for path in ["/question", "/repost", "/follow/dismissal"] {
                let ask = Ask::post(person.browser.at(&format!("/orders/{number}{path}{opened}")), "text=x");
                let got = person.browser.send(ask).await.status;
                assert!(got == 404 || (opened.contains("&t=") && got == 400), "{path}{opened}: {got}");
            }
        }
        let page = person.opens("/orders").await;
        assert!(!page.body.contains(&number));
        let english = person.opens(&format!("/en/orders/{number}")).await;
        assert_eq!(english.status, 404);
    }
    assert_eq!(buyer.visits(url).await.status, 200);
    shop.closes().await;
}
