//! Our ledger beside Weibo's books. Each day, and when somebody asks for it, Weibo is asked about every payment and
//! refund of a day; and a table that the merchant's console has given out can be compared row by row. Weibo Pay has no
//! statement to be fetched (weibo-pay.md §12).
//!
//! What an answer tells is settled by `payments`, in its one way; a file never settles anything. How far each has come
//! is in Postgres, row by row, so that any node can go on.

mod asking;
mod columns;
mod comparing;
mod entry;
mod file;
mod matching;
mod run;
mod sheet;
mod store;

pub use columns::{Columns, Role, Unit, WrongColumns};
pub use file::{MOST_BYTES, MOST_ROWS, Refused, receive};
pub use run::{Difference, Kind, Reconciliation, ReconciliationId, Row, RowId, State};
pub use sheet::{Words, part};
pub use store::columns::remembered;
pub use store::lines::first_lines;
pub use store::rows::{differing, resolve};
pub use store::{find, latest};

use crate::actor::Actor;
use crate::clock::{self, Clock, SHOP_ZONE};
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::payments;
use crate::weibo;
use time::{Date, Duration, OffsetDateTime};

/// So many days back can be asked about.
pub const BACK: i64 = 90;
/// Yesterday is compared from this hour on: what was begun in its last minutes is over by then.
const FROM_HOUR: u8 = 2;
/// A file that never came in whole, or whose columns nobody told, is forgotten after so long.
const FORGOTTEN: Duration = Duration::days(7);

/// The day may not be asked about: it is still to come, or too long ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("only of the last {BACK} days")]
pub struct NotThen;

/// Begins to ask about a day; one that is being asked about already goes on, and is returned.
pub async fn begin(
    tx: &mut Tx,
    day: Date,
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<ReconciliationId, NotThen>> {
    let today = clock::shop_day(now);
    if day > today || (today - day).whole_days() > BACK {
        return Ok(Err(NotThen));
    }
    if let Some(running) = store::running(tx, day).await? {
        return Ok(Ok(running));
    }
    match make(tx, day, actor, now).await? {
        Some(id) => Ok(Ok(id)),
        // Somebody was a moment faster.
        None => {
            Ok(Ok(store::running(tx, day).await?.ok_or_else(|| anyhow::anyhow!("{day} cannot be begun"))?))
        }
    }
}

async fn make(
    tx: &mut Tx,
    day: Date,
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Option<ReconciliationId>> {
    let Some(id) = store::insert_day(tx, day, actor, now).await? else { return Ok(None) };
    let (from, until) = (clock::begins(day), clock::begins(day) + Duration::days(1));
    let moved = payments::moved_between(tx, from, until).await?;
    store::rows::prepare(tx, id, &moved).await?;
    store::tally(tx, id).await?;
    go_on(tx, id, now).await?;
    Ok(Some(id))
}

async fn go_on(tx: &mut Tx, id: ReconciliationId, now: OffsetDateTime) -> anyhow::Result<()> {
    jobs::enqueue(tx, &Job::Reconcile { reconciliation: id.0 }, now).await
}

/// Comes round: begins to ask about yesterday, once, however many workers try.
pub async fn begin_yesterday(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let local = now.to_offset(SHOP_ZONE);
    let Some(yesterday) = local.date().previous_day().filter(|_| local.hour() >= FROM_HOUR) else {
        return Ok(());
    };
    if store::was_made(&mut *db.reader().await?, yesterday).await? {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    if let Some(id) = make(&mut tx, yesterday, &Actor::Shop, now).await? {
        tracing::info!(reconciliation = id.0, %yesterday, "yesterday is compared with Weibo's books");
    }
    Ok(tx.commit().await?)
}

/// Job: takes the next steps.
pub async fn work(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: ReconciliationId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let found = store::find(&mut *db.reader().await?, id).await?;
    match found.map(|run| (run.kind, run.state)) {
        Some((Kind::Day, State::Running | State::Done)) => asking::work(db, weibo, id, clock).await,
        Some((Kind::Console, State::Running)) => matching::work(db, id, clock).await,
        _ => Ok(Outcome::Done),
    }
}

/// Why the columns of a file were not taken.
#[derive(Debug, thiserror::Error)]
pub enum ColumnsError {
    #[error("no such file waits for its columns")]
    NotNow,
    #[error(transparent)]
    Wrong(#[from] WrongColumns),
    #[error(transparent)]
    Unexpected(#[from] anyhow::Error),
}

impl From<sqlx::Error> for ColumnsError {
    fn from(error: sqlx::Error) -> ColumnsError {
        ColumnsError::Unexpected(error.into())
    }
}

/// Somebody has said which column of a file is what: that is remembered for the next one with the same header, and the
/// file is compared.
pub async fn set_columns(
    tx: &mut Tx,
    id: ReconciliationId,
    columns: &Columns,
    now: OffsetDateTime,
) -> Result<Reconciliation, ColumnsError> {
    let run =
        store::lock(tx, id).await?.filter(|run| run.state == State::Mapping).ok_or(ColumnsError::NotNow)?;
    columns.check(run.header.len())?;
    store::set_columns(tx, id, columns).await?;
    store::columns::remember(tx, &run.header, columns, now).await?;
    go_on(tx, id, now).await?;
    Ok(run)
}

/// Forgets files that nobody went on with.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    Ok(store::sweep(&mut *db.reader().await?, now - FORGOTTEN).await?)
}
