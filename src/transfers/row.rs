//! One row of a products' table as it was meant, or everything that is wrong with it. Pure.
//!
//! An empty cell, or a column that is not there, changes nothing; of something new it leaves empty.

use super::cells::{self, COUNT, LOW};
use super::columns::{COLUMNS, Column, Header};
use crate::catalog::{Sku, Slug};
use crate::customers::{self, line, paragraph};
use crate::money::Money;
use crate::text::{Language, Text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// The header's Chinese name of the column; nothing for the row as a whole.
    pub column: Option<String>,
    pub why: Why,
    /// What belongs into the sentence: a line, a SKU, a number.
    pub with: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    Missing,
    Unprintable,
    TooLong,
    NotASlug,
    NotASku,
    NotAPrice,
    NotACount,
    NotYesOrNo,
    NotAShelf,
    NotAMinute,
    NotAList,
    /// A line does not begin with a number.
    NotNumbered,
    NothingOfThatNumber,
    /// It is on the shelf by the clock, and no minute is said.
    NoMinute,
    /// Minutes beside a shelf that does not go by the clock.
    MinuteForNothing,
    EndsBeforeItBegins,
    /// What is in the archive is off the shelf.
    ArchivedIsOff,
    TooManyPictures,
    TooManyCells,
    NoSuchCategory,
    ManyCategories,
    /// An earlier line has the same SKU.
    SkuTwice,
    /// It is another product's.
    SkuElsewhere,
    /// It has moved since the table was written.
    StockMoved,
    /// An earlier line has the same choices.
    ChoicesTwice,
    /// Another variant in the shop has them.
    ChoicesTaken,
    /// A product that is there keeps its axes.
    AxesDiffer,
    /// The second axis has a name and the first has none.
    AxisGap,
    /// A choice on an axis that has no name.
    NoSuchAxis,
    TooManyVariants,
    /// The product is in the archive.
    Archived,
    /// A product without variants cannot be on the shelf.
    NothingToSell,
    /// An earlier line of the same product says otherwise.
    DiffersFromLine,
    /// What belongs to the whole product is wrong in that line.
    ProductWrong,
}

impl Why {
    /// As the texts call it, behind `word-row-`.
    pub fn name(self) -> String {
        let name = serde_json::to_value(self).ok();
        name.and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

impl Wrong {
    pub fn new(column: Column, why: Why, with: impl fmt::Display) -> Wrong {
        let column = Some(column.name(Language::Chinese).to_owned());
        Wrong { column, why, with: with.to_string() }
    }

    pub fn of_the_row(why: Why, with: impl fmt::Display) -> Wrong {
        Wrong { column: None, why, with: with.to_string() }
    }
}

/// What a row says of its product, in the order of the columns; what it leaves empty is not there.
pub type OfProduct = Vec<(Column, String)>;

/// What a row says of its variant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfVariant {
    pub sku: Sku,
    pub choices: [Text; 3],
    pub price: Option<Money>,
    pub stock: Option<u32>,
    pub stock_then: Option<u32>,
    pub weight_g: Option<u32>,
    pub low_at: Option<u32>,
    pub position: Option<u32>,
}

/// A row below its product's slug, its two halves read apart: what is wrong with a variant is no matter to the product's others.
#[derive(Debug, Clone)]
pub struct Row {
    pub line: i32,
    pub product: Option<OfProduct>,
    pub variant: Option<OfVariant>,
    /// It speaks of the product only, and of no variant.
    pub is_bare: bool,
    pub wrongs: Vec<Wrong>,
}

/// As long as the pages of a product take them.
const NAME: usize = 80;
const SUMMARY: usize = 200;
const DESCRIPTION: usize = 20_000;
const CHOICE: usize = 30;
const ALT: usize = 200;
/// The texts of a product, and how many characters each may have.
const TEXTS: [(Column, usize); 13] = [
    (Column::Name, NAME),
    (Column::NameEn, NAME),
    (Column::Category, NAME),
    (Column::Summary, SUMMARY),
    (Column::SummaryEn, SUMMARY),
    (Column::Description, DESCRIPTION),
    (Column::DescriptionEn, DESCRIPTION),
    (Column::Axis(0), CHOICE),
    (Column::AxisEn(0), CHOICE),
    (Column::Axis(1), CHOICE),
    (Column::AxisEn(1), CHOICE),
    (Column::Axis(2), CHOICE),
    (Column::AxisEn(2), CHOICE),
];

type Parse = fn(&str) -> Option<String>;
/// What else belongs to a product, each in the one way of writing it.
const PARSED: [(Column, Why, &str, Parse); 14] = [
    (Column::OnShelf, Why::NotAShelf, "", |cell| cells::shelf(cell).map(str::to_owned)),
    (Column::ShelfFrom, Why::NotAMinute, "", |cell| cells::minute(cell).map(cells::of_minute)),
    (Column::ShelfUntil, Why::NotAMinute, "", |cell| cells::minute(cell).map(cells::of_minute)),
    (Column::Archived, Why::NotYesOrNo, "", |cell| cells::yes_or_no(cell).map(str::to_owned)),
    (Column::Position, Why::NotACount, "2147483647", |cell| Some(cells::count(cell)?.to_string())),
    (Column::Choices(0), Why::NotAList, "30", |cell| cells::list(cell, CHOICE)),
    (Column::ChoicesEn(0), Why::NotNumbered, "30", |cell| cells::numbered(cell, CHOICE)),
    (Column::Choices(1), Why::NotAList, "30", |cell| cells::list(cell, CHOICE)),
    (Column::ChoicesEn(1), Why::NotNumbered, "30", |cell| cells::numbered(cell, CHOICE)),
    (Column::Choices(2), Why::NotAList, "30", |cell| cells::list(cell, CHOICE)),
    (Column::ChoicesEn(2), Why::NotNumbered, "30", |cell| cells::numbered(cell, CHOICE)),
    // What somebody else's table says there is passed over.
    (Column::Pictures, Why::NotAList, "", |cell| Some(cells::pictures(cell))),
    (Column::Alts, Why::NotNumbered, "200", |cell| cells::numbered(cell, ALT)),
    (Column::AltsEn, Why::NotNumbered, "200", |cell| cells::numbered(cell, ALT)),
];

/// Reads cells one after another and collects what is wrong.
struct Reader<'a> {
    header: &'a Header,
    cells: &'a [String],
    wrongs: Vec<Wrong>,
}

impl Reader<'_> {
    fn cell(&self, column: Column) -> &str {
        self.header.of(column, self.cells).trim()
    }

    fn wrong(&mut self, column: Column, why: Why, with: impl fmt::Display) {
        self.wrongs.push(Wrong::new(column, why, with));
    }

    fn text(&mut self, column: Column, most: usize) -> String {
        let read = match column {
            Column::Description | Column::DescriptionEn => paragraph(self.cell(column), most),
            _ => line(self.cell(column), most),
        };
        read.unwrap_or_else(|wrong| {
            match wrong {
                customers::Wrong::TooLong { most } => self.wrong(column, Why::TooLong, most),
                _ => self.wrong(column, Why::Unprintable, ""),
            }
            String::new()
        })
    }

    fn both(&mut self, zh: Column, en: Column, most: usize) -> Text {
        Text { zh: self.text(zh, most), en: self.text(en, most) }
    }

    /// What a cell says, when it says anything.
    fn parsed<T>(
        &mut self,
        column: Column,
        why: Why,
        with: impl fmt::Display,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let cell = self.cell(column);
        if cell.is_empty() {
            return None;
        }
        let parsed = parse(cell);
        if parsed.is_none() {
            self.wrong(column, why, with);
        }
        parsed
    }

    fn product(&mut self) -> OfProduct {
        let mut said = Vec::new();
        for (column, most) in TEXTS {
            said.push((column, self.text(column, most)));
        }
        let parsed = PARSED
            .into_iter()
            .filter_map(|(column, why, with, parse)| Some((column, self.parsed(column, why, with, parse)?)));
        said.extend(parsed);
        said.retain(|(_, text)| !text.is_empty());
        said
    }

    /// A draft may have no variant yet: then everything about one is empty.
    fn is_bare(&self) -> bool {
        COLUMNS.iter().all(|(column, ..)| !column.is_of_variant() || self.cell(*column).is_empty())
    }

    fn variant(&mut self) -> Option<OfVariant> {
        let sku = self.parsed(Column::Sku, Why::NotASku, "", |cell| Sku::parse(cell).ok());
        if self.cell(Column::Sku).is_empty() {
            self.wrong(Column::Sku, Why::Missing, "");
        }
        let choice = |reader: &mut Self, n| reader.both(Column::Choice(n), Column::ChoiceEn(n), CHOICE);
        let choices = [choice(self, 0), choice(self, 1), choice(self, 2)];
        let most = Money::MAX;
        let price = self.parsed(Column::Price, Why::NotAPrice, most, cells::price);
        let mut count = |column| self.parsed(column, Why::NotACount, COUNT, cells::count);
        let (stock, stock_then) = (count(Column::Stock), count(Column::StockThen));
        let (weight_g, position) = (count(Column::Weight), count(Column::VariantPosition));
        let low_at = |cell: &str| cells::count(cell).filter(|count| *count <= LOW);
        let low_at = self.parsed(Column::LowAt, Why::NotACount, LOW, low_at);
        Some(OfVariant { sku: sku?, choices, price, stock, stock_then, weight_g, low_at, position })
    }
}

/// Reads a row. What is wrong keeps only its own half from being there.
pub fn read(header: &Header, line: i32, cells: &[String]) -> Row {
    let mut reader = Reader { header, cells, wrongs: Vec::new() };
    reader.parsed(Column::Slug, Why::NotASlug, "", |cell| Slug::parse(cell).ok());
    if reader.cell(Column::Slug).is_empty() {
        reader.wrong(Column::Slug, Why::Missing, "");
    }
    let before = reader.wrongs.len();
    let product = reader.product();
    let product = (reader.wrongs.len() == before).then_some(product);
    let before = reader.wrongs.len();
    let is_bare = reader.is_bare();
    let mut variant = if is_bare { None } else { reader.variant() };
    if reader.wrongs.len() > before {
        variant = None;
    }
    if cells.iter().skip(header.width()).any(|cell| !cell.trim().is_empty()) {
        reader.wrongs.push(Wrong::of_the_row(Why::TooManyCells, header.width()));
        variant = None;
    }
    Row { line, product, variant, is_bare, wrongs: reader.wrongs }
}

#[cfg(test)]
mod tests {
    use super::Why::{NotACount, NotAPrice, NotAShelf, NotASku, NotASlug, Unprintable};
    use super::*;
    use crate::transfers::cells::YES;

    #[test]
    fn everything_wrong_with_a_row_is_told_and_each_half_stands_for_itself() {
        let names = ["商品编号", "SKU", "价格", "库存", "上架", "商品名称"].map(String::from);
        let header = Header::read(&names).unwrap();
        let cells = ["Tee Pot", "a b", "free", "-1", "maybe", "a\0b"].map(String::from);
        let row = read(&header, 7, &cells);
        let why: Vec<Why> = row.wrongs.iter().map(|wrong| wrong.why).collect();
        assert_eq!(why, [NotASlug, Unprintable, NotAShelf, NotASku, NotAPrice, NotACount]);
        let cells = ["teapot", "pot", "free", "3", "是", "壶"].map(String::from);
        let row = read(&header, 8, &cells);
        let said = [(Column::Name, "壶".to_owned()), (Column::OnShelf, YES.to_owned())];
        assert_eq!((row.product.as_deref(), row.variant), (Some(said.as_slice()), None));
    }
}
