//! Somebody who has signed in wants to be told when goods are there again, or cost less than when she asked: once, as a
//! customer-service message when she may be written to at that moment, else on her account page only.

mod store;
mod words;

pub use store::{Asked, listed, withdraw};
pub use words::News;

use super::{Author, SayError, Window};
use crate::catalog::{ProductId, VariantId};
use crate::customers::CustomerId;
use crate::db::{Db, Tx};
use crate::money::Money;
use crate::settings;
use crate::text::Language;
use crate::weibo::messages::{Reply, TEXT_LIMIT};
use store::Due;
use time::{Duration, OffsetDateTime};
use url::Url;

/// So many wait for one customer at most.
pub const MOST: i64 = 50;
/// So long what she was told stands on her page.
pub const SHOWN_FOR: Duration = Duration::days(30);
/// So many are told in one transaction.
const BATCH: i64 = 50;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct ReminderId(pub i64);

/// Of what she wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// This variant is there again.
    Restock(VariantId),
    /// The product costs less than now, in any of its variants.
    Price,
}

impl About {
    /// The word in the `about` column, and behind `word-reminder-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            About::Restock(_) => "restock",
            About::Price => "price",
        }
    }
}

/// Why she is not reminded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    #[error("it is not sold, or was never")]
    NoSuch,
    #[error("it is there already")]
    InStock,
    #[error("she waits for {MOST} things already")]
    TooMany,
}

/// Writes down that she wants to be told; pressed again while she waits, nothing changes.
pub async fn ask(
    tx: &mut Tx,
    (customer, language): (CustomerId, Language),
    product: ProductId,
    about: About,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), Refused>> {
    // The goods are held: whoever changes them sees this reminder, or this sees what she has changed.
    let Some(goods) = store::hold_goods(tx, product).await? else { return Ok(Err(Refused::NoSuch)) };
    let price = match about {
        About::Restock(variant) => match goods.iter().find(|goods| goods.variant == variant) {
            None => return Ok(Err(Refused::NoSuch)),
            Some(goods) if goods.stock > 0 => return Ok(Err(Refused::InStock)),
            Some(_) => None,
        },
        // What it costs is what it can be had for; sold out, what it would.
        About::Price => {
            let there = goods.iter().filter(|goods| goods.stock > 0).map(|goods| goods.price).min();
            match there.or_else(|| goods.iter().map(|goods| goods.price).min()) {
                None => return Ok(Err(Refused::NoSuch)),
                least => least,
            }
        }
    };
    if store::waiting(tx, customer).await? >= MOST {
        return Ok(Err(Refused::TooMany));
    }
    store::insert(tx, (customer, language), (product, about, price), now).await?;
    Ok(Ok(()))
}

/// Tells those whose goods have changed, some at a time, until nobody is left. A product about which that fails is
/// passed over, and has its turn again the next time. `public` is where the shop is found.
pub async fn tell_due(db: &Db, public: &Url, now: OffsetDateTime) -> anyhow::Result<()> {
    let (mut behind, mut failed) = ((0, ReminderId(0)), None);
    loop {
        match tell_some(db, public, behind, now).await {
            Ok(Some(next)) => behind = next,
            Ok(None) => return failed.map_or(Ok(()), Err),
            Err((Some(wake), error)) => {
                failed = Some(error.context("about one product nobody was told"));
                behind = (wake + 1, ReminderId(0));
            }
            Err((None, error)) => return Err(error),
        }
    }
}

/// Tells the next few: of the first product whose word is not before `wake`, those behind a reminder. Gives where to
/// go on; an error, of which word it is.
async fn tell_some(
    db: &Db,
    public: &Url,
    (wake, after): (i64, ReminderId),
    now: OffsetDateTime,
) -> Result<Option<(i64, ReminderId)>, (Option<i64>, anyhow::Error)> {
    let unplaced = |error: sqlx::Error| (None, error.into());
    let mut tx = db.begin().await.map_err(unplaced)?;
    let Some((found, product)) = store::next_wake(&mut tx, wake).await.map_err(unplaced)? else {
        return Ok(None);
    };
    let after = if found == wake { after } else { ReminderId(0) };
    let last =
        tell_page(&mut tx, public, (product, after), now).await.map_err(|error| (Some(found), error))?;
    if last.is_none() {
        store::forget_wake(&mut tx, found).await.map_err(unplaced)?;
    }
    tx.commit().await.map_err(|error| (Some(found), error.into()))?;
    Ok(Some(last.map_or((found + 1, ReminderId(0)), |last| (found, last))))
}

/// Tells those who wait for a product behind a reminder, at most so many; the last of them, where there may be more.
async fn tell_page(
    tx: &mut Tx,
    public: &Url,
    (product, after): (ProductId, ReminderId),
    now: OffsetDateTime,
) -> anyhow::Result<Option<ReminderId>> {
    let mut due = store::due(tx, product, after, BATCH).await?;
    let last = due.last().map(|due| due.id);
    let all = i64::try_from(due.len())? < BATCH;
    // In the order in which everybody locks fans.
    due.sort_by_key(|due| (due.uid, due.id));
    let wanted = settings::messages(tx).await?.0;
    let shop = settings::shop_name(tx).await?;
    for reminder in &due {
        let on = match reminder.about {
            About::Restock(_) => wanted.restock,
            About::Price => wanted.price,
        };
        let text = reminder.news().say(shop.in_language(reminder.language), public, reminder.language);
        let said = if on { say(tx, reminder.uid, text, now).await? } else { None };
        store::end(tx, reminder.id, said, now).await?;
    }
    Ok(last.filter(|_| !all))
}

/// Says it where she may be written to as often as one likes: the one answer to a mention is not spent on this.
async fn say(tx: &mut Tx, uid: i64, text: String, now: OffsetDateTime) -> anyhow::Result<Option<i64>> {
    let known = super::lock(tx, uid).await?;
    let open = known.is_some_and(|fan| matches!(fan.window(now), Window::Open { .. }));
    if !open || text.chars().count() >= TEXT_LIMIT {
        return Ok(None);
    }
    match super::say(tx, uid, &Reply::Text { text }, &Author::Shop, now).await {
        Ok(message) => Ok(Some(message.0)),
        Err(SayError::Closed(_) | SayError::Nobody) => Ok(None),
        Err(SayError::Unexpected(error)) => Err(error),
    }
}

impl Due {
    fn news(&self) -> News<'_> {
        let (slug, product) = (self.slug.as_str(), self.product.in_language(self.language));
        match self.about {
            About::Restock(_) => {
                News::Restock { slug, product, choice: self.choice.in_language(self.language) }
            }
            About::Price => News::Price { slug, product, was: self.was, now: self.price },
        }
    }
}

/// What of reminders is wanted, and the least that goods cost, as they are held.
struct Goods {
    variant: VariantId,
    stock: i32,
    price: Money,
}
