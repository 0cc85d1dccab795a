//! What the scripts of the shop's pages ask: signatures for the Weibo client, of our own pages only, and the name of
//! where she is.

use crate::support::browser::{Ask, CLIENT};
use crate::support::page::Page;
use crate::support::{Duration, TestShop};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::time::{Duration as Real, Instant};
use url::Url;
use weipu::sandbox::Fault;

impl TestShop {
    /// A signature for the page with this address.
    async fn signs(&self, page: &str) -> Page {
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("url", page).finish();
        self.asks_to_sign(&form).await
    }

    async fn asks_to_sign(&self, form: &str) -> Page {
        let mut her = self.buyer();
        her.browser.expects_failure = true;
        her.browser.send(Ask::post(self.base.join("/api/weibo/signature").unwrap(), form)).await
    }

    /// How often Weibo was asked for a ticket.
    fn tickets(&self) -> usize {
        let asked = self.weibo.sandbox.traffic();
        asked.iter().filter(|exchange| exchange.path == "/oauth2/js_ticket/generate").count()
    }

    /// Whether the client would let the page in.
    async fn admits(&self, page: &str, signed: &Value) -> bool {
        let mut url = self.sandbox_base.join("/sandbox/jsapi/check.js").unwrap();
        let text = |name: &str| signed[name].as_str().map_or_else(|| signed[name].to_string(), str::to_owned);
        url.query_pairs_mut()
            .append_pair("number", "7")
            .append_pair("url", page)
            .extend_pairs(["appkey", "timestamp", "noncestr", "signature"].map(|name| (name, text(name))));
        let told = self.phone().browser.send(Ask::get(url)).await.body;
        assert!(told.starts_with("window.sandboxAdmits(7, "), "{told}");
        told.contains("true")
    }

    async fn place(&self, form: &str) -> (u16, String) {
        let url = self.base.join("/api/place").unwrap();
        let answer = self.buyer().browser.send(Ask::post(url, form)).await;
        (answer.status.as_u16(), answer.body)
    }
}

fn read(page: &Page) -> Value {
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, "application/json"));
    serde_json::from_str(&page.body).unwrap()
}

#[tokio::test]
async fn the_client_admits_the_page_that_was_signed_and_no_other() {
    let shop = TestShop::open().await;
    let page = shop.base.join("/p/mug?variant=mug&from=weibo%20card").unwrap().to_string();
    let answer = shop.signs(&format!("{page}#choose")).await;
    let signed = read(&answer);
    assert_eq!(signed.as_object().unwrap().len(), 4, "{signed}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(shop.admits(&page, &signed).await && shop.admits(&format!("{page}#choose"), &signed).await);
    assert!(!shop.admits(&page.replace("%20", "+"), &signed).await);
    for (name, other) in [("appkey", "1"), ("noncestr", "x"), ("timestamp", "1772677230"), ("signature", "")]
    {
        let mut changed = signed.clone();
        changed[name] = json!(other);
        assert!(!shop.admits(&page, &changed).await, "{name}");
    }
}

#[tokio::test]
async fn only_pages_of_our_own_are_signed_and_for_others_weibo_is_not_asked() {
    let shop = TestShop::open().await;
    let own = shop.base.as_str().trim_end_matches('/');
    let port = shop.base.port().unwrap();
    for other in [
        "",
        "/p/mug",
        own,
        "https://weibo.com/",
        &format!("{own}.evil/"),
        &format!("{own}@evil/"),
        &format!("http://localhost:{port}/"),
        &format!("{own}/ /"),
        &format!("{own}/\0"),
        &format!("{own}/{}", "a".repeat(3000)),
    ] {
        let page = shop.signs(other).await;
        assert_eq!((page.status.as_u16(), page.body.as_str()), (400, r#"{"error":"url"}"#), "{other}");
    }
    for form in ["", "&", "url", "URL=x", "url=%FF"] {
        assert_eq!(shop.asks_to_sign(form).await.status, 400, "{form}");
    }
    // Not by GET, for proxies log what is asked so; and not for another site's page.
    let mut url = shop.base.join("/api/weibo/signature").unwrap();
    let form = format!("url={own}/p/mug");
    let theirs = Ask::post(url.clone(), form.clone()).of_another_site();
    assert_eq!(shop.buyer().browser.send(theirs).await.status, 403);
    url.set_query(Some(&form));
    let answer = shop.buyer().browser.send(Ask::get(url)).await;
    assert!(matches!(answer.status.as_u16(), 404 | 405), "{}", answer.status);
    assert_eq!(shop.tickets(), 0);
}

#[tokio::test]
async fn of_fifty_pages_at_once_one_fetches_the_ticket_and_it_serves_for_its_life() {
    let shop = TestShop::open().await;
    let page = shop.base.join("/").unwrap().to_string();
    let all = join_all((0..50).map(|_| shop.signs(&page))).await;
    let signed: Vec<Value> = all.iter().map(read).collect();
    assert_eq!(shop.tickets(), 1);
    let nonces: std::collections::BTreeSet<_> =
        signed.iter().map(|one| one["noncestr"].to_string()).collect();
    assert_eq!(nonces.len(), 50);
    for one in &signed[..3] {
        assert!(shop.admits(&page, one).await);
    }
    shop.later(Duration::seconds(6999));
    assert!(shop.admits(&page, &read(&shop.signs(&page).await)).await, "it still lives");
    assert_eq!(shop.tickets(), 1);
    shop.later(Duration::seconds(1));
    assert!(shop.admits(&page, &read(&shop.signs(&page).await)).await);
    assert_eq!(shop.tickets(), 2);
}

#[tokio::test]
async fn without_a_ticket_pages_are_told_so_at_once_and_weibo_is_left_alone_for_a_while() {
    let shop = TestShop::open().await;
    let page = shop.base.join("/p/mug").unwrap().to_string();
    for (fault, asked) in [(Fault::TicketRefused, 1), (Fault::TicketLost, 2)] {
        shop.weibo.always(fault);
        for answer in join_all((0..20).map(|_| shop.signs(&page))).await {
            assert_eq!((answer.status.as_u16(), answer.body.as_str()), (503, r#"{"error":"no-ticket"}"#));
            assert_eq!(answer.header("retry-after"), "30");
        }
        assert_eq!(shop.tickets(), asked, "{fault:?}");
        shop.weibo.stops(fault);
        assert_eq!(shop.signs(&page).await.status, 503);
        shop.later(Duration::seconds(30));
        // Only this way does the next round begin without a ticket.
        if fault == Fault::TicketLost {
            assert!(shop.admits(&page, &read(&shop.signs(&page).await)).await);
        }
    }
    assert_eq!(shop.tickets(), 3);
}

#[tokio::test]
async fn pages_never_wait_for_a_ticket() {
    let shop =
        TestShop::with_web(|web| web.jsapi = Some("https://weibo.example/mobile.js".parse().unwrap())).await;
    shop.weibo.always(Fault::TicketLost);
    let mut buyer = shop.buyer();
    for path in ["/", "/p/mug", "/c/table", "/search?q=mug", "/checkout?variant=mug"] {
        assert_eq!(buyer.opens(path).await.status, 200, "{path}");
    }
    buyer.orders("mug", 1).await;
    assert_eq!(shop.tickets(), 0);
    shop.closes().await;
}

#[tokio::test]
async fn a_weibo_that_does_not_answer_is_waited_for_three_seconds_by_one() {
    // Nobody listens behind the address, and nobody refuses either.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address: Url = format!("http://{}/", silent.local_addr().unwrap()).parse().unwrap();
    let shop = TestShop::with_weibo(|weibo| weibo.addresses.oauth = address).await;
    let page = shop.base.join("/").unwrap().to_string();
    let begun = Instant::now();
    let all = join_all((0..10).map(|_| shop.signs(&page))).await;
    assert!(all.iter().all(|answer| answer.status == 503));
    assert!(begun.elapsed() < Real::from_secs(8), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_shop_without_weibos_keys_signs_nothing() {
    let shop = TestShop::without_keys(|_| ()).await;
    assert_eq!(shop.signs(shop.base.as_str()).await.status, 503);
    assert_eq!(shop.tickets(), 0);
}

#[tokio::test]
async fn the_ticket_never_leaves_the_server() {
    let shop = TestShop::open().await;
    let page = shop.base.join("/").unwrap().to_string();
    let signed = shop.signs(&page).await;
    assert_eq!(signed.status, 200);
    // The sandbox's own answer shows what a ticket looks like: 64 letters and digits in a row.
    let long = |text: &str| text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.len() >= 64);
    assert!(long(&"a".repeat(64)) && !long(&signed.body), "{}", signed.body);
    let pages = [shop.buyer().opens("/").await.body.clone(), shop.buyer().opens("/p/mug").await.body.clone()];
    assert!(pages.iter().all(|page| !long(page)));
}

#[tokio::test]
async fn she_is_told_where_she_is_and_nobody_else_learns_of_it() {
    let shop = TestShop::open().await;
    let hangzhou = r#"{"province":"浙江省","city":"杭州市"}"#.to_owned();
    assert_eq!(shop.place("lat=30.246123987&long=120.149321987").await, (200, hangzhou));
    let beijing = r#"{"province":"北京市","city":"北京市"}"#.to_owned();
    assert_eq!(shop.place("lat=39.9087&long=116.3975").await, (200, beijing));
    for abroad in ["lat=48.85&long=2.35", "lat=37.5665&long=126.978", "lat=0&long=0"] {
        assert_eq!(shop.place(abroad).await, (204, String::new()), "{abroad}");
    }
    for bad in [
        "",
        "lat=30.246",
        "lat=NaN&long=120",
        "lat=30&long=inf",
        "lat=91&long=120",
        "lat=30&long=-181",
        "lat=%00&long=120",
        "lat=%FF&long=120",
        "lat=30&lat=x&long=",
        "latitude=30&longitude=120",
    ] {
        assert_eq!(shop.place(bad).await, (400, r#"{"error":"position"}"#.to_owned()), "{bad}");
    }
    let lines = shop.logged();
    let told: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains("30.246123987") || line.contains("120.149321987"))
        .collect();
    assert_eq!(told, [""; 0], "nobody logs where she is");
    let kept = shop.count("SELECT count(*) FROM sessions").await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn another_sites_page_learns_nothing_from_where_she_is() {
    let shop = TestShop::open().await;
    let ask = Ask::post(shop.base.join("/api/place").unwrap(), "lat=30&long=120").of_another_site();
    assert_eq!(shop.buyer().browser.send(ask).await.status, 403);
}

#[tokio::test]
async fn weibos_script_may_be_loaded_in_the_client_only_and_from_that_origin_only() {
    let script = "https://tjs.sjs.sinajs.cn/open/thirdpart/js/jsapi/mobile.js";
    let shop = TestShop::with_web(|web| {
        web.jsapi = Some(script.parse().unwrap());
        web.appclient =
            Some("https://tjs.sjs.sinajs.cn/open/thirdpart/js/frame/appclient.js".parse().unwrap());
    })
    .await;
    let mut buyer = shop.buyer();
    for path in
        ["/", "/c/table", "/search?q=mug", "/p/mug", "/en/p/mug", "/checkout?variant=mug", "/orders", "/none"]
    {
        let page = buyer.opens(path).await;
        let policy = page.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self' https://tjs.sjs.sinajs.cn; style-src 'self';"),
            "{path} {policy}"
        );
        assert!(policy.contains("connect-src 'self';") && policy.matches("sinajs").count() == 1, "{policy}");
        assert_eq!(page.attribute("body", "data-jsapi"), script);
    }
    let mut owner = shop.owner().await;
    owner.browser.agent = CLIENT;
    for path in ["/admin", "/admin/orders", "/admin/products/1/preview/page", "/admin/sign-in", "/admin/none"]
    {
        let page = owner.opens(path).await;
        assert_eq!(page.attribute("body", "data-route"), "client", "{path}");
        let policy = page.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && !policy.contains("sinajs"), "{path} {policy}");
        assert!(!page.has("[data-jsapi]"), "{path}");
    }
    for path in ["/robots.txt", "/api/weibo/signature"] {
        assert!(!buyer.opens(path).await.header("content-security-policy").contains("sinajs"), "{path}");
    }
    for mut other in
        [shop.desktop(), shop.phone(), shop.visitor(""), shop.visitor(crate::support::browser::TOO_OLD)]
    {
        for path in ["/", "/p/mug", "/checkout?variant=mug"] {
            let page = other.opens(path).await;
            assert!(!page.header("content-security-policy").contains("sinajs") && !page.has("[data-jsapi]"));
            let only = "script[src*='share.js'], script[src*='zoom.js'], script[src*='book.js'], #share, [data-book]";
            assert!(!page.has(only), "{path}");
        }
    }
    let off = TestShop::open().await;
    let page = off.buyer().opens("/").await.clone();
    assert!(!page.has("[data-jsapi]") && page.has("script[src*='share.js']"), "the bridge alone is used");
}
