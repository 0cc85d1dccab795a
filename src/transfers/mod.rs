//! Tables in and out: products from a file and into one, orders into one. Each is a transfer that a worker takes
//! step by step; its bytes, its rows and how far it came are in Postgres, so that any node can go on.
//!
//! An import goes from `reading` over `checking`, the dry run, to `checked`; there somebody decides, and it goes
//! on to `importing` and `done`. An export goes from `writing` to `done`, and its file can be taken home. Files and
//! rows are forgotten after a week.

pub mod cells;
pub mod columns;
pub mod command_line;
mod counting;
pub mod dialect;
mod exporting;
mod importing;
mod orders;
mod plan;
mod products;
pub mod reading;
mod receiving;
mod row;
mod store;
mod transfer;
mod variants;
mod wrong_rows;

pub use exporting::template;
pub use plan::MOST_VARIANTS;
pub use reading::MOST_ROWS;
pub use receiving::{MOST_BYTES, Received, receive};
pub use row::{Why, Wrong};
pub use store::rows::WrongRow;
pub use transfer::{KEPT, Kind, Refusal, State, Transfer, TransferId};
pub use wrong_rows::{column_name, wrong_rows, wrong_sheet};

use crate::actor::Actor;
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::text::Language;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

/// A run of the job takes so many steps, which ends long before its lease does.
const STEPS: usize = 10;
/// So often in a row may a step fail before somebody is told.
const TRIES: i16 = 5;
const PAUSE: Duration = Duration::seconds(10);

/// The transfer is not where it would have to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNow {
    #[error("no such transfer")]
    NoSuch,
    #[error("it is not in a state that allows this")]
    State,
    #[error("its rows were forgotten")]
    Forgotten,
    #[error("not one of its rows is good and changes anything")]
    NothingToDo,
}

pub async fn find(conn: &mut PgConnection, id: TransferId) -> anyhow::Result<Option<Transfer>> {
    store::find(conn, id).await
}

/// At most `limit` transfers before `before`, the latest first.
pub async fn latest(
    conn: &mut PgConnection,
    before: Option<TransferId>,
    limit: i64,
) -> anyhow::Result<Vec<Transfer>> {
    store::latest(conn, before.unwrap_or(TransferId(i64::MAX)), limit).await
}

/// Lets workers go on with a transfer.
pub async fn go_on(tx: &mut Tx, id: TransferId, now: OffsetDateTime) -> anyhow::Result<()> {
    jobs::enqueue(tx, &Job::Transfer { transfer: id.0 }, now).await
}

/// Begins to read and check a file that was received.
pub async fn begin_import(tx: &mut Tx, received: &Received) -> anyhow::Result<()> {
    let Some(mut transfer) = store::lock(tx, received.id).await? else { return Ok(()) };
    transfer.state = State::Reading;
    received.encoding.name().clone_into(&mut transfer.encoding);
    (transfer.pieces, transfer.bytes) = (received.pieces, received.bytes);
    Ok(store::save(tx, &transfer).await?)
}

/// Brings in the good rows of a file that was checked.
pub async fn import(
    tx: &mut Tx,
    id: TransferId,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Transfer, NotNow>> {
    let Some(mut transfer) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    if transfer.state != State::Checked {
        return Ok(Err(NotNow::State));
    }
    if !transfer.is_kept(now) {
        return Ok(Err(NotNow::Forgotten));
    }
    if transfer.good_rows() == 0 {
        return Ok(Err(NotNow::NothingToDo));
    }
    let rows = transfer.goal;
    transfer.turn(State::Importing, rows);
    store::save(tx, &transfer).await?;
    Ok(Ok(transfer))
}

/// Goes no further. What was imported stays.
pub async fn cancel(
    tx: &mut Tx,
    id: TransferId,
    now: OffsetDateTime,
) -> anyhow::Result<Result<Transfer, NotNow>> {
    let Some(mut transfer) = store::lock(tx, id).await? else { return Ok(Err(NotNow::NoSuch)) };
    if !transfer.state.is_running() && transfer.state != State::Checked {
        return Ok(Err(NotNow::State));
    }
    transfer.end(State::Cancelled, now);
    store::save(tx, &transfer).await?;
    Ok(Ok(transfer))
}

/// Asks for all products as a file.
pub async fn export_products(
    tx: &mut Tx,
    language: Language,
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<TransferId> {
    let mut new = Transfer::asked(Kind::ExportProducts, State::Writing, language, actor, now);
    new.file_name = file_name("products", now);
    Ok(store::insert(tx, &new).await?)
}

/// Whether the orders of this address can be exported.
pub fn is_list(query: &str, masked: bool) -> bool {
    orders::filter(query, masked).is_some()
}

/// Asks for the orders that the address of their list names, the newest first; `masked` leaves out who buys.
pub async fn export_orders(
    tx: &mut Tx,
    (query, masked): (&str, bool),
    language: Language,
    actor: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<TransferId> {
    let mut new = Transfer::asked(Kind::ExportOrders, State::Writing, language, actor, now);
    new.file_name = file_name("orders", now);
    query.clone_into(&mut new.query);
    new.masked = masked;
    Ok(store::insert(tx, &new).await?)
}

/// `weipu-orders-20261121-1205.csv`
fn file_name(what: &str, now: OffsetDateTime) -> String {
    let now = now.to_offset(crate::clock::SHOP_ZONE);
    let (date, hour, minute) = (now.date().to_string().replace('-', ""), now.hour(), now.minute());
    format!("weipu-{what}-{date}-{hour:02}{minute:02}.csv")
}

/// A piece of a file that was written, counted from 0.
pub async fn piece(db: &Db, id: TransferId, number: i32) -> anyhow::Result<Option<Vec<u8>>> {
    Ok(store::pieces::find(&mut *db.reader().await?, id, number).await?)
}

/// Takes one step; false when there is none to take.
pub async fn step(db: &Db, id: TransferId, now: OffsetDateTime) -> anyhow::Result<bool> {
    let Some(transfer) = store::find(&mut *db.reader().await?, id).await? else { return Ok(false) };
    match transfer.state {
        State::Reading => reading::read(db, &transfer, now).await?,
        State::Checking | State::Importing => importing::step(db, id, now).await?,
        State::Writing => exporting::step(db, id, now).await?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// Job: takes some steps and comes back for more. A step that keeps failing ends the transfer, which its page
/// then tells; it never stands still in silence.
pub async fn work(db: &Db, id: TransferId, clock: &Clock) -> anyhow::Result<Outcome> {
    for _ in 0..STEPS {
        match step(db, id, clock.now()).await {
            Ok(true) => {}
            Ok(false) => return Ok(Outcome::Done),
            Err(error) => return stumble(db, id, &error, clock.now()).await,
        }
    }
    let mut tx = db.begin().await?;
    go_on(&mut tx, id, clock.now()).await?;
    tx.commit().await?;
    // It was enqueued anew: this ends only what was taken.
    Ok(Outcome::Done)
}

async fn stumble(
    db: &Db,
    id: TransferId,
    error: &anyhow::Error,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let why = format!("{error:#}");
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(Outcome::Done) };
    if !transfer.state.is_running() {
        return Ok(Outcome::Done);
    }
    transfer.failures += 1;
    let last = transfer.failures >= TRIES;
    if last {
        tracing::error!(transfer = id.0, why, "transfer failed");
        "trouble".clone_into(&mut transfer.why);
        transfer.end(State::Failed, now);
    }
    store::save(&mut tx, &transfer).await?;
    tx.commit().await?;
    Ok(if last { Outcome::Done } else { Outcome::Retry { at: now + PAUSE, why } })
}

/// Forgets files and rows whose week is over, and files that never came in whole.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    Ok(store::sweep(db, now, now - Duration::days(1)).await?)
}
