//! What the rows of one product mean for the product itself, its variants aside. Pure; part of `plan`.

use super::cells::{self, BY_THE_CLOCK, NO, YES};
use super::columns::Column;
use super::plan::Known;
use super::row::{OfProduct, Why, Wrong};
use crate::catalog::table::{Listed, Present, Wanted, WantedChoice};
use crate::catalog::{Picture, Shelf, Slug, pictures};
use crate::text::Text;
use std::collections::HashMap;

/// What the rows say of the product, each with the first line that says it.
#[derive(Default)]
pub struct Said(HashMap<Column, (String, i32)>);

impl Said {
    fn of(&self, column: Column) -> Option<&str> {
        self.0.get(&column).map(|(text, _)| text.as_str())
    }

    /// `now` where nothing else is said.
    fn or(&self, column: Column, now: &str) -> String {
        match self.of(column) {
            Some(said) if said != now.trim().replace("\r\n", "\n") => said.to_owned(),
            _ => now.to_owned(),
        }
    }

    fn both(&self, zh: Column, en: Column, now: &Text) -> Text {
        Text { zh: self.or(zh, &now.zh), en: self.or(en, &now.en) }
    }

    /// Takes what a row says, or tells where it differs from the lines before.
    pub fn agree(&mut self, said: &OfProduct, line: i32) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        for (column, text) in said {
            let (known, first) = self.0.entry(*column).or_insert_with(|| (text.clone(), line));
            if known != text {
                wrongs.push(Wrong::new(*column, Why::DiffersFromLine, *first));
            }
        }
        wrongs
    }
}

/// Whether what a row says of the product fits into this shop.
pub fn fits(said: &OfProduct, present: Option<&Present>, known: &Known) -> Result<(), Vec<Wrong>> {
    let mut wrongs = Vec::new();
    for (column, text) in said {
        match (*column, present) {
            (Column::Category, _) => {
                if let Err(why) = known.category(text) {
                    wrongs.push(Wrong::new(*column, why, text));
                }
            }
            (Column::Axis(n), Some(now)) if now.axes.get(n).is_none_or(|axis| axis.zh.trim() != text) => {
                let names: Vec<&str> = now.axes.iter().map(|axis| axis.zh.as_str()).collect();
                wrongs.push(Wrong::new(*column, Why::AxesDiffer, names.join(" / ")));
            }
            (Column::AxisEn(n), Some(present)) if n >= present.axes.len() => {
                wrongs.push(Wrong::new(*column, Why::NoSuchAxis, ""));
            }
            _ => {}
        }
    }
    if wrongs.is_empty() { Ok(()) } else { Err(wrongs) }
}

/// The product as it shall be, still without variants.
pub fn whole(
    slug: &Slug,
    said: &Said,
    present: Option<&Present>,
    known: &Known,
) -> Result<Wanted, Vec<Wrong>> {
    let archived = said.of(Column::Archived).map(|text| text == YES);
    if archived.is_none() && present.is_some_and(|now| now.archived) {
        return Err(vec![Wrong::of_the_row(Why::Archived, "")]);
    }
    let archived = archived.unwrap_or(false);
    let nothing = Text::default();
    let now = |of: fn(&Present) -> &Text| present.map_or(&nothing, of);
    let mut wrongs = Vec::new();
    let name = said.both(Column::Name, Column::NameEn, now(|now| &now.name));
    if name.zh.is_empty() {
        wrongs.push(Wrong::new(Column::Name, Why::Missing, ""));
    }
    let category = said.of(Column::Category).and_then(|called| known.category(called).ok());
    let category = category.or(present.map(|now| now.category));
    if category.is_none() {
        wrongs.push(Wrong::new(Column::Category, Why::Missing, ""));
    }
    let axes = axes(said, present, &mut wrongs);
    let shelf = shelf(said, present, archived, &mut wrongs);
    let choices = listed(said, present, axes.len(), &mut wrongs);
    let pictures = hung(said, present, known, &mut wrongs);
    let Some(category) = category.filter(|_| wrongs.is_empty()) else { return Err(wrongs) };
    Ok(Wanted {
        id: present.map(|now| now.id),
        slug: slug.clone(),
        category,
        name,
        summary: said.both(Column::Summary, Column::SummaryEn, now(|now| &now.summary)),
        description: said.both(Column::Description, Column::DescriptionEn, now(|now| &now.description)),
        shelf,
        archived,
        position: said.of(Column::Position).and_then(cells::count),
        axes,
        choices,
        pictures,
        variants: Vec::new(),
    })
}

/// Those of a product that is there differ in their English names only.
fn axes(said: &Said, present: Option<&Present>, wrongs: &mut Vec<Wrong>) -> Vec<Text> {
    if let Some(now) = present {
        let named = |(n, axis): (usize, &Text)| Text {
            zh: axis.zh.clone(),
            en: said.or(Column::AxisEn(n), &axis.en),
        };
        return now.axes.iter().enumerate().map(named).collect();
    }
    let nothing = Text::default();
    let axes = [0, 1, 2].map(|n| said.both(Column::Axis(n), Column::AxisEn(n), &nothing));
    let count = axes.iter().take_while(|axis| !axis.zh.is_empty()).count();
    if axes[count..].iter().any(|axis| *axis != nothing) {
        wrongs.push(Wrong::new(Column::Axis(count), Why::AxisGap, ""));
    }
    axes.into_iter().take(count).collect()
}

/// A schedule goes on while the table says no more than what it has led to: older tables know of none.
fn shelf(said: &Said, present: Option<&Present>, archived: bool, wrongs: &mut Vec<Wrong>) -> Shelf {
    let (now, shown) = present.map_or((Shelf::Off, false), |now| (now.shelf, now.on_shelf));
    let minute = |column| said.of(column).and_then(cells::minute);
    let (from, until) = (minute(Column::ShelfFrom), minute(Column::ShelfUntil));
    let timed = from.is_some() || until.is_some();
    let mut wrong = |column, why| {
        wrongs.push(Wrong::new(column, why, ""));
        Shelf::Off
    };
    let shelf = match said.of(Column::OnShelf) {
        Some(YES | NO) if timed => wrong(Column::OnShelf, Why::MinuteForNothing),
        Some(YES | BY_THE_CLOCK) if archived => wrong(Column::OnShelf, Why::ArchivedIsOff),
        Some(YES) if !shown => Shelf::On,
        Some(NO) if shown => Shelf::Off,
        Some(BY_THE_CLOCK) if timed => Shelf::Between { from, until },
        Some(BY_THE_CLOCK) if !matches!(now, Shelf::Between { .. }) => wrong(Column::OnShelf, Why::NoMinute),
        None if timed => Shelf::Between { from: from.or(now.from()), until: until.or(now.until()) },
        _ if archived => Shelf::Off,
        _ => now,
    };
    if archived && shelf != Shelf::Off {
        return wrong(Column::OnShelf, Why::ArchivedIsOff);
    }
    if shelf.from().zip(shelf.until()).is_some_and(|(from, until)| from > until) {
        return wrong(Column::ShelfUntil, Why::EndsBeforeItBegins);
    }
    shelf
}

/// All choices of the axes that the table lists, in its order; those that it does not know stand behind.
fn listed(said: &Said, present: Option<&Present>, axes: usize, wrongs: &mut Vec<Wrong>) -> Vec<Listed> {
    let mut all = Vec::new();
    for axis in 0..3 {
        let (column, english) = (Column::Choices(axis), Column::ChoicesEn(axis));
        let names = said.of(column);
        if names.is_none() && said.of(english).is_none() {
            continue;
        }
        if axis >= axes {
            wrongs.push(Wrong::new(column, Why::NoSuchAxis, ""));
            continue;
        }
        let own = present.into_iter().flat_map(|now| &now.choices).filter(|choice| choice.axis == axis);
        let own: Vec<_> = own.collect();
        let names: Vec<&str> = match names {
            Some(names) => names.lines().collect(),
            None => own.iter().map(|choice| choice.name.zh.trim()).collect(),
        };
        let english = numbered(said, english, names.len(), wrongs);
        let mut choices = Vec::new();
        for (number, name) in (1..).zip(names) {
            let known = own.iter().find(|choice| choice.name.zh.trim() == name);
            let en = english.get(&number).copied().unwrap_or_default();
            let en = if known.is_some_and(|known| known.name.en.trim() == en) { "" } else { en };
            let zh = known.map_or(name, |known| &known.name.zh).to_owned();
            choices.push(WantedChoice { id: known.map(|known| known.id), name: Text { zh, en: en.into() } });
        }
        let left: Vec<_> =
            own.iter().filter(|own| choices.iter().all(|named| named.id != Some(own.id))).collect();
        choices.extend(left.into_iter().map(|own| WantedChoice {
            id: Some(own.id),
            name: Text { zh: own.name.zh.clone(), en: String::new() },
        }));
        all.extend(choices.into_iter().map(|choice| Listed { axis, choice }));
    }
    all
}

/// The lines of this column by their numbers, of which there are so many.
fn numbered<'a>(
    said: &'a Said,
    column: Column,
    most: usize,
    wrongs: &mut Vec<Wrong>,
) -> HashMap<usize, &'a str> {
    let lines: HashMap<usize, &str> = cells::by_number(said.of(column).unwrap_or_default()).collect();
    if let Some(number) = lines.keys().filter(|number| **number > most).min() {
        wrongs.push(Wrong::new(column, Why::NothingOfThatNumber, number));
    }
    lines
}

/// The pictures that the table names and the shop has, in its order; those that it does not know hang behind.
fn hung(
    said: &Said,
    present: Option<&Present>,
    known: &Known,
    wrongs: &mut Vec<Wrong>,
) -> Option<Vec<Picture>> {
    let columns = [Column::Pictures, Column::Alts, Column::AltsEn];
    if columns.iter().all(|column| said.of(*column).is_none()) {
        return None;
    }
    let own = present.map_or([].as_slice(), |now| &now.pictures);
    let names: Vec<&str> = match said.of(Column::Pictures) {
        Some(names) => names.split(' ').collect(),
        None => own.iter().map(|picture| picture.name.as_str()).collect(),
    };
    let zh = numbered(said, Column::Alts, names.len(), wrongs);
    let en = numbered(said, Column::AltsEn, names.len(), wrongs);
    let mut all: Vec<Picture> = Vec::new();
    for (number, name) in (1..).zip(&names) {
        let hangs = own.iter().find(|picture| picture.name == *name);
        if hangs.is_none() && !known.pictures.contains(*name) {
            continue;
        }
        let mut alt = hangs.map(|picture| picture.alt.clone()).unwrap_or_default();
        for (alt, said) in [(&mut alt.zh, zh.get(&number)), (&mut alt.en, en.get(&number))] {
            if let Some(said) = said.filter(|said| alt.trim() != **said) {
                (*said).clone_into(alt);
            }
        }
        all.push(Picture { name: (*name).to_owned(), alt });
    }
    all.extend(own.iter().filter(|picture| !names.contains(&picture.name.as_str())).cloned());
    if all.len() > pictures::gallery::MOST {
        wrongs.push(Wrong::new(Column::Pictures, Why::TooManyPictures, pictures::gallery::MOST));
    }
    Some(all)
}

/// Whether the product itself differs from what is there.
pub fn differs(wanted: &Wanted, now: &Present) -> bool {
    wanted.category != now.category
        || wanted.name != now.name
        || wanted.summary != now.summary
        || wanted.description != now.description
        || (wanted.shelf, wanted.archived) != (now.shelf, now.archived)
        || wanted.position.is_some_and(|position| position != now.position)
        || wanted.axes != now.axes
        || (0..3).any(|axis| choices_differ(wanted, now, axis))
        || wanted.pictures.as_ref().is_some_and(|pictures| *pictures != now.pictures)
}

fn choices_differ(wanted: &Wanted, now: &Present, axis: usize) -> bool {
    let mut listed = wanted.choices.iter().filter(|listed| listed.axis == axis).map(|listed| &listed.choice);
    let own = now.choices.iter().filter(|choice| choice.axis == axis).map(|choice| Some(choice.id));
    listed.clone().next().is_some()
        && (!listed.clone().map(|choice| choice.id).eq(own)
            || listed.any(|choice| !choice.name.en.is_empty()))
}
