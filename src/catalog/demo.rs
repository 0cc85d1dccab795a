//! The demo shop 山间小铺: what it sells, and how it comes onto the shelf of an empty shop.

use super::picture::{Format, Picture, Rgb, Width, file_name};
use super::pictures;
use super::store::adding::{NewAxis, NewCategory, NewProduct, NewVariant, add_category, add_product};
use super::{CategoryId, Sku, Slug};
use crate::db::Db;
use crate::files::Files;
use crate::money::Money;
use crate::settings::{self, Profile};
use crate::text::Text;
use anyhow::Context;
use futures_util::{StreamExt, TryStreamExt, stream};
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::collections::HashMap;
use time::OffsetDateTime;
use tokio::task::spawn_blocking;

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

/// Stocks an empty shop with the demo's goods and calls `progress` with the pictures done and all of them.
/// False when the shop is there already. What an interrupted run leaves behind, the next one uses.
pub async fn stock_the_demo(
    db: &Db,
    files: &Files,
    now: OffsetDateTime,
    progress: impl Fn(usize, usize),
) -> anyhow::Result<bool> {
    if settings::is_named(&mut *db.reader().await?).await? {
        return Ok(false);
    }
    let catalog = catalog()?;
    let pictures = draw_pictures(files, &catalog, progress).await?;
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
    for (entry, picture) in catalog.products.into_iter().zip(pictures) {
        let category = categories.get(&entry.category).context("a product of no category")?;
        add_product(&mut tx, &new_product(entry, *category, picture)?, now).await?;
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

/// Draws what is not there yet, one picture on each core, and returns the names in the catalog's order.
async fn draw_pictures(
    files: &Files,
    catalog: &Catalog,
    progress: impl Fn(usize, usize),
) -> anyhow::Result<Vec<String>> {
    let mut grounds = HashMap::new();
    for category in &catalog.categories {
        grounds.insert(&category.slug, ground(category)?);
    }
    let mut wanted = Vec::new();
    for product in &catalog.products {
        let ground = *grounds.get(&product.category).context("a product of no category")?;
        wanted.push((source(&product.slug)?, ground));
    }
    let all = wanted.len();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut names = Vec::new();
    let mut drawn = stream::iter(wanted).map(|(source, ground)| draw(files, source, ground)).buffered(cores);
    while let Some(name) = drawn.try_next().await? {
        names.push(name);
        progress(names.len(), all);
    }
    Ok(names)
}

async fn draw(files: &Files, source: Vec<u8>, ground: Rgb) -> anyhow::Result<String> {
    let name = pictures::name(&source, ground);
    if is_drawn(files, &name).await? {
        return Ok(name);
    }
    let rendered = spawn_blocking(move || pictures::render(&source, ground)).await??;
    for (file, bytes) in rendered.files {
        files.put(&file, bytes).await.with_context(|| format!("writing {file}"))?;
    }
    Ok(name)
}

async fn is_drawn(files: &Files, name: &str) -> std::io::Result<bool> {
    for width in Width::ALL {
        for format in Format::ALL {
            if !files.has(&file_name(name, width, format)).await? {
                return Ok(false);
            }
        }
    }
    Ok(true)
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
}
