//! What is said of a product, as fields of a form.

use crate::catalog::{Basics, CategoryId, Draft, Shelf, Slug};
use crate::clock::SHOP_ZONE;
use crate::text::Text;
use crate::web::admin::typed::{Reading, Typed};
use crate::web::form::Wrongs;
use crate::web::words::Words;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

pub const FIELDS: [&str; 12] = [
    "version",
    "name-zh",
    "name-en",
    "slug",
    "category",
    "summary-zh",
    "summary-en",
    "description-zh",
    "description-en",
    "shelf",
    "shelf-from",
    "shelf-until",
];

const NAME: usize = 80;
const SUMMARY: usize = 200;
const DESCRIPTION: usize = 20_000;

/// As an input of the type `datetime-local` writes it.
const MINUTE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]");

/// The fields as they stand for this product.
pub fn typed(draft: &Draft) -> Typed {
    let product = &draft.product;
    let basics = [
        ("version", draft.version.to_string()),
        ("name-zh", product.name.zh.clone()),
        ("name-en", product.name.en.clone()),
        ("slug", product.slug.to_string()),
        ("category", product.category.id.0.to_string()),
        ("summary-zh", product.summary.zh.clone()),
        ("summary-en", product.summary.en.clone()),
        ("description-zh", product.description.zh.clone()),
        ("description-en", product.description.en.clone()),
    ];
    Typed::new(basics.into_iter().chain(shelf_fields(draft.shelf)))
}

/// The fields that say when it is on the shelf.
pub fn shelf_fields(shelf: Shelf) -> [(&'static str, String); 3] {
    let minute = |at: Option<OffsetDateTime>| at.map(local).unwrap_or_default();
    let word = match shelf {
        Shelf::Off => "off",
        Shelf::On => "on",
        Shelf::Between { .. } => "between",
    };
    [("shelf", word.to_owned()), ("shelf-from", minute(shelf.from())), ("shelf-until", minute(shelf.until()))]
}

/// What was meant, or what is wrong with it.
pub fn read(typed: &Typed, words: Words) -> Result<Basics, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.name("name-zh", "name-en", NAME);
    let slug = slug(&mut reading);
    let category = typed.of("category").parse().map_or(CategoryId(0), CategoryId);
    let summary = Text { zh: reading.line("summary-zh", SUMMARY), en: reading.line("summary-en", SUMMARY) };
    let description = Text {
        zh: reading.paragraph("description-zh", DESCRIPTION),
        en: reading.paragraph("description-en", DESCRIPTION),
    };
    let shelf = shelf(&mut reading);
    if reading.wrongs.is_empty() {
        Ok(Basics { slug, category, name, summary, description, shelf })
    } else {
        Err(reading.wrongs)
    }
}

/// Nothing where it is to be proposed.
pub fn slug(reading: &mut Reading<'_>) -> Option<Slug> {
    let text = reading.typed.of("slug").trim();
    if text.is_empty() {
        return None;
    }
    let slug = Slug::parse(text).ok();
    if slug.is_none() {
        reading.wrong("slug", "wrong-slug");
    }
    slug
}

fn shelf(reading: &mut Reading<'_>) -> Shelf {
    match reading.typed.of("shelf") {
        "on" => return Shelf::On,
        "between" => {}
        _ => return Shelf::Off,
    }
    let from = minute(reading, "shelf-from");
    let until = minute(reading, "shelf-until");
    if from.is_none() && until.is_none() && reading.wrongs.is_empty() {
        reading.wrong("shelf-from", "wrong-schedule-empty");
    }
    if from.zip(until).is_some_and(|(from, until)| from > until) {
        reading.wrong("shelf-until", "wrong-schedule-order");
    }
    Shelf::Between { from, until }
}

pub fn minute(reading: &mut Reading<'_>, name: &'static str) -> Option<OffsetDateTime> {
    let text = reading.typed.of(name).trim();
    if text.is_empty() {
        return None;
    }
    let at = parse_local(text);
    if at.is_none() {
        reading.wrong(name, "wrong-minute");
    }
    at
}

/// A minute in the shop's zone; browsers may write seconds, which are left out.
pub fn parse_local(text: &str) -> Option<OffsetDateTime> {
    let minute = text.get(..16)?;
    let rest = &text[16..];
    let seconds = rest.is_empty() || (rest.starts_with(':') && rest.len() <= 10);
    let at = PrimitiveDateTime::parse(minute, MINUTE).ok().filter(|at| (2000..2200).contains(&at.year()))?;
    seconds.then(|| at.assume_offset(SHOP_ZONE))
}

pub fn local(at: OffsetDateTime) -> String {
    at.to_offset(SHOP_ZONE).format(MINUTE).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    #[test]
    fn a_minute_is_one_of_the_shops_zone() {
        assert_eq!(parse_local("2026-11-30T23:59"), Some(datetime!(2026-11-30 15:59 UTC)));
        assert_eq!(parse_local("2026-11-30T23:59:30"), Some(datetime!(2026-11-30 15:59 UTC)));
        for bad in [
            "2026-11-31T10:00",
            "2026-11-30",
            "2026-11-30 10:00",
            "9999-11-30T10:00",
            "2026-11-30T10:00x",
            "今天",
        ] {
            assert_eq!(parse_local(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn a_minute_that_is_saved_again_and_again_stays(minutes in 0..80_000_000_i64) {
            let at = datetime!(2010-01-01 0:00 UTC) + time::Duration::minutes(minutes);
            prop_assert_eq!(parse_local(&local(at)), Some(at));
        }
    }
}
