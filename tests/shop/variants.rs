//! The matrix of a product's variants: two hundred rows with one mistake, bulk changes, sales in between, and
//! variants that are not made any more.

use crate::goods::{changes, id_of};
use crate::support::TestShop;
use crate::support::buyer::Buyer;
use crate::support::page::{Form, Page};

async fn opens<'a>(owner: &'a mut Buyer, shop: &TestShop, slug: &str) -> &'a Page {
    let id = id_of(shop, slug).await;
    owner.opens(&format!("/admin/products/{id}/variants")).await
}

fn keys(form: &Form) -> Vec<String> {
    form.fields.iter().filter(|(name, _)| name == "row").map(|(_, key)| key.clone()).collect()
}

fn ticking(mut form: Form, keys: &[String]) -> Form {
    form.fields.extend(keys.iter().map(|key| ("tick".to_owned(), key.clone())));
    form
}

async fn variant(shop: &TestShop, sku: &str) -> (String, i64) {
    let sql = "SELECT id::text, price_fen FROM variants WHERE sku = $1 AND retired_at IS NULL";
    sqlx::query_as(sql).bind(sku).fetch_one(&mut shop.database.connect().await).await.unwrap()
}

/// A product with 10 x 20 combinations, none of them saved.
async fn two_hundred(shop: &TestShop, owner: &mut Buyer) -> Form {
    let sql = "WITH p AS (INSERT INTO products (slug, category_id, name_zh, created_at, updated_at)
                VALUES ('many', 1, '很多', now(), now()) RETURNING id),
            a AS (INSERT INTO axes (product_id, number, name_zh) SELECT id, n, 'A' || n FROM p, generate_series(1, 2) n
                RETURNING product_id, number),
            c AS (INSERT INTO choices (product_id, axis, position, name_zh)
                SELECT product_id, number, n, 'c' || n FROM a, generate_series(1, 20) n
                WHERE number = 2 OR n <= 10 RETURNING 1)
        SELECT count(*) FROM c";
    assert_eq!(shop.count(sql).await, 30);
    let form = opens(owner, shop, "many").await.form("#matrix");
    assert_eq!(keys(&form).len(), 200);
    form
}

#[tokio::test]
async fn two_hundred_rows_with_one_wrong_price_keep_the_other_199() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut form = two_hundred(&shop, &mut owner).await;
    let keys = keys(&form);
    for (n, key) in keys.iter().enumerate() {
        let price = if n == 77 { "12,80".to_owned() } else { format!("{n}.5") };
        form = form.with(&format!("price-{key}"), price).with(&format!("stock-{key}"), n.to_string());
    }
    let form = form.with(&format!("price-{}", keys[0]), "1");
    let page = owner.submits(&form.with("do", "save")).await.clone();
    assert_eq!(page.status, 422);
    assert_eq!(shop.count("SELECT count(*) FROM variants WHERE sku LIKE 'many-%'").await, 0);
    let again = page.form("#matrix");
    let value = |name: String| again.fields.iter().find(|(n, _)| *n == name).unwrap().1.clone();
    for (n, key) in keys.iter().enumerate().skip(1) {
        let price = if n == 77 { "12,80".to_owned() } else { format!("{n}.5") };
        assert_eq!(value(format!("price-{key}")), price);
        assert_eq!(value(format!("stock-{key}")), n.to_string());
    }
    assert!(
        page.body.matches("aria-invalid").count() == 1
            && page.has(&format!("#wrongs a[href='#price-{}']", keys[77]))
    );
    let form = again.with(&format!("price-{}", keys[77]), "12.80").with("do", "save");
    let page = owner.submits(&form).await;
    assert!(page.has("[role=status]"), "{}", page.told());
    let sums =
        "SELECT sum(price_fen)::bigint * 100000 + sum(stock)::bigint FROM variants WHERE sku LIKE 'many-%'";
    let (fen, pieces) =
        ((1..200).map(|n| n * 100 + 50).sum::<i64>() - 7_750 + 1_280 + 100, (0..200).sum::<i64>());
    assert_eq!(shop.count(sums).await, fen * 100_000 + pieces);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn more_than_two_hundred_are_told_and_not_made() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    two_hundred(&shop, &mut owner).await;
    let form = owner.page().form("#options").with("do", "add-choice-1");
    let form = owner.submits(&form).await.form("#options").with("a1-c11-zh", "多").with("do", "save");
    let page = owner.submits(&form).await;
    assert_eq!(page.status, 422);
    assert!(page.text("#wrongs").contains("200"), "{}", page.told());
    assert_eq!(page.value_of("#options", "a1-c11-zh"), "多");
}

#[tokio::test]
async fn many_rows_are_changed_at_once_and_saved_after_a_look() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let apply = |form: Form, rows: &str, what: &str, by: &str| {
        form.with("rows", rows).with("what", what).with("by", by).with("do", "apply")
    };
    let form = opens(&mut owner, &shop, "socks").await.form("#matrix");
    let cream = "SELECT id FROM choices WHERE name_zh = '米白'";
    let cream = shop.count(cream).await.to_string();
    let form = owner.submits(&apply(form, &cream, "percent", "10")).await.form("#matrix");
    let form = owner.submits(&apply(form, "all", "amount", "-0.50")).await.form("#matrix");
    let (third, _) = variant(&shop, "socks-3").await;
    let page = owner.submits(&apply(ticking(form, &[third]), "ticked", "stock", "100")).await;
    assert_eq!(variant(&shop, "socks-1").await.1, 2_900, "not before it is saved");
    let form = page.form("#matrix").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"));
    let prices = ["socks-1", "socks-2", "socks-3"].map(|sku| variant(&shop, sku));
    let prices: Vec<i64> =
        futures_util::future::join_all(prices).await.into_iter().map(|(_, fen)| fen).collect();
    assert_eq!(prices, [3_140, 3_140, 2_850]);
    assert_eq!(shop.stock("socks-3").await, 100);
    for (rows, what, by) in
        [("ticked", "price", "1"), ("all", "percent", "x"), ("999", "price", "1"), ("all", "amount", "-999")]
    {
        let form = opens(&mut owner, &shop, "socks").await.form("#matrix");
        let page = owner.submits(&apply(form, rows, what, by)).await;
        assert_eq!(page.status, 200);
        let (first, _) = variant(&shop, "socks-1").await;
        assert_eq!(page.value_of("#matrix", &format!("price-{first}")), "31.40", "{rows} {what} {by}");
    }
    shop.counts_all_again().await;
}

#[tokio::test]
async fn a_sale_in_between_stays_sold() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mug, _) = variant(&shop, "mug").await;
    let form = opens(&mut owner, &shop, "mug").await.form("#matrix");
    let mut buyer = shop.buyer();
    buyer.orders("mug", 2).await;
    // She saw 5 and has found one more.
    let form = form.with(&format!("stock-{mug}"), "6").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"));
    assert_eq!(shop.stock("mug").await, 4);
    let form = opens(&mut owner, &shop, "mug").await.form("#matrix").with(&format!("stock-{mug}"), "0");
    buyer.orders("mug", 1).await;
    let page = owner.submits(&form.with("do", "save")).await;
    assert_eq!(
        page.status, 422,
        "four were there, one was sold, none shall be: three cannot become minus one"
    );
    assert!(page.wrong(&format!("stock-{mug}")).contains('3'), "{}", page.told());
    assert_eq!(shop.stock("mug").await, 3);
    // She reads that three are left, and means it.
    let form = page.form("#matrix").with("do", "save");
    assert_eq!(page.value_of("#matrix", &format!("seen-{mug}")), "3");
    assert!(owner.submits(&form).await.has("[role=status]"), "{}", owner.page().told());
    assert_eq!(shop.stock("mug").await, 0);
    shop.counts_all_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn a_variant_that_is_not_made_any_more_is_in_old_orders_only() {
    let shop = TestShop::open().await;
    let mut buyer = shop.buyer();
    buyer.orders("longjing-1", 1).await;
    let order = buyer.page().url.clone();
    let mut owner = shop.owner().await;
    let (small, _) = variant(&shop, "longjing-1").await;
    let form = opens(&mut owner, &shop, "longjing").await.form("#matrix");
    let all = owner.submits(&ticking(form.clone(), &keys(&form)).with("do", "remove")).await.form("#matrix");
    let page = owner.submits(&all.with("do", "save")).await;
    assert_eq!(page.status, 422, "something is left to sell while it is on the shelf");
    let page = owner.submits(&ticking(form, &[small]).with("do", "remove")).await;
    assert_eq!(
        shop.count("SELECT count(*) FROM variants WHERE retired_at IS NOT NULL").await,
        0,
        "not before it is saved"
    );
    let form = page.form("#matrix").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"));
    let written_off =
        "SELECT delta::bigint FROM stock_movements WHERE reason = 'correction' AND actor = 'staff'
            AND note = '不再销售，剩余库存清零' AND balance = 0";
    assert_eq!(shop.count(written_off).await, -19, "what was left of it is in the ledger");
    shop.app.shop.pages.forget();
    let mut visitor = shop.desktop();
    let page = visitor.opens("/p/longjing").await;
    assert!(page.body.contains("longjing-2") && !page.body.contains("longjing-1"));
    assert!(!visitor.opens("/checkout?variant=longjing-1").await.has("form.split"));
    assert!(buyer.visits(order).await.text("main").contains("小罐"));
    // Another product may have its code now; the old order's pieces go back where they came from.
    let (mug, _) = variant(&shop, "mug").await;
    let form =
        opens(&mut owner, &shop, "mug").await.form("#matrix").with(&format!("sku-{mug}"), "longjing-1");
    assert!(owner.submits(&form.with("do", "save")).await.has("[role=status]"));
    shop.later(crate::support::minutes(60));
    shop.weibo.delivers().await;
    shop.work().await;
    assert_eq!(shop.count("SELECT stock::bigint FROM variants WHERE retired_at IS NOT NULL").await, 1);
    assert_eq!(shop.stock("longjing-1").await, 5);
    shop.counts_all_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn what_is_not_made_any_more_is_on_no_list_and_in_no_table() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (small, _) = variant(&shop, "longjing-1").await;
    let (large, _) = variant(&shop, "longjing-2").await;
    // The first goes by the matrix, the second with its option.
    let form = opens(&mut owner, &shop, "longjing").await.form("#matrix");
    let page = owner.submits(&ticking(form, std::slice::from_ref(&small)).with("do", "remove")).await;
    let form = page.form("#matrix").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"));
    let form = opens(&mut owner, &shop, "socks").await.form("#options").with("do", "remove-axis-2");
    let form = owner.submits(&form).await.form("#options").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"), "{}", owner.page().told());
    let gone = "SELECT count(*) FROM variants WHERE retired_at IS NOT NULL AND stock = 0";
    assert_eq!(shop.count(gone).await, 2, "with nothing left");
    let left = "SELECT sum(v.stock)::bigint FROM variants v JOIN products p ON p.id = product_id WHERE slug = 'socks'";
    let in_ledger = "SELECT sum(m.delta)::bigint FROM stock_movements m JOIN variants v ON v.id = variant_id
            WHERE v.sku LIKE 'socks-%'";
    assert_eq!(shop.count(left).await, shop.count(in_ledger).await);
    let list = owner.opens("/admin/stock?view=all").await;
    assert!(!list.body.contains("data-sku=\"longjing-1\"") && list.body.contains("data-sku=\"longjing-2\""));
    assert_eq!(list.body.matches("data-sku=\"socks-").count(), 2);
    assert_eq!(owner.opens("/admin/stock/longjing-1").await.status, 404);
    let low = weipu::catalog::stock::low_count(&mut shop.app.shop.db.reader().await.unwrap()).await.unwrap();
    assert_eq!(low, 4, "longjing-2, mug, teapot, gold; not what is gone");
    let table = shop.exports(&mut owner).await;
    assert!(!table.contains("longjing-1,") && table.contains("longjing-2,"), "{table}");
    // In a table its code means a new variant.
    let row = "商品编号,SKU,规格值1,价格,库存\nlongjing,longjing-1,小罐,99,7\n";
    shop.checks(&mut owner, row).await;
    assert_eq!(owner.counts(), ["1", "0", "0", "0"], "{}", owner.page().told());
    shop.imports(&mut owner).await;
    let (new, price) = variant(&shop, "longjing-1").await;
    assert_ne!(new, small);
    assert_eq!((price, variant(&shop, "longjing-2").await.0), (9_900, large));
    let old = "SELECT stock::bigint FROM variants WHERE sku = 'longjing-1' AND retired_at IS NOT NULL";
    assert_eq!((shop.count(old).await, shop.stock("longjing-1").await), (0, 7));
    shop.counts_all_again().await;
    shop.closes().await;
}

#[tokio::test]
async fn codes_are_unique_and_may_be_swapped() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (first, _) = variant(&shop, "socks-1").await;
    let (third, _) = variant(&shop, "socks-3").await;
    let (one, three) = (format!("sku-{first}"), format!("sku-{third}"));
    let form = opens(&mut owner, &shop, "socks").await.form("#matrix").with("do", "save");
    for (sku, field) in
        [("mug", &one), ("a b", &one), ("", &one), ("..", &one), ("..12", &one), ("socks-2", &three)]
    {
        let page = owner.submits(&form.clone().with(field, sku)).await.clone();
        assert_eq!(page.status, 422, "{sku}");
        assert_eq!(page.value_of("#matrix", field), sku);
        assert!(page.body.matches("aria-invalid").count() == 1, "{sku}: told at one row");
    }
    let page = owner.submits(&form.with(&one, "socks-3").with(&three, "socks-1")).await;
    assert!(page.has("[role=status]"), "{}", page.told());
    assert_eq!((variant(&shop, "socks-3").await.0, variant(&shop, "socks-1").await.0), (first, third));
    let form = opens(&mut owner, &shop, "socks").await.form("#matrix").with("do", "save");
    owner.submits(&form.with(&one, "options")).await;
    let logged = "SELECT count(*) FROM audit WHERE action = 'change-variants' AND NOT after ? 'options'
            AND after ? 'sku options' AND before ? 'sku socks-3'";
    assert_eq!(shop.count(logged).await, 1);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn a_buyer_is_told_when_a_code_means_other_goods_by_now() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    // Both cost the same: the price tells her nothing.
    shop.count(
        "UPDATE variants SET price_fen = 2900 WHERE sku IN ('socks-1', 'socks-3') RETURNING 1::bigint",
    )
    .await;
    let mut buyer = shop.buyer();
    buyer.opens("/checkout?variant=socks-1").await;
    let open = buyer.filled_in();
    let (first, _) = variant(&shop, "socks-1").await;
    let (third, _) = variant(&shop, "socks-3").await;
    let form = opens(&mut owner, &shop, "socks").await.form("#matrix").with("do", "save");
    let form = form.with(&format!("sku-{first}"), "socks-3").with(&format!("sku-{third}"), "socks-1");
    assert!(owner.submits(&form).await.has("[role=status]"));
    shop.counts_all_again().await;
    let page = buyer.submits(&open).await.clone();
    assert_eq!((page.status.as_u16(), page.has("#variant")), (409, true), "{}", page.told());
    let again = page.form("form.split");
    let value = |form: &Form, name: &str| form.fields.iter().find(|(n, _)| n == name).unwrap().1.clone();
    for name in ["recipient", "phone", "street", "key", "quantity"] {
        assert_eq!(value(&again, name), value(&open, name), "{name}");
    }
    // Something else wrong hides it no more.
    let page = buyer.submits(&open.clone().with("phone", "")).await;
    assert_eq!((page.status.as_u16(), page.has("#variant")), (422, true));
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 0);
    let page = buyer.submits(&again).await;
    assert_eq!((page.status.as_u16(), page.payment()), (200, "none".into()));
    let sold = "SELECT variant_id FROM order_lines";
    assert_eq!(shop.count(sold).await.to_string(), third);
    // A form from before this was asked.
    buyer.opens("/checkout?variant=socks-1").await;
    let mut old = buyer.filled_in();
    old.fields.retain(|(name, _)| name != "shown_variant");
    assert_eq!(buyer.submits(&old).await.payment(), "none");
    shop.closes().await;
}

/// The options once more, with the box ticked.
fn agreeing(page: &Page) -> Form {
    let given_up = page.attribute("#gives-up [type=checkbox]", "value");
    page.form("#options").with("gives-up", given_up).with("do", "save")
}

#[tokio::test]
async fn stock_is_given_up_only_when_she_agrees_to_all_of_it() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = opens(&mut owner, &shop, "socks").await.form("#options").with("do", "remove-choice-1-1");
    let form = owner.submits(&form).await.form("#options").with("do", "save");
    let page = owner.submits(&form).await.clone();
    assert_eq!((page.status.as_u16(), page.has("#gives-up")), (422, true), "{}", page.told());
    let told = page.text("#gives-up");
    assert!(told.contains("1 个") && told.contains("30 件"), "{told}");
    let retired = "SELECT count(*) FROM variants WHERE retired_at IS NOT NULL";
    assert_eq!(shop.count(retired).await, 0, "not before she agrees");
    // Less than that she has not agreed to.
    for less in ["1-29", "0-30", "", "x", "1"] {
        let form = page.form("#options").with("gives-up", less).with("do", "save");
        assert_eq!(owner.submits(&form).await.status, 422, "{less}");
    }
    assert_eq!(shop.count(retired).await, 0);
    assert!(owner.submits(&agreeing(&page)).await.has("[role=status]"), "{}", owner.page().told());
    assert_eq!((shop.count(retired).await, shop.stock("socks-3").await), (2, 8));
    shop.counts_all_again().await;
}

#[tokio::test]
async fn options_take_their_variants_along() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let form = opens(&mut owner, &shop, "socks").await.form("#options");
    // Size goes: of each colour one variant stays.
    let page = owner.submits(&form.with("do", "remove-axis-2")).await.clone();
    assert_eq!(
        shop.count("SELECT count(*) FROM axes a JOIN products p ON p.id = product_id WHERE slug = 'socks'")
            .await,
        2
    );
    let page = owner.submits(&page.form("#options").with("do", "save")).await.clone();
    assert!(page.has("[role=status]"), "{}", page.told());
    let left =
        "SELECT count(*) FROM variants WHERE sku LIKE 'socks-%' AND retired_at IS NULL AND choice_2 IS NULL";
    assert_eq!(shop.count(left).await, 2);
    // A third axis in front of nothing: everything takes its first choice.
    let form = owner.submits(&page.form("#options").with("do", "add-axis")).await.form("#options");
    let form = form.with("a2-zh", "包装").with("a2-c1-zh", "袋").with("a2-c2-zh", "盒").with("do", "save");
    assert!(owner.submits(&form).await.has("[role=status]"));
    // The first axis goes, the second takes its number.
    let form = owner.page().form("#options").with("do", "remove-axis-1");
    let form = owner.submits(&form).await.form("#options").with("do", "save");
    let form = agreeing(owner.submits(&form).await);
    assert!(owner.submits(&form).await.has("[role=status]"));
    assert_eq!(
        shop.count("SELECT count(*) FROM variants WHERE sku LIKE 'socks-%' AND retired_at IS NULL").await,
        1
    );
    let form = owner.page().form("#matrix").with("do", "generate");
    let page = owner.submits(&form).await;
    let keys = keys(&page.form("#matrix"));
    assert_eq!(keys.len(), 2, "the box is missing");
    let form = page
        .form("#matrix")
        .with(&format!("price-{}", keys[1]), "30")
        .with(&format!("stock-{}", keys[1]), "2");
    assert!(owner.submits(&form.with("do", "save")).await.has("[role=status]"));
    shop.app.shop.pages.forget();
    let page = shop.desktop().opens("/p/socks").await.clone();
    assert!(page.body.contains("盒") && !page.body.contains("米白"));
    shop.counts_all_again().await;
}

#[tokio::test]
async fn two_who_edit_variants_are_told() {
    let shop = TestShop::open().await;
    let mut first = shop.owner().await;
    let mut second = shop.desktop();
    second.browser.cookies = first.browser.cookies.clone();
    let (mug, _) = variant(&shop, "mug").await;
    let price = format!("price-{mug}");
    let stale = opens(&mut second, &shop, "mug").await.clone();
    let form = opens(&mut first, &shop, "mug").await.form("#matrix").with(&price, "50").with("do", "save");
    assert!(first.submits(&form).await.has("[role=status]"));
    let page = second.submits(&stale.form("#matrix").with(&price, "60").with("do", "save")).await;
    assert_eq!((page.status.as_u16(), page.value_of("#matrix", &price)), (409, "60".into()));
    assert_eq!(page.text("td .stored span"), "50.00");
    let options = stale.form("#options").with("do", "add-axis");
    let options = second.submits(&options).await.form("#options");
    let options = options.with("a1-zh", "颜色").with("a1-c1-zh", "青").with("do", "save");
    let page = second.submits(&options).await;
    assert_eq!((page.status.as_u16(), page.value_of("#options", "a1-c1-zh")), (409, "青".into()));
    let again = page.form("#options").with("do", "save");
    assert!(second.submits(&again).await.has("[role=status]"));
    changes(&mut first, &shop, "mug", "name-zh", "杯").await;
    shop.counts_all_again().await;
}

#[tokio::test]
async fn rows_of_another_product_are_refused() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (teapot, _) = variant(&shop, "teapot").await;
    let foreign = shop.count("SELECT id FROM choices WHERE name_zh = '米白'").await;
    let form = opens(&mut owner, &shop, "mug").await.form("#matrix").with("do", "save");
    for key in [teapot.clone(), format!("n{foreign}"), "n".into(), "nx".into(), "-1".into(), "9".repeat(30)] {
        let mut forged = form.clone();
        forged.fields.push(("row".into(), key.clone()));
        let forged = forged.with(&format!("sku-{key}"), "forged").with(&format!("price-{key}"), "0.01");
        let forged = forged.with(&format!("weight-{key}"), "1").with(&format!("stock-{key}"), "1");
        let page = owner.submits(&forged).await;
        assert!(page.status != 500, "{key}");
        assert_eq!(shop.count("SELECT count(*) FROM variants WHERE sku = 'forged'").await, 0, "{key}");
        assert_eq!(variant(&shop, "teapot").await.1, 88_000);
    }
    for axis in ["1", "2", "9", "x"] {
        let form = opens(&mut owner, &shop, "mug").await.form("#options").with("a1-was", axis);
        let form = form.with("a1-zh", "色").with("a1-en", "").with("a1-c1-id", foreign.to_string());
        let form = form.with("a1-c1-zh", "偷").with("a1-c1-en", "").with("do", "save");
        let page = owner.submits(&form).await;
        assert_eq!(page.status, 400, "{axis}: {}", page.told());
    }
    assert_eq!(shop.count("SELECT count(*) FROM choices WHERE name_zh = '米白'").await, 1);
}
