//! What is counted by day, brought up to now.

use super::Worker;
use crate::clock::shop_day;
use crate::customers;
use crate::figures::{self, Folded};

impl Worker {
    /// Brings the figures by day up to now, as it comes round by itself.
    pub async fn fold_figures(&self) -> anyhow::Result<()> {
        loop {
            let mut tx = self.db.begin().await?;
            let folded = figures::fold(&mut tx, shop_day(self.clock.now())).await?;
            tx.commit().await?;
            if folded != Folded::More {
                return Ok(());
            }
        }
    }

    /// Counts all that was learned of customers before it began, as it comes round by itself.
    pub async fn fold_relations(&self) -> anyhow::Result<()> {
        loop {
            let mut tx = self.db.begin().await?;
            let more = customers::relations::fold(&mut tx).await?;
            tx.commit().await?;
            if !more {
                return Ok(());
            }
        }
    }

    /// Says what of the figures by day is not what counting finds.
    pub(super) async fn check_figures(&self) -> anyhow::Result<()> {
        for difference in figures::recount(&self.db).await? {
            tracing::error!(difference, "figures are wrong; SELECT figures_refill() counts anew");
        }
        Ok(())
    }
}
