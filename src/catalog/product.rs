//! What a product is and how its choices make variants. No database, no clock, no network.

use super::ids::{CategoryId, ChoiceId, ProductId, Sku, Slug, VariantId};
use super::picture::{Picture, Rgb};
use super::shelf::{Shelf, Standing};
use crate::money::Money;
use crate::text::Text;
use time::OffsetDateTime;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    pub id: CategoryId,
    /// What it stands under; nothing for those that the shop's window shows.
    pub parent: Option<CategoryId>,
    pub slug: Slug,
    pub name: Text,
    /// The soft colour its pictures stand on.
    pub ground: Rgb,
    /// Rises with every edit.
    pub version: i32,
}

/// A product as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    pub id: ProductId,
    pub slug: Slug,
    pub name: Text,
    pub summary: Text,
    /// The lowest price; the only one when `one_price`.
    pub from: Money,
    pub one_price: bool,
    pub cover: Option<Picture>,
    /// None of its variants can be had.
    pub sold_out: bool,
    /// The slug of its category.
    pub category: Slug,
}

/// A product with all that its page shows. What the store finds has at least one variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    pub slug: Slug,
    pub name: Text,
    pub summary: Text,
    pub description: Text,
    pub category: Category,
    /// At most three; none for a product that comes in one way only.
    pub axes: Vec<Axis>,
    /// In the merchant's order.
    pub variants: Vec<Variant>,
    /// The first is the cover.
    pub pictures: Vec<Picture>,
    /// The merchant's status in which the card of this product stands.
    pub weibo_status_id: Option<i64>,
    pub created_at: OffsetDateTime,
    pub updated_at: OffsetDateTime,
}

/// A product as those see it who run the shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// May have no variant yet.
    pub product: Product,
    /// Rises with every edit; see [`super::touch`].
    pub version: i32,
    /// On the shelf at this moment.
    pub shown: bool,
    pub shelf: Shelf,
    pub archived_at: Option<OffsetDateTime>,
}

impl Draft {
    pub fn standing(&self, now: OffsetDateTime) -> Standing {
        Standing::of(self.shown, self.shelf.from(), self.archived_at, now)
    }
}

/// What a buyer can choose, such as the size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    pub name: Text,
    pub choices: Vec<Choice>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub id: ChoiceId,
    pub name: Text,
}

/// One combination of choices that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    pub id: VariantId,
    pub sku: Sku,
    /// One on each axis, in the order of the axes.
    pub choices: Vec<ChoiceId>,
    pub price: Money,
    pub stock: u32,
    pub weight_g: u32,
}

/// A variant with all that a cart or order line needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub variant: VariantId,
    pub product: ProductId,
    pub slug: Slug,
    pub sku: Sku,
    pub product_name: Text,
    /// Its choices joined by " / "; empty for a product without axes.
    pub choice_name: Text,
    pub price: Money,
    /// What is left, after taking when it was taken.
    pub stock: u32,
    pub weight_g: u32,
    pub picture: Option<Picture>,
    pub weibo_status_id: Option<i64>,
}

/// Whether a choice can be had beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Availability {
    /// No such combination is made.
    Missing,
    SoldOut,
    InStock,
}

impl Variant {
    pub fn is_sold_out(&self) -> bool {
        self.stock == 0
    }

    pub fn has(&self, choice: ChoiceId) -> bool {
        self.choices.contains(&choice)
    }
}

impl Product {
    pub fn variant(&self, sku: &Sku) -> Option<&Variant> {
        self.variants.iter().find(|v| v.sku == *sku)
    }

    /// The variant of exactly these choices, in whatever order.
    pub fn variant_of(&self, choices: &[ChoiceId]) -> Option<&Variant> {
        self.variants
            .iter()
            .find(|v| v.choices.len() == choices.len() && v.choices.iter().all(|c| choices.contains(c)))
    }

    /// The variant to show first: the first that can be had, else the first.
    pub fn first_variant(&self) -> Option<&Variant> {
        self.variants.iter().find(|v| !v.is_sold_out()).or(self.variants.first())
    }

    /// Where picking `choice` leads from `shown`: to the variant that differs in nothing else or, where that
    /// is not made, to one that has `choice`, rather one that can be had. `None` for a choice of nothing here.
    pub fn picking(&self, shown: &Variant, choice: ChoiceId) -> Option<&Variant> {
        let alike = |v: &Variant| v.choices.iter().filter(|c| shown.choices.contains(c)).count();
        let best_first = |v: &&Variant| (alike(v) + 1 == v.choices.len(), !v.is_sold_out(), alike(v));
        let with_choice = || self.variants.iter().rev().filter(|v| v.has(choice));
        if shown.has(choice) { self.variant_of(&shown.choices) } else { with_choice().max_by_key(best_first) }
    }

    /// Whether `choice` can be had together with those of `picked` that stand on other axes.
    pub fn availability(&self, choice: ChoiceId, picked: &[ChoiceId]) -> Availability {
        let axis = self.axes.iter().find(|a| a.choices.iter().any(|c| c.id == choice));
        let beside = |c: &ChoiceId| !axis.is_some_and(|a| a.choices.iter().any(|other| other.id == *c));
        let fits = |v: &&Variant| v.has(choice) && picked.iter().filter(|c| beside(c)).all(|&c| v.has(c));
        self.variants
            .iter()
            .filter(fits)
            .map(|v| if v.is_sold_out() { Availability::SoldOut } else { Availability::InStock })
            .max()
            .unwrap_or(Availability::Missing)
    }

    /// Each choice of the other axes, and whether it can be had with `choice`.
    pub fn offers(&self, choice: ChoiceId) -> Vec<(ChoiceId, Availability)> {
        let others = self.axes.iter().filter(|a| a.choices.iter().all(|c| c.id != choice));
        others.flat_map(|a| &a.choices).map(|c| (c.id, self.availability(c.id, &[choice]))).collect()
    }

    /// The names of a variant's choices joined by " / ".
    pub fn choice_names(&self, variant: &Variant) -> Text {
        let choices = self.axes.iter().flat_map(|a| &a.choices).filter(|c| variant.has(c.id));
        joined(choices.map(|c| &c.name))
    }

    /// The lowest and the highest price; zero for a product without variants.
    pub fn price_range(&self) -> (Money, Money) {
        let prices = || self.variants.iter().map(|v| v.price);
        (prices().min().unwrap_or_default(), prices().max().unwrap_or_default())
    }

    pub fn is_sold_out(&self) -> bool {
        self.variants.iter().all(Variant::is_sold_out)
    }

    pub fn cover(&self) -> Option<&Picture> {
        self.pictures.first()
    }
}

/// Joins names by " / "; a name without English stands in Chinese among English ones.
pub(super) fn joined<'a>(names: impl Iterator<Item = &'a Text>) -> Text {
    use crate::text::Language;
    let (zh, en): (Vec<_>, Vec<_>) =
        names.map(|n| (n.in_language(Language::Chinese), n.in_language(Language::English))).unzip();
    Text { zh: zh.join(" / "), en: en.join(" / ") }
}

#[cfg(test)]
#[path = "product_tests.rs"]
mod tests;
