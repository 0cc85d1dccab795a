//! The database: reached, up to date, not forgetful, on the same time; and somebody works on what waits in it.

use super::{bad, good};
use crate::app::App;
use crate::db::{self, Apart, Db};
use crate::payments;
use crate::web::checks::{APART, Finding};
use time::Duration;

/// One looks at the money each minute: without a look for so long no worker is there.
const SILENCE: Duration = Duration::minutes(10);

/// All there is to find, and whether the shop's tables can be read.
pub async fn all(app: &App) -> (Vec<Finding>, bool) {
    let db = &app.shop.db;
    let theirs = match db::time(db).await {
        Ok(theirs) => theirs,
        Err(error) => {
            let words = format!("it does not answer: {error}. Start Postgres, and compare DATABASE_URL");
            return (vec![bad("Database", words)], false);
        }
    };
    let behind = app.shop.clock.agree_with(theirs);
    let mut findings = vec![clock(behind), forgetful(db).await];
    let (finding, is_usable) = migrations(db).await;
    findings.push(finding);
    if is_usable {
        findings.push(work(app).await);
    }
    (findings, is_usable)
}

fn clock(behind: Duration) -> Finding {
    let seconds = behind.whole_seconds().abs();
    if behind.abs() <= APART {
        return good("Clock", format!("{seconds} seconds from the database's"));
    }
    let words = format!("{seconds} seconds from the database's, which is too much: set both machines by NTP");
    bad("Clock", words)
}

async fn forgetful(db: &Db) -> Finding {
    match db::refuse_forgetful(db).await {
        Ok(()) => good("Durability", "what the database has said is kept, is kept".into()),
        Err(error) => bad("Durability", format!("{error:#}")),
    }
}

async fn migrations(db: &Db) -> (Finding, bool) {
    let what = "Migrations";
    match db::migrations_apart(db).await {
        Ok(Apart { lacking: 0, unknown: 0 }) => (good(what, "the database is of this version".into()), true),
        Ok(Apart { unknown: 0, lacking }) => {
            (bad(what, format!("{lacking} are not applied: run weipu migrate")), false)
        }
        Ok(Apart { unknown, .. }) => {
            let words = format!(
                "the database has {unknown} that this program does not know: start the newer version"
            );
            (bad(what, words), false)
        }
        Err(error) => (bad(what, format!("cannot be read: {error}")), false),
    }
}

async fn work(app: &App) -> Finding {
    let what = "Background work";
    let checks = async { payments::last_checks(&mut *app.shop.db.reader().await?).await };
    let since = app.shop.clock.now() - SILENCE;
    match checks.await {
        Ok(checks) if checks.iter().any(|check| check.at >= since) => good(what, "somebody does it".into()),
        Ok(_) => bad(what, "nobody has done any for ten minutes: run weipu work".into()),
        Err(error) => bad(what, format!("cannot be read: {error}")),
    }
}
