//! Products as the merchant edits them: from nothing to the shelf, two editors, the clock, old addresses, and
//! drafts that nobody sees.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::{TestShop, minutes};
use time::Duration;

pub async fn id_of(shop: &TestShop, slug: &str) -> i64 {
    let sql = "SELECT id FROM products WHERE slug = $1";
    sqlx::query_scalar(sql).bind(slug).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

/// The page of a product that is there.
pub async fn edits<'a>(owner: &'a mut Buyer, shop: &TestShop, slug: &str) -> &'a Page {
    let id = id_of(shop, slug).await;
    owner.opens(&format!("/admin/products/{id}")).await
}

/// Changes one field of a product and saves it.
pub async fn changes(owner: &mut Buyer, shop: &TestShop, slug: &str, field: &str, value: &str) {
    let form = edits(owner, shop, slug).await.form("#product").with(field, value).with("do", "save");
    let page = owner.submits(&form).await;
    assert!(page.has("[role=status]"), "{}", page.told());
    shop.app.shop.pages.forget();
}

async fn status(shop: &TestShop, path: &str) -> u16 {
    shop.app.shop.pages.forget();
    shop.desktop().opens(path).await.status.as_u16()
}

#[tokio::test]
async fn a_product_comes_from_nothing_onto_the_shelf_and_is_bought() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/products/new").await.form("#product");
    let form = form.with("name-zh", "羊毛围巾").with("name-en", "Wool scarf").with("category", "1");
    let form = form.with("description-zh", "# 手织\n- 暖和\n- **不扎**").with("do", "save");
    let page = owner.submits(&form).await;
    assert!(page.url.path().ends_with("/variants"), "{}", page.told());
    let options = page.form("#options").with("do", "add-axis");
    let options = owner.submits(&options).await.form("#options");
    let mut options = options.with("a1-zh", "颜色").with("a1-en", "Colour").with("do", "add-axis");
    for (n, name) in [(1, "米"), (2, "青"), (3, "赭")] {
        if n > 2 {
            options = owner.submits(&options.with("do", "add-choice-1")).await.form("#options");
        }
        options = options.with(&format!("a1-c{n}-zh"), name);
    }
    let mut options =
        owner.submits(&options.with("do", "add-axis")).await.form("#options").with("a2-zh", "长度");
    for (n, name) in [(1, "短"), (2, "中"), (3, "长"), (4, "特长")] {
        if n > 2 {
            options = owner.submits(&options.with("do", "add-choice-2")).await.form("#options");
        }
        options = options.with(&format!("a2-c{n}-zh"), name);
    }
    let page = owner.submits(&options.with("do", "save")).await;
    assert!(page.has("[role=status]"), "{}", page.told());
    let mut matrix = page.form("#matrix");
    let keys: Vec<_> =
        matrix.fields.iter().filter(|(name, _)| name == "row").map(|(_, key)| key.clone()).collect();
    assert_eq!(keys.len(), 12, "every combination of three colours and four lengths");
    for (n, key) in keys.iter().enumerate() {
        matrix =
            matrix.with(&format!("price-{key}"), format!("12.{n:02}")).with(&format!("stock-{key}"), "3");
    }
    assert!(owner.submits(&matrix.with("do", "save")).await.has("[role=status]"));
    assert_eq!(status(&shop, "/p/yang-mao-wei-jin").await, 404, "it is still in the storeroom");
    changes(&mut owner, &shop, "yang-mao-wei-jin", "shelf", "on").await;
    let mut buyer = shop.buyer();
    let page = buyer.opens("/p/yang-mao-wei-jin").await;
    assert_eq!(page.text(".story h3"), "手织");
    assert_eq!(page.text(".story strong"), "不扎");
    buyer.orders("yang-mao-wei-jin-12", 2).await;
    buyer.pays().await;
    shop.counts_all_again().await;
    shop.closes().await;
    assert_eq!(shop.stock("yang-mao-wei-jin-12").await, 1);
    let written = shop.count("SELECT count(*) FROM audit WHERE subject LIKE 'product %'").await;
    assert_eq!(written, 4, "added, options, variants, shelf");
}

#[tokio::test]
async fn whoever_saves_second_sees_what_the_first_has_stored() {
    let shop = TestShop::open().await;
    let mut first = shop.owner().await;
    edits(&mut first, &shop, "mug").await;
    let mut second = Buyer::new(shop.desktop().browser);
    second.browser.cookies = first.browser.cookies.clone();
    edits(&mut second, &shop, "mug").await;
    let form = first.page().form("#product").with("name-zh", "大山杯").with("do", "save");
    assert_eq!(first.submits(&form).await.status, 200);
    let typed = second
        .page()
        .form("#product")
        .with("name-zh", "小山杯")
        .with("summary-zh", "好看")
        .with("do", "save");
    let page = second.submits(&typed).await;
    assert_eq!(page.status, 409);
    assert_eq!(page.value_of("#product", "name-zh"), "小山杯", "nothing she typed is lost");
    assert_eq!(page.text(".field:has(#name-zh) .stored span"), "大山杯");
    assert!(!page.has(".field:has(#name-en) .stored"), "what is the same is not repeated");
    assert_eq!(shop.count("SELECT count(*) FROM products WHERE name_zh = '大山杯'").await, 1);
    let again = page.form("#product").with("do", "save");
    assert_eq!(second.submits(&again).await.status, 200, "she has seen it: hers counts now");
    assert_eq!(shop.count("SELECT count(*) FROM products WHERE name_zh = '小山杯'").await, 1);
    // At the same moment: one of the two.
    let form = edits(&mut first, &shop, "mug").await.form("#product").with("do", "save");
    let (one, other) = (form.clone().with("name-zh", "甲"), form.with("name-zh", "乙"));
    let (one, other) = tokio::join!(first.submits(&one), second.submits(&other));
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_kept_as_it_was_typed() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let long = "长".repeat(81);
    for (field, value) in [
        ("name-zh", ""),
        ("name-zh", "a\0b"),
        ("name-zh", long.as_str()),
        ("slug", "Not A Slug"),
        ("slug", "teapot"),
        ("category", "999"),
        ("category", "x"),
        ("description-zh", "a\0"),
        ("description-en", &"x".repeat(20_001)),
        ("shelf-from", "2026-13-01T00:00"),
    ] {
        let form = edits(&mut owner, &shop, "mug").await.form("#product").with("shelf", "between");
        let form = form.with("shelf-until", "2030-01-01T00:00").with("summary-zh", "留着").with(field, value);
        let page = owner.submits(&form.with("do", "save")).await;
        assert_eq!(page.status, 422, "{field} {value:?}");
        assert!(!page.wrong(field).is_empty(), "{field}");
        assert_eq!(page.value_of("#product", "summary-zh"), "留着");
    }
    for (from, until) in [("", ""), ("2026-12-02T00:00", "2026-12-01T00:00")] {
        let form = edits(&mut owner, &shop, "mug").await.form("#product").with("shelf", "between");
        let form = form.with("shelf-from", from).with("shelf-until", until).with("do", "save");
        assert_eq!(owner.submits(&form).await.status, 422);
    }
    let form =
        owner.opens("/admin/products/new").await.form("#product").with("name-zh", "空").with("category", "1");
    let page = owner.submits(&form.with("shelf", "on").with("do", "save")).await;
    assert_eq!(page.status, 422, "nothing to sell yet");
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE action LIKE '%-product'").await, 0);
}

#[tokio::test]
async fn the_clock_puts_it_on_the_shelf_and_takes_it_off() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    // It is 12:00. From 12:30 to the end of 12:59.
    let form = edits(&mut owner, &shop, "mug").await.form("#product").with("shelf", "between");
    let form = form.with("shelf-from", "2026-11-21T12:30").with("shelf-until", "2026-11-21T12:59");
    assert_eq!(owner.submits(&form.with("do", "save")).await.status, 200);
    assert_eq!(status(&shop, "/p/mug").await, 404, "at once");
    shop.later(minutes(30) - Duration::SECOND);
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 404);
    shop.later(Duration::SECOND);
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 200);
    let page = edits(&mut owner, &shop, "mug").await;
    let fields = ["shelf", "shelf-from", "shelf-until"].map(|name| page.value_of("#product", name));
    assert_eq!(fields, ["between", "2026-11-21T12:30", "2026-11-21T12:59"], "saved again it is the same");
    let form = page.form("#product").with("do", "save");
    assert_eq!(owner.submits(&form).await.status, 200, "the clock is no other editor");
    shop.later(minutes(30) - Duration::SECOND);
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 200, "the last minute is whole");
    shop.later(Duration::SECOND);
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 404);
    assert_eq!(shop.jobs().await, [], "nothing more to mind");
}

#[tokio::test]
async fn a_schedule_that_was_changed_is_followed_as_it_is_now() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let until = |form: crate::support::page::Form, at: &str| {
        form.with("shelf", "between").with("shelf-from", "").with("shelf-until", at).with("do", "save")
    };
    let form = edits(&mut owner, &shop, "mug").await.form("#product");
    owner.submits(&until(form, "2026-11-21T12:09")).await;
    let form = edits(&mut owner, &shop, "mug").await.form("#product");
    owner.submits(&until(form, "2026-11-21T12:29")).await;
    shop.later(minutes(10));
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 200, "it was put off");
    changes(&mut owner, &shop, "mug", "shelf", "on").await;
    shop.later(minutes(60));
    shop.work().await;
    assert_eq!(status(&shop, "/p/mug").await, 200, "it has no end any more");
    assert_eq!(shop.jobs().await, []);
}

#[tokio::test]
async fn old_addresses_lead_on_unless_somebody_else_has_taken_them() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    changes(&mut owner, &shop, "mug", "slug", "mug-two").await;
    changes(&mut owner, &shop, "mug-two", "slug", "mug-three").await;
    let mut visitor = shop.desktop();
    for (old, query) in [("/p/mug", "?variant=mug"), ("/en/p/mug-two", "")] {
        let url = visitor.browser.at(&format!("{old}{query}"));
        let page = visitor.browser.send(Ask::get(url)).await;
        assert_eq!(page.status, 308);
        let new = old.rsplit_once('/').unwrap().0.to_owned() + "/mug-three" + query;
        assert_eq!(page.header("location"), new, "in one step");
        assert_eq!(page.header("cache-control"), "no-store", "it may be the address of this product again");
    }
    changes(&mut owner, &shop, "mug-three", "slug", "mug").await;
    assert_eq!(visitor.opens("/p/mug-three").await.url.path(), "/p/mug");
    assert_eq!(visitor.opens("/p/mug").await.status, 200, "and not in a circle");
    changes(&mut owner, &shop, "teapot", "slug", "mug-two").await;
    assert!(visitor.opens("/p/mug-two").await.text("h1").contains("朱泥壶"), "who has an address wins");
    changes(&mut owner, &shop, "mug-two", "slug", "teapot").await;
    assert!(visitor.opens("/p/mug-two").await.text("h1").contains("朱泥壶"), "the last who had it");
    changes(&mut owner, &shop, "mug", "shelf", "off").await;
    assert_eq!(visitor.opens("/p/mug-three").await.status, 404, "a draft's address is not told");
}

#[tokio::test]
async fn a_draft_and_an_archived_product_are_nowhere() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = edits(&mut owner, &shop, "teapot").await.form("form#archive");
    assert!(owner.submits(&form).await.has("[role=status]"));
    changes(&mut owner, &shop, "hidden", "slug", "secret").await;
    shop.app.shop.pages.forget();
    let mut visitor = shop.desktop();
    for path in ["/", "/en", "/c/table", "/en/c/table"] {
        let body = visitor.opens(path).await.body.clone();
        assert!(!body.contains("secret") && !body.contains("未上架") && !body.contains("朱泥壶"), "{path}");
    }
    for path in ["/p/secret", "/en/p/secret", "/p/hidden", "/p/teapot", "/p/secret?variant=hidden"] {
        let page = visitor.opens(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.body.contains("未上架") && !page.body.contains("secret"), "{path}");
    }
    for sku in ["hidden", "teapot"] {
        let page = visitor.opens(&format!("/checkout?variant={sku}")).await;
        assert!(!page.has("form.split"), "{sku}");
        assert!(!page.body.contains("未上架"));
    }
    let id = id_of(&shop, "secret").await;
    for path in ["", "/variants", "/preview", "/preview/page"] {
        let page = visitor.opens(&format!("/admin/products/{id}{path}")).await;
        assert_eq!(page.url.path(), "/admin/sign-in");
    }
    let page = owner.opens(&format!("/admin/products/{id}/preview/page")).await;
    assert!(page.body.contains("未上架") && page.has("button.buy[disabled]"));
    assert!(page.header("content-security-policy").contains("frame-ancestors 'self'"));
    assert_eq!(page.header("x-frame-options"), "SAMEORIGIN");
    let page = owner.opens(&format!("/admin/products/{id}/preview")).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn an_archived_product_keeps_its_orders_and_comes_back() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("mug", 1).await;
    buyer.pays().await;
    shop.weibo.delivers().await;
    let order = buyer.page().url.clone();
    let before = buyer.visits(order.clone()).await.text("main");
    let mut owner = shop.owner().await;
    changes(&mut owner, &shop, "mug", "name-zh", "别的名字").await;
    let form = edits(&mut owner, &shop, "mug").await.form("form#archive");
    owner.submits(&form).await;
    let stale = owner.submits(&form).await;
    assert!(
        stale.has("[role=status]") && stale.text("h1").contains("别的名字"),
        "a second press changes nothing"
    );
    assert_eq!(buyer.visits(order).await.text("main"), before);
    let page = edits(&mut owner, &shop, "mug").await;
    let form = page.form("#product").with("shelf", "on").with("do", "save");
    assert_eq!(owner.submits(&form).await.status, 422, "not while it is archived");
    let form = edits(&mut owner, &shop, "mug").await.form("form#archive");
    owner.submits(&form).await;
    assert_eq!(status(&shop, "/p/mug").await, 404, "back in the storeroom");
    changes(&mut owner, &shop, "mug", "shelf", "on").await;
    assert_eq!(status(&shop, "/p/mug").await, 200);
    shop.closes().await;
}

#[tokio::test]
async fn many_are_changed_at_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form =
        owner.opens("/admin/products/new").await.form("#product").with("name-zh", "空").with("category", "1");
    owner.submits(&form.with("do", "save")).await;
    let ids = [id_of(&shop, "mug").await, id_of(&shop, "hidden").await, id_of(&shop, "kong").await];
    let press = |form: crate::support::page::Form, what: &str| {
        let mut form = form.with("do", what);
        form.fields.extend(ids.iter().map(|id| ("product".to_owned(), id.to_string())));
        form
    };
    let form = owner.opens("/admin/products").await.form("#products");
    let untouched = owner.submits(&form.clone().with("do", "put")).await;
    assert!(untouched.has("[role=status]"), "nothing was ticked, and it says so");
    let page = owner.submits(&press(form.clone(), "put")).await;
    assert!(page.text("[role=status]").contains("没有变"), "one has nothing to sell: {}", page.told());
    assert_eq!(status(&shop, "/p/hidden").await, 200);
    owner.submits(&press(form.clone(), "take-off")).await;
    assert_eq!((status(&shop, "/p/hidden").await, status(&shop, "/p/mug").await), (404, 404));
    owner.submits(&press(form.clone(), "archive")).await;
    assert_eq!(shop.count("SELECT count(*) FROM products WHERE archived_at IS NOT NULL").await, 3);
    assert!(!owner.opens("/admin/products").await.body.contains("山间杯"));
    let form = owner.opens("/admin/products?state=archived").await.form("#products");
    let page = owner.submits(&press(form, "bring-back")).await;
    assert_eq!(page.url.query(), Some("state=archived"), "back to the same list");
    assert_eq!(shop.count("SELECT count(*) FROM products WHERE archived_at IS NOT NULL").await, 0);
    let form = owner.opens("/admin/products").await.form("#products");
    let moved = owner.submits(&press(form, "move").with("to", "999")).await;
    assert_eq!(moved.status, 404, "there is no such category");
    assert_eq!(
        shop.count("SELECT count(*) FROM audit WHERE subject LIKE 'product %'").await,
        1 + 2 + 3 + 3 + 3
    );
    let before = "SELECT count(*) FROM audit WHERE action = 'change-product' AND before->>'shelf' = 'on'
            AND after->>'shelf' = 'off'";
    assert_eq!(shop.count(before).await, 2, "what it was before is written down");
}

#[tokio::test]
async fn the_list_goes_on_page_by_page() {
    let shop = TestShop::open().await;
    let sql = "WITH new AS (INSERT INTO products (slug, category_id, name_zh, created_at, updated_at)
            SELECT 'p-' || n, 1, 'p-' || n, now(), '2026-01-01' FROM generate_series(1, 120) n RETURNING 1)
        SELECT count(*) FROM new";
    assert_eq!(shop.count(sql).await, 120);
    let mut owner = shop.owner().await;
    let mut seen = Vec::new();
    owner.opens("/admin/products?category=1").await;
    loop {
        let page = owner.page();
        let form = page.body.split("name=\"product\" value=\"").skip(1);
        seen.extend(form.map(|rest| rest.split('"').next().unwrap().to_owned()));
        if !page.has("a[rel=next]") {
            break;
        }
        owner.follows("a[rel=next]").await;
    }
    let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
    assert_eq!((seen.len(), distinct.len()), (126, 126), "each once, also those changed at the same moment");
    for odd in [
        "after=x",
        "after=1-1",
        "after=99999999999999999999999-1",
        "category=0",
        "state=none",
        "category=%00",
    ] {
        assert_eq!(owner.opens(&format!("/admin/products?{odd}")).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn the_list_finds_what_is_typed_and_keeps_its_other_filters() {
    let shop = TestShop::open().await;
    let sql = "WITH new AS (INSERT INTO products (slug, category_id, name_zh, created_at, updated_at)
            SELECT 'kettle-' || n, 1, '铁壶' || n, now(), '2026-01-01' FROM generate_series(1, 60) n RETURNING 1)
        SELECT count(*) FROM new";
    assert_eq!(shop.count(sql).await, 60);
    weipu::catalog::search::catch_up(&shop.app.shop.db).await.unwrap();
    let rows = |page: &Page| page.body.matches("name=\"product\" value=").count();
    let mut owner = shop.owner().await;
    let search = owner.opens("/admin/products").await.form(".filters").with("q", "hidden");
    let page = owner.submits(&search).await;
    assert!(page.body.contains("未上架") && rows(page) == 1, "a draft is found here: {}", page.told());
    assert_eq!(page.value_of(".filters", "q"), "hidden");
    for (path, found) in [("q=wsj", 1), ("q=socks-3", 1), ("q=wsj&state=shown", 0), ("q=lj&state=shown", 1)] {
        assert_eq!(rows(owner.opens(&format!("/admin/products?{path}")).await), found, "{path}");
    }
    for typed in ["hidden", "未上架", "wsj"] {
        let page = shop.desktop().opens(&format!("/search?q={typed}")).await.clone();
        assert!(!page.body.contains("/p/"), "{typed} is in the storeroom");
    }
    let page = owner.opens("/admin/products?q=xyzzyplugh&category=1").await;
    assert!(page.has(".empty a[href='/admin/products']"), "nothing, and a way back");
    assert_eq!(page.value_of(".filters", "category"), "1");
    assert_eq!(rows(owner.follows(".empty a").await), 50);
    // Page by page, and back to the same list.
    let page = owner.opens("/admin/products?q=%E9%93%81%E5%A3%B6&state=off").await;
    assert_eq!(rows(page), 50);
    let page = owner.follows("a[rel=next]").await.clone();
    assert_eq!((rows(&page), page.value_of(".filters", "q").as_str()), (10, "铁壶"));
    let page = owner.submits(&page.form("#products").with("do", "put")).await;
    assert_eq!(page.url.query(), Some("q=%E9%93%81%E5%A3%B6&state=off"));
    for odd in ["q=%00", "q=%F0%9F%8D%B5", "q=%20", "q=<script>", &format!("q={}", "a".repeat(5000))] {
        assert_eq!(owner.opens(&format!("/admin/products?{odd}")).await.status, 200, "{odd}");
    }
    shop.counts_all_again().await;
}

#[tokio::test]
async fn attacks_in_every_text_of_a_product_stay_text() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let attacks = include_str!("../../src/catalog/description_attacks.txt");
    let form = edits(&mut owner, &shop, "mug").await.form("#product").with("description-zh", attacks);
    let form = form
        .with("name-zh", "<script>alert(1)</script>")
        .with("summary-zh", "\"><img src=x onerror=alert(1)>");
    let drawn = owner.submits(&form.clone().with("do", "preview")).await.clone();
    assert_eq!((drawn.status.as_u16(), drawn.has("#drawn p")), (200, true));
    assert_eq!(
        shop.count("SELECT count(*) FROM products WHERE name_zh LIKE '<script%'").await,
        0,
        "only looked at"
    );
    assert_eq!(owner.submits(&form.with("do", "save")).await.status, 200);
    shop.app.shop.pages.forget();
    let id = id_of(&shop, "mug").await;
    let mut pages = vec![drawn];
    for path in ["/p/mug", "/en/p/mug", "/", "/c/table"] {
        pages.push(shop.desktop().opens(path).await.clone());
    }
    for path in ["", "/variants", "/preview", "/preview/page"] {
        pages.push(owner.opens(&format!("/admin/products/{id}{path}")).await.clone());
    }
    for page in pages {
        let bad = "main [onerror], main [onclick], main [onload], main script, main style, main svg[onload], main \
            a[href^=javascript], main a[href^=data], main object, main embed, main form[action^=javascript], main img[src=x]";
        assert!(!page.has(bad), "{}", page.told());
    }
}
