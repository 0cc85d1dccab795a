//! The matrix as it was typed: every row is kept, whatever is wrong with one of them.

use crate::catalog::options::{ROWS, all_combinations};
use crate::catalog::stock;
use crate::catalog::{ChoiceId, Draft, Sku, Variant, VariantId, WantedMatrix, WantedVariant};
use crate::money::Money;
use crate::text::Language;
use crate::web::admin::typed::whole;
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use std::collections::{BTreeSet, HashMap};

/// Heavier is no parcel.
pub(super) const HEAVIEST: u32 = 1_000_000;

#[derive(Debug, Clone, Default)]
pub struct TypedMatrix {
    pub rows: Vec<TypedRow>,
    /// Taken out of the matrix, and not yet saved.
    pub gone: Vec<VariantId>,
}

#[derive(Debug, Clone, Default)]
pub struct TypedRow {
    /// The number of the variant, or `n` and its choices for one that is not saved yet.
    pub key: String,
    pub id: Option<VariantId>,
    pub choices: Vec<ChoiceId>,
    pub sku: String,
    pub price: String,
    pub weight: String,
    pub stock: String,
    /// The stock that she was shown.
    pub seen: String,
    pub ticked: bool,
}

impl TypedRow {
    fn of(variant: &Variant) -> TypedRow {
        TypedRow {
            key: variant.id.0.to_string(),
            id: Some(variant.id),
            choices: variant.choices.clone(),
            sku: variant.sku.to_string(),
            price: variant.price.to_string(),
            weight: variant.weight_g.to_string(),
            stock: variant.stock.to_string(),
            seen: variant.stock.to_string(),
            ticked: false,
        }
    }

    fn new(choices: Vec<ChoiceId>, sku: String) -> TypedRow {
        let numbers: Vec<String> = choices.iter().map(|choice| choice.0.to_string()).collect();
        TypedRow {
            key: format!("n{}", numbers.join("-")),
            choices,
            sku,
            weight: "0".into(),
            stock: "0".into(),
            seen: "0".into(),
            ..TypedRow::default()
        }
    }

    /// As it was sent; nothing where it is not of this product any more.
    fn read(
        fields: &HashMap<&str, &str>,
        ticked: &BTreeSet<&str>,
        key: &str,
        draft: &Draft,
    ) -> Option<TypedRow> {
        let (id, choices) = if let Some(choices) = key.strip_prefix('n') {
            (None, choices_of(choices, draft)?)
        } else {
            let variant = draft.product.variants.iter().find(|v| v.id.0.to_string() == key)?;
            (Some(variant.id), variant.choices.clone())
        };
        let of = |name: &str| fields.get(format!("{name}-{key}").as_str()).copied().unwrap_or("").to_owned();
        Some(TypedRow {
            key: key.to_owned(),
            id,
            choices,
            sku: of("sku"),
            price: of("price"),
            weight: of("weight"),
            stock: of("stock"),
            seen: of("seen"),
            ticked: ticked.contains(key),
        })
    }
}

/// The choices that a new row's key names, one on each axis of the product.
fn choices_of(text: &str, draft: &Draft) -> Option<Vec<ChoiceId>> {
    let numbers = text.split('-').filter(|word| !word.is_empty());
    let choices: Vec<ChoiceId> = numbers.map(|n| n.parse().ok().map(ChoiceId)).collect::<Option<_>>()?;
    let axes = &draft.product.axes;
    let fits = choices.iter().zip(axes).all(|(choice, axis)| axis.choices.iter().any(|c| c.id == *choice));
    (choices.len() == axes.len() && fits).then_some(choices)
}

impl TypedMatrix {
    /// As it is stored; where nothing is, with every combination to be filled in.
    pub fn of(draft: &Draft) -> TypedMatrix {
        let rows: Vec<TypedRow> = draft.product.variants.iter().map(TypedRow::of).collect();
        let mut matrix = TypedMatrix { rows, gone: Vec::new() };
        if matrix.rows.is_empty() {
            matrix.generate(draft);
        }
        matrix
    }

    /// As it was typed. Rows that somebody else has taken away are not there; those that somebody else has added
    /// come last.
    pub fn read(fields: &Fields, draft: &Draft) -> TypedMatrix {
        let (by_name, ticked) = (fields.by_name(), fields.all("tick").collect());
        let mut keys = BTreeSet::new();
        let keys = fields.all("row").filter(|key| keys.insert(*key)).take(ROWS);
        let mut rows: Vec<TypedRow> =
            keys.filter_map(|key| TypedRow::read(&by_name, &ticked, key, draft)).collect();
        let gone: BTreeSet<&str> = fields.all("gone").collect();
        let gone = |variant: &&Variant| gone.contains(variant.id.0.to_string().as_str());
        let gone: Vec<VariantId> = draft.product.variants.iter().filter(gone).map(|v| v.id).collect();
        rows.retain(|row| row.id.is_none_or(|id| !gone.contains(&id)));
        let missing = |v: &&Variant| !gone.contains(&v.id) && rows.iter().all(|row| row.id != Some(v.id));
        let missing: Vec<TypedRow> =
            draft.product.variants.iter().filter(missing).map(TypedRow::of).collect();
        rows.extend(missing);
        TypedMatrix { rows, gone }
    }

    /// Adds a row for every combination that has none. False when there would be too many; then nothing is added.
    pub fn generate(&mut self, draft: &Draft) -> bool {
        let axes: Vec<Vec<ChoiceId>> =
            draft.product.axes.iter().map(|axis| axis.choices.iter().map(|c| c.id).collect()).collect();
        let mut missing = all_combinations(&axes);
        missing.retain(|choices| self.rows.iter().all(|row| row.choices != *choices));
        if self.rows.len() + missing.len() > ROWS {
            return false;
        }
        for choices in missing {
            let sku = self.free_sku(draft);
            self.rows.push(TypedRow::new(choices, sku));
        }
        true
    }

    /// The product's address with the next number that is free here.
    fn free_sku(&self, draft: &Draft) -> String {
        let slug: String = draft.product.slug.as_str().chars().take(56).collect();
        let taken = |sku: &String| {
            self.rows.iter().any(|row| row.sku == *sku)
                || draft.product.variants.iter().any(|v| v.sku.as_str() == sku)
        };
        (1..10_000).map(|number| format!("{slug}-{number}")).find(|sku| !taken(sku)).unwrap_or_default()
    }

    /// Takes the ticked rows out; how many those were.
    pub fn remove(&mut self) -> usize {
        let before = self.rows.len();
        self.gone.extend(self.rows.iter().filter(|row| row.ticked).filter_map(|row| row.id));
        self.rows.retain(|row| !row.ticked);
        before - self.rows.len()
    }

    /// What was meant, or what is wrong with each row.
    pub fn wanted(&self, words: Words) -> Result<WantedMatrix, Wrongs> {
        let mut wrongs = Wrongs::default();
        let mut skus = BTreeSet::new();
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let mut wrong = |field: &str, key: &str| {
                wrongs.add(format!("{field}-{}", row.key), words.say(key));
            };
            let sku = Sku::parse(row.sku.trim()).ok();
            match &sku {
                None => wrong("sku", "wrong-sku"),
                Some(sku) if !skus.insert(sku.clone()) => wrong("sku", "wrong-sku-twice"),
                Some(_) => {}
            }
            let price = Money::parse_yuan(row.price.trim()).filter(|price| *price > Money::ZERO);
            if price.is_none() {
                wrong("price", "wrong-price-yuan");
            }
            let weight = whole(&row.weight, HEAVIEST);
            if weight.is_none() {
                wrong("weight", "wrong-weight");
            }
            let stock = whole(&row.stock, stock::MOST);
            if stock.is_none() {
                wrong("stock", "wrong-count");
            }
            if let (Some(sku), Some(price), Some(weight_g), Some(stock)) = (sku, price, weight, stock) {
                let seen = whole(&row.seen, stock::MOST).unwrap_or(0);
                let choices = row.choices.clone();
                rows.push(WantedVariant { id: row.id, choices, sku, price, weight_g, stock, seen });
            }
        }
        if wrongs.is_empty() { Ok(WantedMatrix { rows, gone: self.gone.clone() }) } else { Err(wrongs) }
    }

    /// What somebody else has stored in a row meanwhile, where it is not what was typed.
    pub fn stored(draft: &Draft, row: &TypedRow) -> Vec<(&'static str, String)> {
        let Some(variant) = draft.product.variants.iter().find(|v| Some(v.id) == row.id) else {
            return Vec::new();
        };
        let now = TypedRow::of(variant);
        let pairs = [
            ("sku", now.sku, &row.sku),
            ("price", now.price, &row.price),
            ("weight", now.weight, &row.weight),
        ];
        pairs
            .into_iter()
            .filter(|(_, now, typed)| now != typed.trim())
            .map(|(name, now, _)| (name, now))
            .collect()
    }
}

/// The choices of a row in words.
pub fn name(draft: &Draft, row: &TypedRow, language: Language) -> String {
    let choices = draft.product.axes.iter().flat_map(|axis| &axis.choices);
    let named = choices.filter(|choice| row.choices.contains(&choice.id));
    named.map(|choice| choice.name.in_language(language)).collect::<Vec<_>>().join(" / ")
}
