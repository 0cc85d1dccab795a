//! What the rows of one product mean for the catalog as it is: what shall become of it, and how each row ends.
//! Pure: the dry run and the import ask the same question, so they agree.
//!
//! The rows of a product need not stand together, and what belongs to the product may stand in any of them,
//! as long as they say the same.

use super::columns::Column;
use super::products::{Said, differs, fits, whole};
use super::row::{Row, Why, Wrong};
use super::variants::Variants;
use crate::catalog::table::{NamedCategory, Present, Wanted, WantedVariant};
use crate::catalog::{CategoryId, Shelf, Slug};
use std::collections::{HashMap, HashSet};

/// A product has at most so many variants.
pub const MOST_VARIANTS: usize = 200;

/// How a row ends, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    New,
    Changed,
    Unchanged,
    Wrong(Vec<Wrong>),
}

impl Outcome {
    /// The word the database uses.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::New => "new",
            Outcome::Changed => "changed",
            Outcome::Unchanged => "unchanged",
            Outcome::Wrong(_) => "wrong",
        }
    }
}

/// A row and where its file has it.
#[derive(Debug, Clone)]
pub struct Placed {
    pub row: Row,
    /// Which of the product's rows it is, counted from 1.
    pub place: i32,
    /// The first line of the file with the same SKU.
    pub first_of_sku: i32,
}

/// What is known of the shop beside the product itself.
pub struct Known {
    pub categories: Vec<NamedCategory>,
    /// The slug of the product that has a SKU.
    pub owners: HashMap<String, String>,
    /// The names of pictures that the shop has.
    pub pictures: HashSet<String>,
}

pub struct Plan {
    /// Nothing when nothing is new or changed.
    pub wanted: Option<Wanted>,
    /// One for each row, in their order.
    pub outcomes: Vec<(i32, Outcome)>,
}

impl Known {
    /// What a table calls a category: its name where only it has that, else its slug.
    pub fn called(&self, id: CategoryId) -> String {
        let Some(category) = self.categories.iter().find(|category| category.id == id) else {
            return String::new();
        };
        let name = category.name.zh.trim();
        if self.category(name) == Ok(id) { name.to_owned() } else { category.slug.to_string() }
    }

    /// By its slug, or by a name that only one has.
    pub(super) fn category(&self, called: &str) -> Result<CategoryId, Why> {
        if let Some(category) = self.categories.iter().find(|category| category.slug.as_str() == called) {
            return Ok(category.id);
        }
        let named = |c: &&NamedCategory| c.name.zh.trim() == called || c.name.en.trim() == called;
        let mut named = self.categories.iter().filter(named);
        match (named.next(), named.next()) {
            (Some(category), None) => Ok(category.id),
            (Some(_), Some(_)) => Err(Why::ManyCategories),
            (None, _) => Err(Why::NoSuchCategory),
        }
    }
}

/// What shall become of the product `slug` by these rows.
pub fn plan(slug: &Slug, rows: &[Placed], present: Option<&Present>, known: &Known) -> Plan {
    let mut wrongs: Vec<Vec<Wrong>> = rows.iter().map(|placed| of_its_place(placed, slug, known)).collect();
    let mut said = Said::default();
    // The first line whose part about the product cannot be used.
    let mut unusable = None;
    for (placed, wrongs) in rows.iter().zip(&mut wrongs) {
        let line = placed.row.line;
        let of_product = placed.row.product.as_ref().ok_or_else(Vec::new);
        let found = match of_product.and_then(|said| fits(said, present, known).map(|()| said)) {
            Ok(of_product) => said.agree(of_product, line),
            Err(found) => {
                unusable.get_or_insert(line);
                found
            }
        };
        wrongs.extend(found);
    }
    let product = match whole(slug, &said, present, known) {
        Ok(product) => Some(product),
        Err(why) => {
            // Told where it is, and to the others that it is there.
            let at = unusable.unwrap_or_else(|| rows.first().map_or(0, |placed| placed.row.line));
            for (placed, wrongs) in rows.iter().zip(&mut wrongs) {
                let here = placed.row.line == at;
                if here && unusable.is_none() {
                    wrongs.extend(why.clone());
                } else if wrongs.is_empty() {
                    wrongs.push(Wrong::of_the_row(Why::ProductWrong, at));
                }
            }
            None
        }
    };
    let (wanted, outcomes) = with_variants(product, rows, wrongs, present);
    Plan { wanted, outcomes }
}

/// What is wrong with a row for its place in the file and its SKU in the shop.
fn of_its_place(placed: &Placed, slug: &Slug, known: &Known) -> Vec<Wrong> {
    let mut wrongs = placed.row.wrongs.clone();
    if usize::try_from(placed.place).is_ok_and(|place| place > MOST_VARIANTS) {
        wrongs.push(Wrong::of_the_row(Why::TooManyVariants, MOST_VARIANTS));
    }
    let Some(variant) = &placed.row.variant else { return wrongs };
    if placed.first_of_sku < placed.row.line {
        wrongs.push(Wrong::new(Column::Sku, Why::SkuTwice, placed.first_of_sku));
    }
    if let Some(owner) = known.owners.get(variant.sku.as_str()).filter(|owner| *owner != slug.as_str()) {
        wrongs.push(Wrong::new(Column::Sku, Why::SkuElsewhere, owner));
    }
    wrongs
}

fn with_variants(
    product: Option<Wanted>,
    rows: &[Placed],
    wrongs: Vec<Vec<Wrong>>,
    present: Option<&Present>,
) -> (Option<Wanted>, Vec<(i32, Outcome)>) {
    let mut variants = Variants::of(present, product.as_ref().map_or(0, |product| product.axes.len()));
    let mut wanted: Vec<WantedVariant> = Vec::new();
    let mut outcomes = Vec::new();
    for (placed, wrongs) in rows.iter().zip(wrongs) {
        let line = placed.row.line;
        let outcome = match &placed.row.variant {
            Some(variant) if wrongs.is_empty() => match variants.take(variant, line) {
                Ok(None) => Outcome::Unchanged,
                Ok(Some(variant)) => {
                    let is_new = variant.id.is_none();
                    wanted.push(variant);
                    if is_new { Outcome::New } else { Outcome::Changed }
                }
                Err(wrongs) => Outcome::Wrong(wrongs),
            },
            None if wrongs.is_empty() && placed.row.is_bare => match present {
                Some(_) => Outcome::Unchanged,
                None => Outcome::New,
            },
            _ => Outcome::Wrong(wrongs),
        };
        outcomes.push((line, outcome));
    }
    let empty = wanted.is_empty() && present.is_none_or(|now| now.variants.is_empty());
    if empty && product.as_ref().is_some_and(|product| product.shelf != Shelf::Off) {
        let good = outcomes.iter_mut().filter(|(_, outcome)| !matches!(outcome, Outcome::Wrong(_)));
        let why = Outcome::Wrong(vec![Wrong::new(Column::OnShelf, Why::NothingToSell, "")]);
        good.for_each(|(_, outcome)| *outcome = why.clone());
    }
    let good = outcomes.iter_mut().find(|(_, outcome)| !matches!(outcome, Outcome::Wrong(_)));
    let (Some(mut product), Some((_, first))) = (product, good) else { return (None, outcomes) };
    let differs = present.is_some_and(|now| differs(&product, now));
    if differs && *first == Outcome::Unchanged {
        *first = Outcome::Changed;
    }
    product.variants = wanted;
    let anything = differs || present.is_none() || !product.variants.is_empty();
    (anything.then_some(product), outcomes)
}
