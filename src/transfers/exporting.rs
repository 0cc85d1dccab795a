//! Tables on their way out, step by step: each takes some products or orders, writes their rows, and keeps the
//! bytes and how far it came in one transaction. No transaction is open while a file grows, so a file is not of
//! one moment: each of its products and orders is.

use super::cells::{self, BY_THE_CLOCK, NO, YES};
use super::columns::{COLUMNS, Column};
use super::dialect::{Cell, Sheet};
use super::orders;
use super::plan::Known;
use super::store::{self, pieces};
use super::transfer::{Kind, State, Transfer, TransferId};
use crate::catalog::table::{self, Present, PresentChoice, PresentVariant};
use crate::catalog::{Picture, ProductId, Shelf};
use crate::db::{Db, Tx};
use crate::text::Language;
use std::collections::{HashMap, HashSet};
use time::OffsetDateTime;

/// A piece of a file has at most so many bytes.
pub const PIECE: usize = 256 * 1024;
/// A step takes so many products, with up to 200 variants each.
const PRODUCTS: i64 = 50;

/// Writes the next rows.
pub async fn step(db: &Db, id: TransferId, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(()) };
    if transfer.state != State::Writing {
        return Ok(());
    }
    let more = match transfer.kind {
        Kind::ExportOrders => orders_on(&mut tx, &mut transfer).await?,
        _ => products_on(&mut tx, &mut transfer).await?,
    };
    if !more {
        transfer.end(State::Done, now);
    }
    transfer.failures = 0;
    store::save(&mut tx, &transfer).await?;
    Ok(tx.commit().await?)
}

async fn products_on(tx: &mut Tx, transfer: &mut Transfer) -> anyhow::Result<bool> {
    let mut sheet = if transfer.goal.is_none() {
        transfer.goal = Some(i32::try_from(table::how_many(tx).await?)?);
        let mut sheet = Sheet::begin();
        sheet.row(COLUMNS.map(|(column, ..)| Cell::text(column.name(transfer.language))))?;
        sheet
    } else {
        Sheet::more()
    };
    let products = table::present_after(tx, ProductId(transfer.position), PRODUCTS).await?;
    let known = Known {
        categories: table::named_categories(tx).await?,
        owners: HashMap::new(),
        pictures: HashSet::new(),
    };
    for product in &products {
        // A draft without variants has a row, too.
        for n in 0..product.variants.len().max(1) {
            let variant = product.variants.get(n);
            sheet.row(COLUMNS.map(|(column, ..)| cell(column, product, variant, n == 0, &known)))?;
        }
    }
    append(tx, transfer, &sheet.bytes()?).await?;
    transfer.position = products.last().map_or(transfer.position, |product| product.id.0);
    transfer.done += i32::try_from(products.len())?;
    Ok(i64::try_from(products.len())? == PRODUCTS)
}

/// What belongs to the product stands in its first row.
fn cell<'a>(
    column: Column,
    product: &'a Present,
    variant: Option<&'a PresentVariant>,
    first: bool,
    known: &Known,
) -> Cell<'a> {
    let text = |text: &'a str| Cell::text(text);
    match column {
        Column::Slug => text(product.slug.as_str()),
        _ if column.is_of_variant() => {
            variant.map_or(Cell::Empty, |variant| cell_of_variant(column, product, variant))
        }
        _ if !first => Cell::Empty,
        Column::Name => text(&product.name.zh),
        Column::NameEn => text(&product.name.en),
        Column::Category => Cell::text(known.called(product.category)),
        Column::Summary => text(&product.summary.zh),
        Column::SummaryEn => text(&product.summary.en),
        Column::Description => text(&product.description.zh),
        Column::DescriptionEn => text(&product.description.en),
        Column::OnShelf => text(match product.shelf {
            Shelf::On => YES,
            Shelf::Off => NO,
            Shelf::Between { .. } => BY_THE_CLOCK,
        }),
        Column::ShelfFrom => product.shelf.from().map_or(Cell::Empty, |at| Cell::text(cells::of_minute(at))),
        Column::ShelfUntil => {
            product.shelf.until().map_or(Cell::Empty, |at| Cell::text(cells::of_minute(at)))
        }
        Column::Archived => text(if product.archived { YES } else { NO }),
        Column::Position => Cell::number(product.position),
        Column::Axis(axis) => product.axes.get(axis).map_or(Cell::Empty, |axis| text(&axis.zh)),
        Column::AxisEn(axis) => product.axes.get(axis).map_or(Cell::Empty, |axis| text(&axis.en)),
        Column::Choices(axis) => Cell::text(
            choices(product, axis).map(|choice| choice.name.zh.as_str()).collect::<Vec<_>>().join("\n"),
        ),
        Column::ChoicesEn(axis) => Cell::text(cells::of_numbered(
            (1..).zip(choices(product, axis).map(|choice| choice.name.en.as_str())),
        )),
        Column::Pictures => Cell::text(
            product.pictures.iter().map(|picture| picture.name.as_str()).collect::<Vec<_>>().join(" "),
        ),
        Column::Alts => Cell::text(alts(product, |picture| &picture.alt.zh)),
        Column::AltsEn => Cell::text(alts(product, |picture| &picture.alt.en)),
        _ => Cell::Empty,
    }
}

fn choices(product: &Present, axis: usize) -> impl Iterator<Item = &PresentChoice> {
    product.choices.iter().filter(move |choice| choice.axis == axis)
}

fn alts(product: &Present, of: fn(&Picture) -> &String) -> String {
    cells::of_numbered((1..).zip(product.pictures.iter().map(|picture| of(picture).as_str())))
}

fn cell_of_variant<'a>(column: Column, product: &'a Present, variant: &'a PresentVariant) -> Cell<'a> {
    let choice = |axis: usize| variant.choices[axis].and_then(|id| product.choice(id));
    match column {
        Column::Sku => Cell::text(variant.sku.as_str()),
        Column::Price => Cell::number(variant.price),
        Column::Stock | Column::StockThen => Cell::number(variant.stock),
        Column::Weight => Cell::number(variant.weight_g),
        Column::LowAt => variant.low_at.map_or(Cell::Empty, Cell::number),
        Column::VariantPosition => Cell::number(variant.position),
        Column::Choice(axis) => choice(axis).map_or(Cell::Empty, |choice| Cell::text(&*choice.name.zh)),
        Column::ChoiceEn(axis) => choice(axis).map_or(Cell::Empty, |choice| Cell::text(&*choice.name.en)),
        _ => Cell::Empty,
    }
}

async fn orders_on(tx: &mut Tx, transfer: &mut Transfer) -> anyhow::Result<bool> {
    let mut sheet = if transfer.pieces == 0 {
        let mut sheet = Sheet::begin();
        orders::header(&mut sheet, transfer.language)?;
        sheet
    } else {
        Sheet::more()
    };
    let batch = orders::next(tx, transfer).await?;
    for order in &batch {
        orders::rows(&mut sheet, order, transfer.masked, transfer.language)?;
    }
    append(tx, transfer, &sheet.bytes()?).await?;
    if let Some(last) = batch.last() {
        (transfer.position, transfer.position_at) = (last.order.id.0, Some(last.order.placed_at));
    }
    transfer.done += i32::try_from(batch.len())?;
    Ok(i64::try_from(batch.len())? == orders::BATCH)
}

/// Adds bytes to the end of the file.
async fn append(tx: &mut Tx, transfer: &mut Transfer, bytes: &[u8]) -> anyhow::Result<()> {
    let new: Vec<Vec<u8>> = bytes.chunks(PIECE).map(<[u8]>::to_vec).collect();
    pieces::add(tx, transfer.id, transfer.pieces, &new).await?;
    transfer.pieces += i32::try_from(new.len())?;
    transfer.bytes += i64::try_from(bytes.len())?;
    Ok(())
}

/// Two products as an example, one of them in two sizes.
pub fn template(language: Language) -> anyhow::Result<Vec<u8>> {
    use Column::{
        Archived, Axis, Category, Choice, Description, LowAt, Name, NameEn, OnShelf, Position, Price,
        ShelfFrom, ShelfUntil, Sku, Slug, Stock, Weight,
    };
    let mut sheet = Sheet::begin();
    let columns = COLUMNS.map(|(column, ..)| column);
    // What only an export can know is left out.
    let shown = |column: &Column| {
        use Column::{Alts, AltsEn, Choices, ChoicesEn, Pictures, StockThen, VariantPosition};
        !matches!(column, StockThen | VariantPosition | Choices(_) | ChoicesEn(_) | Pictures | Alts | AltsEn)
    };
    let columns: Vec<Column> = columns.into_iter().filter(shown).collect();
    sheet.row(columns.iter().map(|column| Cell::text(column.name(language))))?;
    let rows: [&[(Column, &str)]; 2] = [
        &[
            (Slug, "spring-longjing"),
            (Name, "明前龙井"),
            (NameEn, "Spring Longjing"),
            (Category, "茶叶"),
            (Description, "清明前采摘，豆香清雅。"),
            (OnShelf, BY_THE_CLOCK),
            (ShelfFrom, "2027-03-20 08:00"),
            (ShelfUntil, "2027-06-30 23:59"),
            (Archived, NO),
            (Position, "1"),
            (Axis(0), "净含量"),
            (Choice(0), "小罐"),
            (Sku, "longjing-50"),
            (Price, "128.00"),
            (Stock, "20"),
            (Weight, "50"),
            (LowAt, "3"),
        ],
        &[
            (Slug, "spring-longjing"),
            (Choice(0), "大罐"),
            (Sku, "longjing-250"),
            (Price, "560.00"),
            (Stock, "5"),
            (Weight, "250"),
        ],
    ];
    for row in rows {
        let of = |column: &Column| row.iter().find(|(own, _)| own == column).map_or("", |(_, text)| text);
        let cell = |column: &Column| {
            if column.is_number() { Cell::number(of(column)) } else { Cell::text(of(column)) }
        };
        sheet.row(columns.iter().map(cell))?;
    }
    sheet.bytes()
}
