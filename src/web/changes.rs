//! Who watches an order or a conversation hears of its changes, on whichever node they were made.

use crate::db::Db;
use crate::orders::OrderNumber;
use crate::{fans, orders};
use sqlx::postgres::PgListener;
use std::time::Duration;
use tokio::sync::{broadcast, watch};

/// Hands on the numbers of orders, and the uids of fans, of which something has changed. A watcher that hears nothing
/// must still look now and then: while the connection is down, changes are not heard.
#[derive(Clone)]
pub struct Changes {
    orders: broadcast::Sender<OrderNumber>,
    fans: broadcast::Sender<i64>,
    stopping: watch::Sender<bool>,
}

impl Default for Changes {
    fn default() -> Changes {
        Changes {
            orders: broadcast::channel(256).0,
            fans: broadcast::channel(256).0,
            stopping: watch::Sender::new(false),
        }
    }
}

impl Changes {
    pub fn of_orders(&self) -> broadcast::Receiver<OrderNumber> {
        self.orders.subscribe()
    }

    /// Of what is said between fans and the shop, and how their conversations stand.
    pub fn of_fans(&self) -> broadcast::Receiver<i64> {
        self.fans.subscribe()
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
                tracing::warn!(error = format!("{error:#}"), "not hearing of changes");
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }

    async fn hear(&self, db: &Db) -> anyhow::Result<()> {
        let mut listener = PgListener::connect_with(db.pool()).await?;
        listener.listen_all([orders::CHANNEL, fans::desk::CHANNEL]).await?;
        loop {
            let heard = listener.recv().await?;
            // Nobody watching is no error.
            if heard.channel() == fans::desk::CHANNEL {
                let _ = heard.payload().parse().map(|fan| self.fans.send(fan));
            } else if let Ok(number) = heard.payload().parse() {
                let _ = self.orders.send(number);
            }
        }
    }
}
