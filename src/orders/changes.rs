//! Who watches an order hears of its changes, on whichever node they were made.

use super::OrderNumber;
use crate::db::Db;
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

pub(super) const CHANNEL: &str = "order_changed";

/// Hands on the numbers of orders that have changed. A watcher that hears nothing must still look now and
/// then: while the connection is down, changes are not heard.
#[derive(Clone)]
pub struct Changes {
    numbers: broadcast::Sender<OrderNumber>,
    stopping: watch::Sender<bool>,
}

impl Default for Changes {
    fn default() -> Changes {
        Changes { numbers: broadcast::channel(256).0, stopping: watch::Sender::new(false) }
    }
}

impl Changes {
    pub fn watch(&self) -> broadcast::Receiver<OrderNumber> {
        self.numbers.subscribe()
    }

    /// Lets every watcher go, so that a server can stop without waiting for them.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Returns when [`Changes::stop`] was called.
    pub async fn stopped(&self) {
        // The sender is ours: it cannot be gone.
        let _ = self.stopping.subscribe().wait_for(|stop| *stop).await;
    }

    /// Listens until the program ends; connects again when the database goes away.
    pub async fn listen(self, db: Db) {
        loop {
            if let Err(error) = self.hear(&db).await {
                tracing::warn!(error = format!("{error:#}"), "not hearing of order changes");
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    async fn hear(&self, db: &Db) -> anyhow::Result<()> {
        let mut listener = PgListener::connect_with(db.pool()).await?;
        listener.listen(CHANNEL).await?;
        loop {
            let heard = listener.recv().await?;
            if let Ok(number) = heard.payload().parse() {
                // Nobody watching is no error.
                let _ = self.numbers.send(number);
            }
        }
    }
}
