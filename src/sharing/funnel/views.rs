//! How often products were looked at, counted in memory and written down in batches: the hot path asks no database.

use super::store;
use crate::catalog::Slug;
use crate::clock::shop_day;
use crate::db::Db;
use crate::sharing::cards::KEPT_FOR;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::{Date, OffsetDateTime};

/// So many pages wait at once. Only pages that were really shown come here, so a shop has no more.
const MOST: usize = 20_000;

/// What crawlers call themselves: whoever says such a word is nobody who buys.
const CRAWLERS: [&str; 8] = ["bot", "spider", "crawl", "slurp", "preview", "curl/", "wget/", "python-"];

type Waiting = BTreeMap<(Date, String), i64>;

/// What is not written down yet. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Views(Arc<Mutex<Waiting>>);

impl Views {
    /// A person has opened the page of this product. Who calls herself a crawler is not counted.
    pub fn count(&self, slug: &Slug, agent: &str, now: OffsetDateTime) {
        let agent = agent.to_ascii_lowercase();
        if agent.is_empty() || CRAWLERS.iter().any(|word| agent.contains(word)) {
            return;
        }
        let mut waiting = self.waiting();
        let key = (shop_day(now), slug.as_str().to_owned());
        if waiting.len() < MOST || waiting.contains_key(&key) {
            *waiting.entry(key).or_default() += 1;
        }
    }

    fn put_back(&self, taken: Waiting) {
        let mut waiting = self.waiting();
        for (key, views) in taken {
            *waiting.entry(key).or_default() += views;
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody is about to write down. It waits on if she stops before that is done.
struct Taken<'a>(&'a Views, Waiting);

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.put_back(std::mem::take(&mut self.1));
    }
}

/// Writes down what was counted since the last time. What could not be written waits on.
pub async fn write_down(db: &Db, views: &Views) -> anyhow::Result<()> {
    let all = std::mem::take(&mut *views.waiting());
    let mut taken = Taken(views, all);
    if taken.1.is_empty() {
        return Ok(());
    }
    let days: Vec<Date> = taken.1.keys().map(|(day, _)| *day).collect();
    let slugs: Vec<String> = taken.1.keys().map(|(_, slug)| slug.clone()).collect();
    let counts: Vec<i64> = taken.1.values().copied().collect();
    let mut tx = db.begin().await?;
    store::add(&mut tx, &days, &slugs, &counts).await?;
    tx.commit().await?;
    taken.1.clear();
    Ok(())
}

/// Forgets what was counted long ago.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> anyhow::Result<()> {
    store::forget(db, shop_day(now - KEPT_FOR)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const PHONE: &str = "Mozilla/5.0 (iPhone) Weibo (iPhone14__weibo__13.1.0)";

    #[test]
    fn people_are_counted_and_crawlers_are_not() {
        let (views, now) = (Views::default(), datetime!(2026-03-05 12:00 UTC));
        let mug = Slug::parse("mug").unwrap();
        for agent in
            [PHONE, "Mozilla/5.0 (Windows NT 10.0)", "", "Baiduspider/2.0", "Googlebot/2.1", "curl/8"]
        {
            views.count(&mug, agent, now);
        }
        assert_eq!(views.waiting().values().sum::<i64>(), 2);
    }

    #[test]
    fn what_could_not_be_written_is_counted_on() {
        let (views, now) = (Views::default(), datetime!(2026-03-05 15:59:59 UTC));
        let mug = Slug::parse("mug").unwrap();
        views.count(&mug, PHONE, now);
        let taken = Taken(&views, std::mem::take(&mut *views.waiting()));
        views.count(&mug, PHONE, now);
        // Midnight at the shop.
        views.count(&mug, PHONE, now + time::Duration::seconds(1));
        drop(taken);
        assert_eq!(views.waiting().values().copied().collect::<Vec<_>>(), [2, 1]);
    }
}
