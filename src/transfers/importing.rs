//! The dry run and the import: the same rows, the same plan, once looked at and once written.
//!
//! A step takes the rows of some products, a few hundred at most. What it writes and how far it came stand in
//! one transaction, so whoever goes on after a crash applies no row twice. Between check and import the shop
//! lives on: each product is looked at again while its rows are held, and what the file says is written last.

use super::cells;
use super::columns::{Column, Header};
use super::plan::{Known, Outcome, Placed, Plan, plan};
use super::row::{self, Row};
use super::store::{self, rows};
use super::transfer::{State, Transfer, TransferId};
use crate::catalog::Slug;
use crate::catalog::table::{self, Present, Wanted};
use crate::db::{Db, Tx};
use std::collections::HashMap;
use time::OffsetDateTime;

/// More than a product can have variants, so that the first of them is always whole.
const BATCH: i64 = 300;

/// Checks or imports the next rows.
pub async fn step(db: &Db, id: TransferId, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let Some(mut transfer) = store::lock(&mut tx, id).await? else { return Ok(()) };
    if !matches!(transfer.state, State::Checking | State::Importing) {
        return Ok(());
    }
    let mut batch = rows::next(&mut tx, id, transfer.position, BATCH).await?;
    if batch.is_empty() {
        end(&mut transfer, now);
    } else {
        if i64::try_from(batch.len())? == BATCH {
            // The last product may go on behind the batch.
            let last = batch.last().map_or(0, |row| row.leader);
            batch.retain(|row| row.leader != last);
        }
        go_through(&mut tx, &mut transfer, &batch, now).await?;
    }
    transfer.failures = 0;
    store::save(&mut tx, &transfer).await?;
    Ok(tx.commit().await?)
}

fn end(transfer: &mut Transfer, now: OffsetDateTime) {
    match transfer.state {
        State::Checking => {
            transfer.state = State::Checked;
            transfer.checked_at = Some(now);
        }
        _ => transfer.end(State::Done, now),
    }
}

async fn go_through(
    tx: &mut Tx,
    transfer: &mut Transfer,
    batch: &[rows::StoredRow],
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let slugs: Vec<String> = batch.iter().map(|row| row.slug.clone()).filter(|s| !s.is_empty()).collect();
    let skus: Vec<String> = batch.iter().map(|row| row.sku.clone()).filter(|s| !s.is_empty()).collect();
    let importing = transfer.state == State::Importing;
    if importing {
        table::hold(tx, &slugs).await?;
    }
    let present = table::present(tx, &slugs).await?;
    let present: HashMap<&str, &Present> = present.iter().map(|p| (p.slug.as_str(), p)).collect();
    let header = Header::read(&transfer.header).map_err(|why| anyhow::anyhow!("{why:?}"))?;
    let known = Known {
        categories: table::named_categories(tx).await?,
        owners: table::owners(tx, &skus).await?,
        pictures: table::stored_pictures(tx, &pictures(&header, batch)).await?,
    };
    let (mut wanted, mut ends): (Vec<Wanted>, Vec<(i32, Outcome)>) = (Vec::new(), Vec::new());
    for group in batch.chunk_by(|a, b| a.leader == b.leader) {
        let now_there = group.first().and_then(|row| present.get(row.slug.as_str()).copied());
        let plan = planned(&header, group, now_there, &known);
        let overtaken = now_there.is_some_and(|now| Some(now.updated_at) > transfer.checked_at);
        count(transfer, &plan, importing && overtaken);
        wanted.extend(plan.wanted);
        ends.extend(plan.outcomes);
    }
    if importing {
        let actor = transfer.actor.clone();
        table::write(tx, &wanted, &transfer.file_name, &actor, now).await?;
    }
    rows::end(tx, transfer.id, &ends).await?;
    transfer.position = batch.last().map_or(transfer.position, |row| i64::from(row.leader));
    transfer.done += i32::try_from(batch.len())?;
    Ok(())
}

/// The names of pictures in these rows.
fn pictures(header: &Header, batch: &[rows::StoredRow]) -> Vec<String> {
    let named = |row: &rows::StoredRow| cells::pictures(header.of(Column::Pictures, &row.cells));
    let named: Vec<String> = batch.iter().map(named).collect();
    named.iter().flat_map(|names| names.split_whitespace()).map(str::to_owned).collect()
}

/// What the rows of one product mean.
fn planned(header: &Header, group: &[rows::StoredRow], present: Option<&Present>, known: &Known) -> Plan {
    let placed = |stored: &rows::StoredRow| Placed {
        row: row::read(header, stored.line, &stored.cells),
        place: stored.place,
        first_of_sku: stored.first_of_sku,
    };
    let placed: Vec<Placed> = group.iter().map(placed).collect();
    if let Some(slug) = group.first().and_then(|stored| Slug::parse(&stored.slug).ok()) {
        return plan(&slug, &placed, present, known);
    }
    // Nobody knows which product it is.
    let wrong = |Row { line, wrongs, .. }| (line, Outcome::Wrong(wrongs));
    Plan { wanted: None, outcomes: placed.into_iter().map(|placed| wrong(placed.row)).collect() }
}

fn count(transfer: &mut Transfer, plan: &Plan, overtaken: bool) {
    for (_, outcome) in &plan.outcomes {
        match outcome {
            Outcome::New => transfer.new_rows += 1,
            Outcome::Changed => {
                transfer.changed_rows += 1;
                transfer.overtaken_rows += i32::from(overtaken);
            }
            Outcome::Unchanged => transfer.unchanged_rows += 1,
            Outcome::Wrong(_) => transfer.wrong_rows += 1,
        }
    }
}
