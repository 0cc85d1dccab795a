//! What the worker does about reposts.

use super::Worker;
use crate::jobs::Outcome;
use crate::orders::OrderId;
use crate::sharing;
use crate::sharing::gifts::{self, ClaimId};

impl Worker {
    pub(super) async fn find_repost(&self, order: i64) -> anyhow::Result<Outcome> {
        let weibo = self.weibo().await?;
        sharing::find_lost(&self.db, &weibo, &self.keys, OrderId(order), &self.clock).await
    }

    pub(super) async fn check_gift(&self, claim: i64) -> anyhow::Result<Outcome> {
        let weibo = self.weibo().await?;
        gifts::check(&self.db, &weibo, &self.keys, ClaimId(claim), &self.clock).await
    }
}
