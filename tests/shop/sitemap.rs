//! What crawlers are told of: everything on the shelf, nothing else, and not again what they have.

use crate::goods::changes;
use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::page::Page;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};

/// What stands between `<NAME>` and its end, all of it.
fn all(page: &Page, name: &str) -> Vec<String> {
    let (begins, ends) = (format!("<{name}>"), format!("</{name}>"));
    let rest = page.body.split(&begins).skip(1);
    rest.map(|rest| rest.split(&ends).next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_map_leads_to_everything_on_the_shelf_and_to_nothing_else() {
    let shop = TestShop::open().await;
    let mut crawler = shop.visitor("");
    let robots = crawler.opens("/robots.txt").await.body.clone();
    let index = shop.base.join("/sitemap.xml").unwrap();
    assert!(robots.contains(&format!("Sitemap: {index}\n")), "{robots}");
    let closed: Vec<_> = robots.lines().filter_map(|line| line.strip_prefix("Disallow: ")).collect();
    for path in ["/admin", "/checkout", "/orders", "/search", "/coupons/"] {
        let english = format!("/en{path}");
        assert!(closed.contains(&path) && (path == "/admin" || closed.contains(&&*english)), "{robots}");
    }
    for path in ["/hooks/", "/api/", "/oauth/"] {
        assert!(closed.contains(&path), "{robots}");
    }
    for open in ["/p/mug", "/en/p/mug", "/c/table", "/s/0aZ45678", "/en/s/0aZ45678", "/pictures/a.jpg"] {
        assert!(!closed.iter().any(|closed| open.starts_with(closed)), "{open}: {robots}");
    }
    let page = crawler.visits(index).await.clone();
    assert!(page.header("content-type").starts_with("application/xml"));
    assert_eq!(
        all(&page, "lastmod"),
        ["2026-11-21T04:00:00Z"],
        "a part with products tells when one changed"
    );
    let mut found = Vec::new();
    for part in all(&page, "loc") {
        let page = crawler.visits(part.parse().unwrap()).await.clone();
        for address in all(&page, "loc") {
            let opened = crawler.visits(address.parse().unwrap()).await;
            assert_eq!((opened.status.as_u16(), opened.url.as_str()), (200, address.as_str()));
            found.push(opened.url.path().to_owned());
        }
    }
    let products = ["mug", "teapot", "gold", "longjing", "socks"];
    let pages =
        ["/", "/c/table"].map(str::to_owned).into_iter().chain(products.map(|slug| format!("/p/{slug}")));
    let mut expected: Vec<_> = pages.flat_map(|path| [path.clone(), format!("/en{path}")]).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
    for none in [
        "/sitemap/1.xml",
        "/sitemap/00.xml",
        "/sitemap/-1.xml",
        "/sitemap/x.xml",
        "/sitemap/9223372036854775807.xml",
    ] {
        assert_eq!(crawler.opens(none).await.status.as_u16(), 404, "{none}");
    }
}

#[tokio::test]
async fn what_a_crawler_has_it_is_not_sent_again_until_it_changes() {
    let shop = TestShop::open().await;
    let (mut owner, mut crawler) = (shop.owner().await, shop.visitor(""));
    for path in ["/sitemap.xml", "/sitemap/0.xml"] {
        let url = shop.base.join(path).unwrap();
        let mark = crawler.visits(url.clone()).await.header("etag").to_owned();
        let again = crawler.asks(Ask::get(url.clone()).with(IF_NONE_MATCH, &mark)).await;
        assert_eq!((again.status.as_u16(), again.length), (304, 0), "{path}");
        let other = crawler.asks(Ask::get(url).with(IF_NONE_MATCH, "W/\"other\"")).await;
        assert_eq!(other.status.as_u16(), 200, "{path}");
    }
    let url = shop.base.join("/sitemap/0.xml").unwrap();
    let before = crawler.visits(url.clone()).await.clone();
    shop.later(time::Duration::hours(1));
    changes(&mut owner, &shop, "mug", "name-zh", "新杯").await;
    let mark = before.header("etag").to_owned();
    let page = crawler.asks(Ask::get(url).with(IF_NONE_MATCH, &mark)).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(all(page, "lastmod").iter().any(|at| at == "2026-11-21T05:00:00Z"), "{}", page.body);
}

#[tokio::test]
async fn the_map_is_packed_once_and_what_is_not_there_is_known_too() {
    let shop = TestShop::open().await;
    let mut crawler = shop.visitor("");
    let at = |path: &str| shop.base.join(path).unwrap();
    let whole = crawler.visits(at("/sitemap/0.xml")).await.clone();
    assert_eq!(crawler.opens("/sitemap/7.xml").await.status.as_u16(), 404);
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(shop.app.shop.db.reader().await.unwrap());
    }
    for form in ["gzip", "br"] {
        let page = crawler.asks(Ask::get(at("/sitemap/0.xml")).with(ACCEPT_ENCODING, form)).await;
        assert_eq!((page.header("content-encoding"), page.header("etag")), (form, whole.header("etag")));
        assert!(page.length < whole.body.len(), "{form}: {} of {}", page.length, whole.body.len());
    }
    let plain = crawler.asks(Ask::get(at("/sitemap/0.xml")).with(ACCEPT_ENCODING, "identity")).await;
    assert_eq!(plain.body, whole.body);
    assert_eq!(crawler.opens("/sitemap/7.xml").await.status.as_u16(), 404, "and nobody is asked for it");
    crawler.browser.expects_failure = true;
    assert_eq!(crawler.opens("/sitemap/8.xml").await.status.as_u16(), 503);
}
