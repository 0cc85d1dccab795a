//! Reposts at the desk: what buyers have told, and the coupons there are for it.

pub mod edit;
mod form;
pub mod list;
pub mod standing;

use crate::db::Tx;
use crate::sharing::gifts::{Gift, GiftId};
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditSharing;
use crate::web::admin::desk::Desk;
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use serde_json::Value;
use time::OffsetDateTime;

const LIST: &str = "/admin/sharing/reposts";

/// The address of a campaign's page.
fn at(id: GiftId) -> String {
    format!("{LIST}/gifts/{}", id.0)
}

/// How a campaign stands, and the colour of that.
fn tag(page: &Desk, gift: &Gift, now: OffsetDateTime) -> (String, &'static str) {
    let open = gift.open(now).name();
    match open {
        "open" if gift.trouble.is_some() => (page.say("gifts-troubled"), "red"),
        "open" => (page.say("word-gifts-open"), "jade"),
        "not-yet" | "paused" => (page.say(&format!("word-gifts-{open}")), "amber"),
        _ => (page.say(&format!("word-gifts-{open}")), ""),
    }
}

/// A line in the audit log about this campaign.
async fn record(
    tx: &mut Tx,
    (shop, staff): (&Shop, &Staff<EditSharing>),
    (action, id): (&'static str, GiftId),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let subject = format!("gift {}", id.0);
    let change = Change { action, subject: &subject, before, after };
    Ok(audit::record(tx, staff, change, shop.clock.now()).await?)
}
