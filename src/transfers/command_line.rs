//! Import and export by hand: `weipu import` and `weipu export` take the same steps as the worker, at once.

use super::row::Wrong;
use super::store;
use super::transfer::{State, Transfer, TransferId};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::db::Db;
use crate::text::Language;
use anyhow::{Context, bail};
use std::fs::File;
use std::io::Write;
use std::path::Path;

/// So many mistakes are told one by one.
const TOLD: i64 = 100;

/// Checks a file of products and says on `out` what it would do; with `apply` does it, too. An error when a
/// row is wrong: with `apply` the good ones are in the shop then, without it nothing is.
pub async fn import(
    db: &Db,
    path: &Path,
    apply: bool,
    clock: &Clock,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let file = File::open(path).with_context(|| format!("{}", path.display()))?;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let received = super::receive(db, file, (&name, Language::Chinese), &Actor::Shop, clock.now()).await;
    let of_file = || path.display().to_string();
    let received = received.with_context(of_file)?.with_context(of_file)?;
    let mut tx = db.begin().await?;
    super::begin_import(&mut tx, &received).await?;
    tx.commit().await?;
    let checked = to_the_end(db, received.id, clock).await?;
    let told = tell(db, &checked, out).await;
    if !apply || told.is_err() || checked.state != State::Checked || checked.good_rows() == 0 {
        store::forget(db, checked.id).await?;
    }
    told?;
    let (rows, wrong) = (checked.goal.unwrap_or(0), checked.wrong_rows);
    if !apply {
        anyhow::ensure!(wrong == 0, "{wrong} of {rows} rows are wrong, and nothing was imported");
        writeln!(out, "nothing was imported: --apply does it")?;
        return Ok(());
    }
    if checked.good_rows() > 0 {
        let mut tx = db.begin().await?;
        super::import(&mut tx, received.id, clock.now()).await??;
        tx.commit().await?;
        let done = to_the_end(db, received.id, clock).await?;
        writeln!(out, "imported: {}", counts(&done))?;
        anyhow::ensure!(done.state == State::Done, "the import stopped at line {}", done.position);
    }
    anyhow::ensure!(wrong == 0, "{wrong} of {rows} rows are wrong and were left out");
    Ok(())
}

/// Writes all products to `out`.
pub async fn export(db: &Db, clock: &Clock, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let id = super::export_products(&mut tx, Language::Chinese, &Actor::Shop, clock.now()).await?;
    tx.commit().await?;
    let written = async {
        let done = to_the_end(db, id, clock).await?;
        for number in 0..done.pieces {
            let piece = super::piece(db, id, number).await?;
            out.write_all(&piece.context("a piece is gone")?)?;
        }
        anyhow::Ok(out.flush()?)
    };
    let written = written.await;
    store::forget(db, id).await?;
    written
}

async fn to_the_end(db: &Db, id: TransferId, clock: &Clock) -> anyhow::Result<Transfer> {
    while super::step(db, id, clock.now()).await? {}
    store::find(&mut *db.reader().await?, id).await?.context("the transfer was deleted")
}

async fn tell(db: &Db, checked: &Transfer, out: &mut (dyn Write + Send)) -> anyhow::Result<()> {
    if checked.state == State::Refused {
        bail!("the file cannot be imported: {}", format!("{} {}", checked.why, checked.why_with).trim_end());
    }
    writeln!(out, "{} rows: {}", checked.goal.unwrap_or(0), counts(checked))?;
    let wrong = super::wrong_rows(&mut *db.reader().await?, checked.id, 0, TOLD).await?;
    for row in &wrong {
        for Wrong { column, why, with } in &row.wrongs {
            let column = column.as_deref().unwrap_or("row");
            writeln!(out, "line {}: {column}: {} {with}", row.line, why.name())?;
        }
    }
    Ok(())
}

fn counts(transfer: &Transfer) -> String {
    let Transfer { new_rows, changed_rows, unchanged_rows, wrong_rows, .. } = transfer;
    format!("{new_rows} new, {changed_rows} changed, {unchanged_rows} unchanged, {wrong_rows} wrong")
}
