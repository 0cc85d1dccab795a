//! The light app: what Weibo signed for somebody else makes her nobody else, whoever leads her here and by whichever
//! address; and whom Weibo's own page names is known, whatever her browser keeps.

use crate::light::{ALI, GREETED, buys, form, framed, goes, is_a_visitor, of_her, posted, shown_in, site};
use crate::support::TestShop;
use crate::support::browser::{Ask, CLIENT, DESKTOP};
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use reqwest::header::{HeaderName, ORIGIN, REFERER};
use url::Url;

const OWNED: &str = "SELECT count(*) FROM orders WHERE customer_id IS NOT NULL";
const SIGNED_IN: &str = "SELECT count(*) FROM sessions WHERE state ? 'customer'";

/// A guest in the client, who has ordered.
async fn guest(shop: &TestShop) -> Buyer {
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer
}

/// Posted without a word of where it comes from.
fn bare(shop: &TestShop, signed: &str) -> Ask {
    let url = shop.base.join("/light").unwrap();
    Ask { cookies: false, ..Ask::post(url, form(&[("signed_request", signed)])) }
}

fn by_get(shop: &TestShop, signed: &str) -> Ask {
    let mut url = shop.base.join("/light").unwrap();
    url.set_query(Some(&form(&[("signed_request", signed)])));
    Ask::get(url)
}

fn with(ask: Ask, headers: &[(HeaderName, &str)]) -> Ask {
    headers.iter().fold(ask, |ask, (name, value)| ask.with(name.clone(), value))
}

fn visit_of(url: &Url) -> Option<String> {
    url.query_pairs().find(|(name, _)| name == "visit").map(|(_, token)| token.into_owned())
}

/// The address with which her session is to begin.
async fn handed_over(shop: &TestShop, buyer: &mut Buyer) -> Url {
    buyer.browser.send(posted(shop, "/light", &of_her(shop).await)).await.link_of_location()
}

#[tokio::test]
async fn what_a_strangers_page_hands_over_signs_nobody_in() {
    let shop = TestShop::open().await;
    let mut her = guest(&shop).await;
    let signed = of_her(&shop).await;
    let cross = (site(), "cross-site");
    for from in [
        &[(ORIGIN, "https://evil.example"), cross.clone()][..],
        &[(ORIGIN, "null"), cross.clone()],
        &[(ORIGIN, "https://evil.example")],
        &[(ORIGIN, "null")],
        &[(ORIGIN, "http://weibo.com")],
        &[(ORIGIN, "https://weibo.com.evil.example")],
        &[(ORIGIN, "https://evilweibo.com")],
        &[(ORIGIN, "https://evil.example"), (REFERER, "https://weibo.com/")],
        &[(REFERER, "https://evil.example/?https://weibo.com")],
        std::slice::from_ref(&cross),
        &[(site(), "same-site")],
    ] {
        for to in [bare(&shop, &signed), by_get(&shop, &signed)] {
            for dest in ["document", "iframe"] {
                let ask = Ask { cookies: true, ..with(shown_in(copy(&to), dest), from) };
                let page = her.asks(ask).await;
                assert!(page.status.is_success() && is_a_visitor(page), "{from:?}: {}", page.told());
                assert!(page.url.query().is_none(), "{from:?}: {}", page.url);
                assert!(is_a_visitor(shop.desktop().asks(with(shown_in(copy(&to), dest), from)).await));
            }
        }
    }
    assert_eq!((shop.count(OWNED).await, shop.count(SIGNED_IN).await), (0, 0));
    assert_eq!(shop.count("SELECT count(*) FROM customers").await, 0);
    // It was not used up: from Weibo's own page it counts.
    assert_eq!(framed(&mut her, &shop, &signed).await.text("#hello"), GREETED);
    shop.closes().await;
}

fn copy(ask: &Ask) -> Ask {
    Ask {
        method: ask.method.clone(),
        url: ask.url.clone(),
        headers: ask.headers.clone(),
        body: ask.body.clone(),
        cookies: ask.cookies,
    }
}

#[tokio::test]
async fn what_weibos_page_hands_over_is_believed() {
    let shop = TestShop::open().await;
    let own = shop.base.origin().ascii_serialization();
    for from in [
        &[(ORIGIN, "https://apps.weibo.com"), (site(), "cross-site")][..],
        &[(REFERER, "https://weibo.com/u/7000000001"), (site(), "cross-site")],
        &[(ORIGIN, &own), (site(), "same-origin")],
        &[(ORIGIN, &own)],
        // A web view by itself, and browsers that say less.
        &[(ORIGIN, "null"), (site(), "none")],
        &[],
    ] {
        for agent in [DESKTOP, CLIENT] {
            let mut her = shop.visitor(agent);
            let page = her.asks(with(bare(&shop, &of_her(&shop).await), from)).await;
            assert_eq!(page.text("#hello"), GREETED, "{from:?}");
        }
    }
}

#[tokio::test]
async fn a_page_of_its_own_begins_a_session_and_a_frame_a_visit_in_every_browser() {
    let shop = TestShop::open().await;
    for agent in [DESKTOP, CLIENT] {
        let mut her = shop.visitor(agent);
        let page = her.asks(shown_in(posted(&shop, "/light", &of_her(&shop).await), "iframe")).await;
        assert_eq!((page.status.as_u16(), page.text("#hello").as_str()), (200, GREETED));
        assert!(visit_of(&page.link("a.tile")).is_some() && her.browser.set_cookies.is_empty(), "{agent}");
        let mut her = shop.visitor(agent);
        let page = her.asks(shown_in(posted(&shop, "/light", &of_her(&shop).await), "document")).await;
        assert_eq!((page.text("#hello").as_str(), visit_of(&page.link("a.tile"))), (GREETED, None));
    }
    assert_eq!(shop.count(SIGNED_IN).await, 2);
}

#[tokio::test]
async fn an_entry_begins_no_session_in_another_browser() {
    let shop = TestShop::open().await;
    let (mut thief, mut her) = (shop.buyer(), guest(&shop).await);
    let entry = handed_over(&shop, &mut thief).await;
    let lure = Ask::get(entry.clone()).with(REFERER, "https://evil.example/").with(site(), "cross-site");
    assert!(is_a_visitor(her.asks(lure).await), "{}", her.page().told());
    assert!(is_a_visitor(thief.visits(entry).await), "it was shown once");

    // By hand it shows whose it is, and begins nothing.
    let entry = handed_over(&shop, &mut thief).await;
    let page = her.visits(entry).await;
    assert_eq!((page.text("#hello").as_str(), visit_of(&page.link("a.tile")).is_some()), (GREETED, true));
    assert!(is_a_visitor(her.opens("/light").await));
    // One of her own beside it changes nothing.
    handed_over(&shop, &mut her).await;
    let entry = handed_over(&shop, &mut thief).await;
    her.visits(entry).await;
    assert!(is_a_visitor(her.opens("/light").await));
    assert_eq!((shop.count(OWNED).await, shop.count(SIGNED_IN).await), (0, 0));
    shop.closes().await;
}

#[tokio::test]
async fn a_web_view_that_keeps_no_cookie_knows_her_all_the_same() {
    let shop = TestShop::open().await;
    let mut her = shop.buyer();
    let to = format!("/light?{}", form(&[("next", "/en/p/mug")]));
    let answer = her.browser.send(posted(&shop, &to, &of_her(&shop).await)).await;
    let entry = Ask { cookies: false, ..Ask::get(answer.link_of_location()) };
    let page = her.asks(entry).await;
    assert!(page.has("#buy") && page.has("#hello"), "{}", page.told());
    assert_eq!(page.attribute("html", "lang"), "en");
    let form = her.page().form("#buy").with("variant", "mug");
    let checkout = her.asks(Ask { cookies: false, ..Ask::form(&form).with(site(), "same-origin") }).await;
    assert!(checkout.text("#who").contains(ALI.1), "{}", checkout.told());
    assert_eq!(shop.count(SIGNED_IN).await, 0);
}

#[tokio::test]
async fn the_entrys_cookie_is_bound_to_the_host_and_short() {
    for (scheme, name) in [("http", "weipu-entry="), ("https", "__Host-weipu-entry=")] {
        let shop = TestShop::with_web(|web| web.public_url.set_scheme(scheme).unwrap()).await;
        let mut her = shop.buyer();
        her.browser.send(posted(&shop, "/light", &of_her(&shop).await)).await;
        let [cookie] = &her.browser.set_cookies[..] else { panic!("{:?}", her.browser.set_cookies) };
        assert!(cookie.starts_with(name), "{cookie}");
        for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Max-Age=60"] {
            assert!(cookie.split("; ").any(|said| said == part), "no {part}: {cookie}");
        }
        assert_eq!(cookie.contains("Secure"), scheme == "https", "{cookie}");
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
}

#[tokio::test]
async fn an_address_with_a_signed_request_begins_no_session() {
    let shop = TestShop::open().await;
    let mut her = guest(&shop).await;
    let page = her.asks(shown_in(by_get(&shop, &of_her(&shop).await), "document")).await;
    assert_eq!((page.text("#hello").as_str(), visit_of(&page.link("a.tile")).is_some()), (GREETED, true));
    assert!(is_a_visitor(her.opens("/light").await));
    assert_eq!((shop.count(OWNED).await, shop.count(SIGNED_IN).await), (0, 0));
    shop.closes().await;
}

#[tokio::test]
async fn who_has_ended_all_her_sessions_is_not_led_in_by_an_older_entry() {
    let shop = TestShop::open().await;
    let mut her = guest(&shop).await;
    let entry = handed_over(&shop, &mut her).await;
    shop.runs("UPDATE customers SET session_round = session_round + 1").await;
    assert!(is_a_visitor(her.visits(entry).await));
    assert_eq!((shop.count(OWNED).await, shop.count(SIGNED_IN).await), (0, 0));
    shop.closes().await;
}

#[tokio::test]
async fn the_other_languages_link_carries_only_a_visit_that_was_honoured() {
    let shop = TestShop::open().await;
    let mut thief = shop.desktop();
    framed(&mut thief, &shop, &of_her(&shop).await).await;
    let token = visit_of(&thief.page().link("a.tile")).unwrap();
    for path in ["/checkout?variant=mug&quantity=1", "/orders", "/en/checkout?variant=mug", "/en/orders"] {
        let glue = if path.contains('?') { '&' } else { '?' };
        let url = shop.base.join(&format!("{path}{glue}visit={token}&entry=x&signed_request=y")).unwrap();
        for foreign in [(site(), "cross-site"), (site(), "none"), (REFERER, "https://evil.example/")] {
            let mut her = shop.desktop();
            let page = her.asks(with(Ask::get(url.clone()), &[foreign])).await.clone();
            let other = page.link("header.top nav a[lang]");
            assert!(!page.has("#who") && !page.body.contains(&token), "{path}: {}", page.told());
            assert_eq!(
                other.query().is_some_and(|q| q.contains("variant=mug")),
                path.contains('?'),
                "{other}"
            );
            assert!(!goes(&mut her, other).await.has("#who"), "{path}");
        }
        let mut hers = shop.desktop();
        let page = goes(&mut hers, url).await;
        assert!(page.has("#who"), "{path}: {}", page.told());
        let other = page.link("header.top nav a[lang]");
        assert_eq!(visit_of(&other).as_deref(), Some(token.as_str()), "{path}");
        assert!(!other.query().unwrap().contains("entry="), "{other}");
        assert!(goes(&mut hers, other).await.text("#who").contains(ALI.1), "{path}");
    }
}

#[tokio::test]
async fn an_error_page_in_the_frame_goes_on_knowing_her() {
    let shop = TestShop::open().await;
    let mut her = shop.desktop();
    framed(&mut her, &shop, &of_her(&shop).await).await;
    let token = visit_of(&her.page().link("a.tile")).unwrap();
    for path in ["/light/p/nothing", "/en/light/c/nothing", "/light/c/table?page=99", "/light/nowhere"] {
        let glue = if path.contains('?') { '&' } else { '?' };
        let url = shop.base.join(&format!("{path}{glue}visit={token}")).unwrap();
        let page = goes(&mut her, url.clone()).await;
        assert_eq!((page.status.as_u16(), page.text("#hello").contains(ALI.1)), (404, true), "{path}");
        let on = page.link("main a.button");
        assert_eq!(visit_of(&on).as_deref(), Some(token.as_str()), "{path}");
        assert!(goes(&mut her, on).await.has("#hello"), "{path}");
        // Not for whom another site leads there.
        let lured: Page = her.asks(Ask::get(url).with(site(), "cross-site")).await.clone();
        assert!(lured.status == 404 && is_a_visitor(&lured), "{path}: {}", lured.told());
    }
    // Nor is anything of it on a page outside the frame.
    let page = goes(&mut her, shop.base.join(&format!("/p/nothing?visit={token}")).unwrap()).await;
    assert!(page.status == 404 && !page.body.contains(&token));
}

#[tokio::test]
async fn the_page_meant_is_shown_in_its_language_and_with_what_was_chosen() {
    let shop = TestShop::open().await;
    for (next, twin, lang) in [
        ("/c/table", "/light/c/table", "zh-CN"),
        ("/en/c/table", "/en/light/c/table", "en"),
        ("/light/c/table", "/light/c/table", "zh-CN"),
        ("/en", "/en/light", "en"),
        ("/english", "/light", "zh-CN"),
        ("/p/mug?variant=mug", "/light/p/mug?variant=mug", "zh-CN"),
        ("/en/p/mug?variant=mug#x", "/en/light/p/mug?variant=mug", "en"),
    ] {
        let to = format!("/light?{}", form(&[("next", next)]));
        let signed = of_her(&shop).await;
        let mut her = shop.desktop();
        let page = her.asks(shown_in(posted(&shop, &to, &signed), "iframe")).await;
        assert!(page.has("#hello"), "{next}: {}", page.told());
        assert_eq!(page.attribute("html", "lang"), lang, "{next}");
        let again = her.browser.send(posted(&shop, &to, &signed)).await;
        assert_eq!(again.link_of_location(), shop.base.join(twin).unwrap(), "{next}");
    }
    // By GET the path says it too.
    let mut ask = by_get(&shop, &of_her(&shop).await);
    ask.url.set_path("/en/light");
    let mut her = shop.desktop();
    assert_eq!(her.asks(ask).await.attribute("html", "lang"), "en");
    assert!(buys(&mut her).await.has("#who"));
}
