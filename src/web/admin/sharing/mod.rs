//! Cards and links: how each card stands and what it brought, campaigns, and what the shop says on Weibo.

pub mod campaign;
pub mod campaigns;
pub mod card;
pub mod drawn;
mod funnel;
pub mod list;
pub mod posts;
pub mod qr;
pub mod speaker;

use crate::clock::{SHOP_ZONE, shop_day};
use time::{Date, Duration, OffsetDateTime};

/// Where the section is.
pub const PATH: &str = "/admin/sharing";

/// So many days a funnel tells of, today included.
const DAYS: i64 = 30;

/// The first day that a funnel tells of, and its first moment.
fn since(now: OffsetDateTime) -> (Date, OffsetDateTime) {
    let day = shop_day(now - Duration::days(DAYS - 1));
    (day, day.midnight().assume_offset(SHOP_ZONE))
}
