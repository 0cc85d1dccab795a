//! The demo shop 山间小铺: what it sells, and how it comes onto the shelf of an empty shop.

use super::picture::{Format, Picture, Rgb, Width, file_name};
use super::pictures::{self, Darkroom};
use super::store::adding::{NewAxis, NewCategory, NewProduct, NewVariant, add_category, add_product};
use super::{CategoryId, Sku, Slug};
use crate::db::Db;
use crate::files::{Bytes, Files};
use crate::money::Money;
use crate::settings::{self, Profile};
use crate::text::Text;
use anyhow::Context;
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use time::OffsetDateTime;

/// `catalog.json`, and for each product `images/SLUG.webp`, a cut-out on a transparent ground.
#[derive(RustEmbed)]
#[folder = "src/catalog/demo/"]
struct Embedded;

#[derive(Deserialize)]
struct Catalog {
    shop: ShopEntry,
    categories: Vec<CategoryEntry>,
    products: Vec<ProductEntry>,
}

#[derive(Deserialize)]
struct ShopEntry {
    name: TextEntry,
    promises: TextEntry,
    weibo_name: String,
}

#[derive(Deserialize)]
struct CategoryEntry {
    slug: Slug,
    name: TextEntry,
    ground: String,
}

#[derive(Deserialize)]
struct ProductEntry {
    slug: Slug,
    category: Slug,
    name: TextEntry,
    summary: TextEntry,
    description: TextEntry,
    axes: Vec<AxisEntry>,
    variants: Vec<VariantEntry>,
}

#[derive(Deserialize)]
struct AxisEntry {
    name: TextEntry,
    choices: Vec<TextEntry>,
}

#[derive(Deserialize)]
struct VariantEntry {
    sku: Sku,
    choices: Vec<usize>,
    price_fen: i64,
    stock: u32,
    weight_g: u32,
}

#[derive(Deserialize)]
struct TextEntry {
    #[serde(rename = "zh-CN")]
    zh: String,
    en: String,
}

impl From<TextEntry> for Text {
    fn from(TextEntry { zh, en }: TextEntry) -> Text {
        Text { zh, en }
    }
}

/// Stocks an empty shop with the demo's goods. False when the shop is there already. Their pictures are drawn by
/// an [`Easel`].
pub async fn stock_the_demo(db: &Db, now: OffsetDateTime) -> anyhow::Result<bool> {
    if settings::is_named(&mut *db.reader().await?).await? {
        return Ok(false);
    }
    let catalog = catalog()?;
    let drawings = catalog.drawings()?;
    let mut tx = db.begin().await?;
    let profile = Profile {
        name: catalog.shop.name.into(),
        promises: catalog.shop.promises.into(),
        weibo_name: catalog.shop.weibo_name,
        ..Profile::default()
    };
    if !settings::introduce(&mut tx, &profile).await? {
        // Another process was faster.
        return Ok(false);
    }
    let mut categories = HashMap::new();
    for entry in catalog.categories {
        let new = NewCategory { ground: ground(&entry)?, slug: entry.slug.clone(), name: entry.name.into() };
        categories.insert(entry.slug, add_category(&mut tx, &new).await?);
    }
    for (entry, drawing) in catalog.products.into_iter().zip(drawings) {
        let category = categories.get(&entry.category).context("a product of no category")?;
        add_product(&mut tx, &new_product(entry, *category, drawing.name())?, now).await?;
    }
    tx.commit().await?;
    Ok(true)
}

fn catalog() -> anyhow::Result<Catalog> {
    let file = Embedded::get("catalog.json").context("the demo catalog is not embedded")?;
    serde_json::from_slice(&file.data).context("reading the demo catalog")
}

/// What it sells, in its order.
pub fn slugs() -> anyhow::Result<Vec<Slug>> {
    Ok(catalog()?.products.into_iter().map(|product| product.slug).collect())
}

fn source(slug: &Slug) -> anyhow::Result<Vec<u8>> {
    let file = Embedded::get(&format!("images/{slug}.webp"));
    Ok(file.with_context(|| format!("the demo has no picture of {slug}"))?.data.into_owned())
}

fn ground(category: &CategoryEntry) -> anyhow::Result<Rgb> {
    Rgb::parse(&category.ground).with_context(|| format!("{} is no colour", category.ground))
}

/// A picture before it is drawn.
struct Drawing {
    cut_out: Vec<u8>,
    ground: Rgb,
}

impl Drawing {
    fn name(&self) -> String {
        pictures::name(&self.cut_out, self.ground)
    }
}

impl Catalog {
    /// One for each product, in their order.
    fn drawings(&self) -> anyhow::Result<Vec<Drawing>> {
        let mut grounds = HashMap::new();
        for category in &self.categories {
            grounds.insert(&category.slug, ground(category)?);
        }
        let drawing = |product: &ProductEntry| {
            let ground = *grounds.get(&product.category).context("a product of no category")?;
            Ok(Drawing { cut_out: source(&product.slug)?, ground })
        };
        self.products.iter().map(drawing).collect()
    }
}

/// Draws the demo's pictures, each rendition when somebody first looks at it: drawing all of them beforehand
/// would keep who tries the shop waiting. The default, which is a real shop's, draws nothing.
#[derive(Clone, Default)]
pub struct Easel {
    drawings: Arc<HashMap<String, (Drawing, Width, Format)>>,
    room: Darkroom,
}

impl Easel {
    pub fn of_the_demo() -> anyhow::Result<Easel> {
        let mut drawings = HashMap::new();
        for Drawing { cut_out, ground } in catalog()?.drawings()? {
            let name = pictures::name(&cut_out, ground);
            for (width, format) in Width::ALL.into_iter().flat_map(|w| Format::ALL.map(|f| (w, f))) {
                let drawing = Drawing { cut_out: cut_out.clone(), ground };
                drawings.insert(file_name(&name, width, format), (drawing, width, format));
            }
        }
        Ok(Easel { drawings: Arc::new(drawings), room: Darkroom::default() })
    }

    /// Whether it can draw a rendition of this name.
    pub fn has(&self, file: &str) -> bool {
        self.drawings.contains_key(file)
    }

    /// Draws a rendition and keeps it in `files`; `None` when none of the demo's is called so.
    pub async fn draw(&self, files: &Files, file: &str) -> anyhow::Result<Option<Bytes>> {
        if !self.has(file) {
            return Ok(None);
        }
        let (drawings, wanted) = (self.drawings.clone(), file.to_owned());
        let drawn = self.room.alone(move || {
            let (Drawing { cut_out, ground }, width, format) = drawings.get(&wanted)?;
            Some(pictures::draw(cut_out, *ground, *width, *format))
        });
        let Some(drawn) = drawn.await?.transpose()? else { return Ok(None) };
        let drawn = Bytes::from(drawn);
        files.put(file, drawn.clone()).await.with_context(|| format!("writing {file}"))?;
        Ok(Some(drawn))
    }
}

fn new_product(entry: ProductEntry, category: CategoryId, picture: String) -> anyhow::Result<NewProduct> {
    let name = Text::from(entry.name);
    let axis = |axis: AxisEntry| NewAxis {
        name: axis.name.into(),
        choices: axis.choices.into_iter().map(Text::from).collect(),
    };
    Ok(NewProduct {
        slug: entry.slug,
        category,
        pictures: vec![Picture { name: picture, alt: name.clone() }],
        name,
        summary: entry.summary.into(),
        description: entry.description.into(),
        on_shelf: true,
        axes: entry.axes.into_iter().map(axis).collect(),
        variants: entry.variants.into_iter().map(new_variant).collect::<anyhow::Result<_>>()?,
    })
}

fn new_variant(entry: VariantEntry) -> anyhow::Result<NewVariant> {
    let VariantEntry { sku, choices, price_fen, stock, weight_g } = entry;
    let price = Money::from_fen(price_fen).with_context(|| format!("{sku} has no such price"))?;
    Ok(NewVariant { sku, choices, price, stock, weight_g })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In bytes, at 750 px. A page may show a picture of 60 kB; the demo's need far less.
    const MOST: usize = 35_000;

    #[test]
    fn the_demo_is_whole() {
        let catalog = catalog().unwrap();
        assert_eq!((catalog.categories.len(), catalog.products.len()), (6, 32));
        for product in catalog.products {
            assert!(catalog.categories.iter().any(|c| c.slug == product.category));
            for variant in &product.variants {
                assert_eq!(variant.choices.len(), product.axes.len(), "{}", variant.sku);
                for (choice, axis) in variant.choices.iter().zip(&product.axes) {
                    assert!(*choice < axis.choices.len(), "{}", variant.sku);
                }
            }
            new_product(product, CategoryId(1), "0123456789abcdef".into()).unwrap();
        }
    }

    #[test]
    fn every_picture_is_light_enough_for_a_phone() {
        let drawings = catalog().unwrap().drawings().unwrap();
        let (some, others) = drawings.split_at(drawings.len() / 2);
        let weights = std::thread::scope(|scope| {
            let halves = [some, others].map(|half| scope.spawn(|| weights(half)));
            halves.map(|half| half.join().unwrap()).concat()
        });
        assert_eq!(weights.len(), 2 * 32);
        assert!(weights.iter().all(|weight| *weight <= MOST), "{weights:?}");
    }

    /// In bytes, of each at 750 px in each format.
    fn weights(drawings: &[Drawing]) -> Vec<usize> {
        let weight = |Drawing { cut_out, ground }: &Drawing, format| {
            pictures::draw(cut_out, *ground, Width::Px750, format).unwrap().len()
        };
        drawings.iter().flat_map(|drawing| Format::ALL.map(|format| weight(drawing, format))).collect()
    }
}
