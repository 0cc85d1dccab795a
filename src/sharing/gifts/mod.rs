//! A coupon for a repost: promised beside the button, given once Weibo has shown that the repost stands, and taken
//! back where it is gone before the coupon was used. What cannot be seen is neither given nor taken.

mod checking;
mod gift;
mod store;

pub use checking::{WAITED_FOR, check};
pub use gift::{Claim, ClaimId, ClaimState, Gift, GiftId, MOST_TOTAL, Reaped, Wanted, Yes};
pub use store::making::{ChangeError, change, create, end, pause, resume};
pub use store::reading::{all, find, of_order, offered, reaped};

use crate::customers::CustomerId;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::orders::OrderId;
use time::OffsetDateTime;

/// She said yes beside the button, and her repost is with Weibo: she waits for her coupon until it was seen. Once for
/// a buyer, and never more than there are: who comes too late is told so.
pub(super) async fn claim(
    tx: &mut Tx,
    yes: Yes,
    customer: CustomerId,
    order: OrderId,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if let Some(ClaimId(claim)) = store::claim(tx, yes, (customer, order), now).await? {
        jobs::enqueue(tx, &Job::CheckGift { claim }, now).await?;
    }
    Ok(())
}

/// Whether she still gets what she said yes to; until the transaction ends neither campaign nor coupon is changed.
pub(super) async fn hold(
    tx: &mut Tx,
    yes: Yes,
    (customer, order): (CustomerId, OrderId),
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    store::hold(tx, yes).await?;
    let open = offered(tx, customer, order, now).await?;
    Ok(open.is_some_and(|open| open.yes() == yes))
}
