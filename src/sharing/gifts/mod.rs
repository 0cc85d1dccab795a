//! A coupon for a repost: promised beside the button, given once Weibo has shown that the repost stands, and taken
//! back where it is gone before the coupon was used. What cannot be seen is neither given nor taken.

mod checking;
mod gift;
mod store;

pub use checking::{WAITED_FOR, check};
pub use gift::{Claim, ClaimId, ClaimState, Gift, GiftId, MOST_TOTAL, Reaped, Wanted};
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
    gift: GiftId,
    customer: CustomerId,
    order: OrderId,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if let Some(ClaimId(claim)) = store::claim(tx, gift, (customer, order), now).await? {
        jobs::enqueue(tx, &Job::CheckGift { claim }, now).await?;
    }
    Ok(())
}
