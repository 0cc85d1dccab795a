//! Who brought an order, in the words of the order's page.

use super::desk::Desk;
use crate::orders::Order;
use crate::sharing::links::{Coming, Explained, Source};
use crate::staff::May;
use crate::web::shop::order::shop_time;
use time::Duration;

/// One coming of the buyer's, as the page tells it.
pub struct Told {
    /// The key of which one it is.
    pub turn: &'static str,
    /// What brought her: `broadcast`, as a word behind `word-origin-`.
    pub kind: &'static str,
    /// What it is called, or the number of it.
    pub name: String,
    /// Where it is to be found.
    pub at: Option<String>,
    pub code: String,
    pub came: String,
    /// How that is known, as a word behind `word-known-`.
    pub known_by: &'static str,
    /// How long before the order.
    pub before: String,
}

/// The last one, and the first one where it was another.
pub fn told(page: &Desk, order: &Order, explained: &Explained) -> Vec<Told> {
    let turn = if explained.first.is_some() { "origin-last" } else { "origin-only" };
    let both = [Some((turn, &explained.last)), explained.first.as_ref().map(|first| ("origin-first", first))];
    let one = |(turn, coming): (&'static str, &Coming)| {
        let (kind, id) = coming.source.columns();
        let name = if is_hidden(page, coming) { "****" } else { page.text(&coming.name) };
        Told {
            turn,
            kind,
            name: if name.is_empty() { format!("#{id}") } else { name.to_owned() },
            at: place(page, coming),
            code: coming.code.clone(),
            came: shop_time(coming.at),
            known_by: coming.known_by.name(),
            before: before(page, coming.before(order.placed_at)),
        }
    };
    both.into_iter().flatten().map(one).collect()
}

/// Who knows whom is for those who may see buyers.
fn is_hidden(page: &Desk, coming: &Coming) -> bool {
    matches!(coming.source, Source::Repost(_)) && !page.may(May::SeeBuyers)
}

/// The page of what brought her, where it has one and whoever looks may open it.
fn place(page: &Desk, coming: &Coming) -> Option<String> {
    match coming.source {
        Source::Broadcast(id) if page.may(May::EditFans) => Some(format!("/admin/fans/broadcasts/{id}")),
        Source::Product(id) => Some(format!("/admin/products/{id}")),
        Source::Post(id) => Some(format!("/admin/sharing/posts/{id}")),
        Source::Campaign(id) => Some(format!("/admin/sharing/campaigns/{id}")),
        Source::Partner(id) => Some(format!("/admin/sharing/partners/{id}")),
        Source::Repost(_) if !is_hidden(page, coming) && !coming.name.zh.is_empty() => {
            Some(format!("/admin/orders/{}", coming.name.zh))
        }
        Source::Broadcast(_) | Source::Repost(_) => None,
    }
}

fn before(page: &Desk, long: Duration) -> String {
    match long {
        long if long < Duration::HOUR => page.say_with("origin-minutes", "count", long.whole_minutes()),
        long if long < Duration::DAY => page.say_with("origin-hours", "count", long.whole_hours()),
        long => page.say_with("origin-days", "count", long.whole_days()),
    }
}
