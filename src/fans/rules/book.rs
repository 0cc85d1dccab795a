//! The rules as they are now, in memory: read anew only when one was changed.

use super::engine::Ready;
use crate::fans::store::rules as store;
use sqlx::PgConnection;
use std::sync::{Arc, PoisonError, RwLock};

/// Rules, and of which version they are.
type Read = Option<(i64, Arc<Vec<Ready>>)>;

/// All rules in their order, those that are switched off too. Clones share them.
#[derive(Clone, Default)]
pub struct Rulebook(Arc<RwLock<Read>>);

impl Rulebook {
    /// The rules of this version or a later one.
    pub async fn at(&self, conn: &mut PgConnection, version: i64) -> anyhow::Result<Arc<Vec<Ready>>> {
        if let Some((kept, rules)) = &*self.0.read().unwrap_or_else(PoisonError::into_inner)
            && *kept == version
        {
            return Ok(rules.clone());
        }
        let rules = store::all(conn).await?;
        let rules: Arc<Vec<_>> =
            Arc::new(rules.into_iter().map(|kept| Ready::new(kept.id, kept.rule)).collect());
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some((version, rules.clone()));
        Ok(rules)
    }
}
