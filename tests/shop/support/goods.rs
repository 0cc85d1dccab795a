//! What the tests' shop sells. Prices in fen.

use time::OffsetDateTime;
use time::macros::datetime;
use weipu::catalog::{self, CategoryId, NewAxis, NewCategory, NewProduct, NewVariant, Rgb, Sku, Slug};
use weipu::db::{Db, Tx};
use weipu::money::Money;
use weipu::settings::{self, Profile};
use weipu::text::Text;

/// When every test begins.
pub const NOON: OffsetDateTime = datetime!(2026-11-21 12:00 +8);

pub fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

/// A mug (5 pieces), a teapot (1), tea in two tins of which one is sold out, socks with two axes, a bar of
/// gold that costs all that can be charged, and something that is not on the shelf.
pub async fn put_on_the_shelf(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let profile = Profile { name: text("山间小铺", "Mountain Lane"), ..Profile::default() };
    settings::introduce(&mut tx, &profile).await.unwrap();
    let new = NewCategory {
        slug: Slug::parse("table").unwrap(),
        name: text("茶桌", "Tea table"),
        ground: Rgb([243, 227, 200]),
    };
    let table = catalog::add_category(&mut tx, &new).await.unwrap();
    simple(&mut tx, table, ["mug", "山间杯", "Mountain mug"], 3_990, 5).await;
    simple(&mut tx, table, ["teapot", "朱泥壶", "Red clay teapot"], 88_000, 1).await;
    simple(&mut tx, table, ["gold", "金条", "Gold bar"], 1_000_000_000_000, 5).await;
    let tin = axis("净含量", "Weight", &[("小罐", "Small tin"), ("大罐", "Large tin")]);
    let tins = vec![variant("longjing-1", &[0], 12_800, 20), variant("longjing-2", &[1], 36_000, 0)];
    add(&mut tx, table, ["longjing", "明前龙井", "Longjing tea"], vec![tin], tins).await;
    let colour = axis("颜色", "Colour", &[("米白", "Cream"), ("青", "Teal")]);
    let size = axis("尺码", "Size", &[("小", "S"), ("大", "L")]);
    let socks = [("socks-1", [0, 0], 30), ("socks-2", [0, 1], 0), ("socks-3", [1, 1], 8)];
    let socks = socks.iter().map(|(sku, choices, stock)| variant(sku, choices, 2_900, *stock)).collect();
    add(&mut tx, table, ["socks", "羊毛袜", "Wool socks"], vec![colour, size], socks).await;
    let hidden = product(table, ["hidden", "未上架", "Hidden"], vec![], vec![variant("hidden", &[], 100, 9)]);
    let hidden = NewProduct { on_shelf: false, ..hidden };
    catalog::add_product(&mut tx, &hidden, NOON).await.unwrap();
    tx.commit().await.unwrap();
}

async fn simple(tx: &mut Tx, category: CategoryId, names: [&str; 3], price: i64, stock: u32) {
    add(tx, category, names, vec![], vec![variant(names[0], &[], price, stock)]).await;
}

async fn add(
    tx: &mut Tx,
    category: CategoryId,
    names: [&str; 3],
    axes: Vec<NewAxis>,
    variants: Vec<NewVariant>,
) {
    catalog::add_product(tx, &product(category, names, axes, variants), NOON).await.unwrap();
}

fn product(
    category: CategoryId,
    [slug, zh, en]: [&str; 3],
    axes: Vec<NewAxis>,
    variants: Vec<NewVariant>,
) -> NewProduct {
    NewProduct {
        slug: Slug::parse(slug).unwrap(),
        category,
        name: text(zh, en),
        summary: text("山里来的好东西", "Good things from the mountains"),
        description: text("一件一件做出来的。".repeat(40).as_str(), "Made one by one. ".repeat(40).as_str()),
        on_shelf: true,
        axes,
        variants,
        pictures: Vec::new(),
    }
}

fn variant(sku: &str, choices: &[usize], price: i64, stock: u32) -> NewVariant {
    NewVariant {
        sku: Sku::parse(sku).unwrap(),
        choices: choices.to_vec(),
        price: Money::from_fen(price).unwrap(),
        stock,
        weight_g: 300,
    }
}

fn axis(zh: &str, en: &str, choices: &[(&str, &str)]) -> NewAxis {
    NewAxis { name: text(zh, en), choices: choices.iter().map(|(zh, en)| text(zh, en)).collect() }
}
