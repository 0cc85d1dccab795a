//! Tells open desks whose conversation has changed, beside the transactions that keep what fans say. In them it would
//! cost dear: of transactions that NOTIFY Postgres commits one at a time, each with its own wait for the disk.

use crate::db::Db;
use crate::fans::store::hearing as store;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happens at once is told at once.
const TOGETHER: Duration = Duration::from_millis(100);
/// What could not be told is tried again so much later.
const AGAIN: Duration = Duration::from_secs(2);

/// What it has not told yet is lost with the process: the desks' connections are too, or Weibo asks again, since it
/// got no answer. Clones share one.
#[derive(Clone)]
pub struct Herald {
    db: Db,
    news: Arc<Mutex<News>>,
}

#[derive(Default)]
struct News {
    of: BTreeSet<i64>,
    /// Somebody is on the way with it.
    told: bool,
}

impl Herald {
    pub fn new(db: Db) -> Herald {
        Herald { db, news: Arc::default() }
    }

    /// Her conversation has changed, and this is committed.
    pub fn tell(&self, fan: i64) {
        let mut news = self.news();
        news.of.insert(fan);
        if !std::mem::replace(&mut news.told, true) {
            tokio::spawn(self.clone().go());
        }
    }

    /// The next ones; nothing when the way is over.
    fn next(&self) -> Option<Vec<i64>> {
        let mut news = self.news();
        news.told = !news.of.is_empty();
        news.told.then(|| std::mem::take(&mut news.of).into_iter().collect())
    }

    async fn go(self) {
        while let Some(fans) = self.next() {
            let pause = match store::tell(&self.db, &fans).await {
                Ok(()) => TOGETHER,
                Err(error) => {
                    tracing::warn!(%error, fans = fans.len(), "open desks are not told yet");
                    self.news().of.extend(fans);
                    AGAIN
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn news(&self) -> MutexGuard<'_, News> {
        self.news.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
