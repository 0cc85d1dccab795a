//! What the worker does about what the shop says on Weibo.

use super::Worker;
use crate::jobs::Outcome;
use crate::sharing::posts::{self, Means, PostId};

impl Worker {
    pub(super) async fn publish(&self, post: i64) -> anyhow::Result<Outcome> {
        let terms = self.current.terms(&self.db).await?;
        let (weibo, public_url) = (terms.weibo().ok(), self.callbacks.public());
        posts::publish(&self.db, Means { weibo, keys: &self.keys, public_url }, PostId(post), &self.clock)
            .await
    }
}
