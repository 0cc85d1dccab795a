//! Products from a file: checked first, then brought in, whatever the file holds and whoever dies meanwhile.

use crate::support::browser::Ask;
use crate::support::buyer::Buyer;
use crate::support::page::Page;
use crate::support::pictures::{multipart, post};
use crate::support::{Duration, TestShop, minutes};
use std::fmt::Write;
use weipu::transfers::{self, TransferId};
use weipu::{jobs, staff};

pub const IMPORT: &str = "/admin/transfers";
const SEND: &str = "/admin/transfers/products";

impl Buyer {
    /// She sends this file, as the page's form does.
    pub async fn sends(&mut self, name: &str, bytes: impl Into<Vec<u8>>) -> &Page {
        let token = self.opens(IMPORT).await.form("#import").fields[0].clone();
        assert_eq!(token.0, "token", "comes first");
        let ask = post(self.browser.at(SEND), multipart(&token.1, &[(name, bytes.into())]));
        self.asks(ask).await
    }

    /// The transfer that she looks at.
    pub fn transfer(&self) -> TransferId {
        TransferId(self.page().url.path().rsplit('/').next().unwrap().parse().unwrap())
    }

    /// What the page counts: new, changed, unchanged, wrong.
    pub fn counts(&self) -> [String; 4] {
        ["#new", "#changed", "#unchanged", "#wrong"].map(|id| self.page().text(id))
    }

    fn state(&self) -> String {
        self.page().attribute("#state", "data-state")
    }
}

impl TestShop {
    /// She sends the file, it is checked, and she looks at the result.
    pub async fn checks(&self, owner: &mut Buyer, bytes: impl Into<Vec<u8>>) {
        let sent = owner.sends("商品.csv", bytes).await;
        assert!(sent.has("#state"), "{}", sent.told());
        self.work().await;
        owner.looks_again().await;
    }

    pub async fn imports(&self, owner: &mut Buyer) {
        owner.presses("#import").await;
        self.work().await;
        owner.looks_again().await;
        assert_eq!(owner.state(), "done", "{}", owner.page().told());
    }

    /// Movements that imports made.
    async fn imported(&self) -> i64 {
        self.count("SELECT count(*) FROM stock_movements WHERE reason = 'import'").await
    }
}

/// A table with these columns.
fn table(header: &str, rows: &[&str]) -> String {
    format!("{header}\n{}\n", rows.join("\n"))
}

const SHORT: &str = "商品编号,商品名称,分类,SKU,价格,库存";

/// Each with the line in which it stands, and the reason that is to be told.
fn bad_rows() -> Vec<(String, &'static str)> {
    let long = "长".repeat(201);
    let row = |slug: &str, rest: &str| format!("{slug},{rest}");
    // slug, name, category, description, on shelf, axis 1, choice 1, choice 2, sku, price, stock
    vec![
        (row("", "名,茶桌,,,,,,bad-1,1,1"), "请填写"),
        (row("Bad_Slug", "名,茶桌,,,,,,bad-2,1,1"), "小写字母"),
        (row("bad-3", ",茶桌,,,,,,bad-3,1,1"), "请填写"),
        (row("bad-4", "名,,,,,,,bad-4,1,1"), "请填写"),
        (row("bad-5", "名,没有的类,,,,,,bad-5,1,1"), "没有“没有的类”"),
        (row("bad-6", "a\u{1}b,茶桌,,,,,,bad-6,1,1"), "无法显示"),
        (row("bad-7", &format!("{long},茶桌,,,,,,bad-7,1,1")), "最多 80"),
        (row("bad-8", "名,茶桌,,也许,,,,bad-8,1,1"), "“是”“否”或“定时”"),
        (row("bad-9", "名,茶桌,,,,,,,1,1"), "请填写"),
        (row("bad-10", "名,茶桌,,,,,,a b,1,1"), "字母、数字"),
        (row("bad-11", "名,茶桌,,,,,,bad-11,,1"), "请填写"),
        (row("bad-12", "名,茶桌,,,,,,bad-12,1.234,1"), "两位小数"),
        (row("bad-13", "名,茶桌,,,,,,bad-13,0,1"), "两位小数"),
        (row("bad-14", "名,茶桌,,,,,,bad-14,1,-1"), "整数"),
        (row("bad-15", "名,茶桌,,,,,,bad-15,1,99999999999"), "整数"),
        (row("bad-16", "名,茶桌,,,,,,bad-16,1,1,多出来的"), "还多"),
        (row("bad-17", "名,茶桌,,,,,,sku-0-0,1,1"), "SKU 重复"),
        (row("bad-18", "名,茶桌,,,,,,mug,1,1"), "属于商品 mug"),
        (row("bad-19", "名,茶桌,,,净含量,,,bad-19,1,1"), "请填写"),
        (row("bad-20", "名,茶桌,,,,,深,bad-20,1,1"), "没有这一项"),
    ]
}

/// 4,980 good rows of products in four sizes, and twenty bad ones among them; and where those stand.
fn five_thousand() -> (String, Vec<(i32, &'static str)>) {
    let mut text = String::from("商品编号,商品名称,分类,描述,上架,规格名1,规格值1,规格值2,SKU,价格,库存\r\n");
    let (mut line, mut wrong, mut bad) = (1, Vec::new(), bad_rows().into_iter());
    for product in 0..1245 {
        for size in 0..4 {
            let (price, stock) = (product + 100, size + 1);
            let named = if size == 0 {
                format!("商品{product},茶桌,\"两行\r\n简介\",是,净含量")
            } else {
                ",,,,".into()
            };
            write!(text, "p-{product},{named},{size}号,,sku-{product}-{size},{price}.5,{stock}\r\n").unwrap();
            line += 1;
        }
        if product % 60 == 0
            && let Some((row, why)) = bad.next()
        {
            write!(text, "{row}\r\n").unwrap();
            line += 1;
            wrong.push((line, why));
        }
    }
    for (row, why) in bad {
        write!(text, "{row}\r\n").unwrap();
        line += 1;
        wrong.push((line, why));
    }
    (text, wrong)
}

#[tokio::test]
async fn five_thousand_rows_of_which_twenty_are_bad_and_a_worker_dies_in_the_middle() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let (text, wrong) = five_thousand();
    let before = shop.count("SELECT count(*) FROM products").await;
    owner.sends("商品.csv", text).await;
    assert_eq!(owner.page().header("refresh"), "3", "the page follows by itself");
    assert!(owner.page().has("#cancel") && owner.page().has("progress"), "{}", owner.page().told());
    shop.work().await;
    let page = owner.looks_again().await;
    assert_eq!((page.header("refresh"), page.has("#progress")), ("", false), "it stands still now");
    assert_eq!(owner.counts(), ["4980", "0", "0", "20"], "{}", owner.page().told());
    for (line, why) in &wrong {
        let told = owner.page().text(&format!("[data-line=\"{line}\"]"));
        assert!(told.contains(why), "line {line}: {told}, not {why}");
    }
    assert_eq!(shop.count("SELECT count(*) FROM products").await, before, "a dry run is dry");
    let url = owner.page().link("#wrong-rows");
    let file = owner.browser.send(Ask::get(url)).await;
    assert!(file.header("content-disposition").contains("attachment"));
    assert_eq!(file.body.matches("\r\n").count(), 21, "{}", file.body);
    assert!(file.body.starts_with('\u{feff}') && file.body.contains("没有“没有的类”这个分类"));

    owner.presses("#import").await;
    let (id, db) = (owner.transfer(), &shop.app.worker.db);
    // A worker takes the job, does some of it, is cut off in the middle of a step, and never comes back.
    assert!(jobs::take(db, shop.clock.now()).await.unwrap().is_some());
    for patience in 0..12 {
        let step = transfers::step(db, id, shop.clock.now());
        let _ = tokio::time::timeout(std::time::Duration::from_millis(5 * patience), step).await;
    }
    assert!(transfers::step(db, id, shop.clock.now()).await.unwrap());
    owner.looks_again().await;
    assert_eq!(owner.state(), "importing");
    shop.work().await;
    owner.looks_again().await;
    assert_eq!(owner.state(), "importing", "its lease goes on");
    shop.later(minutes(3));
    shop.work().await;
    owner.looks_again().await;
    assert_eq!(owner.state(), "done");
    assert_eq!(owner.counts(), ["4980", "0", "0", "20"]);
    assert!(!owner.page().has("#overtaken"), "nobody else changed anything");

    assert_eq!(shop.count("SELECT count(*) FROM products").await, before + 1245);
    assert_eq!(shop.imported().await, 4980, "no row twice");
    let right =
        "SELECT count(*) FROM variants v WHERE sku LIKE 'sku-%' AND stock = 1 + right(sku, 1)::integer
        AND price_fen = 10050 + 100 * split_part(sku, '-', 2)::bigint";
    assert_eq!(shop.count(right).await, 4980);
    shop.counts_all_again().await;
    shop.is_sound(false).await;
    let shopper = shop.desktop().opens("/p/p-7").await.body.clone();
    assert!(shopper.contains("商品7") && shopper.contains("3号"));
    let found = shop.desktop().opens("/search?q=%E5%95%86%E5%93%817").await.body.clone();
    assert!(found.contains("/p/p-7"), "it can be looked for");
    // The same again changes nothing.
    let (text, _) = five_thousand();
    shop.checks(&mut owner, text).await;
    assert_eq!(owner.counts(), ["0", "0", "4980", "20"]);
    assert!(!owner.page().has("#import"), "there is nothing to bring in");
}

#[tokio::test]
async fn what_is_no_table_of_products_is_refused_with_a_reason() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let at_once: [(&[u8], &str); 6] = [
        (b"", "空的"),
        (b"\xEF\xBB\xBF", "空的"),
        (b"PK\x03\x04 and more", "工作簿"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "不是文字表格"),
        (b"a,b\n\xFF\xFE\xFF,1\n", "编码"),
        (&vec![b'a'; 20 * 1024 * 1024 + 1], "20 MB"),
    ];
    for (bytes, why) in at_once {
        let page = owner.sends("x.csv", bytes).await;
        assert_eq!(page.status, 422);
        assert!(page.wrong("file").contains(why), "{why}: {}", page.wrong("file"));
    }
    let mut many = table(SHORT, &[]);
    (0..20_001).for_each(|n| writeln!(many, "p,名,茶桌,sku-{n},1,1").unwrap());
    let later = [
        (SHORT.to_owned(), "下面没有内容"),
        (format!("{SHORT}\n,,,,,\n"), "下面没有内容"),
        (table("商品名称,SKU", &["名,a"]), "商品编号"),
        (table("商品编号,SKU,sku", &["a,b,c"]), "两次"),
        (many, "2 万行"),
        (table(&"x,".repeat(201), &["a"]), "200 列"),
    ];
    for (text, why) in later {
        shop.checks(&mut owner, text).await;
        let told = owner.page().text("[role=alert]");
        assert_eq!(owner.state(), "refused");
        assert!(told.contains(why), "{why}: {told}");
        assert!(!owner.page().has("#import") && !owner.page().has("#cancel"));
    }
    let left = "SELECT (SELECT count(*) FROM transfer_rows) + (SELECT count(*) FROM transfer_pieces)";
    assert_eq!(shop.count(left).await, 0, "nothing of them is kept");
    let page = owner.opens(IMPORT).await;
    assert!(page.text("tbody").contains("不能使用"));
}

#[tokio::test]
async fn files_of_excel_and_wps_are_read() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let text = table(SHORT, &["cup,\"茶杯，青\",茶桌,cup-1,12.5,3"]).replace(',', ";");
    let (gbk, _, _) = encoding_rs::GBK.encode(&text);
    shop.checks(&mut owner, gbk.into_owned()).await;
    assert_eq!(owner.counts(), ["1", "0", "0", "0"], "{}", owner.page().told());
    assert!(owner.page().text("dl").contains("GBK"));
    shop.imports(&mut owner).await;
    let english = "slug\tName\tsku\tPrice\tShelf life\ncup\tCup\tcup-1\t¥1,299.00\tnone\n";
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(english.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    shop.checks(&mut owner, utf16).await;
    assert_eq!(owner.counts(), ["0", "1", "0", "0"], "{}", owner.page().told());
    assert!(owner.page().text("#unknown").contains("Shelf life"));
    shop.imports(&mut owner).await;
    let right = "SELECT count(*) FROM products p JOIN variants v ON v.product_id = p.id WHERE p.slug = 'cup'
        AND name_zh = '茶杯，青' AND name_en = 'Cup' AND price_fen = 129900 AND stock = 3 AND NOT on_shelf AND p.version = 2";
    assert_eq!(shop.count(right).await, 1, "what is not in the file stays as it is");
    shop.counts_all_again().await;
}

#[tokio::test]
async fn rows_of_one_product_have_to_agree() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let header = "商品编号,商品名称,分类,规格名1,规格值1,规格名2,规格值2,SKU,价格";
    let rows = [
        ("vase,花瓶,茶桌,大小,大,颜色,青,vase-1,1", ""),
        ("socks,,,,,,,socks-1,30", ""),
        ("vase,,,,小,,青,vase-2,1", ""),
        ("vase,花盆,,,小,,白,vase-3,1", "第 2 行同一商品写的不一样"),
        ("vase,,,,小,,青,vase-4,1", "与第 4 行的规格相同"),
        ("vase,,,,小,,,vase-5,1", "请填写"),
        ("socks,,,,米白,,大,socks-9,30", "属于 SKU socks-2"),
        ("socks,,,材质,棉,,,socks-8,30", "颜色 / 尺码"),
        ("mug,,,,大,,,mug-2,30", "没有这一项"),
        ("mug,,,,,,,mug-3,30", "属于 SKU mug"),
        ("gap,缺口,茶桌,,,颜色,青,gap-1,1", "从 1 开始"),
        ("gap,,,,,,白,gap-2,1", "第 12 行有问题"),
        ("socks,,,,绿,,大,socks-3,30", ""),
    ];
    let text = table(header, &rows.map(|row| row.0));
    shop.checks(&mut owner, text).await;
    assert_eq!(owner.counts(), ["2", "2", "0", "9"], "{}", owner.page().told());
    for (line, (row, why)) in (2..).zip(rows).filter(|(_, (_, why))| !why.is_empty()) {
        let told = owner.page().text(&format!("[data-line=\"{line}\"]"));
        assert!(told.contains(why), "{row}: {told}");
    }
    shop.imports(&mut owner).await;
    let green = "SELECT count(*) FROM variants v JOIN choices c ON c.id = v.choice_1
        WHERE sku = 'socks-3' AND c.name_zh = '绿' AND v.stock = 8 AND v.price_fen = 3000";
    assert_eq!(shop.count(green).await, 1);
    let teal = "SELECT count(*) FROM choices WHERE name_zh = '青' AND product_id =
        (SELECT id FROM products WHERE slug = 'socks')";
    assert_eq!(shop.count(teal).await, 0, "nothing is teal any more");
    shop.counts_all_again().await;
}

#[tokio::test]
async fn a_product_without_variants_comes_in_as_a_draft_only() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let header = "商品编号,商品名称,分类,上架,SKU,价格";
    let rows = ["draft,草稿,茶桌,,,", "shown,上架,茶桌,是,,", "both,都有,茶桌,是,,", "both,,,,both-1,5"];
    shop.checks(&mut owner, table(header, &rows)).await;
    assert_eq!(owner.counts(), ["3", "0", "0", "1"], "{}", owner.page().told());
    assert!(owner.page().text("[data-line=\"3\"]").contains("没有规格"));
    shop.imports(&mut owner).await;
    let there = "SELECT count(*) FROM products WHERE (slug = 'draft' AND NOT on_shelf) OR (slug = 'both' AND on_shelf)";
    assert_eq!(shop.count(there).await, 2);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn a_product_has_no_more_than_two_hundred_variants() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let rows: Vec<String> = (0..450).map(|n| format!("many,多,茶桌,款,{n},many-{n},1")).collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    shop.checks(&mut owner, table("商品编号,商品名称,分类,规格名1,规格值1,SKU,价格", &rows)).await;
    assert_eq!(owner.counts(), ["200", "0", "0", "250"]);
    assert_eq!(owner.page().text("#mistakes tbody tr td"), "202");
    let page = owner.follows("[rel=next]").await;
    assert_eq!(page.text("#mistakes tbody tr td"), "252");
    shop.imports(&mut owner).await;
    let more = table("商品编号,规格值1,SKU,价格", &["many,还有,many-x,1"]);
    shop.checks(&mut owner, more).await;
    assert_eq!(owner.counts(), ["0", "0", "0", "1"]);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn two_imports_at_once_end_as_if_one_came_after_the_other() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let rows = |price: i32| {
        let rows: Vec<String> = (0..400)
            .map(|n| format!("p-{n},名{n},茶桌,p-{n},{price},7"))
            .chain([format!("mug,,,mug,{price},9")])
            .collect();
        table(SHORT, &rows.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut pressed = Vec::new();
    for price in [11, 12] {
        shop.checks(&mut owner, rows(price)).await;
        pressed.push(owner.page().form("#import"));
    }
    for form in &pressed {
        owner.submits(form).await;
    }
    let worker = &shop.app.worker;
    let works = || async { while worker.work_one().await.unwrap() {} };
    tokio::join!(works(), works(), works());
    // Whoever met the other tries again a little later.
    shop.later(minutes(1));
    shop.work().await;
    let done = "SELECT count(*) FROM transfers WHERE state = 'done' AND wrong_rows = 0";
    assert_eq!(shop.count(done).await, 2);
    let right = "SELECT count(*) FROM variants WHERE price_fen IN (1100, 1200) AND stock IN (7, 9)";
    assert_eq!(shop.count(right).await, 401);
    assert_eq!(shop.imported().await, 401, "the second finds the stock as it shall be");
    shop.counts_all_again().await;
    shop.is_sound(true).await;
}

#[tokio::test]
async fn an_import_can_be_called_off_and_what_came_in_stays() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let rows: Vec<String> = (0..700).map(|n| format!("p-{n},名{n},茶桌,p-{n},1,1")).collect();
    let text = table(SHORT, &rows.iter().map(String::as_str).collect::<Vec<_>>());
    shop.checks(&mut owner, text.clone()).await;
    let import = owner.page().form("#import");
    let cancel = owner.page().form("#cancel");
    owner.submits(&import).await;
    assert_eq!(owner.submits(&import).await.status, 409, "once is enough");
    let id = owner.browser.at(IMPORT).path().len();
    assert!(id > 0);
    owner.opens(import.action.path().trim_end_matches("/import")).await;
    transfers::step(&shop.app.worker.db, owner.transfer(), shop.clock.now()).await.unwrap();
    owner.submits(&cancel).await;
    assert_eq!((owner.state().as_str(), owner.page().has(".said")), ("cancelled", true));
    shop.work().await;
    owner.looks_again().await;
    assert_eq!(owner.state(), "cancelled");
    let there = shop.count("SELECT count(*) FROM variants WHERE sku LIKE 'p-%'").await;
    assert!(there > 0 && there < 700, "{there}");
    assert_eq!(owner.counts()[0], there.to_string());
    assert_eq!(owner.submits(&cancel).await.status, 409);
    assert_eq!(owner.submits(&import).await.status, 409);
    shop.checks(&mut owner, text).await;
    assert_eq!(owner.counts(), [(700 - there).to_string(), "0".into(), there.to_string(), "0".into()]);
    shop.imports(&mut owner).await;
    assert_eq!(shop.imported().await, 700);
    let audited =
        "SELECT count(*) FROM audit WHERE action IN ('send-products', 'import-products', 'cancel-transfer')";
    assert_eq!(shop.count(audited).await, 5);
    shop.counts_all_again().await;
}

#[tokio::test]
async fn somebody_who_edits_a_product_meanwhile_is_told_of() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.checks(&mut owner, table(SHORT, &["mug,新杯,,mug,50,", "teapot,,,teapot,900,"])).await;
    shop.later(minutes(1));
    let edit = "UPDATE products SET name_zh = '老杯', updated_at = '2026-11-21 12:01:00+08' WHERE slug = 'mug' RETURNING 1::bigint";
    shop.count(edit).await;
    shop.imports(&mut owner).await;
    assert!(owner.page().text("#overtaken").contains("1 行"), "{}", owner.page().told());
    assert_eq!(shop.count("SELECT count(*) FROM products WHERE name_zh = '新杯'").await, 1);
}

#[tokio::test]
async fn only_who_edits_the_catalog_sends_files_and_only_from_our_page() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    let text = table(SHORT, &["cup,杯,茶桌,cup,1,1"]);
    for (token, status) in [("", 403), ("forged", 403)] {
        let ask = post(owner.browser.at(SEND), multipart(token, &[("a.csv", text.clone().into())]));
        assert_eq!(owner.asks(ask).await.status, status);
    }
    let mut visitor = shop.desktop();
    let ask = post(visitor.browser.at(SEND), multipart("x", &[("a.csv", text.clone().into())]));
    assert_eq!(visitor.asks(ask).await.url.path(), "/admin/sign-in");
    let mut service = shop.member("小周", staff::Role::Service).await;
    let page = service.opens(IMPORT).await;
    assert_eq!((page.status.as_u16(), page.has("form[enctype]")), (200, false));
    let token = page.attribute("[name=token]", "value");
    let ask = post(service.browser.at(SEND), multipart(&token, &[("a.csv", text.clone().into())]));
    assert_eq!(service.asks(ask).await.status, 403);
    shop.checks(&mut owner, text).await;
    let path = owner.page().url.path().to_owned();
    for own in ["", "/wrong-rows", "/file", "/orders"] {
        assert_eq!(service.opens(&format!("{path}{own}")).await.status, 403, "{own}");
    }
    assert_eq!(owner.opens(&format!("{path}/file")).await.status, 404, "an import has none");
    assert_eq!(owner.opens("/admin/transfers/99999").await.status, 404);
    assert_eq!(shop.count("SELECT count(*) FROM transfers").await, 1);
}

#[tokio::test]
async fn after_a_week_the_rows_are_forgotten() {
    let shop = TestShop::open().await;
    let mut owner = shop.owner().await;
    shop.checks(&mut owner, table(SHORT, &["cup,杯,茶桌,cup,1,1", "no,,,,,"])).await;
    let (import, path) = (owner.page().form("#import"), owner.page().url.path().to_owned());
    let db = &shop.app.worker.db;
    transfers::sweep(db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM transfer_rows").await, 2);
    shop.later(Duration::days(7));
    transfers::sweep(db, shop.clock.now()).await.unwrap();
    assert_eq!(shop.count("SELECT count(*) FROM transfer_rows").await, 0);
    shop.signs_in(&mut owner, "阿山").await;
    let token = owner.opens(IMPORT).await.form("#import").fields[0].1.clone();
    assert_eq!(owner.submits(&import.with("token", token)).await.status, 410);
    assert_eq!(owner.opens(&format!("{path}/wrong-rows")).await.status, 410);
    assert!(owner.opens(&path).await.body.contains("7 天"));
}
