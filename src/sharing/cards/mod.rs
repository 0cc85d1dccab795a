//! Commodity cards: what is said of a product to Weibo and to whoever else reads its page, and how often Weibo asked.
//! Documents that only approved merchants see may rename everything that Weibo reads: its names stand in [`object`]
//! and nowhere else.

pub mod address;
mod counts;
mod json_ld;
mod lint;
pub mod object;
mod pace;
mod store;
#[cfg(test)]
mod testing;

pub use counts::{Counts, KEPT_FOR, Key, Tally, write_down};
pub use json_ld::{JsonLd, describe};
pub use lint::{Facts, Finding, Grade, Point, Shown, Verdict, lint, lint_facts, worst};
pub use pace::Pace;
pub use store::{Asked, Refused, asked_since, refused_since, sweep, tally};

use crate::catalog::{Product, Slug};
use crate::money::Money;
use crate::text::{Language, Text};
use url::Url;

/// A product on its card, and the shop whose it is.
pub struct Card<'a> {
    pub product: &'a Product,
    pub shop: &'a Text,
    pub public_url: &'a Url,
    pub picture: Option<Picture>,
}

/// The cover, by whole addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub url: String,
    /// The same, larger.
    pub large: String,
    /// In pixels; nothing where its file could not be looked at.
    pub size: Option<(u32, u32)>,
}

impl Card<'_> {
    /// The whole address of the product's page.
    pub fn page(&self, language: Language) -> String {
        page(self.public_url, &self.product.slug, language)
    }

    /// Of all its variants, what the cheapest costs.
    pub fn price(&self) -> Money {
        self.product.price_range().0
    }

    /// The pieces of all its variants.
    pub fn stock(&self) -> u64 {
        self.product.variants.iter().map(|variant| u64::from(variant.stock)).sum()
    }
}

/// The whole address of a product's page.
pub fn page(public_url: &Url, slug: &Slug, language: Language) -> String {
    let english = if language == Language::English { "/en" } else { "" };
    format!("{}{english}/p/{slug}", public_url.as_str().trim_end_matches('/'))
}
