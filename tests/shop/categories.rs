//! The tree of categories: no circles, three deep, empty before it goes, and old addresses that lead on.

use crate::goods::changes;
use crate::support::TestShop;
use crate::support::buyer::Buyer;

async fn makes(owner: &mut Buyer, name: &str, parent: &str) -> (u16, String) {
    let form = owner.opens("/admin/categories/new").await.form("#edit");
    let form = form.with("name-zh", name).with("parent", parent);
    let page = owner.submits(&form).await;
    (page.status.as_u16(), if page.has("#parent-wrong") { page.text("#parent-wrong") } else { String::new() })
}

async fn id(shop: &TestShop, name: &str) -> String {
    let sql = "SELECT id::text FROM categories WHERE name_zh = $1";
    sqlx::query_scalar(sql).bind(name).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

/// 茶桌 (1) > 茶 > 绿茶
async fn planted(shop: &TestShop, owner: &mut Buyer) -> (String, String) {
    assert_eq!(makes(owner, "茶", "1").await.0, 200);
    let tea = id(shop, "茶").await;
    assert_eq!(makes(owner, "绿茶", &tea).await.0, 200);
    (tea, id(shop, "绿茶").await)
}

#[tokio::test]
async fn a_circle_and_a_fourth_level_are_refused() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (tea, green) = planted(&shop, &mut owner).await;
    let (status, why) = makes(&mut owner, "龙井", &green).await;
    assert_eq!((status, why.contains('3')), (422, true), "{why}");
    for (category, parent) in
        [("1", "1"), ("1", green.as_str()), (tea.as_str(), green.as_str()), (tea.as_str(), "999")]
    {
        let form =
            owner.opens(&format!("/admin/categories/{category}")).await.form("#edit").with("parent", parent);
        let page = owner.submits(&form).await;
        assert_eq!(
            (page.status.as_u16(), page.has("#parent-wrong")),
            (422, true),
            "{category} under {parent}"
        );
    }
    // Two moves at once that together would be a circle.
    assert_eq!(makes(&mut owner, "甲", "").await.0, 200);
    assert_eq!(makes(&mut owner, "乙", "").await.0, 200);
    let (a, b) = (id(&shop, "甲").await, id(&shop, "乙").await);
    let mut other = shop.desktop();
    other.browser.cookies = owner.browser.cookies.clone();
    let one = owner.opens(&format!("/admin/categories/{a}")).await.form("#edit").with("parent", b.as_str());
    let two = other.opens(&format!("/admin/categories/{b}")).await.form("#edit").with("parent", a.as_str());
    let (one, two) = tokio::join!(owner.submits(&one), other.submits(&two));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[tokio::test]
async fn a_category_shows_all_that_stands_under_it() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (tea, green) = planted(&shop, &mut owner).await;
    changes(&mut owner, &shop, "longjing", "category", &green).await;
    let mut visitor = shop.desktop();
    for path in ["/c/table", "/c/cha", "/c/lv-cha", "/"] {
        assert!(visitor.opens(path).await.body.contains("/p/longjing"), "{path}");
    }
    assert!(!visitor.opens("/c/lv-cha").await.body.contains("/p/mug"));
    assert!(visitor.opens("/").await.body.matches("<section>").count() == 1, "the window shows those on top");
    let page = owner.opens(&format!("/admin/products?category={tea}")).await;
    assert!(page.body.contains("明前龙井") && !page.body.contains("山间杯"));
}

#[tokio::test]
async fn only_an_empty_category_goes() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (tea, green) = planted(&shop, &mut owner).await;
    for (category, gone) in
        [("1", false), (tea.as_str(), false), (green.as_str(), true), (tea.as_str(), true)]
    {
        let form = owner.opens(&format!("/admin/categories/{category}")).await.form("#removal");
        owner.submits(&form).await;
        let there = owner.opens(&format!("/admin/categories/{category}")).await.status == 200;
        assert_eq!(there, !gone, "{category}");
    }
}

#[tokio::test]
async fn a_renamed_category_is_found_where_it_was() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for slug in ["desk", "tea-desk"] {
        let form = owner.opens("/admin/categories/1").await.form("#edit").with("slug", slug);
        assert_eq!(owner.submits(&form).await.status, 200);
    }
    let mut visitor = shop.desktop();
    assert_eq!(visitor.opens("/c/table").await.url.path(), "/c/tea-desk");
    assert_eq!(visitor.opens("/en/c/desk").await.url.path(), "/en/c/tea-desk");
    assert_eq!(makes(&mut owner, "另一", "").await.0, 200);
    let other = id(&shop, "另一").await;
    let form = owner.opens(&format!("/admin/categories/{other}")).await.form("#edit");
    let page = owner.submits(&form.clone().with("slug", "tea-desk")).await;
    assert_eq!((page.status.as_u16(), page.wrong("slug").is_empty()), (422, false));
    owner.submits(&form.with("slug", "table")).await;
    shop.app.shop.pages.forget();
    assert!(visitor.opens("/c/table").await.text("h1").contains("另一"), "who has an address wins");
}

#[tokio::test]
async fn the_order_is_the_merchants() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for name in ["甲", "乙"] {
        assert_eq!(makes(&mut owner, name, "").await.0, 200);
    }
    let last = id(&shop, "乙").await;
    for _ in 0..3 {
        let form =
            owner.opens("/admin/categories").await.form(&format!("#category-{last} form")).with("to", "up");
        owner.submits(&form).await;
    }
    let first = "SELECT id FROM categories ORDER BY position, id LIMIT 1";
    assert_eq!(shop.count(first).await.to_string(), last);
    let told = "SELECT count(*) FROM audit WHERE action = 'move-category'";
    assert_eq!(shop.count(told).await, 2, "at the end nothing moves, and nothing is told");
    let places = "SELECT count(*) FROM audit WHERE action = 'move-category'
        AND (before, after) IN (('{\"place\": 3}', '{\"place\": 2}'), ('{\"place\": 2}', '{\"place\": 1}'))";
    assert_eq!(shop.count(places).await, 2);
    let place = owner.opens("/admin/categories").await.form(&format!("#category-{last} form"));
    assert_eq!(owner.submits(&place.clone().with("to", "sideways")).await.status, 400);
    let mut gone = place.with("to", "down");
    gone.action.set_path("/admin/categories/999/place");
    assert_eq!(owner.submits(&gone).await.status, 404);
    assert_eq!(shop.count(told).await, 2);
    for bad in [("ground", "red"), ("ground", ""), ("name-zh", ""), ("slug", "A b")] {
        let form = owner.opens(&format!("/admin/categories/{last}")).await.form("#edit").with(bad.0, bad.1);
        assert_eq!(owner.submits(&form).await.status, 422, "{bad:?}");
    }
}

#[tokio::test]
async fn the_second_of_two_editors_sees_what_the_first_has_saved() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = owner.opens("/admin/categories/1").await.form("#edit");
    owner.submits(&form.clone().with("name-en", "Tea things")).await;
    let page = owner.submits(&form.clone().with("ground", "#112233")).await.clone();
    assert_eq!(page.status, 409, "{}", page.told());
    assert!(page.text(".stored").contains("Tea things"), "{}", page.told());
    assert_eq!(page.value_of("#edit", "ground"), "#112233", "what was typed is kept");
    let name = "SELECT count(*) FROM categories WHERE id = 1 AND name_en = 'Tea things'";
    assert_eq!(shop.count(name).await, 1);
    assert!(owner.submits(&page.form("#edit")).await.has("[role=status]"), "once more, and it counts");
    assert_eq!(shop.count(name).await, 0);
    for version in ["", "x", "999"] {
        let form = owner.opens("/admin/categories/1").await.form("#edit").with("version", version);
        assert_eq!(owner.submits(&form).await.status, 409, "{version}");
    }
}

#[tokio::test]
async fn whoever_only_looks_is_led_nowhere_that_is_closed() {
    let shop = TestShop::open().await;
    shop.owner().await;
    let mut looker = shop.member("看看", weipu::staff::Role::ReadOnly).await;
    for path in ["/admin/products/1", "/admin/products?q=none&state=archived", "/admin/categories"] {
        let page = looker.opens(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("/pictures\"") && !page.body.contains("/new\""), "{path}");
    }
    for path in [
        "/admin/products/x",
        "/admin/products/x/variants",
        "/admin/products/x/preview",
        "/admin/categories/x",
    ] {
        let page = shop.desktop().opens(path).await.clone();
        assert_eq!(page.url.path(), "/admin/sign-in", "{path}");
    }
}
