//! Products and orders as files: nothing is lost on the way out and in again, and nobody sees more than she may.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::{Duration, TestShop};
use crate::transfers::IMPORT;
use reqwest::StatusCode;
use weipu::staff::Role;
use weipu::transfers;

impl Buyer {
    /// The file behind the button.
    async fn takes_home(&mut self) -> String {
        let url = self.page().link("#download");
        let file = self.browser.send(Ask::get(url)).await;
        assert_eq!(file.status, StatusCode::OK, "{}", file.told());
        assert!(file.header("content-disposition").starts_with("attachment; filename=\"weipu-"));
        assert_eq!(file.header("cache-control"), "no-store");
        assert_eq!(file.length.to_string(), file.body.len().to_string(), "it is UTF-8");
        file.body
    }
}

impl TestShop {
    pub async fn exports(&self, owner: &mut Buyer) -> String {
        owner.opens(IMPORT).await;
        owner.presses("#export").await;
        self.work().await;
        owner.looks_again().await;
        owner.takes_home().await
    }

    async fn exports_orders(&self, staff: &mut Buyer, query: &str) -> String {
        staff.opens(&format!("/admin/transfers/orders{query}")).await;
        staff.presses("#export").await;
        self.work().await;
        staff.looks_again().await;
        staff.takes_home().await
    }
}

/// Names that a spreadsheet would run, change or break.
const STRANGE: [&str; 12] = [
    "=1+1",
    "+1",
    "-1+1",
    "-5",
    "@SUM(A1)",
    "=HYPERLINK(\"http://evil.example\",\"x\")",
    "00123",
    "1-2",
    "a,b;c\"d",
    "1E5",
    "＝1",
    "TRUE",
];

#[tokio::test]
async fn a_round_trip_loses_nothing_and_changes_nothing() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    for (n, name) in STRANGE.iter().enumerate() {
        let sql = "INSERT INTO products (slug, category_id, name_zh, description_zh, created_at, updated_at, position)
            VALUES ('strange-' || $1::text, 1, $2, E'第一行\n\n=第三行,\"引号\"', now(), now(), 99) RETURNING id";
        let mut conn = shop.database.connect().await;
        let id: i64 = sqlx::query_scalar(sql)
            .bind(i64::try_from(n).unwrap())
            .bind(name)
            .fetch_one(&mut conn)
            .await
            .unwrap();
        let sql =
            "INSERT INTO variants (product_id, sku, position, price_fen, stock) VALUES ($1, $2, 1, 100, 0)";
        sqlx::query(sql).bind(id).bind(format!("{n:05}")).execute(&mut conn).await.unwrap();
    }
    let draft = "INSERT INTO products (slug, category_id, name_zh, created_at, updated_at)
        VALUES ('draft', 1, '只有名字的草稿', now(), now()) RETURNING id";
    shop.count(draft).await;
    let first = shop.exports(&mut owner).await;
    assert!(first.starts_with('\u{feff}') && first.contains("\r\n"));
    assert!(first.contains("\t=1+1") && first.contains("\t00123") && first.contains(",-5,"), "{first}");
    assert!(first.contains("hidden"), "drafts too");
    let stamp = "SELECT sum(version)::bigint FROM products";
    let before = shop.count(stamp).await;
    shop.checks(&mut owner, first.clone()).await;
    let rows = shop.count("SELECT count(*) + 1 FROM variants").await;
    assert_eq!(
        owner.counts(),
        ["0".into(), "0".into(), rows.to_string(), "0".into()],
        "{}",
        owner.page().told()
    );
    assert_eq!(shop.exports(&mut owner).await, first);
    assert_eq!(shop.count(stamp).await, before);

    // Into a shop that has only the categories.
    shop.count(TRIM).await;
    let first = shop.exports(&mut owner).await;
    shop.has_no_product_any_more().await;
    shop.checks(&mut owner, first.clone()).await;
    shop.imports(&mut owner).await;
    assert_eq!(shop.exports(&mut owner).await, first, "the same, made anew");
    shop.counts_all_again().await;
}

/// What people type is kept without blanks around it.
const TRIM: &str = "WITH t AS (UPDATE products SET description_en = trim(description_en) RETURNING 1) SELECT count(*) FROM t";
/// Everything that a table says of a product, each said otherwise than it is by itself.
const EVERYTHING: &str = "
    WITH a AS (INSERT INTO stored_pictures (name, wanted_at) VALUES ('00aa00aa00aa00aa', now()), ('11bb11bb11bb11bb', now())),
    p AS (INSERT INTO products (slug, category_id, name_zh, name_en, summary_zh, summary_en, description_zh, description_en,
            position, on_shelf, shelf_from, shelf_until, archived_at, created_at, updated_at)
        VALUES ('timed', 1, '定时的', 'Timed', '简介', 'Summary', '描述', 'Words', 7, false,
            '2026-12-01 08:00+08', '2026-12-31 23:59+08', NULL, now(), now()),
        ('stored-away', 1, '归档的', '', '', '', '', '', 3, false, NULL, NULL, now(), now(), now()) RETURNING id, slug),
    x AS (INSERT INTO axes SELECT id, n, '规格' || n, CASE n WHEN 1 THEN 'Axis' ELSE '' END
        FROM p, generate_series(1, 3) n WHERE slug = 'timed' RETURNING product_id, number),
    c AS (INSERT INTO choices (product_id, axis, position, name_zh, name_en)
        SELECT product_id, number, 10 - n, '值' || n, CASE n WHEN 2 THEN '' ELSE 'Value ' || n END
        FROM x, generate_series(1, 3) n RETURNING product_id, axis, id, name_zh),
    w AS (INSERT INTO variants (product_id, sku, position, choice_1, choice_2, choice_3, price_fen, stock, weight_g, low_at)
        SELECT a.product_id, 'timed-' || n, 9 - n, a.id, b.id, d.id, 12345 + n, 0, 250 * n, n - 1
        FROM generate_series(1, 2) n JOIN c a ON a.axis = 1 AND a.name_zh = '值' || n
        JOIN c b ON b.axis = 2 AND b.name_zh = '值2' JOIN c d ON d.axis = 3 AND d.name_zh = '值3')
    INSERT INTO pictures (product_id, position, name, alt_zh, alt_en)
        SELECT id, 1, '11bb11bb11bb11bb', '', 'Behind' FROM p WHERE slug = 'timed'
        UNION ALL SELECT id, 2, '00aa00aa00aa00aa', '正面', '' FROM p WHERE slug = 'timed' RETURNING id";
/// And after somebody has changed all of it.
const UPSET: &str = "
    WITH p AS (UPDATE products SET name_en = 'X', summary_zh = '改', description_en = 'X', position = 50,
            on_shelf = slug = 'timed', shelf_from = NULL, shelf_until = NULL, archived_at = NULL RETURNING 1),
    c AS (UPDATE choices SET position = id, name_en = name_en || 'x' WHERE name_en <> '' RETURNING 1),
    v AS (UPDATE variants SET position = id, low_at = 99, weight_g = 1, price_fen = 1 RETURNING 1),
    i AS (DELETE FROM pictures WHERE name = '11bb11bb11bb11bb' RETURNING 1),
    j AS (UPDATE pictures SET alt_zh = '改' WHERE name = '00aa00aa00aa00aa' RETURNING 1)
    SELECT count(*) FROM p, c";

impl TestShop {
    /// As if none had ever been there. Their ledger may only be added to, so it goes with them, table and all.
    async fn has_no_product_any_more(&self) {
        use sqlx::Executor;
        let mut conn = self.database.connect().await;
        conn.execute(
            "ALTER TABLE stock_movements DISABLE TRIGGER USER; TRUNCATE products CASCADE;
            ALTER TABLE stock_movements ENABLE TRIGGER USER",
        )
        .await
        .unwrap();
    }
}

#[tokio::test]
async fn everything_that_a_product_is_travels() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.count(EVERYTHING).await;
    shop.count(TRIM).await;
    let first = shop.exports(&mut owner).await;
    for said in
        ["\"值3\n值2\n值1\"", "\"1 Value 3\n3 Value 1\"", "2026-12-31 23:59", "定时", "1 Behind", "2 正面"]
    {
        assert!(first.contains(said), "{said}: {first}");
    }
    shop.checks(&mut owner, first.clone()).await;
    assert_eq!((&*owner.counts()[0], &*owner.counts()[1], &*owner.counts()[3]), ("0", "0", "0"), "as it is");

    // The same shop, changed, and some of it emptied.
    shop.count(UPSET).await;
    shop.checks(&mut owner, first.clone()).await;
    shop.imports(&mut owner).await;
    let restored = shop.exports(&mut owner).await;
    let timed = |file: &str| {
        file.split("\r\ntimed,").nth(1).unwrap().split("\r\nstored-away").next().unwrap().to_owned()
    };
    assert_eq!(timed(&restored), timed(&first));
    assert!(restored.contains("stored-away,归档的,X"), "an empty cell changes nothing");

    // A shop that has only the categories, and the files of the pictures.
    shop.has_no_product_any_more().await;
    shop.checks(&mut owner, first.clone()).await;
    assert_eq!(owner.counts()[3], "0", "{}", owner.page().told());
    shop.imports(&mut owner).await;
    assert_eq!(shop.exports(&mut owner).await, first, "the same, made anew");
    shop.counts_all_again().await;

    // Its clock goes on.
    assert_eq!(shop.desktop().opens("/p/timed").await.status, 404);
    shop.later(Duration::days(11));
    shop.work().await;
    assert_eq!(shop.desktop().opens("/p/timed").await.status, 200);
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_an_older_table_does_not_say_stays_as_it_is() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.count(EVERYTHING).await;
    let first = shop.exports(&mut owner).await;
    let older =
        "商品编号,上架,SKU,价格,图片\ntimed,否,timed-1,88,https://a.example/1.jpg\nstored-away,否,,,\n";
    shop.checks(&mut owner, older).await;
    assert_eq!(owner.counts(), ["0", "1", "0", "1"], "{}", owner.page().told());
    assert!(owner.page().text("[data-line=\"3\"]").contains("归档"));
    shop.imports(&mut owner).await;
    assert_eq!(shop.exports(&mut owner).await, first.replace("123.46", "88.00"));
    shop.counts_all_again().await;
    shop.leaves_jobs();
}

#[tokio::test]
async fn what_contradicts_itself_is_told() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.count(EVERYTHING).await;
    let cells = [
        ("mug,是,2026-12-01 08:00,,,,,", "请写“定时”"),
        ("mug,定时,,,,,,", "上架时间或下架时间"),
        ("mug,定时,2026-12-02 08:00,2026-12-01 08:00,,,,", "早于"),
        ("mug,,2026-12-01,,,,,", "日期和时间"),
        ("mug,是,,,是,,,", "归档的商品不能上架"),
        ("mug,也许,,,,,,", "“定时”"),
        ("mug,,,,,-1,,", "整数"),
        ("mug,,,,,,大,", "没有这一项"),
        ("timed,,,,,,,Large", "序号开头"),
        ("timed,,,,,,,9 Large", "没有第 9 个"),
    ];
    for (row, why) in cells {
        let table =
            format!("商品编号,上架,上架时间,下架时间,归档,排序,全部规格值1,全部英文规格值1,SKU\n{row},\n");
        shop.checks(&mut owner, table).await;
        assert_eq!(owner.counts()[3], "1", "{row}");
        let told = owner.page().text("[data-line=\"2\"]");
        assert!(told.contains(why), "{row}: {told}");
    }
    let sold = "SELECT count(*) FROM products WHERE on_shelf AND archived_at IS NULL AND slug = 'mug'";
    assert_eq!(shop.count(sold).await, 1);
    shop.checks(&mut owner, "商品编号,归档,SKU\nmug,是,\nstored-away,否,\n").await;
    assert_eq!(owner.counts(), ["0", "2", "0", "0"]);
    shop.imports(&mut owner).await;
    let turned =
        "SELECT count(*) FROM products WHERE (slug = 'mug' AND archived_at IS NOT NULL AND NOT on_shelf)
        OR (slug = 'stored-away' AND archived_at IS NULL)";
    assert_eq!(shop.count(turned).await, 2);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn what_was_sold_meanwhile_stays_sold() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let table = shop.exports(&mut owner).await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 2).await;
    let table = table.replace("39.90", "42.00");
    shop.checks(&mut owner, table).await;
    assert_eq!(owner.counts()[1], "1");
    shop.imports(&mut owner).await;
    assert_eq!(shop.stock("mug").await, 3, "nobody counted anew");
    assert_eq!(shop.count("SELECT price_fen FROM variants WHERE sku = 'mug'").await, 4200);
    shop.closes().await;
}

#[tokio::test]
async fn the_template_can_be_imported_once_there_is_its_category() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let template = owner.opens("/admin/transfers/template").await.body.clone();
    shop.checks(&mut owner, template.clone()).await;
    assert_eq!(owner.counts(), ["0", "0", "0", "2"]);
    shop.checks(&mut owner, template.replace("茶叶", "茶桌")).await;
    assert_eq!(owner.counts(), ["2", "0", "0", "0"], "{}", owner.page().told());
}

#[tokio::test]
async fn orders_go_out_in_full_to_those_who_see_buyers_and_masked_to_others() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (mut first, mut second) = (shop.desktop(), shop.desktop());
    first.orders("mug", 2).await;
    second.orders("socks-1", 1).await;
    let numbers = [first.order(), second.order()];
    let file = shop.exports_orders(&mut owner, "").await;
    for number in &numbers {
        assert!(file.contains(number.as_str()), "{file}");
    }
    assert!(
        file.contains("\t13800138000") && file.contains("林阿梨") && file.contains("龙井路 1 号"),
        "{file}"
    );
    assert!(file.contains("39.90,79.80") && file.contains("待付款") && file.contains("米白 / 小"), "{file}");
    let whole = owner.page().url.path().to_owned();

    let mut finance = shop.member("小李", Role::Finance).await;
    let masked = shop.exports_orders(&mut finance, "?state=unpaid").await;
    assert!(masked.contains(&numbers[0]) && masked.contains("林**") && masked.contains("138****8000"));
    for secret in ["13800138000", "林阿梨", "龙井路"] {
        assert!(!masked.contains(secret), "{secret}");
    }
    assert_eq!(finance.opens(&whole).await.status, 403, "not even the page of another's");
    assert_eq!(finance.opens(&format!("{whole}/orders")).await.status, 403);
    let none = shop.exports_orders(&mut owner, "?state=shipped&from=2026-01-01").await;
    assert_eq!(none.matches("\r\n").count(), 1, "a header and nothing else");
    let one = shop.exports_orders(&mut owner, "?product=mug").await;
    assert!(one.contains(&numbers[0]) && !one.contains(&numbers[1]));
    for wrong in ["?state=nonsense", "?from=yesterday", "?from=2026-02-02&to=2026-01-01", "?q=%00"] {
        let page = owner.opens(&format!("/admin/transfers/orders{wrong}")).await;
        assert!(page.status == 400 || (page.has("[role=alert]") && !page.has("#export")), "{wrong}");
    }
    let audited = "SELECT count(*) FROM audit WHERE action IN ('export-orders', 'download-orders')";
    assert_eq!(shop.count(audited).await, 8);
    assert_eq!(shop.count("SELECT count(*) FROM audit WHERE after::text LIKE '%mug%'").await, 0);

    let mut service = shop.member("小周", Role::Service).await;
    assert_eq!(service.opens("/admin/transfers/orders").await.status, 403);
    assert_eq!(service.opens(&whole).await.status, 403);
    shop.later(Duration::days(7));
    transfers::sweep(&shop.app.worker.db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM transfer_pieces").await, 0);
    shop.closes().await;
}

#[tokio::test]
async fn who_takes_orders_home_gives_her_password_again() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.exports_orders(&mut owner, "").await;
    let page = owner.page().clone();
    shop.later(Duration::hours(1));
    for url in [page.link("#download"), owner.browser.at("/admin/transfers/orders?state=unpaid")] {
        let asked = owner.visits(url).await;
        assert_eq!(asked.url.path(), "/admin/account/confirm", "{}", asked.told());
    }
}

#[tokio::test]
async fn more_orders_than_a_step_takes_go_out_each_once() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let mut buyer = shop.desktop();
    buyer.orders("mug", 1).await;
    let copies = "WITH o AS (INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, language, recipient,
            phone, province, city, district, street, note, total_fen, freight_fen, placed_at, pay_until, closed_at, closed_because)
        SELECT '2610-' || lpad(n::text, 4, '0') || '-0000', gen_random_uuid(), checkout_digest, lpad(n::text, 22, '0'), visitor,
            language, recipient, phone, province, city, district, street, note, total_fen, freight_fen,
            placed_at - (n / 3) * interval '1 minute', pay_until, placed_at, 'expired'
        FROM orders, generate_series(1, 1700) n RETURNING id, placed_at),
        l AS (INSERT INTO order_lines SELECT o.id, position, variant_id, sku, product_id, product_slug, product_zh, product_en,
            choice_zh, choice_en, picture, unit_price_fen, quantity, paid_fen, o.placed_at FROM o, order_lines RETURNING 1)
        SELECT count(*) FROM l";
    assert_eq!(shop.count(copies).await, 1700);
    let file = shop.exports_orders(&mut owner, "").await;
    let mut numbers: Vec<&str> =
        file.lines().skip(1).map(|line| line.split(',').next().unwrap().trim_start_matches('\t')).collect();
    assert_eq!(numbers.len(), 1701);
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 1701, "each once");
    shop.leaves_jobs();
}

#[tokio::test]
async fn the_command_line_does_the_same() {
    let shop = TestShop::open().await;
    let (db, clock) = (&shop.app.worker.db, &shop.clock);
    let mut out = Vec::new();
    transfers::command_line::export(db, clock, &mut out).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("商品.csv");
    std::fs::write(&path, &out).unwrap();
    let mut told = Vec::new();
    transfers::command_line::import(db, &path, true, clock, &mut told).await.unwrap();
    assert!(String::from_utf8(told).unwrap().contains("0 new, 0 changed"), "nothing is to do");
    let changed = String::from_utf8(out).unwrap().replace("39.90", "41.00")
        + &format!("cup,杯,,没有的类{}cup,1,1\r\n", ",".repeat(22));
    std::fs::write(&path, changed).unwrap();
    let price = "SELECT price_fen FROM variants WHERE sku = 'mug'";
    for (apply, fen, why) in [(false, 3990, "nothing was imported"), (true, 4100, "were left out")] {
        let mut told = Vec::new();
        let done = transfers::command_line::import(db, &path, apply, clock, &mut told).await;
        let refusal = done.unwrap_err().to_string();
        assert!(refusal.contains("1 of") && refusal.contains(why), "{refusal}");
        assert!(String::from_utf8(told).unwrap().contains("no-such-category 没有的类"));
        assert_eq!(shop.count(price).await, fen);
    }
    std::fs::write(&path, b"PK\x03\x04").unwrap();
    let refused = transfers::command_line::import(db, &path, true, clock, &mut Vec::new()).await.unwrap_err();
    assert!(format!("{refused:#}").contains("workbook") && !refused.to_string().contains('\n'));
    assert_eq!(
        shop.count("SELECT count(*) FROM transfers").await,
        1,
        "only what changed something stays in the list"
    );
}
