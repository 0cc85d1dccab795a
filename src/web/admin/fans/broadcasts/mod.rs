//! Messages for many: written, looked at, sent, and what came of them.

pub mod compose;
mod content;
pub mod control;
pub mod list;
mod reading;
pub mod show;
pub mod trial;

use crate::fans::broadcasts::{self, Audience, Bought, Broadcast, BroadcastId};
use crate::money::Money;
use crate::web::words::Words;
use crate::web::{Error, Shop};

async fn found(shop: &Shop, id: i64) -> Result<Broadcast, Error> {
    let found = broadcasts::find(&mut *shop.db.reader().await?, BroadcastId(id)).await?;
    found.ok_or(Error::NotFound)
}

fn subject(id: BroadcastId) -> String {
    format!("broadcast {}", id.0)
}

fn address(id: BroadcastId) -> String {
    format!("/admin/fans/broadcasts/{}", id.0)
}

/// For whom it is, in a sentence.
fn told(words: Words, audience: &Audience) -> String {
    let kind = words.say(&format!("word-audience-{}", audience.name()));
    match audience {
        Audience::Subscribers | Audience::Followers => kind,
        Audience::Group { name, .. } => format!("{kind} {name}"),
        Audience::Buyers(bought) => {
            let mut parts = vec![kind];
            parts.extend(conditions(words, bought));
            parts.join(" · ")
        }
    }
}

fn conditions(words: Words, bought: &Bought) -> Vec<String> {
    let mut parts = Vec::new();
    if !bought.products.is_empty() {
        parts.push(words.say_with("audience-of-products", "count", bought.products.len()));
    }
    if !bought.categories.is_empty() {
        parts.push(words.say("audience-of-category"));
    }
    if let Some(since) = bought.since {
        parts.push(words.say_with("audience-since", "day", since));
    }
    if bought.orders > 1 {
        parts.push(words.say_with("audience-orders", "count", bought.orders));
    }
    if let Some(least) = Money::from_fen(bought.fen).filter(|least| *least > Money::ZERO) {
        parts.push(words.say_with("audience-amount", "amount", least));
    }
    parts
}
