//! What Weibo says of a refund, and what then becomes of the order. Nothing else ends one.

use super::refund::{Cause, Refund, RefundState, placed};
use super::settling::{Mismatch, Outcome, Settled};
use super::store::{self, ledger::Kind};
use crate::actor::Actor;
use crate::catalog::VariantId;
use crate::db::Tx;
use crate::orders::{self, ChangeError, Locked};
use crate::weibo::pay::{self, RefundNotice, RefundStatus};
use time::OffsetDateTime;

/// What Weibo says of a refund, by itself or when asked.
pub(super) struct Word {
    out_refund_id: String,
    pay_id: String,
    weibo_id: String,
    end: End,
}

enum End {
    UnderWay,
    Succeeded { at: Option<OffsetDateTime> },
    Failed { why: String },
}

impl From<RefundNotice> for Word {
    fn from(notice: RefundNotice) -> Word {
        let end = if notice.is_success {
            End::Succeeded { at: notice.refund_time }
        } else {
            End::Failed { why: notice.error }
        };
        let (out_refund_id, pay_id) = (notice.out_refund_id, notice.pay_id);
        Word { out_refund_id, pay_id, weibo_id: notice.refund_id, end }
    }
}

impl From<pay::Refund> for Word {
    fn from(refund: pay::Refund) -> Word {
        let end = match refund.status {
            RefundStatus::Pending | RefundStatus::Processing => End::UnderWay,
            RefundStatus::Success => End::Succeeded { at: refund.op_time },
            RefundStatus::Fail => End::Failed { why: refund.sub_status.unwrap_or_default() },
        };
        let (out_refund_id, pay_id) = (refund.out_refund_id, refund.pay_id);
        Word { out_refund_id, pay_id, weibo_id: refund.refund_id, end }
    }
}

/// The one way by which a refund ends, whoever told us of it; `proof` is the digest of the stored message. Holds the
/// order's row.
pub(super) async fn settle(
    tx: &mut Tx,
    word: &Word,
    proof: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    let Some(found) = store::refunds::find_by_number(tx, &word.out_refund_id).await? else {
        return Ok(Err(Mismatch::NoSuchRefund));
    };
    let id = found.order;
    let Some(mut order) = orders::lock(tx, id).await? else { return Ok(Err(Mismatch::NoSuchRefund)) };
    // Read again under the lock.
    let Some(refund) = store::refunds::find_refund(tx, found.id).await? else {
        return Ok(Err(Mismatch::NoSuchRefund));
    };
    if refund.pay_id != word.pay_id || refund.weibo_id.as_ref().is_some_and(|known| *known != word.weibo_id) {
        return Ok(Err(Mismatch::OtherPayment));
    }
    let settled = match (&word.end, &refund.state) {
        (End::UnderWay, RefundState::Begun | RefundState::Unknown | RefundState::Accepted) => {
            store::refunds::save(tx, refund.id, &RefundState::Accepted, Some(&word.weibo_id)).await?;
            Settled::Noted
        }
        (End::UnderWay, _) => Settled::Noted,
        (End::Succeeded { .. }, RefundState::Succeeded { .. })
        | (End::Failed { .. }, RefundState::Failed { .. }) => Settled::Repeated,
        (End::Succeeded { at }, _) => {
            return succeed(tx, &mut order, &refund, (word, at.unwrap_or(now)), proof, now).await;
        }
        (End::Failed { why }, _) => {
            fail(tx, &mut order, &refund, why, Some((proof, &word.weibo_id)), now).await?;
            Settled::RefundFailed
        }
    };
    Ok(Ok((id, settled)))
}

async fn succeed(
    tx: &mut Tx,
    order: &mut Locked,
    refund: &Refund,
    (word, at): (&Word, OffsetDateTime),
    proof: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    // It had been called a failure, and its amount may have gone back another way since.
    if matches!(refund.state, RefundState::Failed { .. }) && !take_up(tx, order, refund, now).await? {
        return Ok(Err(Mismatch::TooMuchBack));
    }
    if !store::ledger::enter_refund(tx, Kind::Refunded, refund, (proof, at), now).await? {
        // It was back, failed, and is back again: beyond what Weibo documents. Somebody has to look.
        return Ok(Err(Mismatch::TooMuchBack));
    }
    store::refunds::save(tx, refund.id, &RefundState::Succeeded { at: now }, Some(&word.weibo_id)).await?;
    order.is_back(tx, refund.amount, (refund.id.0, &pieces(order, refund)), now).await?;
    tracing::info!(order = %order.order().number, refund = refund.out_refund_id, "refunded");
    Ok(Ok((refund.order, Settled::Refunded)))
}

/// Takes the amount of a refund that failed off what is left, once more.
async fn take_up(
    tx: &mut Tx,
    order: &mut Locked,
    refund: &Refund,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    if !store::refunds::reserve(tx, refund.payment, refund.amount).await? {
        return Ok(false);
    }
    if refund.cause != Cause::Surplus {
        let told = (refund.amount, refund.cause.name());
        return match order.give_back(tx, told, &Actor::Weibo, now).await {
            Ok(()) => Ok(true),
            Err(ChangeError::Refused(_)) => Ok(false),
            Err(error) => Err(error.into()),
        };
    }
    Ok(true)
}

/// The money is with the shop and can be sent back another way.
pub(super) async fn fail(
    tx: &mut Tx,
    order: &mut Locked,
    refund: &Refund,
    why: &str,
    told: Option<(&str, &str)>,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if let (RefundState::Succeeded { .. }, Some((proof, _))) = (&refund.state, told) {
        store::ledger::enter_refund(tx, Kind::FailedBack, refund, (proof, now), now).await?;
    }
    let state = RefundState::Failed { at: now, why: why.to_owned() };
    store::refunds::save(tx, refund.id, &state, told.map(|(_, weibo_id)| weibo_id)).await?;
    store::refunds::release(tx, refund.payment, refund.amount).await?;
    order.keeps_after_all(tx, (refund.amount, refund.cause != Cause::Surplus), why, now).await?;
    tracing::warn!(order = %order.order().number, refund = refund.out_refund_id, why, "refund failed");
    Ok(())
}

/// The pieces that go on the shelf with this refund.
fn pieces(order: &Locked, refund: &Refund) -> Vec<(VariantId, u32)> {
    let back = refund.lines.iter().filter(|line| line.restock);
    let variant =
        |position| placed(order.order()).find(|(at, _)| *at == position).map(|(_, line)| line.variant);
    back.filter_map(|line| Some((variant(line.position)?, line.quantity))).collect()
}
