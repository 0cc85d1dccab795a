//! The catalog against a real database: who buys at once, what is not to be seen, what comes back.
//! Each test makes products of its own, so they may share a database.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use time::OffsetDateTime;
use time::macros::datetime;
use weipu::actor::Actor;
use weipu::catalog::demo::Easel;
use weipu::catalog::stock;
use weipu::catalog::{
    self, CategoryId, Format, NewAxis, NewCategory, NewProduct, NewVariant, Offer, Picture, ProductId, Rgb,
    Sku, Slug, TakeError, Width,
};
use weipu::db::{Db, Tx};
use weipu::files::Files;
use weipu::money::Money;
use weipu::settings;
use weipu::text::Text;

const NOW: OffsetDateTime = datetime!(2026-11-21 09:00 +8);

fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

fn sku(text: &str) -> Sku {
    Sku::parse(text).unwrap()
}

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

async fn category(db: &Db, name: &str) -> CategoryId {
    let mut tx = db.begin().await.unwrap();
    let new = NewCategory { slug: slug(name), name: text("茶", "Tea"), ground: Rgb([1, 2, 3]) };
    let id = catalog::add_category(&mut tx, &new).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// A tea in two tins, `NAME-1` with `stock` pieces and `NAME-2` with none, in a category of its own.
async fn tea(db: &Db, name: &str, stock: u32, on_shelf: bool) -> ProductId {
    let tin = |number: usize, stock| NewVariant {
        sku: sku(&format!("{name}-{number}")),
        choices: vec![number - 1],
        price: Money::from_fen(12_800).unwrap(),
        stock,
        weight_g: 120,
    };
    let new = NewProduct {
        slug: slug(name),
        category: category(db, &format!("{name}-shelf")).await,
        name: text("龙井", "Longjing"),
        summary: text("清甜", ""),
        description: Text::default(),
        on_shelf,
        axes: vec![NewAxis {
            name: text("净含量", "Weight"),
            choices: vec![text("小罐", "Small"), text("大罐", "")],
        }],
        variants: vec![tin(1, stock), tin(2, 0)],
        pictures: ["0123456789abcdef", "fedcba9876543210"]
            .map(|name| Picture { name: name.into(), alt: text("一罐茶", "") })
            .to_vec(),
    };
    let mut tx = db.begin().await.unwrap();
    let id = catalog::add_product(&mut tx, &new, NOW).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// As much of an order as the ledger needs.
async fn order(tx: &mut Tx) -> i64 {
    let sql = "INSERT INTO orders (number, checkout_key, checkout_digest, pay_token, visitor, language, recipient,
            phone, province, city, district, street, note, total_fen, placed_at, pay_until,
            pieces_left)
        SELECT left(id::text, 14), id, '', left(replace(id::text, '-', ''), 22), id, 'en', '', '', '', '', '', '',
            '', 1, now(), now(), 1
        FROM gen_random_uuid() AS id RETURNING id";
    sqlx::query_scalar(sql).fetch_one(&mut **tx).await.unwrap()
}

async fn buys(db: &Db, name: &Sku, quantity: u32) -> Result<Offer, TakeError> {
    let mut tx = db.begin().await?;
    let order = order(&mut tx).await;
    let taken = stock::take(&mut tx, order, name, quantity, NOW).await?;
    tx.commit().await?;
    Ok(taken)
}

async fn offer(db: &Db, name: &str) -> Option<Offer> {
    catalog::find_offer(&mut db.reader().await.unwrap(), &sku(name)).await.unwrap()
}

pub async fn fifty_buyers_of_five_pieces_get_five(db: Db) {
    tea(&db, "rush", 5, true).await;
    let name = sku("rush-1");
    let buyers = (0..50).map(|_| buys(&db, &name, 1));
    let outcomes = futures_util::future::join_all(buyers).await;
    let left_of = |outcome: &Result<Offer, TakeError>| outcome.as_ref().ok().map(|offer| offer.stock);
    let mut left: Vec<u32> = outcomes.iter().filter_map(left_of).collect();
    left.sort_unstable();
    assert_eq!(left, [0, 1, 2, 3, 4], "five sold, each told what it left");
    let told = |o: &&Result<Offer, TakeError>| matches!(o, Err(TakeError::SoldOut { left: 0 }));
    assert_eq!(outcomes.iter().filter(told).count(), 45, "{outcomes:?}");
    assert_eq!(offer(&db, "rush-1").await.unwrap().stock, 0);
}

pub async fn a_purchase_that_is_rolled_back_took_nothing(db: Db) {
    tea(&db, "regret", 3, true).await;
    let mut tx = db.begin().await.unwrap();
    let order = order(&mut tx).await;
    stock::take(&mut tx, order, &sku("regret-1"), 3, NOW).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(offer(&db, "regret-1").await.unwrap().stock, 3);
}

pub async fn whoever_wants_too_many_is_told_what_is_left(db: Db) {
    tea(&db, "greed", 3, true).await;
    for quantity in [4, i32::MAX.unsigned_abs(), u32::MAX] {
        let refusal = buys(&db, &sku("greed-1"), quantity).await.unwrap_err();
        assert!(matches!(refusal, TakeError::SoldOut { left: 3 }), "{quantity}: {refusal:?}");
    }
    let refusal = buys(&db, &sku("greed-2"), 1).await.unwrap_err();
    assert!(matches!(refusal, TakeError::SoldOut { left: 0 }), "{refusal:?}");
    assert_eq!(offer(&db, "greed-1").await.unwrap().stock, 3);
}

pub async fn an_unknown_sku_is_no_variant(db: Db) {
    let refusal = buys(&db, &sku("unheard-of"), 1).await.unwrap_err();
    assert!(matches!(refusal, TakeError::NoSuchVariant), "{refusal:?}");
    assert_eq!(offer(&db, "unheard-of").await, None);
}

pub async fn what_is_off_the_shelf_is_unseen_and_cannot_be_taken(db: Db) {
    let product = tea(&db, "hidden", 3, false).await;
    let mut reader = db.reader().await.unwrap();
    assert_eq!(catalog::find_product(&mut reader, &slug("hidden")).await.unwrap(), None);
    assert_eq!(catalog::find_offer(&mut reader, &sku("hidden-1")).await.unwrap(), None);
    let shelf = catalog::find_category(&mut reader, &slug("hidden-shelf")).await.unwrap().unwrap();
    assert_eq!(catalog::window(&mut reader, &[vec![shelf.id]], 0, 9).await.unwrap(), []);
    let refusal = buys(&db, &sku("hidden-1"), 1).await.unwrap_err();
    assert!(matches!(refusal, TakeError::NoSuchVariant), "{refusal:?}");

    let mut tx = db.begin().await.unwrap();
    catalog::put_on_shelf(&mut tx, product, true, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(buys(&db, &sku("hidden-1"), 1).await.unwrap().stock, 2);
}

pub async fn pieces_come_back_also_when_the_product_is_off_the_shelf(db: Db) {
    let product = tea(&db, "return", 2, true).await;
    let mut tx = db.begin().await.unwrap();
    let order = order(&mut tx).await;
    let had = stock::take(&mut tx, order, &sku("return-1"), 2, NOW).await.unwrap();
    let (taken, price) = (had.variant, had.price);
    tx.commit().await.unwrap();
    let mut tx = db.begin().await.unwrap();
    catalog::put_on_shelf(&mut tx, product, false, NOW).await.unwrap();
    let back = (stock::Because::Expired, &Actor::Shop);
    for _ in 0..3 {
        stock::give_back(&mut tx, order, &[(taken, 2)], back, NOW).await.unwrap();
    }
    for too_many in [3, u32::MAX] {
        let again = stock::take_again(&mut tx, order, &[(taken, too_many, price)], &Actor::Weibo, NOW).await;
        assert!(!again.unwrap(), "{too_many} were never there");
    }
    let dearer = price.plus(price).unwrap();
    let again = stock::take_again(&mut tx, order, &[(taken, 1, dearer)], &Actor::Weibo, NOW).await;
    assert!(!again.unwrap(), "it costs something else now");
    assert!(stock::take_again(&mut tx, order, &[(taken, 1, price)], &Actor::Weibo, NOW).await.unwrap());
    assert!(
        stock::take_again(&mut tx, order, &[(taken, 1, price)], &Actor::Weibo, NOW).await.is_err(),
        "not twice"
    );
    catalog::put_on_shelf(&mut tx, product, true, NOW).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(offer(&db, "return-1").await.unwrap().stock, 1);
}

pub async fn an_offer_tells_all_that_an_order_line_needs(db: Db) {
    let product = tea(&db, "line", 7, true).await;
    let mut tx = db.begin().await.unwrap();
    catalog::mark_status(&mut tx, product, 5_200_000_000_000_001).await.unwrap();
    tx.commit().await.unwrap();
    let seen = offer(&db, "line-1").await.unwrap();
    let taken = buys(&db, &sku("line-1"), 2).await.unwrap();
    assert_eq!(taken, Offer { stock: 5, ..seen });
    assert_eq!(taken.product, product);
    assert_eq!((taken.slug, taken.sku), (slug("line"), sku("line-1")));
    assert_eq!((taken.product_name, taken.choice_name), (text("龙井", "Longjing"), text("小罐", "Small")));
    assert_eq!((taken.price.fen(), taken.weight_g), (12_800, 120));
    assert_eq!(taken.picture, Some(Picture { name: "0123456789abcdef".into(), alt: text("一罐茶", "") }));
    assert_eq!(taken.weibo_status_id, Some(5_200_000_000_000_001));
}

pub async fn a_product_is_read_with_all_its_parts(db: Db) {
    let id = tea(&db, "whole", 7, true).await;
    let mut reader = db.reader().await.unwrap();
    let product = catalog::find_product(&mut reader, &slug("whole")).await.unwrap().unwrap();
    assert_eq!((product.id, product.updated_at), (id, NOW));
    assert_eq!(product.category.ground, Rgb([1, 2, 3]));
    let [small, large] = &product.variants[..] else { panic!("{:?}", product.variants) };
    assert_eq!((small.stock, large.stock), (7, 0));
    assert_eq!(product.choice_names(small), text("小罐", "Small"));
    assert_eq!(product.choice_names(large), text("大罐", "大罐"));
    assert_eq!(product.pictures.len(), 2);
    let tiles = catalog::window(&mut reader, &[vec![product.category.id]], 0, 9).await.unwrap();
    let [tile] = &tiles[..] else { panic!("{tiles:?}") };
    assert_eq!((tile.from, tile.one_price, tile.sold_out), (small.price, true, false));
    assert_eq!(tile.cover, product.pictures.first().cloned());
    assert_eq!(catalog::find_product(&mut reader, &slug("whole-not")).await.unwrap(), None);
}

/// In bytes, at 750 px. A page may show a picture of 60 kB; the demo's need far less.
const LIGHT: usize = 35_000;

/// Wants a database without a shop.
pub async fn the_demo_is_stocked_once(db: Db) {
    let both = tokio::join!(catalog::demo::stock_the_demo(&db, NOW), catalog::demo::stock_the_demo(&db, NOW));
    assert_ne!(both.0.unwrap(), both.1.unwrap(), "one of two that start at once");
    assert!(!catalog::demo::stock_the_demo(&db, NOW).await.unwrap(), "the shop is there");

    let mut reader = db.reader().await.unwrap();
    assert!(settings::is_named(&mut reader).await.unwrap());
    let (folder, easel) = (tempfile::tempdir().unwrap(), Easel::of_the_demo().unwrap());
    let files = Files::open(folder.path()).unwrap();
    for slug in catalog::demo::slugs().unwrap() {
        let product = catalog::find_product(&mut reader, &slug).await.unwrap().unwrap();
        let file = product.cover().unwrap().file(Width::Px750, Format::Webp);
        assert_eq!(files.read(&file).await.unwrap(), None);
        let drawn = easel.draw(&files, &file).await.unwrap().unwrap();
        assert!(drawn.len() <= LIGHT, "{file} has {} bytes", drawn.len());
        assert_eq!(files.read(&file).await.unwrap(), Some(drawn), "it is drawn once");
    }
    assert_eq!(offer(&db, "brown-sugar-boba-3").await.unwrap().stock, 0);
    let socks = catalog::find_product(&mut reader, &slug("knit-socks")).await.unwrap().unwrap();
    assert_eq!((socks.axes.len(), socks.variants.len()), (2, 5));
    for width in Width::ALL {
        for format in Format::ALL {
            let file = socks.cover().unwrap().file(width, format);
            assert!(easel.draw(&files, &file).await.unwrap().is_some(), "{file}");
            assert_eq!(
                Easel::default().draw(&files, &file).await.unwrap(),
                None,
                "a real shop draws nothing"
            );
        }
    }
    assert_eq!(easel.draw(&files, "0123456789abcdef-750.webp").await.unwrap(), None);
}
