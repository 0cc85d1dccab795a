//! How often Weibo asked, counted in memory and written down in batches: no row for a single call.

use super::address::NoCard;
use super::store;
use crate::catalog::ProductId;
use crate::clock::shop_day;
use crate::db::Db;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::{Date, Duration, OffsetDateTime};

/// So long what was asked is kept.
pub const KEPT_FOR: Duration = Duration::days(180);

/// So many kinds of calls wait at once; no shop has more products on its shelf that Weibo asks about within seconds.
const MOST: usize = 10_000;

/// Of what is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Product(ProductId),
    Malformed,
    Foreign,
    Unknown,
    TooMany,
    Busy,
}

impl From<NoCard> for Key {
    fn from(why: NoCard) -> Key {
        match why {
            NoCard::Malformed => Key::Malformed,
            NoCard::Foreign => Key::Foreign,
            NoCard::Unknown => Key::Unknown,
        }
    }
}

/// How often, how often in vain, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub calls: i64,
    pub refusals: i64,
    pub last_at: OffsetDateTime,
}

type Waiting = BTreeMap<(Date, Key), Tally>;

/// What is not written down yet. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Counts {
    waiting: Arc<Mutex<Waiting>>,
    /// One writes at a time: whoever comes last knows that nothing is on its way any more.
    writing: Arc<tokio::sync::Mutex<()>>,
}

/// What somebody is about to write down. It waits on if she stops before that is done.
struct Taken<'a> {
    counts: &'a Counts,
    all: Waiting,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.counts.put_back(std::mem::take(&mut self.all));
    }
}

impl Counts {
    pub fn count(&self, key: Key, refused: bool, now: OffsetDateTime) {
        let one = Tally { calls: 1, refusals: i64::from(refused), last_at: now };
        add(&mut self.waiting(), (shop_day(now), key), one);
    }

    fn take(&self) -> Taken<'_> {
        Taken { counts: self, all: std::mem::take(&mut self.waiting()) }
    }

    fn put_back(&self, taken: Waiting) {
        let mut waiting = self.waiting();
        for (key, tally) in taken {
            add(&mut waiting, key, tally);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn add(waiting: &mut Waiting, key: (Date, Key), more: Tally) {
    if waiting.len() >= MOST && !waiting.contains_key(&key) {
        return;
    }
    let tally = waiting.entry(key).or_insert(Tally { calls: 0, refusals: 0, ..more });
    tally.calls += more.calls;
    tally.refusals += more.refusals;
    tally.last_at = tally.last_at.max(more.last_at);
}

/// Writes down what was counted since the last time. What could not be written waits on.
pub async fn write_down(db: &Db, counts: &Counts) -> anyhow::Result<()> {
    let _alone = counts.writing.lock().await;
    let mut taken = counts.take();
    if taken.all.is_empty() {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    store::add(&mut tx, &taken.all).await?;
    tx.commit().await?;
    taken.all.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn what_could_not_be_written_is_counted_on() {
        let (counts, now) = (Counts::default(), datetime!(2026-03-05 15:59:59 UTC));
        let mug = Key::Product(ProductId(1));
        counts.count(mug, false, now);
        counts.count(mug, true, now);
        let taken = counts.take();
        assert!(counts.take().all.is_empty(), "nothing is counted twice");
        counts.count(mug, false, now);
        // Midnight at the shop.
        counts.count(mug, false, now + Duration::seconds(1));
        drop(taken);
        let told = counts.take();
        let all: Vec<_> = told.all.values().map(|tally| (tally.calls, tally.refusals)).collect();
        assert_eq!(all, [(3, 1), (1, 0)]);
    }

    #[test]
    fn what_waits_is_bounded() {
        let (counts, now) = (Counts::default(), datetime!(2026-03-05 12:00 UTC));
        for number in 0..20_000 {
            counts.count(Key::Product(ProductId(number)), false, now);
        }
        counts.count(Key::Product(ProductId(0)), false, now);
        let waiting = &counts.take().all;
        assert_eq!((waiting.len(), waiting.values().map(|tally| tally.calls).sum::<i64>()), (10_000, 10_001));
    }
}
