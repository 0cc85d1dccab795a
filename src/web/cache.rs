//! Pages that are the same for everybody, kept packed for a second: long enough for a rush, short enough
//! that a sold-out variant shows at once.

use super::assets::{Packed, pack};
use super::error::Error;
use crate::catalog;
use crate::db::Db;
use crate::text::Text;
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;

#[derive(Clone)]
pub struct Pages {
    packed: Cache<String, Arc<Packed>>,
    shop_name: Cache<(), Text>,
}

impl Default for Pages {
    fn default() -> Pages {
        let second = Duration::from_secs(1);
        Pages {
            packed: Cache::builder().max_capacity(2_000).time_to_live(second).build(),
            shop_name: Cache::builder().max_capacity(1).time_to_live(10 * second).build(),
        }
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

    /// Forgets everything: tests change the catalog under the clock's feet.
    pub fn forget(&self) {
        self.packed.invalidate_all();
        self.shop_name.invalidate_all();
    }

    /// The shop's name stands on every page. Without a database the product's own has to do.
    pub async fn shop_name(&self, db: &Db) -> Text {
        let read = async {
            let shop = catalog::shop(&mut *db.reader().await?).await?;
            Ok::<_, sqlx::Error>(shop.map_or_else(weipu, |shop| shop.name))
        };
        match Box::pin(self.shop_name.try_get_with((), read)).await {
            Ok(name) => name,
            Err(error) => {
                tracing::warn!(%error, "the shop's name cannot be read");
                weipu()
            }
        }
    }
}

fn weipu() -> Text {
    Text { zh: "微铺".into(), en: "Weipu".into() }
}
