//! Comparing a file with our ledger, some lines at a time: first each line of the file, then what our ledger has of the
//! same days and the file has not. A step and how far it came are one transaction. Nothing is settled by a file.

use super::columns::Columns;
use super::entry::{self, Entry};
use super::run::{Difference, Reconciliation, ReconciliationId, State};
use super::store::rows::NewRow;
use super::store::{self, lines, rows};
use crate::clock::{self, Clock};
use crate::db::{Db, Tx};
use crate::jobs::Outcome;
use crate::payments::{self, Booked, BookedRefund, Happened};
use crate::transfers::reading::Record;
use anyhow::Context;
use std::collections::{HashMap, HashSet};
use time::{Duration, OffsetDateTime};

/// A step takes so many lines, or rows of the ledger; a run of the job so many steps.
const BATCH: i64 = 500;
const STEPS: usize = 10;

pub async fn work(db: &Db, id: ReconciliationId, clock: &Clock) -> anyhow::Result<Outcome> {
    for _ in 0..STEPS {
        if !step(db, id, clock.now()).await? {
            return Ok(Outcome::Done);
        }
    }
    Ok(Outcome::Retry { at: clock.now(), why: "more to compare".into() })
}

/// False when there is nothing more to do.
async fn step(db: &Db, id: ReconciliationId, now: OffsetDateTime) -> anyhow::Result<bool> {
    let mut tx = db.begin().await?;
    let run = store::lock(&mut tx, id).await?.filter(|run| run.state == State::Running);
    let Some(mut run) = run else { return Ok(false) };
    let columns = store::columns_of(&mut tx, id).await?.context("a file without columns is compared")?;
    let records = lines::next(&mut tx, id, run.line, BATCH).await?;
    let more = if let Some(last) = records.last() {
        run.line = last.line;
        run.done += i32::try_from(records.len())?;
        compare(&mut tx, &mut run, &columns, &records, now).await?;
        true
    } else {
        look_for_missing(&mut tx, &mut run, &columns, now).await?
    };
    store::save_place(&mut tx, &run).await?;
    if !more {
        lines::forget(&mut tx, id).await?;
        store::end(&mut tx, id, now).await?;
    }
    store::tally(&mut tx, id).await?;
    tx.commit().await?;
    Ok(more)
}

async fn compare(
    tx: &mut Tx,
    run: &mut Reconciliation,
    columns: &Columns,
    records: &[Record],
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    let read: Vec<_> = records.iter().map(|row| (row.line, entry::read(&row.cells, columns, now))).collect();
    let good = || read.iter().filter_map(|(_, entry)| entry.as_ref().ok());
    let numbers: Vec<String> = good()
        .flat_map(|entry| [&entry.weibo_number, &entry.our_number])
        .filter(|n| !n.is_empty())
        .cloned()
        .collect();
    let refunds: Vec<String> = good().filter_map(|entry| entry.refund_number.clone()).collect();
    let books = Books::of(
        payments::payments_named(tx, &numbers).await?,
        payments::refunds_named(tx, &refunds).await?,
    );
    let mut new: Vec<NewRow> = read
        .iter()
        .map(|(line, entry)| match entry {
            Ok(entry) if entry.refund_number.is_some() => books.refund(entry, *line),
            Ok(entry) => books.payment(entry, *line),
            Err(why) => {
                NewRow { difference: Some(Difference::Unreadable), why: why.name(), ..blank("line", *line) }
            }
        })
        .collect();
    let keys: Vec<String> = new.iter().map(|row| row.key.clone()).collect();
    let mut known = rows::known_keys(tx, run.id, &keys).await?;
    for row in &mut new {
        once(row, &mut known);
    }
    for day in good().map(|entry| clock::shop_day(entry.at)) {
        run.days = Some(run.days.map_or((day, day), |(from, to)| (from.min(day), to.max(day))));
    }
    Ok(rows::add(tx, run.id, &new, now).await?)
}

/// What the file names again says nothing new.
fn once(row: &mut NewRow, known: &mut HashSet<String>) {
    if !row.key.is_empty() && !known.insert(row.key.clone()) {
        row.key = String::new();
        row.ours = None;
        row.difference = Some(Difference::Twice);
    }
}

fn blank(subject: &'static str, line: i32) -> NewRow {
    NewRow {
        subject,
        key: String::new(),
        order_number: String::new(),
        our_number: String::new(),
        weibo_number: String::new(),
        ours: None,
        theirs: None,
        ours_state: "",
        theirs_state: "",
        difference: None,
        line: Some(line),
        why: "",
    }
}

/// What our books have of some numbers.
struct Books {
    /// By Weibo's number, and by ours; of several payments by our number the first.
    payments: HashMap<String, Booked>,
    refunds: HashMap<String, BookedRefund>,
}

impl Books {
    fn of(payments: Vec<Booked>, refunds: Vec<BookedRefund>) -> Books {
        let mut books = Books { payments: HashMap::new(), refunds: HashMap::new() };
        for booked in payments {
            if let Some(payment) = &booked.payment {
                books.payments.insert(payment.pay_id.clone(), booked.clone());
            }
            books.payments.entry(booked.out_pay_id.clone()).or_insert(booked);
        }
        for booked in refunds {
            if let Some(weibo_id) = &booked.weibo_id {
                books.refunds.insert(weibo_id.clone(), booked.clone());
            }
            books.refunds.insert(booked.out_refund_id.clone(), booked);
        }
        books
    }

    fn payment(&self, entry: &Entry, line: i32) -> NewRow {
        let by = |number: &String| self.payments.get(number).filter(|_| !number.is_empty());
        let booked = by(&entry.weibo_number).or_else(|| by(&entry.our_number));
        let payment = booked.and_then(|booked| booked.payment.as_ref());
        // By our number the attempt may be another payment's: then this one is not here.
        let other = |pay_id: &str| !entry.weibo_number.is_empty() && entry.weibo_number != pay_id;
        let payment = payment.filter(|payment| !other(&payment.pay_id));
        let difference = match payment {
            Some(_) if !entry.good => Some(Difference::NotPaidThere),
            Some(payment) => (payment.amount != entry.amount).then_some(Difference::Amount),
            None => entry.good.then_some(Difference::NotHere),
        };
        let pay_id = payment.map_or(entry.weibo_number.as_str(), |payment| payment.pay_id.as_str());
        let key = if pay_id.is_empty() { &entry.our_number } else { pay_id };
        NewRow {
            key: format!("payment {key}"),
            order_number: booked.map(|booked| booked.order.to_string()).unwrap_or_default(),
            our_number: booked.map_or(&entry.our_number, |booked| &booked.out_pay_id).clone(),
            weibo_number: pay_id.to_owned(),
            ours: payment.map(|payment| payment.amount),
            theirs: entry.good.then_some(entry.amount),
            ours_state: if payment.is_some() { "paid" } else { "unpaid" },
            theirs_state: if entry.good { "paid" } else { "unpaid" },
            difference,
            ..blank("payment", line)
        }
    }

    fn refund(&self, entry: &Entry, line: i32) -> NewRow {
        let number = entry.refund_number.as_deref().unwrap_or_default();
        let booked = self.refunds.get(number);
        let is_back = booked.is_some_and(|booked| booked.state == "succeeded");
        let difference = match booked {
            Some(_) if is_back != entry.good => Some(Difference::Refund),
            Some(booked) => (is_back && booked.amount != entry.amount).then_some(Difference::Amount),
            None => entry.good.then_some(Difference::NotHere),
        };
        let key = booked.map_or(number, |booked| &booked.out_refund_id);
        let weibo_id = booked.and_then(|booked| booked.weibo_id.clone());
        NewRow {
            key: format!("refund {key}"),
            order_number: booked.map(|booked| booked.order.to_string()).unwrap_or_default(),
            our_number: booked.map(|booked| booked.out_refund_id.clone()).unwrap_or_default(),
            weibo_number: weibo_id
                .unwrap_or_else(|| if booked.is_none() { number.to_owned() } else { String::new() }),
            ours: booked.filter(|_| is_back).map(|booked| booked.amount),
            theirs: entry.good.then_some(entry.amount),
            ours_state: booked.map_or("none", |booked| state(&booked.state)),
            theirs_state: if entry.good { "succeeded" } else { "under-way" },
            difference,
            ..blank("refund", line)
        }
    }
}

/// A refund's state as the texts call it.
fn state(name: &str) -> &'static str {
    ["begun", "unknown", "accepted", "succeeded", "failed"]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("")
}

/// Our ledger of the file's days against what the file had. Today is not over: nothing of it is missing yet.
async fn look_for_missing(
    tx: &mut Tx,
    run: &mut Reconciliation,
    columns: &Columns,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let Some((from, to)) = run.days else { return Ok(false) };
    let until = (clock::begins(to) + Duration::days(1)).min(clock::begins(clock::shop_day(run.begun_at)));
    let happened = payments::happened_between(tx, (clock::begins(from), until), run.position, BATCH).await?;
    let Some(last) = happened.last() else { return Ok(false) };
    run.position = last.id;
    let keys: Vec<String> = happened.iter().map(key).collect();
    let known = rows::known_keys(tx, run.id, &keys).await?;
    // Where the file does not tell of refunds, none is missing.
    let told = |happened: &&Happened| happened.out_refund_id.is_none() || columns.refund_number.is_some();
    let missing = happened.iter().filter(told).filter(|happened| !known.contains(&key(happened)));
    let new: Vec<NewRow> = missing.map(not_there).collect();
    rows::add(tx, run.id, &new, now).await?;
    Ok(true)
}

fn key(happened: &Happened) -> String {
    match &happened.out_refund_id {
        Some(number) => format!("refund {number}"),
        None => format!("payment {}", happened.pay_id),
    }
}

fn not_there(happened: &Happened) -> NewRow {
    let is_refund = happened.out_refund_id.is_some();
    let own = if is_refund { happened.refund_weibo_id.clone() } else { Some(happened.pay_id.clone()) };
    NewRow {
        key: key(happened),
        order_number: happened.order.to_string(),
        our_number: happened.out_refund_id.clone().unwrap_or_else(|| happened.out_pay_id.clone()),
        weibo_number: own.unwrap_or_default(),
        ours: Some(happened.amount),
        ours_state: if is_refund { "succeeded" } else { "paid" },
        theirs_state: "none",
        difference: Some(Difference::NotThere),
        line: None,
        ..blank(if is_refund { "refund" } else { "payment" }, 0)
    }
}
