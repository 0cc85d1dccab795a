//! Looking for goods: what people type, what they find, and what they never do.

use crate::goods::{changes, edits, id_of};
use crate::support::goods::text;
use crate::support::{TestShop, minutes};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestRunner};
use weipu::catalog::search::{self, Scope};
use weipu::catalog::{self, ProductId, Slug};

/// The slugs of what is found, the best first.
async fn finds(shop: &TestShop, typed: &str, scope: Scope) -> Vec<String> {
    let mut conn = shop.app.shop.db.reader().await.unwrap();
    let ids = search::ids(&mut conn, typed, 100, scope).await.unwrap();
    let sql = "SELECT slug FROM unnest($1::bigint[]) WITH ORDINALITY AS n (id, number)
        JOIN products p ON p.id = n.id ORDER BY number";
    let ids: Vec<i64> = ids.iter().map(|id| id.0).collect();
    sqlx::query_scalar(sql).bind(ids).fetch_all(&mut *conn).await.unwrap()
}

async fn product(shop: &TestShop, slug: &str) -> ProductId {
    let sql = format!("SELECT id FROM products WHERE slug = '{slug}'");
    ProductId(shop.count(sql.leak()).await)
}

#[tokio::test]
async fn what_people_type_finds_what_they_mean() {
    let shop = TestShop::open().await;
    search::catch_up(&shop.app.shop.db).await.unwrap();
    let all = ["mug", "teapot", "gold", "longjing", "socks"];
    let cases: [(&str, &[&str]); 44] = [
        // Chinese: words of two characters, one, many, across a word's border
        ("龙井", &["longjing"]),
        ("井", &["longjing"]),
        ("明前龙井", &["longjing"]),
        ("前龙", &["longjing"]),
        ("龙前", &[]),
        ("羊毛", &["socks"]),
        ("金条", &["gold"]),
        // Pinyin, whole and by its first letters
        ("longjing", &["longjing"]),
        ("mingqianlongjing", &["longjing"]),
        ("lj", &["longjing"]),
        ("mqlj", &["longjing"]),
        ("zn", &["teapot"]),
        ("zhunihu", &["teapot"]),
        ("ymw", &["socks"]),
        ("jl", &[]),
        // Latin: any case and width, beginnings, slips of the finger
        ("Wool Socks", &["socks"]),
        ("ｗｏｏｌ", &["socks"]),
        ("WOO", &["socks"]),
        ("socs", &["socks"]),
        ("longjng", &["longjing"]),
        ("mountian mug", &["mug"]),
        ("taepot", &["teapot"]),
        ("mugs", &["mug"]),
        ("tea", &["longjing", "teapot", "mug", "gold", "socks"]),
        ("wo", &[]),
        ("xyzzyplugh", &[]),
        // SKUs, options, several words of different kinds
        ("longjing-2", &["longjing"]),
        ("socks-3", &["socks"]),
        ("小罐", &["longjing"]),
        ("米白 袜", &["socks"]),
        ("龙井 小罐", &["longjing"]),
        ("龙井 1", &["longjing"]),
        ("龙井 袜", &[]),
        ("mug 山间", &["mug"]),
        // The category, the summary, the description find all
        ("茶桌", &all),
        ("chazhuo", &all),
        ("好东西", &all),
        ("一件", &all),
        // Drafts never
        ("未上架", &[]),
        ("hidden", &[]),
        ("wsj", &[]),
        // Nothing that can be looked for
        ("", &[]),
        ("!!! ，。 🍵", &[]),
        ("\0\u{7f}\n", &[]),
    ];
    for (typed, expected) in cases {
        let mut found = finds(&shop, typed, Scope::Shelf).await;
        let mut expected: Vec<String> = expected.iter().map(|slug| (*slug).to_owned()).collect();
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{typed:?}");
    }
    assert_eq!(finds(&shop, "未上架", Scope::All).await, ["hidden"]);
    assert_eq!(finds(&shop, "hidden", Scope::All).await, ["hidden"]);
}

#[tokio::test]
async fn names_come_before_the_rest_and_what_is_there_before_what_is_sold_out() {
    let shop = TestShop::open().await;
    // "Tea" stands in the name of the tea and in the category of everything.
    assert_eq!(finds(&shop, "tea", Scope::Shelf).await[0], "longjing");
    assert_eq!(finds(&shop, "茶", Scope::Shelf).await.len(), 5);
    assert_eq!(finds(&shop, "山", Scope::Shelf).await[0], "mug");
    shop.restocks("mug", 0).await;
    let found = finds(&shop, "table", Scope::Shelf).await;
    assert_eq!((found.len(), found[4].as_str()), (5, "mug"), "{found:?}");
}

#[tokio::test]
async fn what_the_merchant_edits_is_found_at_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/products/new").await.form("#product").with("category", "1");
    owner.submits(&form.with("name-zh", "铁壶").with("do", "save")).await;
    assert_eq!(finds(&shop, "铁壶", Scope::All).await, ["tie-hu"]);
    assert_eq!(finds(&shop, "铁壶", Scope::Shelf).await.len(), 0);
    changes(&mut owner, &shop, "mug", "name-zh", "青瓷盏").await;
    assert_eq!(
        (finds(&shop, "青瓷", Scope::Shelf).await.len(), finds(&shop, "山间杯", Scope::All).await.len()),
        (1, 0)
    );
    // Codes and options; those of variants that are not made any more find nothing.
    let id = id_of(&shop, "longjing").await;
    let form = owner.opens(&format!("/admin/products/{id}/variants")).await.form("#matrix");
    let tin = shop.count("SELECT id FROM variants WHERE sku = 'longjing-1'").await;
    owner.submits(&form.with(&format!("sku-{tin}"), "QQ-77").with("do", "save")).await;
    assert_eq!(finds(&shop, "qq-77", Scope::Shelf).await, ["longjing"]);
    assert_eq!(finds(&shop, "longjing-1", Scope::Shelf).await.len(), 0);
    let form = owner.page().form("#options").with("a1-c1-zh", "锡罐").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"), "{}", owner.page().told());
    assert_eq!(finds(&shop, "锡罐", Scope::Shelf).await, ["longjing"]);
    // Many at once, and the archive.
    for (what, found) in [("take-off", 0), ("put", 1), ("archive", 0)] {
        let form = owner.opens("/admin/products").await.form("#products").with("do", what);
        owner.submits(&form.with("product", id.to_string())).await;
        assert_eq!(finds(&shop, "锡罐", Scope::Shelf).await.len(), found, "{what}");
    }
    // A table, and the clock.
    shop.checks(&mut owner, "商品编号,商品名称,分类,SKU,价格,库存\nwok,炒锅,茶桌,wok-1,5,0\n").await;
    shop.imports(&mut owner).await;
    assert_eq!(finds(&shop, "chaoguo", Scope::All).await, ["wok"]);
    let form = edits(&mut owner, &shop, "wok").await.form("#product").with("shelf", "between");
    let form = form.with("shelf-from", "2026-11-21T13:00").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"), "{}", owner.page().told());
    assert_eq!(finds(&shop, "炒锅", Scope::Shelf).await.len(), 0);
    shop.later(minutes(61));
    shop.work().await;
    assert_eq!(finds(&shop, "炒锅", Scope::Shelf).await, ["wok"]);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn a_product_is_found_under_its_new_name_only() {
    let shop = TestShop::open().await;
    let mug = product(&shop, "mug").await;
    let rename = "UPDATE products SET name_zh = '青瓷盏', name_en = 'Celadon bowl' WHERE id = $1";
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    sqlx::query(rename).bind(mug.0).execute(&mut *tx).await.unwrap();
    search::index(&mut tx, mug).await.unwrap();
    tx.commit().await.unwrap();
    for (typed, expected) in [("青瓷", 1), ("qcz", 1), ("celadon", 1), ("山间杯", 0), ("sjb", 0)] {
        assert_eq!(finds(&shop, typed, Scope::Shelf).await.len(), expected, "{typed}");
    }
    // Whoever forgets to index is caught up with, and a category's new name too.
    for (change, typed, found) in [
        ("UPDATE products SET name_zh = '白瓷盏' WHERE slug = 'mug' RETURNING 1::bigint", "白瓷", 1),
        ("UPDATE categories SET name_zh = '书房' WHERE slug = 'table' RETURNING 1::bigint", "书房", 5),
        ("UPDATE products SET on_shelf = true WHERE slug = 'hidden' RETURNING 1::bigint", "未上架", 1),
        ("UPDATE products SET on_shelf = false WHERE slug = 'mug' RETURNING 1::bigint", "白瓷", 0),
    ] {
        shop.count(change).await;
        search::catch_up(&shop.app.shop.db).await.unwrap();
        assert_eq!(finds(&shop, typed, Scope::Shelf).await.len(), found, "{typed}");
    }
    assert_eq!(search::catch_up(&shop.app.shop.db).await.unwrap(), 0, "nothing waits");
}

#[tokio::test]
async fn a_product_that_is_taken_off_the_shelf_is_not_found_even_before_it_is_indexed() {
    let shop = TestShop::open().await;
    shop.count("UPDATE products SET on_shelf = false WHERE slug = 'mug' RETURNING 1::bigint").await;
    assert_eq!(finds(&shop, "mug", Scope::Shelf).await, [] as [&str; 0]);
    let mut buyer = shop.buyer();
    let page = buyer.opens("/search?q=%E5%B1%B1%E9%97%B4%E6%9D%AF").await;
    assert!(page.attribute("main", "data-found") == "0" && !page.has(".tile"), "{}", page.told());
}

#[tokio::test]
async fn two_editors_and_the_catching_up_do_not_wait_for_each_other_for_ever() {
    let shop = TestShop::open().await;
    let db = &shop.app.shop.db;
    let slugs = ["mug", "teapot", "socks", "gold", "longjing"];
    let edits = async |slug: &'static str| {
        for round in 0..8 {
            let id = product(&shop, slug).await;
            let mut tx = db.begin().await.unwrap();
            let sql = "UPDATE products SET summary_en = $2, updated_at = now() WHERE id = $1";
            sqlx::query(sql).bind(id.0).bind(format!("brandnew{round}")).execute(&mut *tx).await.unwrap();
            search::index(&mut tx, id).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let catches_up = async || {
        for _ in 0..8 {
            search::catch_up(db).await.unwrap();
        }
    };
    let editors = futures_util::future::join_all(slugs.map(edits));
    tokio::join!(editors, catches_up(), catches_up());
    search::catch_up(db).await.unwrap();
    assert_eq!(finds(&shop, "brandnew7", Scope::Shelf).await.len(), 5);
    assert_eq!(finds(&shop, "brandnew6", Scope::Shelf).await.len(), 0, "no stale word is left");
}

#[tokio::test]
async fn the_shopper_looks_for_something_and_finds_it() {
    let shop = TestShop::open().await;
    search::catch_up(&shop.app.shop.db).await.unwrap();
    let mut buyer = shop.phone();
    buyer.opens("/").await;
    let form = buyer.page().form("form[role=search]").with("q", "lj");
    let page = buyer.submits(&form).await;
    assert_eq!((page.url.path(), page.status.as_u16()), ("/search", 200));
    assert_eq!(page.text(".tile .name"), "明前龙井");
    assert!(page.body.contains("noindex") && page.form("form[role=search]").fields[0].1 == "lj");
    let english = buyer.opens("/en/search?q=longjng").await;
    assert_eq!(english.text(".tile .name"), "Longjing tea");
    assert!(english.text("[role=status]").contains("longjing"), "what was looked for instead is told");
    assert_eq!(english.link("header nav a[lang]").path(), "/search");
}

#[tokio::test]
async fn who_finds_nothing_is_led_on() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    for q in [
        "",
        "%E6%B2%A1%E6%9C%89%E8%BF%99%E6%A0%B7",
        "%3Cscript%3Ealert(1)%3C/script%3E",
        "%00",
        "%20%20",
        "%F0%9F%8D%B5",
    ] {
        let page = buyer.opens(&format!("/search?q={q}")).await;
        assert_eq!(page.status, 200, "{q}");
        assert!(page.has("main a[href='/c/table']") && page.has("form[role=search]"), "{}", page.told());
        assert!(!page.body.contains("<script>"));
    }
    for odd in [
        "/search",
        "/search?page=0",
        "/search?q=mug&page=x",
        "/search?q=mug&page=99999999999999999999",
        "/search?page=-1&q=%ff",
    ] {
        let status = buyer.opens(odd).await.status.as_u16();
        assert!([200, 400].contains(&status), "{odd}: {status}");
    }
    let long = format!("/search?q={}", "%E9%BE%99%E4%BA%95".repeat(600));
    assert_eq!(buyer.opens(&long).await.status, 200, "ten thousand bytes");
}

#[tokio::test]
async fn many_are_shown_page_by_page() {
    let shop = TestShop::open().await;
    let table = "SELECT id FROM categories WHERE slug = 'table'";
    let category = catalog::CategoryId(shop.count(table).await);
    let mut tx = shop.app.shop.db.begin().await.unwrap();
    for n in 0..260 {
        let new = catalog::NewProduct {
            slug: Slug::parse(&format!("fan-{n}")).unwrap(),
            category,
            name: text(&format!("团扇 {n}"), ""),
            summary: text("", ""),
            description: text("", ""),
            on_shelf: true,
            axes: vec![],
            variants: vec![catalog::NewVariant {
                sku: catalog::Sku::parse(&format!("fan-{n}")).unwrap(),
                choices: vec![],
                price: weipu::money::Money::from_fen(100).unwrap(),
                stock: 0,
                weight_g: 1,
            }],
            pictures: vec![],
        };
        catalog::add_product(&mut tx, &new, shop.clock.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut buyer = shop.buyer();
    let mut page = buyer.opens("/search?q=%E5%9B%A2%E6%89%87").await.clone();
    let mut seen = std::collections::BTreeSet::new();
    for number in 1..=10 {
        let tiles: Vec<_> =
            page.body.split("href=\"/p/").skip(1).map(|s| s.split('"').next().unwrap()).collect();
        assert_eq!(tiles.len(), 24, "page {number}");
        seen.extend(tiles.into_iter().map(str::to_owned));
        if number < 10 {
            let next = page.link("a[rel=next]");
            page = buyer.visits(next).await.clone();
        }
    }
    assert_eq!(seen.len(), 240, "none twice");
    assert!(!page.has("a[rel=next]"), "ten pages, and no more");
    (0..260).for_each(|n| shop.counts_again(&format!("fan-{n}"), 0));
}

#[tokio::test]
async fn whatever_is_typed_is_answered() {
    let shop = TestShop::open().await;
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::default() });
    let any = proptest::collection::vec(proptest::prelude::any::<char>(), 0..40);
    for _ in 0..150 {
        let typed: String = any.new_tree(&mut runner).unwrap().current().into_iter().collect();
        finds(&shop, &typed, Scope::All).await;
    }
}
