//! Taking a file apart into rows. It flows: pieces out of the database, through the decoder and the CSV reader
//! on a thread of their own, and rows back in batches; nobody ever holds all of it. When it was interrupted,
//! it reads again from the beginning and skips the rows that are there.

use super::columns::{Column, Header};
use super::counting::Counting;
use super::dialect::{Decoded, Encoding, delimiter, plain};
use super::plan::MOST_VARIANTS;
use super::store::{self, pieces, rows};
use super::transfer::{Refusal, State, Transfer, TransferId};
use crate::catalog::{Sku, Slug};
use crate::db::Db;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use time::OffsetDateTime;
use tokio::sync::mpsc;

/// A file has at most so many rows below its header.
pub const MOST_ROWS: usize = 20_000;
/// No column of ours has a longer name; a longer one is told by its beginning.
const LONGEST_NAME: usize = 100;
/// What a cell of Excel can hold. What is longer is wrong anyway and need not be kept.
const LONGEST_CELL: usize = 32_768;
/// A batch has at most so many rows, and about so many bytes.
const BATCH_ROWS: usize = 500;
const BATCH_BYTES: usize = 512 * 1024;

/// A row of the sheet; `line` is its number as a spreadsheet counts it.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    pub line: i32,
    pub cells: Vec<String>,
}

/// What is found in a file, in this order.
#[derive(Debug)]
pub enum Found {
    Header(Vec<String>),
    Rows(Vec<Record>),
    TooManyRows,
    Broken(anyhow::Error),
}

/// Reads the file of a transfer into rows and leaves it ready to be checked.
pub async fn read(db: &Db, transfer: &Transfer, now: OffsetDateTime) -> anyhow::Result<()> {
    let encoding = Encoding::ALL.into_iter().find(|known| known.name() == transfer.encoding);
    let encoding = encoding.unwrap_or(Encoding::Utf8);
    let (pieces_in, pieces_out) = mpsc::channel(4);
    tokio::spawn(feed(db.clone(), transfer.id, transfer.pieces, pieces_in));
    let (found_in, mut found_out) = mpsc::channel(2);
    tokio::task::spawn_blocking(move || {
        let table = Decoded::new(Pieces { from: pieces_out, current: Vec::new(), at: 0 }, encoding);
        if let Err(error) = take_apart(table, MOST_ROWS, &mut |found| found_in.blocking_send(found).is_ok()) {
            let _ = found_in.blocking_send(Found::Broken(error));
        }
    });
    let (mut header, mut places) = (None, Places::default());
    let (mut passed, mut known) = (0_i64, transfer.position);
    while let Some(found) = found_out.recv().await {
        match found {
            Found::Broken(error) => return Err(error),
            Found::TooManyRows => return refuse(db, transfer.id, &Refusal::TooManyRows, now).await,
            Found::Header(names) => match Header::read(&names) {
                Ok(read) => header = Some((read, names)),
                Err(why) => return refuse(db, transfer.id, &why.into(), now).await,
            },
            Found::Rows(records) => {
                let count = i64::try_from(records.len())?;
                let skipped = usize::try_from((known - passed).clamp(0, count))?;
                passed += count;
                let Some((header, names)) = &header else { continue };
                let stored: Vec<_> = records.into_iter().map(|row| places.place(header, row)).collect();
                let new = &stored[skipped..];
                if !new.is_empty() && !keep(db, transfer.id, names, new, known).await? {
                    return Ok(());
                }
                known = known.max(passed);
            }
        }
    }
    let why = if header.is_none() { Refusal::Empty } else { Refusal::HeaderOnly };
    if passed == 0 { refuse(db, transfer.id, &why, now).await } else { finish(db, transfer.id, passed).await }
}

/// What the rows before have named: some megabytes at the most.
#[derive(Default)]
struct Places {
    /// By slug the product's first line, and how many rows it has.
    products: HashMap<String, (i32, i32)>,
    /// By SKU the first line that has it.
    skus: HashMap<String, i32>,
}

impl Places {
    /// The row in its place. Rows beyond what a product can have stand alone: nobody has to hold more than
    /// that many at once.
    fn place(&mut self, header: &Header, Record { line, cells }: Record) -> rows::StoredRow {
        let cell = |column| header.of(column, &cells).trim();
        let slug = Slug::parse(cell(Column::Slug)).map_or(String::new(), |slug| slug.to_string());
        let sku = Sku::parse(cell(Column::Sku)).map_or(String::new(), |sku| sku.to_string());
        let (mut leader, mut place, mut first_of_sku) = (line, 1, line);
        if !slug.is_empty() {
            let (first, count) = self.products.entry(slug.clone()).or_insert((line, 0));
            *count += 1;
            place = *count;
            let fits = usize::try_from(place).is_ok_and(|place| place <= MOST_VARIANTS);
            leader = if fits { *first } else { line };
        }
        if !sku.is_empty() {
            first_of_sku = *self.skus.entry(sku.clone()).or_insert(line);
        }
        rows::StoredRow { line, cells, slug, sku, leader, place, first_of_sku }
    }
}

/// Keeps rows behind those that are there; false when somebody else is at it, or it was cancelled.
async fn keep(
    db: &Db,
    id: TransferId,
    names: &[String],
    new: &[rows::StoredRow],
    known: i64,
) -> anyhow::Result<bool> {
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(false) };
    if transfer.state != State::Reading || transfer.position != known {
        return Ok(false);
    }
    rows::add(&mut tx, id, new).await?;
    transfer.position += i64::try_from(new.len())?;
    transfer.done = i32::try_from(transfer.position)?;
    transfer.header = names.to_vec();
    transfer.failures = 0;
    store::save(&mut tx, &transfer).await?;
    tx.commit().await?;
    Ok(true)
}

async fn finish(db: &Db, id: TransferId, rows_read: i64) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(()) };
    if transfer.state != State::Reading || transfer.position != rows_read {
        return Ok(());
    }
    // The rows have everything that the file had.
    pieces::forget(&mut tx, id).await?;
    transfer.turn(State::Checking, Some(i32::try_from(rows_read)?));
    store::save(&mut tx, &transfer).await?;
    Ok(tx.commit().await?)
}

async fn refuse(db: &Db, id: TransferId, why: &Refusal, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(()) };
    if transfer.state != State::Reading {
        return Ok(());
    }
    rows::forget(&mut tx, id).await?;
    pieces::forget(&mut tx, id).await?;
    transfer.why = why.name().to_owned();
    transfer.why_with = why.with().to_owned();
    transfer.end(State::Refused, now);
    store::save(&mut tx, &transfer).await?;
    Ok(tx.commit().await?)
}

/// Hands the pieces of a file on, as fast as they are taken.
async fn feed(db: Db, id: TransferId, count: i32, to: mpsc::Sender<anyhow::Result<Vec<u8>>>) {
    for number in 0..count {
        let piece = async {
            let piece = pieces::find(&mut *db.reader().await?, id, number).await?;
            piece.ok_or_else(|| anyhow::anyhow!("piece {number} of transfer {} is gone", id.0))
        };
        let piece = piece.await;
        let failed = piece.is_err();
        if to.send(piece).await.is_err() || failed {
            return;
        }
    }
}

/// The pieces as one file.
struct Pieces {
    from: mpsc::Receiver<anyhow::Result<Vec<u8>>>,
    current: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.current.len() {
            let Some(piece) = self.from.blocking_recv() else { return Ok(0) };
            (self.current, self.at) = (piece.map_err(io::Error::other)?, 0);
        }
        let size = out.len().min(self.current.len() - self.at);
        out[..size].copy_from_slice(&self.current[self.at..self.at + size]);
        self.at += size;
        Ok(size)
    }
}

/// Reads a table of UTF-8 with at most so many rows and hands on what it finds, until `hand_on` says that nobody listens any more.
pub fn take_apart(
    table: impl Read,
    most_rows: usize,
    hand_on: &mut dyn FnMut(Found) -> bool,
) -> anyhow::Result<()> {
    let mut table = BufReader::with_capacity(64 * 1024, table);
    let first = String::from_utf8_lossy(table.fill_buf()?).into_owned();
    let mut builder = csv::ReaderBuilder::new();
    let delimiter = delimiter(&first);
    builder.has_headers(false).flexible(true).delimiter(delimiter);
    let mut reader = builder.from_reader(Counting::new(table, delimiter));
    let (mut raw, mut batch, mut bytes, mut count) = (csv::StringRecord::new(), Vec::new(), 0, 0);
    let (mut header, mut line) = (true, 0);
    while reader.read_record(&mut raw)? {
        let end = reader.position().byte();
        let record = Record {
            line: reader.get_mut().row_before(end).max(line + 1),
            cells: raw.iter().map(kept).collect(),
        };
        line = record.line;
        if record.cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if header {
            header = false;
            let names = record.cells.iter().map(|name| name.trim().chars().take(LONGEST_NAME).collect());
            let names = names.collect();
            if !hand_on(Found::Header(names)) {
                return Ok(());
            }
            continue;
        }
        count += 1;
        if count > most_rows {
            hand_on(Found::TooManyRows);
            return Ok(());
        }
        bytes += record.cells.iter().map(String::len).sum::<usize>();
        batch.push(record);
        if batch.len() >= BATCH_ROWS || bytes >= BATCH_BYTES {
            bytes = 0;
            if !hand_on(Found::Rows(std::mem::take(&mut batch))) {
                return Ok(());
            }
        }
    }
    if !batch.is_empty() {
        hand_on(Found::Rows(batch));
    }
    Ok(())
}

/// A cell as it is kept: the guard taken off; Postgres takes no NUL, and what cannot be printed is told later.
fn kept(cell: &str) -> String {
    plain(cell).chars().take(LONGEST_CELL).map(|c| if c == '\0' { '\u{1}' } else { c }).collect()
}

#[cfg(test)]
#[path = "reading_tests.rs"]
mod tests;
