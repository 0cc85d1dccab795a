//! Sending a refund under its one number, and asking what became of it until Weibo says so.

use super::looking_up::Said;
use super::refund::{Refund, RefundId, RefundState};
use super::{returned, settling, store};
use crate::clock::Clock;
use crate::db::Db;
use crate::jobs::Outcome;
use crate::orders;
use crate::weibo::pay::{self, RefundRequest};
use crate::weibo::{self, CallError};
use time::OffsetDateTime;
use url::Url;

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
    let known = match refund.state {
        RefundState::Begun => None,
        RefundState::Unknown | RefundState::Accepted => {
            let said = ask_now(db, weibo, &refund, clock).await?;
            Some(Known::of(&said, &refund, clock.now()))
        }
        RefundState::Succeeded { .. } | RefundState::Failed { .. } => return Ok(Outcome::Done),
    };
    match known {
        Some(Known::Told) => {}
        Some(Known::Nothing) => return Ok(later(&refund, clock.now())),
        // Weibo does not have it, and had time to: under the same number it can be sent again.
        None | Some(Known::No) => send(db, weibo, notify, &refund, clock).await?,
    }
    let refund = store::refunds::find_refund(&mut *db.reader().await?, id).await?;
    let under_way = refund.filter(Refund::is_under_way);
    Ok(under_way.map_or(Outcome::Done, |refund| later(&refund, clock.now())))
}

fn later(refund: &Refund, now: OffsetDateTime) -> Outcome {
    match refund.ask_next(now) {
        Some(at) => Outcome::Retry { at, why: refund.state.name().into() },
        None => Outcome::GiveUp { why: "14 days without an answer".into() },
    }
}

/// What Weibo knows of a refund that was sent.
enum Known {
    Told,
    /// It says clearly that it has no such refund, and had time enough to have it.
    No,
    /// Nothing that can be trusted.
    Nothing,
}

impl Known {
    fn of(said: &Said<pay::Refund>, refund: &Refund, now: OffsetDateTime) -> Known {
        match said {
            Said::Told { settled: Ok(_), .. } => Known::Told,
            // Sent a moment ago it may not be on the books yet; what Weibo has accepted is there, whatever it says now.
            Said::No if refund.had_time(now) && refund.state == RefundState::Unknown => Known::No,
            Said::Told { .. } | Said::No | Said::Nothing => Known::Nothing,
        }
    }
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
            return Ok(if weibo.was_us(refund.begun_at) { Said::No } else { Said::Nothing });
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(refund = refund.out_refund_id, error = format!("{error:#}"), "no answer");
            return Ok(Said::Nothing);
        }
    };
    let mut tx = db.begin().await?;
    orders::lock(&mut tx, refund.order).await?;
    let proof = settling::keep_answer(&mut tx, &format!("{told:?}"), now).await?;
    let settled = returned::settle(&mut tx, &told.clone().into(), &proof, now).await?;
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
    if now_is.state != refund.state {
        return Ok(());
    }
    store::refunds::save(&mut tx, refund.id, &RefundState::Unknown, None).await?;
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
    // A notice may have been faster.
    let Some(now_is) = store::refunds::find_refund(&mut tx, refund.id).await? else { return Ok(()) };
    if now_is.state != RefundState::Unknown {
        return Ok(());
    }
    match said {
        Ok(accepted) => {
            let weibo_id = accepted.refund_id.as_deref();
            store::refunds::save(&mut tx, refund.id, &RefundState::Accepted, weibo_id).await?;
        }
        Err(CallError::Refused { code, message }) => {
            returned::fail(&mut tx, &mut order, &now_is, &format!("{code} {message}"), None, now).await?;
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(
                refund = refund.out_refund_id,
                error = format!("{error:#}"),
                "a refund without an answer"
            );
        }
    }
    tx.commit().await?;
    Ok(())
}
