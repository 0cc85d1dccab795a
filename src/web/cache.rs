//! Pages that are the same for everybody, kept packed for a second: long enough for a rush, short enough
//! that a sold-out variant shows at once.

use super::assets::{Packed, pack};
use super::error::Error;
use moka::future::Cache;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Pages(Cache<String, Arc<Packed>>);

impl Default for Pages {
    fn default() -> Pages {
        Pages(Cache::builder().max_capacity(2_000).time_to_live(Duration::from_secs(1)).build())
    }
}

impl Pages {
    /// The page of this key, made at most once a second however many ask. An error is not kept.
    pub async fn page(
        &self,
        key: String,
        make: impl Future<Output = Result<String, Error>>,
    ) -> Result<Arc<Packed>, Error> {
        let packed = self.0.try_get_with(key, async { Ok(Arc::new(pack(make.await?.into_bytes(), 5))) });
        packed.await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// Forgets everything: tests change the catalog under the clock's feet.
    pub fn forget(&self) {
        self.0.invalidate_all();
    }
}
