//! A product for the tests of this room.

use super::{Card, Picture};
use crate::catalog::{Category, CategoryId, Product, ProductId, Rgb, Sku, Slug, Variant, VariantId};
use crate::money::Money;
use crate::text::Text;
use std::sync::LazyLock;
use time::macros::datetime;
use url::Url;

static SHOP: LazyLock<Text> = LazyLock::new(|| text("山间小铺", "Mountain Lane"));

fn text(zh: &str, en: &str) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

pub fn shop_url() -> Url {
    Url::parse("https://shop.example/").unwrap()
}

fn variant(number: i64, fen: i64, stock: u32) -> Variant {
    Variant {
        id: VariantId(number),
        sku: Sku::parse(&format!("mug-{number}")).unwrap(),
        choices: Vec::new(),
        price: Money::from_fen(fen).unwrap(),
        stock,
        weight_g: 300,
    }
}

/// Two variants, of which the second is sold out.
pub fn mug() -> Product {
    let at = datetime!(2026-03-05 18:20:30 UTC);
    Product {
        id: ProductId(1),
        slug: Slug::parse("mug").unwrap(),
        name: text("山间杯", "Mountain mug"),
        summary: text("山里来的", ""),
        description: Text::default(),
        category: Category {
            id: CategoryId(1),
            parent: None,
            slug: Slug::parse("table").unwrap(),
            name: text("茶桌", "Tea table"),
            ground: Rgb([1, 2, 3]),
            version: 1,
        },
        axes: Vec::new(),
        variants: vec![variant(1, 3_990, 13), variant(2, 12_005, 0)],
        pictures: Vec::new(),
        weibo_status_id: None,
        created_at: at,
        updated_at: at,
    }
}

pub fn card<'a>(public_url: &'a Url, product: &'a Product) -> Card<'a> {
    let picture = Picture {
        url: "https://shop.example/pictures/a-750.jpg".into(),
        large: "https://shop.example/pictures/a-1080.jpg".into(),
        size: Some((750, 500)),
    };
    Card { product, shop: &SHOP, public_url, picture: Some(picture) }
}
