//! Our ledger beside Weibo's books: which days were compared, in what they differ, and what to do about it.

pub mod columns;
pub mod file;
pub mod list;
pub mod resolve;
pub mod show;

use crate::reconciliation::{self, Kind, Reconciliation, ReconciliationId};
use crate::web::words::Words;
use crate::web::{Error, Shop};

/// The reconciliation of this number; a file that is still coming is nobody's.
async fn found(shop: &Shop, id: i64) -> Result<Reconciliation, Error> {
    let run = reconciliation::find(&mut *shop.db.reader().await?, ReconciliationId(id)).await?;
    run.filter(|run| run.state != reconciliation::State::Receiving).ok_or(Error::NotFound)
}

fn subject(id: ReconciliationId) -> String {
    format!("reconciliation {}", id.0)
}

/// What it is about: a day, or the days of a file.
fn title(words: Words, run: &Reconciliation) -> String {
    match (run.kind, run.days) {
        (Kind::Day, Some((day, _))) => day.to_string(),
        (_, Some((from, to))) => format!("{} {from} – {to}", words.say("reconciliation-file")),
        (_, None) => words.say("reconciliation-file"),
    }
}
