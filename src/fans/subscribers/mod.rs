//! Who subscribes to the shop's messages, as Weibo lists them (fans-service.md §9): page by page, by a job that may die
//! anywhere. What a fan did later than the list was asked for counts more than the list.

mod store;

pub use store::{List, Subscriber, count, last_done, latest, reading};

use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::fans::sending::refusal::Meaning;
use crate::fans::service::Trouble;
use crate::jobs::{self, Job, Outcome};
use crate::weibo::{self, CallError};
use anyhow::anyhow;
use time::{Duration, OffsetDateTime};

/// A list counts as so much older than it is, for Weibo's clock may differ from ours: whoever unsubscribes just before
/// it is asked for stays so, and whoever subscribes is on it.
const DOUBT: Duration = Duration::MINUTE;
/// More pages than any account has subscribers for: then the list leads in a circle.
const MOST_PAGES: i32 = 100_000;
/// How often it is read by itself.
pub const EVERY: Duration = Duration::DAY;
/// So long does it wait where Weibo said that it is too often.
const AFTER_A_LIMIT: Duration = Duration::minutes(10);

/// Why a list was read no further, where it is not Weibo that said so; behind `word-stopped-` in the texts.
pub const STOPPED: [&str; 3] = ["keys", "circle", "short"];

/// Begins to read the list anew; one that is being read already goes on.
pub async fn begin(tx: &mut Tx, now: OffsetDateTime) -> anyhow::Result<()> {
    let id = store::begin(tx, now - DOUBT, now).await?;
    jobs::enqueue(tx, &Job::ReadSubscribers { list: id }, now).await
}

/// The same once a day, by itself.
pub async fn begin_when_due(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    let last = store::last(&mut tx).await?;
    if last.is_none_or(|last| now - last.begun_at >= EVERY) {
        begin(&mut tx, now).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Reads the next page of a list.
pub async fn work(db: &Db, weibo: Option<&weibo::Client>, id: i64, clock: &Clock) -> anyhow::Result<Outcome> {
    let list = store::find(&mut *db.reader().await?, id).await?;
    let Some(list) = list.filter(|list| list.state == "reading") else { return Ok(Outcome::Done) };
    let Some(weibo) = weibo else { return stop(db, id, "keys", clock.now()).await };
    let page = match weibo.subscribers(list.next_uid).await {
        Ok(page) => page,
        Err(CallError::Refused { code, message }) => {
            let (why, now) = (format!("{code} {message}"), clock.now());
            return match Meaning::of(&code) {
                // Reading does nothing: what broke off is asked for again.
                Meaning::Later | Meaning::Delayed | Meaning::Doubtful => {
                    Ok(Outcome::Retry { at: now + AFTER_A_LIMIT, why })
                }
                Meaning::Lacks(Trouble::NoToken) => stop(db, id, "keys", now).await,
                Meaning::Lacks(_) | Meaning::Forbidden | Meaning::Never => stop(db, id, &why, now).await,
            };
        }
        Err(error) => return Err(anyhow!(error).context("the subscribers cannot be read")),
    };
    let mut tx = db.begin().await?;
    // Whoever asked for the same page meanwhile has written it down, or does so after this.
    let held = store::lock(&mut tx, id).await?.filter(|held| held.pages == list.pages);
    let Some(held) = held.filter(|held| held.state == "reading") else { return Ok(Outcome::Done) };
    store::learn(&mut tx, &page.uids, held.as_of).await?;
    let next = page.next;
    let turns = next.is_some() && (next == held.next_uid || held.pages >= MOST_PAGES);
    let read = held.uids + i64::try_from(page.uids.len())?;
    store::note(&mut tx, id, (next, read, page.total)).await?;
    if turns {
        store::end(&mut tx, id, ("stopped", "circle"), clock.now()).await?;
    } else if next.is_some() {
        jobs::enqueue(&mut tx, &Job::ReadSubscribers { list: id }, clock.now()).await?;
    } else if page.total.is_some_and(|total| read < total) {
        // Nobody is taken for gone because of a list that is not whole.
        store::end(&mut tx, id, ("stopped", "short"), clock.now()).await?;
    } else {
        store::miss(&mut tx, held.as_of).await?;
        store::end(&mut tx, id, ("done", ""), clock.now()).await?;
    }
    tx.commit().await?;
    Ok(Outcome::Done)
}

async fn stop(db: &Db, id: i64, why: &str, now: OffsetDateTime) -> anyhow::Result<Outcome> {
    tracing::warn!(list = id, why, "the subscribers are not read");
    let mut tx = db.begin().await?;
    store::end(&mut tx, id, ("stopped", why), now).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
