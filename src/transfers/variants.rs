//! What the rows of one product mean for its variants. Pure; part of `plan`.

use super::columns::Column;
use super::plan::MOST_VARIANTS;
use super::row::{OfVariant, Why, Wrong};
use crate::catalog::ChoiceId;
use crate::catalog::table::{Present, PresentChoice, PresentVariant, WantedChoice, WantedVariant};
use crate::text::Text;
use std::collections::HashMap;

/// What a variant stands for on one axis.
#[derive(Debug, Clone, PartialEq, Eq)]
enum On {
    Nothing,
    Is(ChoiceId),
    Named(String),
}

/// The variants of a product while its rows are gone through.
pub struct Variants<'a> {
    present: Option<&'a Present>,
    axes: usize,
    /// How many there will be.
    count: usize,
    taken: Vec<([On; 3], i32)>,
    /// The English names of choices, each with the first line that says it.
    english: HashMap<(usize, String), (String, i32)>,
}

impl<'a> Variants<'a> {
    pub fn of(present: Option<&'a Present>, axes: usize) -> Variants<'a> {
        let count = present.map_or(0, |present| present.variants.len());
        Variants { present, axes, count, taken: Vec::new(), english: HashMap::new() }
    }

    /// The variant as it shall be; nothing when it is so already.
    pub fn take(&mut self, said: &OfVariant, line: i32) -> Result<Option<WantedVariant>, Vec<Wrong>> {
        let own = self.present.and_then(|now| now.variants.iter().find(|variant| variant.sku == said.sku));
        let mut wrongs = Vec::new();
        let choices = [0, 1, 2].map(|axis| self.choice(axis, said, own, line, &mut wrongs));
        let price = said.price.or(own.map(|own| own.price));
        if price.is_none() {
            wrongs.push(Wrong::new(Column::Price, Why::Missing, ""));
        }
        if own.is_none() && self.count >= MOST_VARIANTS {
            wrongs.push(Wrong::of_the_row(Why::TooManyVariants, MOST_VARIANTS));
        }
        let stock =
            stock(said, own).map_err(|now| wrongs.push(Wrong::new(Column::Stock, Why::StockMoved, now)));
        let (Some(price), Ok(stock), true) = (price, stock, wrongs.is_empty()) else { return Err(wrongs) };
        let stands = choices.each_ref().map(|choice| match choice {
            None => On::Nothing,
            Some(WantedChoice { id: Some(id), .. }) => On::Is(*id),
            Some(WantedChoice { id: None, name }) => On::Named(name.zh.clone()),
        });
        self.free(&stands, own)?;
        self.taken.push((stands, line));
        self.count += usize::from(own.is_none());
        let wanted = WantedVariant {
            id: own.map(|own| own.id),
            sku: said.sku.clone(),
            left: own.map(|own| left(own, &choices)).unwrap_or_default(),
            choices,
            price,
            weight_g: said.weight_g.or(own.map(|own| own.weight_g)).unwrap_or(0),
            low_at: said.low_at.or(own.and_then(|own| own.low_at)),
            position: said.position.or(own.map(|own| own.position)),
            stock,
        };
        Ok(own.is_none_or(|own| differs(&wanted, own)).then_some(wanted))
    }

    /// What it stands for on this axis.
    fn choice(
        &mut self,
        axis: usize,
        said: &OfVariant,
        own: Option<&PresentVariant>,
        line: i32,
        wrongs: &mut Vec<Wrong>,
    ) -> Option<WantedChoice> {
        let name = &said.choices[axis];
        if axis >= self.axes {
            if *name != Text::default() {
                wrongs.push(Wrong::new(Column::Choice(axis), Why::NoSuchAxis, &name.zh));
            }
            return None;
        }
        let now = own.and_then(|own| self.present?.choice(own.choices[axis]?));
        let known = match (now, name.zh.as_str()) {
            (None, "") => {
                if own.is_none() {
                    wrongs.push(Wrong::new(Column::Choice(axis), Why::Missing, ""));
                }
                return None;
            }
            (Some(now), zh) if zh.is_empty() || now.name.zh.trim() == zh => Some(now),
            (_, zh) => self.named(axis, zh),
        };
        let zh = known.map_or(name.zh.clone(), |known| known.name.zh.clone());
        if !name.en.is_empty() {
            let said = self.english.entry((axis, zh.clone())).or_insert_with(|| (name.en.clone(), line));
            if said.0 != name.en {
                wrongs.push(Wrong::new(Column::ChoiceEn(axis), Why::DiffersFromLine, said.1));
            }
        }
        let same = known.is_some_and(|known| known.name.en.trim() == name.en);
        let en = if same { String::new() } else { name.en.clone() };
        Some(WantedChoice { id: known.map(|known| known.id), name: Text { zh, en } })
    }

    fn named(&self, axis: usize, zh: &str) -> Option<&'a PresentChoice> {
        let mut choices = self.present?.choices.iter();
        choices.find(|choice| choice.axis == axis && choice.name.zh.trim() == zh)
    }

    /// Nobody else stands for the same: neither in the shop nor in an earlier line.
    fn free(&self, stands: &[On; 3], own: Option<&PresentVariant>) -> Result<(), Vec<Wrong>> {
        let is = |choice: Option<ChoiceId>| choice.map_or(On::Nothing, On::Is);
        if let Some((_, line)) = self.taken.iter().find(|(taken, _)| taken == stands) {
            return Err(vec![Wrong::of_the_row(Why::ChoicesTwice, line)]);
        }
        let mut others = self.present.into_iter().flat_map(|now| &now.variants);
        let holder = others.find(|v| own.is_none_or(|own| own.id != v.id) && v.choices.map(is) == *stands);
        match holder {
            Some(holder) => Err(vec![Wrong::of_the_row(Why::ChoicesTaken, &holder.sku)]),
            None => Ok(()),
        }
    }
}

/// From what to what: the stock of a table that nobody has counted anew since it was written says nothing. What
/// was counted anew before something was sold or came back says too much: then what there is now is the error.
fn stock(said: &OfVariant, own: Option<&PresentVariant>) -> Result<Option<(u32, u32)>, u32> {
    let Some(to) = said.stock else { return Ok(None) };
    let Some(own) = own else { return Ok((to > 0).then_some((0, to))) };
    match said.stock_then {
        _ if to == own.stock => Ok(None),
        Some(then) if then == to => Ok(None),
        Some(then) if then != own.stock => Err(own.stock),
        _ => Ok(Some((own.stock, to))),
    }
}

fn left(own: &PresentVariant, choices: &[Option<WantedChoice>; 3]) -> Vec<ChoiceId> {
    let kept = |id: &ChoiceId| choices.iter().flatten().any(|choice| choice.id == Some(*id));
    own.choices.into_iter().flatten().filter(|id| !kept(id)).collect()
}

fn differs(wanted: &WantedVariant, own: &PresentVariant) -> bool {
    let choices = wanted.choices.each_ref().map(|choice| choice.as_ref().and_then(|choice| choice.id));
    let named =
        wanted.choices.iter().flatten().any(|choice| choice.id.is_none() || !choice.name.en.is_empty());
    wanted.price != own.price
        || wanted.weight_g != own.weight_g
        || wanted.low_at != own.low_at
        || wanted.position != Some(own.position)
        || wanted.stock.is_some()
        || choices != own.choices
        || named
}
