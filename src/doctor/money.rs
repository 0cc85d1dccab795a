//! `weipu doctor money`: looks at every order, every piece and every figure anew.

use super::{Report, bad, good};
use crate::clock::Clock;
use crate::config::Config;
use crate::db::{self, Apart, Db};
use crate::text::Language;
use crate::web::checks::{self, Finding};
use crate::{app, catalog, figures, payments};
use std::io::Write;

/// Tells what does not add up, and keeps it for the back office to show. Fails when anything does not, after it has
/// told all.
pub async fn money(config: &Config, out: &mut impl Write) -> anyhow::Result<()> {
    let (db, _postgres) = app::database(config).await?;
    let apart = db::migrations_apart(&db).await?;
    anyhow::ensure!(apart == Apart::default(), "the database is not of this version: run weipu migrate");
    let mut report = Report { out, wrong: 0 };
    report.tell_all(&ledger(&db).await?)?;
    report.tell_all(&stock(&db).await?)?;
    report.tell_all(&days(&db).await?)?;
    report.end()
}

async fn ledger(db: &Db) -> anyhow::Result<Vec<Finding>> {
    let clock = Clock::system();
    clock.agree_with(db::time(db).await?);
    let look = match payments::examine(db, true, clock.now()).await {
        Ok(look) => look,
        // A worker looked at the same time, and one of the two gives way.
        Err(error) => {
            tracing::info!(error = format!("{error:#}"), "looking again");
            payments::examine(db, true, clock.now()).await?
        }
    };
    let told = look.breaches.iter().map(|breach| {
        let words = checks::breach(Language::English, &breach.rule);
        let detail = &breach.detail;
        let words =
            format!("{words} ({detail}, in fen). Do not ship or refund it before somebody has found out why");
        bad(&format!("Order {}", breach.order), words)
    });
    let told: Vec<Finding> = told.collect();
    let well = || vec![good("Money", format!("{} orders, and all of it adds up", look.orders))];
    Ok(if told.is_empty() { well() } else { told })
}

async fn stock(db: &Db) -> anyhow::Result<Vec<Finding>> {
    let differences = catalog::stock::check(&mut *db.reader().await?).await?;
    if differences.is_empty() {
        return Ok(vec![good("Stock", "every piece came and went by its ledger".into())]);
    }
    let told = differences.iter().map(|one| {
        let words =
            format!("{} there, {} by its ledger: count it anew at /admin/stock", one.stock, one.ledger);
        bad(&format!("Stock of {}", one.sku), words)
    });
    Ok(told.collect())
}

async fn days(db: &Db) -> anyhow::Result<Vec<Finding>> {
    let differences = figures::recount(db).await?;
    if differences.is_empty() {
        return Ok(vec![good("Figures", "every day is what its orders say".into())]);
    }
    let mend = "run SELECT figures_refill() in the database";
    Ok(differences.iter().map(|told| bad("Figures", format!("{told}: {mend}"))).collect())
}
