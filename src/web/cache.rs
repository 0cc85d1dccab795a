//! Pages that are the same for everybody, kept packed for a second: long enough for a rush, short enough
//! that a sold-out variant shows at once.

use super::assets::{Packed, pack};
use super::error::Error;
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Pages {
    packed: Cache<String, Arc<Packed>>,
}

impl Default for Pages {
    fn default() -> Pages {
        let second = Duration::from_secs(1);
        Pages { packed: Cache::builder().max_capacity(2_000).time_to_live(second).build() }
    }
}

impl Pages {
    /// The page of this key, made at most once a second however many ask. An error is not kept.
    pub async fn page(
        &self,
        key: String,
        make: impl AsyncFnOnce() -> Result<String, Error>,
    ) -> Result<Arc<Packed>, Error> {
        if let Some(kept) = self.packed.get(&key).await {
            return Ok(kept);
        }
        // Begun here and boxed: the many who find the page do not carry about what makes it.
        let make = async { Ok(Arc::new(pack(make().await?.into_bytes(), 5))) };
        let packed = Box::pin(self.packed.try_get_with(key, make));
        packed.await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// Forgets everything: what stands on the pages has just been changed.
    pub fn forget(&self) {
        self.packed.invalidate_all();
    }
}
