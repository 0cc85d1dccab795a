//! The shop's window and its categories when there is more than a page can show.

use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use std::collections::BTreeSet;

/// 茶桌 > 绿茶, in which 60 kinds of tea are.
async fn stocked() -> TestShop {
    let shop = TestShop::open().await;
    let sql = "WITH c AS (INSERT INTO categories (slug, name_zh, parent_id) VALUES ('green', '绿茶', 1) RETURNING id),
            p AS (INSERT INTO products (slug, category_id, name_zh, on_shelf, position, created_at, updated_at)
                SELECT 'green-' || n, id, '绿茶' || n, true, n / 7, now(), now() FROM c, generate_series(1, 60) n
                RETURNING id, slug),
            v AS (INSERT INTO variants (product_id, sku, position, price_fen, stock)
                SELECT id, slug, 1, 100, 0 FROM p RETURNING 1)
        SELECT count(*) FROM v";
    assert_eq!(shop.count(sql).await, 60);
    shop.counts_all_again().await;
    shop
}

/// The addresses of the products that a page shows.
fn tiles(page: &Page) -> Vec<String> {
    let links = page.body.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    links.filter(|link| link.contains("/p/")).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_large_category_is_turned_page_by_page() {
    let shop = stocked().await;
    let mut visitor = shop.desktop();
    let (mut seen, mut pages) = (Vec::new(), Vec::new());
    visitor.opens("/c/table").await;
    loop {
        let page = visitor.page();
        let found = tiles(page);
        pages.push(found.len());
        seen.extend(found);
        let number = if pages.len() > 1 { format!("?page={}", pages.len()) } else { String::new() };
        let canonical = page.attribute("link[rel=canonical]", "href");
        assert!(canonical.ends_with(&format!("/c/table{number}")), "{canonical}");
        assert_eq!(page.has("link[rel=prev]"), pages.len() > 1);
        assert_eq!(page.has("link[rel=next]"), page.has("nav a[rel=next]"));
        if !page.has("nav a[rel=next]") {
            break;
        }
        visitor.follows("nav a[rel=next]").await;
    }
    assert_eq!(pages, [24, 24, 17]);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 65, "each once, also those of the same place");
    assert!(seen[..5].iter().all(|link| !link.contains("green")), "what stands in itself comes first");
    assert!(!seen.iter().any(|link| link.contains("hidden")));
    visitor.follows("nav a[rel=prev]").await;
    assert_eq!(tiles(visitor.page()).len(), 24);
    let other = visitor.page().attribute("nav a[lang=en]", "href");
    assert_eq!(other, "/en/c/table?page=2", "the same page in English");
    assert_eq!(tiles(visitor.opens(&other).await).len(), 24);
}

#[tokio::test]
async fn a_page_that_is_not_there_is_told_or_is_the_first() {
    let shop = stocked().await;
    let mut visitor = shop.desktop();
    for nowhere in ["/c/table?page=4", "/c/table?page=999999999999", "/c/none?page=2"] {
        assert_eq!(visitor.opens(nowhere).await.status, 404, "{nowhere}");
    }
    for first in
        ["page=1", "page=0", "page=-1", "page=x", "page=", "page=99999999999999999999999", "page=%00"]
    {
        let page = visitor.opens(&format!("/c/green?{first}")).await;
        assert!(page.attribute("link[rel=canonical]", "href").ends_with("/c/green"), "{first}");
        assert!(!page.has("link[rel=prev]") && page.has("link[rel=next]"), "{first}");
    }
}

#[tokio::test]
async fn the_window_shows_the_first_of_each_category_and_leads_to_the_rest() {
    let shop = stocked().await;
    let also = "WITH c AS (INSERT INTO categories (slug, name_zh, position) VALUES ('few', '少', 9), ('none', '空', 10)
                RETURNING id, slug),
            p AS (UPDATE products SET category_id = c.id FROM c WHERE c.slug = 'few' AND products.slug = 'socks'
                RETURNING 1)
        SELECT count(*) FROM p";
    assert_eq!(shop.count(also).await, 1);
    let mut visitor: Buyer = shop.desktop();
    let page = visitor.opens("/").await;
    let shown = tiles(page);
    assert_eq!(shown.len(), 8 + 1, "{shown:?}");
    assert_eq!(shown[8], "/p/socks");
    assert_eq!(page.body.matches("<section>").count(), 2, "what is empty has no section");
    assert_eq!(
        page.body.matches("class=\"see-all\"").count(),
        1,
        "where one is all, nothing more is promised"
    );
    assert_eq!(tiles(visitor.follows(".see-all a").await).len(), 24);
}
