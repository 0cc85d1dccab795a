//! Sending a refund under its one number, and asking what became of it until Weibo says so.

use super::asking::OTHER_KEYS;
use super::looking_up::Said;
use super::refund::{Refund, RefundId, RefundState};
use super::store::notices::Source;
use super::{returned, settling, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::Outcome;
use crate::orders;
use crate::weibo::pay::{self, RefundRequest};
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};
use url::Url;

/// So long Weibo is asked once more about a refund that has ended, when it gives no answer that can be trusted.
const LOOKED_FOR: Duration = Duration::days(3);
/// So long two clear words, that Weibo has no such refund and will not take it, are doubted when one was sent before
/// without an answer: by then it would be on Weibo's books.
const REFUSED_FOR: Duration = Duration::days(3);

/// Takes the next step of a refund: sends it, or asks what became of it. No transaction is open while Weibo is asked.
pub async fn pursue(
    db: &Db,
    weibo: &weibo::Client,
    notify: &Url,
    id: RefundId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let Some(refund) = store::refunds::find_refund(&mut *db.reader().await?, id).await? else {
        return Ok(Outcome::Done);
    };
    match refund.state {
        RefundState::Begun => send(db, weibo, notify, &refund, clock).await?,
        RefundState::Unknown | RefundState::Accepted => {
            let said = ask_now(db, weibo, &refund, clock).await?;
            if weibo_lacks(&said, &refund, clock.now()) {
                // Under the same number it is the same refund, should Weibo have it after all.
                send(db, weibo, notify, &refund, clock).await?;
            }
        }
        RefundState::Succeeded { .. } | RefundState::Failed { .. } => {
            if refund.look_again_at.is_some_and(|at| at <= clock.now()) {
                ask_now(db, weibo, &refund, clock).await?;
            }
        }
    }
    let refund = store::refunds::find_refund(&mut *db.reader().await?, id).await?;
    Ok(refund.map_or(Outcome::Done, |refund| next(&refund, clock.now())))
}

fn next(refund: &Refund, now: OffsetDateTime) -> Outcome {
    let at = match (refund.is_under_way(), refund.look_again_at) {
        (true, _) => refund.ask_next(now),
        (false, Some(at)) if at > now => at,
        (false, Some(at)) if now < at + LOOKED_FOR => now + Duration::hours(6),
        (false, _) => return Outcome::Done,
    };
    Outcome::Retry { at, why: refund.state.name().into() }
}

/// Whether Weibo says, well-formed, that it does not have a refund, and had time enough to have it. What it has
/// accepted is there, whatever it says now.
fn weibo_lacks(said: &Said<pay::Refund>, refund: &Refund, now: OffsetDateTime) -> bool {
    let never_accepted = refund.state == RefundState::Unknown && refund.weibo_id.is_none();
    matches!(said, Said::No) && never_accepted && refund.had_time(now)
}

/// One question; what it brings is settled and committed before this returns.
pub(super) async fn ask_now(
    db: &Db,
    weibo: &weibo::Client,
    refund: &Refund,
    clock: &Clock,
) -> anyhow::Result<Said<pay::Refund>> {
    let said = weibo.query_refund(&refund.out_refund_id).await;
    let now = clock.now();
    let told = match said {
        Ok(Some(told)) => told,
        Ok(None) | Err(CallError::Refused { .. }) => {
            // Under other keys it means nothing, for a day to put the old ones back.
            let ours = weibo.was_us(refund.since()) || now >= refund.since() + OTHER_KEYS;
            return Ok(if ours { Said::No } else { Said::Nothing });
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(refund = refund.out_refund_id, error = format!("{error:#}"), "no answer");
            return Ok(Said::Nothing);
        }
    };
    let mut tx = db.begin().await?;
    orders::lock(&mut tx, refund.order).await?;
    let proof = settling::keep_answer(&mut tx, &told.answer, now).await?;
    let settled = returned::settle(&mut tx, &told.clone().into(), (&proof, Source::Answer), now).await?;
    store::notices::conclude_notice(&mut tx, &proof, &settled).await?;
    tx.commit().await?;
    Ok(Said::Told { told, settled: settled.map(|(_, settled)| settled) })
}

/// Sends a refund. That it was sent is written down first: whoever dies now asks next time, and sends nothing.
async fn send(
    db: &Db,
    weibo: &weibo::Client,
    notify: &Url,
    refund: &Refund,
    clock: &Clock,
) -> anyhow::Result<()> {
    let mut tx = db.begin().await?;
    orders::lock(&mut tx, refund.order).await?;
    let Some(now_is) = store::refunds::find_refund(&mut tx, refund.id).await? else { return Ok(()) };
    // Somebody else was faster.
    if (&now_is.state, now_is.sent_times) != (&refund.state, refund.sent_times) {
        return Ok(());
    }
    store::refunds::save(&mut tx, refund.id, (&RefundState::Unknown, &refund.trouble), None).await?;
    store::refunds::record_sending(&mut tx, refund.id, clock.now()).await?;
    tx.commit().await?;
    let request = RefundRequest {
        out_refund_id: &refund.out_refund_id,
        pay_id: &refund.pay_id,
        amount: refund.amount,
        reason: &refund.reason,
        notify_url: notify,
    };
    let said = weibo.apply_refund(&request).await;
    let now = clock.now();
    let mut tx = db.begin().await?;
    let Some(mut order) = orders::lock(&mut tx, refund.order).await? else { return Ok(()) };
    let Some(now_is) = store::refunds::find_refund(&mut tx, refund.id).await? else { return Ok(()) };
    // A notice may have been faster, or this is not the last time that it was sent.
    if now_is.state != RefundState::Unknown || now_is.sent_times != refund.sent_times + 1 {
        return Ok(());
    }
    match said {
        Ok(accepted) => {
            let weibo_id = accepted.refund_id.as_deref();
            store::refunds::save(&mut tx, refund.id, (&RefundState::Accepted, ""), weibo_id).await?;
        }
        Err(CallError::Refused { code, message }) => {
            let why = format!("{code} {message}");
            // Else it says nothing of the one that was sent before.
            if refund.state == RefundState::Begun || now >= refund.begun_at + REFUSED_FOR {
                returned::fail(&mut tx, &mut order, &now_is, &why, None, now).await?;
            } else {
                store::refunds::save(&mut tx, refund.id, (&RefundState::Unknown, &why), None).await?;
            }
        }
        Err(CallError::Unknown(error)) => {
            let error = format!("{error:#}");
            tracing::warn!(refund = refund.out_refund_id, error, "a refund without an answer");
        }
    }
    tx.commit().await?;
    Ok(())
}
