//! A new count of one variant. What is sold between looking and saving stays sold: the difference is applied.

use super::list::address;
use super::show::{find, show_it};
use crate::catalog::stock::{self, Level, StockError, View};
use crate::customers::{Wrong, line};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditCatalog;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::typed::whole;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::see_other;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// The longest note, in characters.
const NOTE: usize = 100;

/// Why a merchant corrects a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    Counted,
    Arrived,
    Broken,
    Other,
}

impl Why {
    pub const ALL: [Why; 4] = [Why::Counted, Why::Arrived, Why::Broken, Why::Other];

    /// As the form sends it; the texts have its words under `word-stock-why-` and this.
    pub fn name(&self) -> &'static str {
        match self {
            Why::Counted => "counted",
            Why::Arrived => "arrived",
            Why::Broken => "broken",
            Why::Other => "other",
        }
    }

    fn parse(name: &str) -> Option<Why> {
        Why::ALL.into_iter().find(|why| why.name() == name)
    }
}

/// The forms of a variant's page as they were typed.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub to: String,
    /// The number that was shown.
    pub seen: String,
    pub why: String,
    pub note: String,
    pub low_at: String,
}

impl Typed {
    /// As a page shows them first.
    pub fn of(level: &Level) -> Typed {
        let number = level.stock.to_string();
        let low_at = level.low_at.map(|low_at| low_at.to_string()).unwrap_or_default();
        Typed { to: number.clone(), seen: number, low_at, ..Typed::default() }
    }

    fn read(form: &Fields, level: &Level) -> Typed {
        let [to, seen, why, note] = ["stock-to", "stock-seen", "stock-why", "stock-note"]
            .map(|name| form.text(name).trim().to_owned());
        let first = Typed::of(level);
        let seen = if whole(&seen, stock::MOST).is_some() { seen } else { first.seen };
        Typed { to, seen, why, note, ..first }
    }
}

/// What was asked for, checked.
struct Count {
    to: u32,
    seen: u32,
    /// Why, in the words of who has counted.
    words: String,
}

impl Count {
    fn parse(typed: &Typed, level: &Level, frame: &Desk) -> Result<Count, Wrongs> {
        let mut wrongs = Wrongs::default();
        let (to, why) = (whole(&typed.to, stock::MOST), Why::parse(&typed.why));
        if to.is_none() {
            wrongs.add("stock-to", frame.say_with("wrong-stock-number", "most", stock::MOST));
        }
        if why.is_none() {
            wrongs.add("stock-why", frame.say("wrong-stock-why"));
        }
        let note = line(&typed.note, NOTE);
        match &note {
            Err(Wrong::TooLong { most }) => {
                wrongs.add("stock-note", frame.say_with("wrong-too-long", "most", most));
            }
            Err(_) => wrongs.add("stock-note", frame.say("wrong-unprintable")),
            Ok(note) if note.is_empty() && why == Some(Why::Other) => {
                wrongs.add("stock-note", frame.say("wrong-stock-note"));
            }
            Ok(_) => {}
        }
        let (Some(to), Some(why), Ok(note), true) = (to, why, note, wrongs.is_empty()) else {
            return Err(wrongs);
        };
        let why = frame.say(&format!("word-stock-why-{}", why.name()));
        let words = if note.is_empty() { why } else { format!("{why} · {note}") };
        Ok(Count { to, seen: whole(&typed.seen, stock::MOST).unwrap_or(level.stock), words })
    }
}

/// `POST /admin/stock/{sku}/corrections`
pub async fn create(
    staff: Staff<EditCatalog>,
    form: SafeForm,
    sku: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut level = find(&shop, &sku).await?;
    let mut typed = Typed::read(&form, &level);
    let wrongs = match Count::parse(&typed, &level, &frame) {
        Ok(count) => match apply(&staff, &shop, &level, &count).await {
            Ok(()) => {
                staff.says_next("stock-saved")?;
                return Ok(see_other(&back(&form, &level)));
            }
            Err(StockError::OutOfRange(left)) => {
                // The number that she sees now is the one that the next attempt starts from.
                level.stock = left.first().map_or(level.stock, |(_, left)| *left);
                typed.seen = level.stock.to_string();
                let mut wrongs = Wrongs::default();
                wrongs.add("stock-to", frame.say_with("wrong-stock-moved", "left", level.stock));
                wrongs
            }
            Err(StockError::NoSuchVariant) => return Err(Error::NotFound),
            Err(StockError::Unexpected(error)) => return Err(error.into()),
        },
        Err(wrongs) => wrongs,
    };
    show_it(&shop, frame, level, None, (StatusCode::UNPROCESSABLE_ENTITY, typed, wrongs)).await
}

async fn apply(
    staff: &Staff<EditCatalog>,
    shop: &Shop,
    level: &Level,
    count: &Count,
) -> Result<(), StockError> {
    let (Count { to, seen, words }, now) = (count, shop.clock.now());
    let mut tx = shop.db.begin().await?;
    let moved = stock::correct(&mut tx, level.variant, *to, *seen, words, &staff.actor(), now).await?;
    if let Some((was, is)) = moved {
        let change = Change {
            action: "correct-stock",
            subject: &format!("variant {}", level.sku),
            before: Some(json!({ "stock-to": was })),
            after: Some(json!({ "stock-to": is, "stock-why": words })),
        };
        audit::record(&mut tx, staff, change, now).await?;
    }
    tx.commit().await?;
    shop.pages.forget();
    Ok(())
}

/// To the list where the form stood, else to the variant.
fn back(form: &Fields, level: &Level) -> String {
    match form.text("back").as_str() {
        "short" => address(View::Short).to_owned(),
        "all" => address(View::All).to_owned(),
        _ => format!("/admin/stock/{}", level.sku),
    }
}
