//! Asking Weibo about the rows of a day, some at a time. Each row is claimed, asked about, and written down: whoever
//! dies in between leaves its claim, which runs out. No transaction is open while Weibo is asked. One reconciliation asks
//! at a time: several would keep all hands from settling.

use super::comparing::{self, Before, Compared};
use super::run::{Difference, ReconciliationId, State};
use super::store::rows::{About, Claimed};
use super::store::{self, rows};
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::Outcome;
use crate::payments::{self, Said};
use crate::weibo;
use anyhow::Context;
use time::{Duration, OffsetDateTime};

/// A step asks so many questions, one after the other, and no longer than this; then comes a pause. So Weibo is asked
/// five times in a second at the most, and a step ends before its lease does.
const QUESTIONS: usize = 50;
const STEP: Duration = Duration::seconds(60);
const PAUSE: Duration = Duration::seconds(10);
/// After so many questions in a row without an answer Weibo is left alone for a while.
const SILENCE: usize = 5;
const REST: Duration = Duration::minutes(5);
/// A claim of a row, and a turn, hold longer than a question can take.
const CLAIM: Duration = Duration::minutes(1);
/// What was not answered is asked again: at the end of the run, but not at once, and a day later.
const AT_THE_END: Duration = Duration::minutes(5);
const NEXT_DAY: Duration = Duration::days(1);
/// Without keys of Weibo's nobody can be asked.
const NO_KEYS: Duration = Duration::hours(1);

/// Why a step ended.
enum Ended {
    NothingToAsk,
    Enough,
    Silence,
    /// Another reconciliation is asking.
    NotOurTurn,
}

pub async fn work(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: ReconciliationId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let ended = match weibo {
        Some(weibo) => {
            let ended = step(db, weibo, id, clock).await;
            store::turn::leave(&mut *db.reader().await?, id).await?;
            ended?
        }
        None => Ended::Silence,
    };
    let now = clock.now();
    if let Ended::NotOurTurn = ended {
        return Ok(Outcome::Retry { at: now + PAUSE, why: "another day is asked about".into() });
    }
    let mut tx = db.begin().await?;
    let Some(run) = store::lock(&mut tx, id).await? else { return Ok(Outcome::Done) };
    let left = rows::left(&mut tx, id).await?;
    if run.state == State::Running && !left.in_this_run {
        store::end(&mut tx, id, now).await?;
    }
    store::tally(&mut tx, id).await?;
    tx.commit().await?;
    let Some(next) = left.next else { return Ok(Outcome::Done) };
    let (pause, why) = match ended {
        _ if weibo.is_none() => (NO_KEYS, "Weibo's keys are missing"),
        Ended::Silence => (REST, "Weibo does not answer"),
        Ended::Enough | Ended::NothingToAsk | Ended::NotOurTurn => (PAUSE, "more to ask"),
    };
    Ok(Outcome::Retry { at: next.max(now + pause), why: why.into() })
}

async fn step(db: &Db, weibo: &weibo::Client, id: ReconciliationId, clock: &Clock) -> anyhow::Result<Ended> {
    let (begun, mut silent) = (clock.now(), 0);
    for _ in 0..QUESTIONS {
        let now = clock.now();
        let mut conn = db.reader().await?;
        if !store::turn::take(&mut conn, id, now, now + CLAIM).await? {
            return Ok(Ended::NotOurTurn);
        }
        let claim = rows::claim(&mut conn, id, now, now + CLAIM).await?;
        drop(conn);
        let Some(claimed) = claim else { return Ok(Ended::NothingToAsk) };
        let compared = ask(db, weibo, &claimed, clock).await?;
        let unknown = compared.difference == Some(Difference::Unknown);
        write(db, &claimed, &compared, clock.now()).await?;
        silent = if unknown { silent + 1 } else { 0 };
        if silent >= SILENCE {
            return Ok(Ended::Silence);
        }
        if clock.now() - begun > STEP {
            return Ok(Ended::Enough);
        }
    }
    Ok(Ended::Enough)
}

async fn ask(db: &Db, weibo: &weibo::Client, claimed: &Claimed, clock: &Clock) -> anyhow::Result<Compared> {
    let before = Before { was: &claimed.was, begun_at: claimed.begun_at, again: claimed.round == 3 };
    match claimed.about {
        About::Attempt(attempt) => {
            let said = payments::look_up(db, weibo, attempt, clock).await?;
            let number = match &said {
                Said::Told { told, .. } => Some(told.pay_id.as_str()),
                Said::No | Said::Nothing => None,
            };
            let booked = payments::booked(&mut *db.reader().await?, attempt, number).await?;
            let booked = booked.context("an attempt that vanished")?;
            Ok(comparing::payment(&said, &booked, before))
        }
        About::Refund(refund) => {
            let said = payments::look_up_refund(db, weibo, refund, clock).await?;
            let booked = payments::booked_refund(&mut *db.reader().await?, refund).await?;
            let (_, booked) = booked.context("a refund that vanished")?;
            Ok(comparing::refund(&said, &booked, before))
        }
    }
}

/// Writes a comparison down, and when to ask again where nothing is known.
async fn write(db: &Db, claimed: &Claimed, compared: &Compared, now: OffsetDateTime) -> anyhow::Result<()> {
    let again = match (compared.difference, claimed.round) {
        (Some(Difference::Unknown), 1) => Some((2, now + AT_THE_END)),
        (Some(Difference::Unknown), 2) => Some((3, now + NEXT_DAY)),
        _ => None,
    };
    Ok(rows::write(&mut *db.reader().await?, claimed, compared, again, now).await?)
}
