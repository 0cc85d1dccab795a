//! What Weibo says of a refund, and what then becomes of the order. A notice ends a refund that is under way; where it
//! contradicts what was said before, Weibo is asked, and the answer counts.

use super::patience::LOOK_AGAIN;
use super::refund::{Before, Cause, Refund, RefundState, placed};
use super::refunding;
use super::settling::{Mismatch, Outcome, Settled};
use super::store::{self, ledger::Kind, notices::Source};
use super::telling::{self, About};
use crate::actor::Actor;
use crate::catalog::VariantId;
use crate::db::Tx;
use crate::jobs::{self, Job};
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

/// The one way by which Weibo's word reaches a refund, however it came; `proof` is the digest of the stored message.
/// Holds the order's row.
pub(super) async fn settle(
    tx: &mut Tx,
    word: &Word,
    (proof, source): (&str, Source),
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
    if source == Source::Answer {
        store::refunds::look_again(tx, refund.id, None).await?;
    }
    let over = !refund.is_under_way();
    let settled = match (&word.end, &refund.state) {
        (End::Succeeded { .. }, RefundState::Succeeded { .. })
        | (End::Failed { .. }, RefundState::Failed { .. }) => Settled::Repeated,
        // Messages overtake each other: what contradicts an end only makes the shop ask.
        _ if over && source == Source::Notice => {
            store::refunds::look_again(tx, refund.id, Some(now)).await?;
            jobs::enqueue(tx, &Job::Refund { refund: refund.id.0 }, now).await?;
            Settled::Noted
        }
        (End::UnderWay, _) if over => Settled::Noted,
        (End::UnderWay, _) => {
            let state = (&RefundState::Accepted, "");
            store::refunds::save(tx, refund.id, state, Some(&word.weibo_id)).await?;
            Settled::Noted
        }
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
    let mut refund = refund.clone();
    if matches!(refund.state, RefundState::Failed { .. }) {
        // Since it was called a failure its amount, or its pieces, may have gone back another way.
        let others = store::refunds::refunds_of(tx, refund.order).await?;
        refund.lines = Before::of(&others).beside(order.order(), &refund.lines);
        if !take_up(tx, order, &refund, now).await? {
            // One that is under way may yet fail, and leave its room.
            if others.iter().any(Refund::is_under_way) {
                look_again(tx, &refund, now).await?;
            }
            return Ok(Err(Mismatch::TooMuchBack));
        }
        store::refunds::save_elsewhere(tx, refund.id, &refund.lines).await?;
    }
    let refund = &refund;
    let state = (&RefundState::Succeeded { at: now }, "");
    store::refunds::save(tx, refund.id, state, Some(&word.weibo_id)).await?;
    let elsewhere = refund.lines.iter().map(|line| line.elsewhere).sum();
    order.is_back(tx, (refund.amount, elsewhere), (refund.id.0, &pieces(order, refund)), now).await?;
    store::ledger::enter_refund(tx, Kind::Refunded, refund, (proof, at), now).await?;
    look_again(tx, refund, now).await?;
    telling::arises(tx, (refund.order, refund.payment), (About::Refunded, refund.id.0), now).await?;
    tracing::info!(order = %order.order().number, refund = refund.out_refund_id, "refunded");
    Ok(Ok((refund.order, Settled::Refunded)))
}

/// Takes the amount of a refund that failed off what is left, once more. False when it is not there any more; then
/// nothing was changed.
async fn take_up(
    tx: &mut Tx,
    order: &mut Locked,
    refund: &Refund,
    now: OffsetDateTime,
) -> anyhow::Result<bool> {
    let kept = refund.cause != Cause::Surplus;
    if kept && order.order().refundable() < refund.amount {
        return Ok(false);
    }
    if !store::refunds::reserve(tx, refund.payment, refund.amount).await? {
        return Ok(false);
    }
    let again = (refund.amount, refund.pieces(), refund.cause);
    refunding::leaves(tx, order, again, &Actor::Weibo, now).await.map_err(|error| match error {
        ChangeError::Unexpected(error) => error,
        refused => refused.into(),
    })?;
    Ok(true)
}

/// The money is with the shop and can be sent back another way. `told`: by which message, and Weibo's number of it.
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
        // Its goods are the buyer's again. Where they have been sold meanwhile somebody has to see to it.
        if !order.takes_again(tx, refund.id.0, now).await? {
            tracing::error!(order = %order.order().number, "a refund came back and its goods are gone");
        }
    }
    let state = RefundState::Failed { at: now, why: why.to_owned() };
    store::refunds::save(tx, refund.id, (&state, ""), told.map(|(_, weibo_id)| weibo_id)).await?;
    store::refunds::release(tx, refund.payment, refund.amount).await?;
    let kept = (refund.cause != Cause::Surplus).then(|| refund.pieces());
    order.keeps_after_all(tx, (refund.amount, kept), why, now).await?;
    if told.is_some() {
        look_again(tx, refund, now).await?;
    }
    tracing::warn!(order = %order.order().number, refund = refund.out_refund_id, why, "refund failed");
    Ok(())
}

/// What failed may go through after all, and what went may come back, and nobody would tell: Weibo is asked once more.
async fn look_again(tx: &mut Tx, refund: &Refund, now: OffsetDateTime) -> anyhow::Result<()> {
    let later = now + LOOK_AGAIN;
    store::refunds::look_again(tx, refund.id, Some(later)).await?;
    jobs::enqueue(tx, &Job::Refund { refund: refund.id.0 }, later).await
}

/// The pieces that go on the shelf with this refund.
fn pieces(order: &Locked, refund: &Refund) -> Vec<(VariantId, u32)> {
    let back = refund.lines.iter().filter(|line| line.restock);
    let variant =
        |position| placed(order.order()).find(|(at, _)| *at == position).map(|(_, line)| line.variant);
    back.filter_map(|line| Some((variant(line.position)?, line.counted()))).collect()
}
