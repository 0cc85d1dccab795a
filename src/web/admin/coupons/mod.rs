//! Coupons at the desk: what they take off, how many there are, and whether they are given.

pub mod edit;
mod form;
pub mod list;
pub mod standing;

use crate::coupons::CouponId;
use crate::db::Tx;
use crate::staff::audit::{self, Change};
use crate::staff::permission::EditCatalog;
use crate::web::staff::Staff;
use crate::web::{Error, Shop};
use serde_json::Value;

const LIST: &str = "/admin/coupons";

/// A line in the audit log about this coupon.
async fn record(
    tx: &mut Tx,
    (shop, staff): (&Shop, &Staff<EditCatalog>),
    (action, id): (&'static str, CouponId),
    (before, after): (Option<Value>, Option<Value>),
) -> Result<(), Error> {
    let subject = format!("coupon {}", id.0);
    let change = Change { action, subject: &subject, before, after };
    Ok(audit::record(tx, staff, change, shop.clock.now()).await?)
}
