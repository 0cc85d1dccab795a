//! What many pages are made of. Pages that are the same for everybody are kept packed for a second: long enough
//! for a rush, short enough that a sold-out variant shows at once. The numbers in the rail of the back office,
//! and whether its money adds up, are kept a little longer.

use super::assets::{Packed, pack};
use super::cards::Cards;
use super::error::Error;
use super::sitemap::Maps;
use crate::coupons::{self, Coupon};
use crate::db::Db;
use crate::sharing::cards::Counts;
use crate::sharing::funnel::Views;
use crate::{fans, orders, payments};
use actix_web::web::Bytes;
use moka::future::Cache;
use std::sync::Arc;
use std::time::Duration;
use time::OffsetDateTime;

#[derive(Clone)]
pub struct Pages {
    packed: Cache<String, Arc<Packed>>,
    to_ship: Cache<(), i64>,
    money: Cache<(), i64>,
    unread: Cache<(), i64>,
    breached: Cache<(), bool>,
    coupons: Cache<(), Arc<Vec<Coupon>>>,
    faces: Cache<String, Option<Face>>,
    pub(super) cards: Cards,
    /// How often products were looked at, as far as it is not written down.
    pub(super) views: Views,
    pub(super) maps: Maps,
}

/// The picture of a fan: what it is, and its bytes.
pub type Face = (&'static str, Bytes);

/// So many bytes of faces stay in memory.
const FACES: u64 = 16 * 1024 * 1024;
/// What is no picture takes room as well.
const NO_FACE: u32 = 256;

impl Default for Pages {
    fn default() -> Pages {
        let for_seconds = |seconds| Duration::from_secs(seconds);
        Pages {
            packed: Cache::builder().max_capacity(2_000).time_to_live(for_seconds(1)).build(),
            to_ship: Cache::builder().max_capacity(1).time_to_live(for_seconds(3)).build(),
            money: Cache::builder().max_capacity(1).time_to_live(for_seconds(3)).build(),
            unread: Cache::builder().max_capacity(1).time_to_live(for_seconds(3)).build(),
            breached: Cache::builder().max_capacity(1).time_to_live(for_seconds(3)).build(),
            coupons: Cache::builder().max_capacity(1).time_to_live(for_seconds(3)).build(),
            faces: Cache::builder()
                .max_capacity(FACES)
                .weigher(|_, face: &Option<Face>| {
                    face.as_ref().map_or(NO_FACE, |(_, bytes)| u32::try_from(bytes.len()).unwrap_or(u32::MAX))
                })
                .time_to_live(Duration::from_hours(24))
                .build(),
            cards: Cards::default(),
            views: Views::default(),
            maps: Maps::default(),
        }
    }
}

impl Pages {
    /// The picture at this address of Weibo's, fetched at most once a day however many look. That there is none is
    /// remembered too.
    pub async fn face(&self, address: &str, fetch: impl Future<Output = Option<Face>>) -> Option<Face> {
        Box::pin(self.faces.get_with_by_ref(address, fetch)).await
    }

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

    /// How many orders wait to be sent, asked for every few seconds and not counted beyond this many.
    pub async fn to_ship(&self, db: &Db, most: i64) -> Result<i64, Error> {
        let count = async { Ok(orders::to_ship_up_to(&mut *db.reader().await?, most).await?) };
        self.to_ship.try_get_with((), count).await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// How much of the shop's money waits for somebody, likewise.
    pub async fn money(&self, db: &Db, most: i64) -> Result<i64, Error> {
        let count = async { Ok(payments::to_look_after(&mut *db.reader().await?, most).await?) };
        self.money.try_get_with((), count).await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// In how many conversations with fans something is unread, likewise.
    pub async fn unread(&self, db: &Db, most: i64) -> Result<i64, Error> {
        let count = async { Ok(fans::desk::unread_up_to(&mut *db.reader().await?, most).await?) };
        self.unread.try_get_with((), count).await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// Somebody has just read what a fan wrote, or wants to read it later.
    pub fn recount_unread(&self) {
        self.unread.invalidate_all();
    }

    /// An order has just been sent, or waits no longer; or money is seen to.
    pub fn recount(&self) {
        self.to_ship.invalidate_all();
        self.money.invalidate_all();
    }

    /// Whether somebody found that the money does not add up, asked for every few seconds.
    pub async fn breached(&self, db: &Db) -> Result<bool, Error> {
        let look = async { Ok(payments::has_breaches(&mut *db.reader().await?).await?) };
        self.breached.try_get_with((), look).await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// A page says what is wrong with the money: what stands above it shall say the same.
    pub fn look_at_money_again(&self) {
        self.breached.invalidate_all();
    }

    /// How often Weibo asked about cards, as far as it is not written down.
    pub fn cards_counted(&self) -> Counts {
        self.cards.counts.clone()
    }

    /// The coupons that the merchant tells of on the pages of products, looked for every few seconds for all of them
    /// together. One that is over, or all given, since then is among them still.
    pub async fn coupons(&self, db: &Db, now: OffsetDateTime) -> Result<Arc<Vec<Coupon>>, Error> {
        let look = async { Ok(Arc::new(coupons::listed_now(&mut *db.reader().await?, now).await?)) };
        self.coupons.try_get_with((), look).await.map_err(|error: Arc<Error>| error.told_again())
    }

    /// Forgets all pages: what stands on them has just been changed.
    pub fn forget(&self) {
        self.coupons.invalidate_all();
        self.packed.invalidate_all();
        self.cards.forget();
        self.maps.forget();
    }
}
