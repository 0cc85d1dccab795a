//! A file on its way in: cut into pieces and looked at while it passes by.

use super::dialect::{Encoding, Sniffer};
use super::exporting::PIECE;
use super::store::{self, pieces};
use super::transfer::{Kind, Refusal, State, Transfer, TransferId};
use crate::actor::Actor;
use crate::db::Db;
use crate::text::Language;
use std::fs::File;
use time::OffsetDateTime;
use tokio::io::AsyncReadExt;

/// A file has at most so many bytes.
pub const MOST_BYTES: u64 = 20 * 1024 * 1024;

/// A file that is here in whole, and how it is written.
#[derive(Debug)]
pub struct Received {
    pub id: TransferId,
    pub(super) encoding: Encoding,
    pub(super) pieces: i32,
    pub(super) bytes: i64,
}

/// Takes a file in. Nobody sees it before [`super::begin_import`]; one that is refused leaves nothing behind.
pub async fn receive(
    db: &Db,
    file: File,
    (name, language): (&str, Language),
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Received, Refusal>> {
    let mut new = Transfer::asked(Kind::ImportProducts, State::Receiving, language, actor, now);
    name.clone_into(&mut new.file_name);
    let id = store::insert(&mut *db.reader().await?, &new).await?;
    let taken = take(db, id, file).await;
    if !matches!(taken, Ok(Ok(_))) {
        store::forget(db, id).await?;
    }
    taken
}

async fn take(db: &Db, id: TransferId, file: File) -> anyhow::Result<Result<Received, Refusal>> {
    let mut file = tokio::fs::File::from_std(file);
    let (mut sniffer, mut pieces, mut bytes) = (Sniffer::default(), 0, 0_u64);
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        (&mut file).take(PIECE as u64).read_to_end(&mut piece).await?;
        if piece.is_empty() {
            break;
        }
        bytes += piece.len() as u64;
        if bytes > MOST_BYTES {
            return Ok(Err(Refusal::TooLarge));
        }
        sniffer.see(&piece);
        pieces::add(&mut *db.reader().await?, id, pieces, &[piece]).await?;
        pieces += 1;
    }
    match sniffer.finish() {
        Ok(encoding) => Ok(Ok(Received { id, encoding, pieces, bytes: i64::try_from(bytes)? })),
        Err(why) => Ok(Err(why.into())),
    }
}
