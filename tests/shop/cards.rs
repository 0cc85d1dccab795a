//! Commodity cards: what a product's page says of itself, what Weibo is told when it asks, how often it may ask, and
//! what the merchant sees of all that.

use crate::goods::changes;
use crate::support::TestShop;
use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::pictures::picture;
use futures_util::future::join_all;
use image::ImageFormat;
use serde_json::{Value, json};
use std::time::Instant;
use time::Duration;
use weipu::sandbox::Read;
use weipu::sharing::cards;
use weipu::sharing::links::{self, Source};

const SETTINGS: &str = "#settings";

impl TestShop {
    /// Weibo asks about an address.
    async fn is_asked(&self, about: &str) -> Page {
        let mut url = self.base.join("/cards/object").unwrap();
        url.query_pairs_mut().append_pair("url", about);
        let mut weibo = self.visitor("");
        weibo.browser.expects_failure = true;
        weibo.asks(Ask::get(url)).await.clone()
    }

    /// The object it gets for a path of the shop's.
    async fn object(&self, path: &str) -> Value {
        self.app.shop.pages.forget();
        let page = self.is_asked(self.base.join(path).unwrap().as_str()).await;
        assert_eq!(page.status.as_u16(), 200, "{path}: {}", page.body);
        serde_json::from_str(&page.body).unwrap()
    }

    /// The status with which it is refused.
    async fn refuses(&self, path: &str) -> u16 {
        self.app.shop.pages.forget();
        let page = self.is_asked(self.base.join(path).unwrap().as_str()).await;
        refusal(&page)
    }
}

/// That it is one in Weibo's form, and its status.
fn refusal(page: &Page) -> u16 {
    let told: Value = serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("{}", page.body));
    let status = page.status.as_u16();
    assert_eq!((&told["request"], &told["error_code"]), (&json!("/cards/object"), &json!(status)), "{told}");
    assert!(told["error"].as_str().is_some_and(|words| !words.is_empty()), "{told}");
    assert!(page.header("content-type").starts_with("application/json"), "{}", page.header("content-type"));
    status
}

fn meta(page: &Page, kind: &str, name: &str) -> String {
    page.attribute(&format!("meta[{kind}='{name}']"), "content")
}

#[tokio::test]
async fn a_products_page_says_what_it_is_in_three_ways() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let photo = picture(ImageFormat::Jpeg, (1600, 1200), [180, 90, 40]);
    owner.uploads("/admin/products/1/pictures", &[("a.jpg", photo)]).await;
    let mut visitor = shop.phone();
    for (path, language, name) in [("/p/mug", "", "山间杯"), ("/en/p/mug", "/en", "Mountain mug")] {
        let page = visitor.opens(path).await.clone();
        let at = |path: &str| shop.base.join(path).unwrap().to_string();
        let own = at(&format!("{language}/p/mug"));
        for (property, said) in [
            ("og:type", "product"),
            ("og:url", &own),
            ("og:title", name),
            ("og:image:width", "750"),
            ("og:image:height", "563"),
        ] {
            assert_eq!(meta(&page, "property", property), said, "{path}");
        }
        for (tag, said) in [
            ("weibo:type", "product"),
            ("weibo:product:title", name),
            ("weibo:product:url", &own),
            ("weibo:product:create_at", "2026-11-21 12:00:00"),
        ] {
            assert_eq!(meta(&page, "name", tag), said, "{path}");
        }
        assert!(meta(&page, "property", "og:image").ends_with("-750.jpg"));
        assert!(meta(&page, "name", "weibo:product:full_image").ends_with("-1080.jpg"));
        assert_eq!(page.attribute("link[rel=canonical]", "href"), own);
        let alternates = page.all("link[rel=alternate]", "href");
        assert_eq!(alternates, [at("/p/mug"), at("/en/p/mug"), at("/p/mug")]);
        assert_eq!(page.all("link[rel=alternate]", "hreflang"), ["zh-CN", "en", "x-default"]);
        let told: Value = serde_json::from_str(&page.text("script[type='application/ld+json']")).unwrap();
        assert_eq!(
            (&told["@type"], &told["name"], &told["sku"]),
            (&json!("Product"), &json!(name), &json!("mug"))
        );
        assert_eq!(told["offers"]["price"], "39.90");
        assert_eq!(told["offers"]["availability"], "https://schema.org/InStock");
    }
    let page = visitor.opens("/p/longjing").await;
    let told: Value = serde_json::from_str(&page.text("script[type='application/ld+json']")).unwrap();
    assert_eq!((&told["offers"]["lowPrice"], &told["offers"]["offerCount"]), (&json!("128.00"), &json!(2)));
    for path in ["/", "/en/", "/c/table"] {
        let page = visitor.opens(path).await;
        assert_eq!(meta(page, "property", "og:type"), "website", "{path}");
        assert!(!meta(page, "property", "og:description").is_empty(), "{path}");
        assert_eq!(page.all("link[rel=alternate]", "href").len(), 3, "{path}");
    }
    let framed = visitor.opens("/light/p/mug").await;
    assert!(!framed.has("link[rel=alternate]") && !framed.has("script[type='application/ld+json']"));
}

#[tokio::test]
async fn what_a_merchant_writes_ends_no_script_and_no_tag() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let nasty = "</script><script>alert('1')</script><!-- \"&";
    changes(&mut owner, &shop, "mug", "name-zh", nasty).await;
    let page = shop.phone().opens("/p/mug").await.clone();
    assert_eq!(meta(&page, "property", "og:title"), nasty);
    let told: Value = serde_json::from_str(&page.text("script[type='application/ld+json']")).unwrap();
    assert_eq!(told["name"], nasty);
    assert!(!page.body.contains("<script>"));
    assert_eq!(shop.object("/p/mug").await["display_name"], nasty);
}

#[tokio::test]
async fn weibo_is_told_the_object_of_a_product_by_every_address_of_it() {
    let shop = TestShop::open().await;
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let code =
        links::make(&mut tx, "/p/mug?variant=mug", Source::Broadcast(1), shop.clock.now()).await.unwrap();
    let away = links::make(&mut tx, "/c/table", Source::Broadcast(1), shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let url = shop.base.join("/p/mug").unwrap().to_string();
    let object = shop.object("/p/mug").await;
    let expected = json!({
        "object_type": "product",
        "display_name": "山间杯",
        "url": url,
        "summary": "山里来的好东西",
        "create_at": "2026-11-21",
        "updated": "Sat Nov 21 12:00:00+0800 2026",
        "links": { "url": url },
        "tags": [{ "display_name": "茶桌" }],
        "author": {
            "object_type": "person", "display_name": "山间小铺", "url": "https://weibo.com/u/7000000001"
        },
        "custom_data": { "price_fen": 3990, "stock": 5 }
    });
    assert_eq!(object, expected);
    for path in
        ["/p/mug?utm_source=x&variant=mug#buy", "/en/p/mug", "/light/p/mug?visit=x", &format!("/s/{code}")]
    {
        assert_eq!(shop.object(path).await, expected, "{path}");
    }
    assert_eq!(shop.object("/p/longjing").await["custom_data"], json!({ "price_fen": 12_800, "stock": 20 }));
    assert_eq!(shop.refuses(&format!("/s/{away}")).await, 404);
    assert_eq!(shop.refuses("/s/00000000").await, 404);
}

#[tokio::test]
async fn what_is_no_product_on_sale_is_refused_in_weibos_form() {
    let shop = TestShop::open().await;
    for path in ["/p/hidden", "/p/nothing", "/", "/c/table", "/admin/products/1", "/p/MUG", "/orders/1"] {
        assert_eq!(shop.refuses(path).await, 404, "{path}");
    }
    assert_eq!(refusal(&shop.is_asked("https://elsewhere.example/p/mug").await), 404);
    for malformed in ["", "mug", "/p/mug", "http://", "http://a\0b/", &"x".repeat(5_000)] {
        assert_eq!(refusal(&shop.is_asked(malformed).await), 400, "{malformed:?}");
    }
    let address = shop.base.join("/p/mug").unwrap();
    for query in
        ["", "?", "?url", &format!("?URL={address}"), &format!("?url={address}&url={address}"), "?url=%ff%00"]
    {
        let url = shop.base.join(&format!("/cards/object{query}")).unwrap();
        let page = shop.visitor("").asks(Ask::get(url)).await.clone();
        assert_eq!(refusal(&page), 400, "{query}");
    }
    let url = shop.base.join("/cards/object").unwrap();
    let posted = shop.visitor("").asks(Ask::post(url, "url=x")).await.status.as_u16();
    assert!(matches!(posted, 404 | 405), "nothing is taken: {posted}");
}

#[tokio::test]
async fn nobody_learns_from_a_refusal_what_the_shop_will_sell() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form =
        owner.opens("/admin/products/1").await.form("#product").with("shelf", "off").with("do", "save");
    owner.submits(&form).await;
    let ask = async |path: &str| {
        let page = shop.is_asked(shop.base.join(path).unwrap().as_str()).await;
        (refusal(&page), page.body.clone(), page.length)
    };
    let nothing = ask("/p/nothing").await;
    assert_eq!(nothing.0, 404);
    for path in ["/p/hidden", "/p/mug", "/en/p/hidden"] {
        assert_eq!(ask(path).await, nothing, "{path}");
    }
    shop.leaves_jobs();
    // The merchant sees them apart all the same.
    let page = owner.opens("/admin/cards").await;
    let refusals = |slug: &str| page.text(&format!("#calls tr[data-slug={slug}] td:nth-child(3)"));
    assert_eq!((refusals("hidden"), refusals("mug")), ("2".into(), "1".into()));
    assert_eq!(page.text("tr[data-why='unknown'] td:nth-child(2)"), "1");
}

#[tokio::test]
async fn what_is_sold_out_taken_down_or_moved_is_told_at_once() {
    let shop = TestShop::open().await;
    let (mut owner, mut buyer) = (shop.owner().await, shop.buyer());
    assert_eq!(shop.object("/p/teapot").await["custom_data"]["stock"], 1);
    buyer.orders("teapot", 1).await;
    assert_eq!(shop.object("/p/teapot").await["custom_data"]["stock"], 0);
    // From here on nothing is forgotten but by what the merchant does.
    let ask = async |path: &str| {
        let page = shop.is_asked(shop.base.join(path).unwrap().as_str()).await;
        (page.status.as_u16(), serde_json::from_str::<Value>(&page.body).unwrap())
    };
    assert_eq!(ask("/p/mug").await.0, 200);
    let form = owner.opens("/admin/products/1").await.form("#product").with("slug", "cup").with("do", "save");
    owner.submits(&form).await;
    let (status, object) = ask("/p/mug").await;
    assert_eq!((status, &object["url"]), (200, &json!(shop.base.join("/p/cup").unwrap().as_str())));
    assert_eq!(ask("/p/cup").await.1, object, "it is one object by both addresses");
    let form =
        owner.opens("/admin/products/1").await.form("#product").with("shelf", "off").with("do", "save");
    owner.submits(&form).await;
    for path in ["/p/mug", "/p/cup"] {
        assert_eq!(ask(path).await.0, 404, "{path}");
    }
    shop.leaves_jobs();
    let page = owner.opens("/admin/cards").await;
    let told = |column: u8| page.text(&format!("#calls tr[data-slug=cup] td:nth-child({column})"));
    assert_eq!((told(2).as_str(), told(3).as_str()), ("5", "2"), "asked, and refused");
}

#[tokio::test]
async fn who_makes_us_look_too_often_is_turned_away_and_what_is_known_is_told_to_all() {
    let shop = TestShop::open().await;
    let at = |path: &str| shop.base.join(path).unwrap().to_string();
    let floods = async |round: u32| {
        let each = (0..150).map(async |n| shop.is_asked(&at(&format!("/p/none-{round}-{n}"))).await);
        let asked = join_all(each).await;
        let turned: Vec<_> = asked.into_iter().filter(|page| page.status.as_u16() == 429).collect();
        for page in &turned {
            assert_eq!((refusal(page), page.header("retry-after")), (429, "1"));
        }
        turned.len()
    };
    // An answer lies in memory for a second only: on a slow machine it is over before the flood is.
    let mut known = false;
    let mut rounds = 0;
    while !known && rounds < 10 {
        shop.later(Duration::seconds(1));
        assert_eq!(
            shop.is_asked(&at("/p/mug")).await.status.as_u16(),
            200,
            "a second later all may ask again"
        );
        assert_eq!(floods(rounds).await, 51);
        known = shop.is_asked(&at("/p/mug")).await.status.as_u16() == 200;
        rounds += 1;
    }
    assert!(known, "what lies in memory costs nothing");
    // Whoever is turned away takes no connection, nor does a stranger; and the stream keeps what was posted.
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(shop.app.shop.db.reader().await.unwrap());
    }
    assert_eq!(refusal(&shop.is_asked(&at("/p/none")).await), 429);
    assert_eq!(refusal(&shop.is_asked("https://elsewhere.example/").await), 404);
    assert_eq!(shop.weibo.sandbox.reads(&at("/p/teapot")).await, Read::Unread);
    drop(held);
    let page = shop.owner().await.opens("/admin/cards").await.clone();
    assert!(page.has("tr[data-why='too-many']"), "{}", page.told());
}

#[tokio::test]
async fn when_the_database_has_no_room_weibo_is_told_to_come_again() {
    let shop = TestShop::open().await;
    let mut held = Vec::new();
    for _ in 0..24 {
        held.push(shop.app.shop.db.reader().await.unwrap());
    }
    let products = ["mug", "teapot", "gold", "longjing", "socks"];
    let ask = async |slug: &str| {
        let begun = Instant::now();
        let page = shop.is_asked(shop.base.join(&format!("/p/{slug}")).unwrap().as_str()).await;
        assert_eq!((refusal(&page), page.header("retry-after")), (503, "3"), "{slug}");
        begun.elapsed()
    };
    let mut waited = join_all(products.map(ask)).await;
    waited.sort();
    // Two wait for a connection; the others do not wait for those two.
    assert!(waited[2] < std::time::Duration::from_secs(2), "{waited:?}");
    drop(held);
    for slug in products {
        assert_eq!(shop.object(&format!("/p/{slug}")).await["object_type"], "product", "{slug}");
    }
    let page = shop.owner().await.opens("/admin/cards").await.clone();
    assert_eq!(page.text("tr[data-why='busy'] td:nth-child(2)"), "5", "{}", page.told());
}

#[tokio::test]
async fn calls_are_counted_in_batches_by_product_and_day() {
    let shop = TestShop::open().await;
    let counts = &shop.app.shop.pages.cards_counted();
    for path in ["/p/mug", "/p/mug", "/p/hidden"] {
        shop.app.shop.pages.forget();
        shop.is_asked(shop.base.join(path).unwrap().as_str()).await;
    }
    shop.is_asked("nothing").await;
    assert_eq!(shop.count("SELECT count(*) FROM card_calls").await, 0, "no row for a call");
    let all = "SELECT coalesce(sum(calls), 0)::bigint FROM (SELECT calls FROM card_calls UNION ALL SELECT calls FROM card_refusals) c";
    let db = &shop.app.shop.db;
    join_all((0..4).map(|_| cards::write_down(db, counts))).await.into_iter().for_each(Result::unwrap);
    assert_eq!(shop.count(all).await, 4, "once each, however many write");
    assert_eq!(shop.count("SELECT sum(refusals)::bigint FROM card_calls").await, 1, "the draft is refused");
    shop.later(Duration::days(1));
    shop.is_asked(shop.base.join("/p/mug").unwrap().as_str()).await;
    cards::write_down(db, counts).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM card_calls").await, 3, "a day later is another row");
    shop.later(Duration::days(180));
    cards::sweep(db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count(all).await, 1, "what is older is forgotten");
}

#[tokio::test]
async fn what_cannot_be_written_now_is_written_later() {
    let shop = TestShop::open().await;
    let counts = &shop.app.shop.pages.cards_counted();
    shop.is_asked("nothing").await;
    shop.runs("ALTER TABLE card_refusals RENAME TO away").await;
    cards::write_down(&shop.app.shop.db, counts).await.unwrap_err();
    shop.runs("ALTER TABLE away RENAME TO card_refusals").await;
    shop.is_asked("nothing").await;
    cards::write_down(&shop.app.shop.db, counts).await.unwrap();
    assert_eq!(shop.count("SELECT sum(calls)::bigint FROM card_refusals").await, 2);
}

#[tokio::test]
async fn whoever_writes_and_goes_away_loses_nothing() {
    let shop = TestShop::open().await;
    let (db, counts) = (&shop.app.shop.db, &shop.app.shop.pages.cards_counted());
    shop.is_asked("nothing").await;
    let mut held = db.begin().await.unwrap();
    sqlx::query("LOCK TABLE card_refusals").execute(&mut *held).await.unwrap();
    // One waits for the table, the other for that one. Both are gone before anything is written.
    let soon = std::time::Duration::from_millis(300);
    let write = async || tokio::time::timeout(soon, cards::write_down(db, counts)).await.is_err();
    assert!(join_all([write(), write()]).await.into_iter().all(|gone| gone));
    held.rollback().await.unwrap();
    weipu::web::write_books(&shop.app.shop).await;
    assert_eq!(shop.count("SELECT sum(calls)::bigint FROM card_refusals").await, 1);
}

#[tokio::test]
async fn the_page_shows_what_is_written_when_nothing_can_be_written() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut told = async || {
        shop.is_asked("nothing").await;
        let page = owner.opens("/admin/cards").await;
        assert_eq!(page.status.as_u16(), 200, "{}", page.told());
        page.text("tr[data-why='malformed'] td:nth-child(2)")
    };
    assert_eq!(told().await, "1");
    shop.runs("ALTER TABLE card_refusals ADD CONSTRAINT full_up CHECK (calls < 2)").await;
    assert_eq!(told().await, "1");
    shop.runs("ALTER TABLE card_refusals DROP CONSTRAINT full_up").await;
    assert_eq!(told().await, "3");
}

async fn tries(owner: &mut Buyer, address: &str) -> Page {
    let form = owner.opens("/admin/cards").await.form("#try form").with("url", address);
    owner.submits(&form).await.clone()
}

#[tokio::test]
async fn the_merchant_sees_what_weibo_would_get() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let page = owner.opens("/admin/cards").await;
    let callback = shop.base.join("/cards/object").unwrap().to_string();
    assert_eq!(page.attribute("#cards-callback", "value"), callback);
    assert!(page.text("#cards-prefixes").contains(shop.base.join("/p/").unwrap().as_str()));
    let rule = regex::Regex::new(&page.attribute("#cards-pattern", "value")).unwrap();
    for (path, fits) in [
        ("/p/mug?a=b", true),
        ("/en/p/mug", true),
        ("/light/p/mug?visit=x", true),
        ("/en/light/p/mug", true),
        ("/s/0aZ45678", true),
        ("/en/s/0aZ45678", true),
        ("/light/s/0aZ45678", false),
        ("/orders", false),
    ] {
        let address = shop.base.join(path).unwrap();
        assert_eq!(rule.is_match(address.as_str()), fits, "{path}");
        let prefixed =
            page.text("#cards-prefixes").lines().any(|prefix| address.as_str().starts_with(prefix));
        assert_eq!(prefixed, fits, "{path}");
    }
    assert!(!rule.is_match("http://evil.example/p/mug"));

    let address = |path: &str| shop.base.join(path).unwrap().to_string();
    let page = tries(&mut owner, &address("/p/longjing")).await;
    assert!(
        page.text(".card-drawn.stream").contains("明前龙井") && page.text(".card-drawn").contains("128.00")
    );
    let object: Value = serde_json::from_str(&page.text(".card-object")).unwrap();
    assert_eq!(object, shop.object("/p/longjing").await, "the same as Weibo gets");
    let found = page.all(".card-lint li", "data-point");
    let expected =
        ["title-good", "summary-good", "picture-missing", "price-lowest", "stock-good", "link-local"];
    assert_eq!(found, expected);
    for (tried, words) in [
        (address("/p/hidden"), "没有上架"),
        (address("/p/nothing"), "没有商品"),
        ("https://elsewhere.example/p/mug".into(), "不是本店"),
        ("<b>mug".into(), "完整的网址"),
        ("a\0b".into(), "完整的网址"),
    ] {
        let page = tries(&mut owner, &tried).await;
        assert!(page.text("#outcome").contains(words), "{tried}: {}", page.told());
        // What a page cannot hold comes back as a sign for that.
        assert_eq!(page.value_of("#try form", "url"), tried.replace('\0', "\u{fffd}"));
    }
    assert_eq!(shop.count("SELECT count(*) FROM card_refusals").await, 0, "what is tried is not counted");
}

#[tokio::test]
async fn the_settings_of_cards_hold_at_once_and_not_over_somebody_elses() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/cards").await.form(SETTINGS);
    assert!(!shop.phone().opens("/").await.has("meta[property='wb:webmaster']"));
    for (name, value) in [
        ("card_price_field", "Price"),
        ("card_price_field", "stock"),
        ("card_price_field", ""),
        ("card_verification", "a\nb"),
        ("card_verification", "a\0b"),
        ("card_verification", &"x".repeat(201)),
    ] {
        let page = owner.submits(&form.clone().with(name, value)).await;
        assert_eq!((page.status.as_u16(), page.wrong(name).is_empty()), (422, false), "{name}={value:?}");
    }
    let new = form.clone().with("card_price_field", "sale_price").with("card_verification", "\"><b>0123");
    assert!(owner.submits(&new).await.has(".said"));
    assert_eq!(meta(&shop.phone().opens("/").await.clone(), "property", "wb:webmaster"), "\"><b>0123");
    let page = shop.is_asked(shop.base.join("/p/mug").unwrap().as_str()).await;
    let object: Value = serde_json::from_str(&page.body).unwrap();
    assert_eq!(object["custom_data"], json!({ "sale_price": 3990, "stock": 5 }));
    let late = owner.submits(&form.with("card_price_field", "late_price")).await;
    assert_eq!(late.status.as_u16(), 409, "{}", late.told());
    assert!(late.wrong("card_price_field").contains("sale_price"));
    assert_eq!(shop.object("/p/mug").await["custom_data"], json!({ "sale_price": 3990, "stock": 5 }));
    assert!(owner.opens("/admin/audit").await.has("tr[data-action='change-cards']"));
}

#[tokio::test]
async fn the_stream_draws_what_the_callback_says_and_else_what_the_page_says() {
    let shop = TestShop::open().await;
    shop.posts_a_card("mug").await;
    shop.posts_a_card("teapot").await;
    let sandbox = &shop.weibo.sandbox;
    let address = |path: &str| shop.base.join(path).unwrap().to_string();
    sandbox.say("7000000002", &format!("看这个 {} 好看", address("/p/longjing?from=ali")), None).unwrap();
    let mut buyer = shop.buyer();
    buyer.orders("teapot", 1).await;
    shop.app.shop.pages.forget();
    let stream = async || {
        let url = shop.sandbox_base.join("/sandbox/stream").unwrap();
        shop.visitor("").asks(Ask::get(url)).await.clone()
    };
    let page = stream().await;
    let card = |page: &Page, path: &str| page.text(&format!("a.card[href='{}']", address(path)));
    assert!(card(&page, "/p/mug").contains("山间杯") && card(&page, "/p/mug").contains("¥39.90"));
    assert!(card(&page, "/p/teapot").contains("已售罄"), "{}", card(&page, "/p/teapot"));
    assert!(
        card(&page, "/p/longjing?from=ali").contains("¥128.00"),
        "a text's link is drawn, and leads where it did"
    );

    // A short link that leads to no product is looked at as a page, and nobody has come by it.
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    let code = links::make(&mut tx, "/c/table", Source::Broadcast(1), shop.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let Read::Page(table) = sandbox.reads(&address(&format!("/s/{code}"))).await else { panic!("no page") };
    assert!(!table.title.is_empty(), "{table:?}");
    assert_eq!(shop.count("SELECT count(*) FROM short_link_clicks").await, 0);

    // The callback knows no window; its page says what it is.
    let Read::Page(home) = sandbox.reads(shop.base.as_str()).await else { panic!("no page") };
    assert_eq!((home.title.as_str(), home.price.as_str()), ("山间小铺", ""));
    let Read::Object(moved) = sandbox.reads(&address("/en/p/mug?x=1")).await else { panic!("no object") };
    assert_eq!((moved.title.as_str(), moved.url), ("山间杯", address("/en/p/mug?x=1")));
    assert_eq!(sandbox.reads(&address("/p/nothing")).await, Read::Nothing);
    for elsewhere in ["http://elsewhere.example/", "http://127.0.0.1:1/p/mug", "javascript:alert(1)", ""] {
        assert_eq!(sandbox.reads(elsewhere).await, Read::Unread, "{elsewhere}");
    }

    let mut owner = shop.owner().await;
    let form =
        owner.opens("/admin/products/1").await.form("#product").with("shelf", "off").with("do", "save");
    owner.submits(&form).await;
    assert!(card(&stream().await, "/p/mug").contains("已失效"));
    shop.leaves_jobs();
}
