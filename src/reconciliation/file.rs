//! A file of the console on its way in: looked at, taken apart, and kept line by line. It flows: nobody ever holds all
//! of it.

use super::run::ReconciliationId;
use super::store::{self, lines};
use crate::actor::Actor;
use crate::db::Db;
use crate::transfers::Refusal;
use crate::transfers::dialect::{Decoded, Encoding, Sniffer};
use crate::transfers::reading::{Found, Record, take_apart};
use anyhow::Context;
use std::fs::File;
use std::io::{Read, Seek};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

/// A file has at most so many bytes, and rows below its header.
pub const MOST_BYTES: u64 = 20 * 1024 * 1024;
pub const MOST_ROWS: usize = 50_000;
/// No table of payments has more columns, or a longer cell that is of use here.
const MOST_COLUMNS: usize = 200;
const LONGEST_CELL: usize = 200;

/// Why a file cannot be worked with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error(transparent)]
    File(#[from] Refusal),
    #[error("the file has more than {MOST_ROWS} rows")]
    TooManyRows,
}

/// Takes a file in. One that is refused, or not here in whole, leaves nothing that anybody sees.
pub async fn receive(
    db: &Db,
    file: File,
    (name, actor): (&str, &Actor),
    now: OffsetDateTime,
) -> anyhow::Result<Result<ReconciliationId, Refused>> {
    let (mut file, encoding) = match spawn_blocking(|| look(file)).await?? {
        (file, Ok(encoding)) => (file, encoding),
        (_, Err(refused)) => return Ok(Err(refused.into())),
    };
    file.rewind()?;
    let id = store::insert_file(&mut *db.reader().await?, name, actor, now).await?;
    let taken = take(db, id, file, encoding).await;
    if !matches!(taken, Ok(Ok(()))) {
        store::forget(&mut *db.reader().await?, id).await?;
    }
    Ok(taken?.map(|()| id))
}

/// How the file is written, if it is a table of text at all.
fn look(mut file: File) -> anyhow::Result<(File, Result<Encoding, Refusal>)> {
    let (mut sniffer, mut buffer, mut bytes) = (Sniffer::default(), vec![0; 64 * 1024], 0_u64);
    loop {
        let size = file.read(&mut buffer)?;
        if size == 0 {
            return Ok((file, sniffer.finish().map_err(Refusal::from)));
        }
        bytes += size as u64;
        if bytes > MOST_BYTES {
            return Ok((file, Err(Refusal::TooLarge)));
        }
        sniffer.see(&buffer[..size]);
    }
}

async fn take(
    db: &Db,
    id: ReconciliationId,
    file: File,
    encoding: Encoding,
) -> anyhow::Result<Result<(), Refused>> {
    let (found_in, mut found_out) = mpsc::channel(2);
    spawn_blocking(move || {
        let mut hand_on = |found| found_in.blocking_send(found).is_ok();
        if let Err(error) = take_apart(Decoded::new(file, encoding), MOST_ROWS, &mut hand_on) {
            let _ = found_in.blocking_send(Found::Broken(error));
        }
    });
    let (mut header, mut count) = (None, 0_usize);
    while let Some(found) = found_out.recv().await {
        match found {
            Found::Broken(error) => return Err(error),
            Found::TooManyRows => return Ok(Err(Refused::TooManyRows)),
            Found::Header(names) if names.len() > MOST_COLUMNS => {
                return Ok(Err(Refusal::TooManyColumns.into()));
            }
            Found::Header(names) => header = Some(names),
            Found::Rows(records) => {
                count += records.len();
                let kept: Vec<Record> = records.into_iter().map(kept).collect();
                lines::add(&mut *db.reader().await?, id, &kept).await?;
            }
        }
    }
    let Some(header) = header else { return Ok(Err(Refusal::Empty.into())) };
    if count == 0 {
        return Ok(Err(Refusal::HeaderOnly.into()));
    }
    let mut tx = db.begin().await?;
    store::received(&mut tx, id, &header, i32::try_from(count).context("rows")?).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

fn kept(record: Record) -> Record {
    let cell = |cell: String| cell.chars().take(LONGEST_CELL).collect();
    Record { line: record.line, cells: record.cells.into_iter().take(MOST_COLUMNS).map(cell).collect() }
}
