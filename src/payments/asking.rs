//! Asking Weibo what became of a payment, and closing orders that surely were not paid.

use super::attempt::{Answer, Attempt, AttemptId, AttemptState};
use super::looking_up::Said;
use super::settling::{Mismatch, Settled};
use super::store::notices::Source;
use super::{settling, store};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::orders::{self, ChangeError, Locked, OrderId};
use crate::weibo::pay::{Payment, Status};
use crate::weibo::{self, CallError};
use time::{Duration, OffsetDateTime};

/// One attempt is asked about no more often than this, however often a page is loaded.
const AT_MOST_EVERY: Duration = Duration::seconds(5);

/// So long a refusal means nothing for a payment that was begun before the merchant entered other keys: a day to
/// put the old ones back.
pub(super) const OTHER_KEYS: Duration = Duration::days(1);

/// Asks Weibo about one attempt and settles what it says.
pub async fn ask(db: &Db, weibo: &weibo::Client, id: AttemptId, clock: &Clock) -> anyhow::Result<Outcome> {
    let Some(attempt) = store::find_attempt_by_id(&mut *db.reader().await?, id).await? else {
        return Ok(Outcome::Done);
    };
    if attempt.state != AttemptState::Open {
        return Ok(Outcome::Done);
    }
    // Somebody asked while this waited, or was asked for while it was being asked.
    if let Some(soonest) = attempt.asked_at.map(|at| at + AT_MOST_EVERY).filter(|at| *at > clock.now()) {
        return Ok(Outcome::Retry { at: soonest, why: "asked a moment ago".into() });
    }
    let (answer, _) = ask_now(db, weibo, &attempt, clock).await?;
    let now = clock.now();
    Ok(match (answer, attempt.ask_next(now)) {
        (Answer::Unknown, None) => Outcome::GiveUp { why: "seven days without an answer".into() },
        // It has ended, or nobody has paid in seven days and Weibo says so.
        (Answer::Success | Answer::Closed, _) | (Answer::Pending | Answer::Refused, None) => Outcome::Done,
        (_, Some(at)) => Outcome::Retry { at, why: format!("{answer:?}") },
    })
}

/// Asks soon, because a buyer is waiting; at most once in five seconds for an attempt.
pub async fn hasten(tx: &mut Tx, order: OrderId, now: OffsetDateTime) -> anyhow::Result<()> {
    for attempt in store::open_attempts(tx, order).await? {
        let at = attempt.asked_at.map_or(now, |asked| now.max(asked + AT_MOST_EVERY));
        jobs::enqueue(tx, &Job::AskWeibo { attempt: attempt.id.0 }, at).await?;
    }
    Ok(())
}

/// Asks Weibo about everything of this order whose end is not known; what it says is settled when this returns.
/// Without a connection nobody is asked, and what was unknown stays so.
pub async fn ask_about(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: OrderId,
    clock: &Clock,
) -> anyhow::Result<()> {
    let Some(weibo) = weibo else { return Ok(()) };
    for attempt in store::open_attempts(&mut *db.reader().await?, id).await? {
        ask_now(db, weibo, &attempt, clock).await?;
    }
    Ok(())
}

/// Why the staff cannot call an order off.
#[derive(Debug, thiserror::Error)]
pub enum CancelError {
    /// Weibo has not said clearly that it took no money; asked again later, it may.
    #[error("it may have been paid")]
    InDoubt,
    #[error(transparent)]
    NotChanged(#[from] ChangeError),
}

impl From<anyhow::Error> for CancelError {
    fn from(error: anyhow::Error) -> CancelError {
        CancelError::NotChanged(error.into())
    }
}

/// Calls off an unpaid order, right after [`ask_about`]. Its attempts stay open: money that still comes opens
/// the order again, or is late.
pub async fn cancel(
    tx: &mut Tx,
    id: OrderId,
    reason: &str,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(), CancelError> {
    let mut order = orders::lock(tx, id).await?.ok_or(ChangeError::NoSuchOrder)?;
    if !order.order().is_unpaid() {
        // It says itself why not.
        return Ok(order.cancel(tx, reason, by, now).await?);
    }
    if !store::open_attempts(tx, id).await?.iter().all(Attempt::is_known_unpaid) {
        return Err(CancelError::InDoubt);
    }
    order.cancel(tx, reason, by, now).await?;
    tracing::info!(order = %order.order().number, "unpaid order called off");
    Ok(())
}

/// Closes the order when its time is over and Weibo, asked once more, has taken no money for it. What is
/// unknown never closes an order: it waits, and is asked again.
pub async fn close_unpaid(
    db: &Db,
    weibo: Option<&weibo::Client>,
    id: OrderId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    ask_about(db, weibo, id, clock).await?;
    let now = clock.now();
    let mut tx = db.begin().await?;
    let Some(mut order) = orders::lock(&mut tx, id).await? else { return Ok(Outcome::Done) };
    let outcome = close(&mut tx, &mut order, now).await?;
    tx.commit().await?;
    Ok(outcome)
}

async fn close(tx: &mut Tx, order: &mut Locked, now: OffsetDateTime) -> anyhow::Result<Outcome> {
    let (id, pay_until) = (order.order().id, order.order().pay_until);
    if order.order().is_paid() || order.order().is_closed() {
        return Ok(Outcome::Done);
    }
    if now < pay_until {
        return Ok(Outcome::Retry { at: pay_until, why: "it may still be paid".into() });
    }
    let open = store::open_attempts(tx, id).await?;
    if let Some(doubtful) = open.iter().find(|attempt| !attempt.is_surely_unpaid(now)) {
        // Soon at first, then as rarely as the doubt is old, at most once an hour.
        let wait = ((now - pay_until) / 2i32).clamp(Duration::minutes(1), Duration::hours(1));
        return Ok(Outcome::Retry { at: now + wait, why: format!("Weibo: {:?}", doubtful.answer) });
    }
    // The attempts stay open until Weibo itself ends them: money that still comes must be found.
    order.expire(tx, now).await?;
    tracing::info!(order = %order.order().number, "unpaid order closed");
    Ok(Outcome::Done)
}

/// One question; what it brings is settled and committed before this returns. No transaction is open
/// while Weibo is asked.
pub(super) async fn ask_now(
    db: &Db,
    weibo: &weibo::Client,
    attempt: &Attempt,
    clock: &Clock,
) -> anyhow::Result<(Answer, Said<Payment>)> {
    // The answer is as old as the question: what happens while it is on its way, it does not know.
    let asked_at = clock.now();
    let said = weibo.query_payment(&attempt.out_pay_id).await;
    let now = clock.now();
    let mut tx = db.begin().await?;
    // The order first, as everywhere, so that no two wait for each other.
    orders::lock(&mut tx, attempt.order).await?;
    let (answer, said) = match said {
        Ok(payment) => {
            let (answer, settled) = believe(&mut tx, weibo, &payment, now).await?;
            (answer, Said::Told { told: payment, settled })
        }
        Err(CallError::Refused { code, .. })
            if !weibo.was_us(attempt.begun_at) && now < attempt.expires_at + OTHER_KEYS =>
        {
            tracing::warn!(
                out_pay_id = attempt.out_pay_id,
                code,
                "refused, but it was begun under other keys"
            );
            (Answer::Unknown, Said::Nothing)
        }
        Err(CallError::Refused { code, .. }) => {
            tracing::info!(out_pay_id = attempt.out_pay_id, code, "Weibo knows no such payment");
            (Answer::Refused, if weibo.was_us(attempt.begun_at) { Said::No } else { Said::Nothing })
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(out_pay_id = attempt.out_pay_id, error = format!("{error:#}"), "no answer");
            (Answer::Unknown, Said::Nothing)
        }
    };
    store::record_answer(&mut tx, attempt.id, answer, asked_at).await?;
    tx.commit().await?;
    Ok((answer, said))
}

/// Stores an answer and settles what it says.
async fn believe(
    tx: &mut Tx,
    weibo: &weibo::Client,
    payment: &Payment,
    now: OffsetDateTime,
) -> anyhow::Result<(Answer, Result<Settled, Mismatch>)> {
    if !weibo.is_ours(payment) {
        return Ok((Answer::Unknown, Err(Mismatch::NotOurs)));
    }
    let proof = settling::keep_answer(tx, &payment.answer, now).await?;
    let settled = settling::settle(tx, payment, (&proof, Source::Answer), now).await?;
    store::notices::conclude_notice(tx, &proof, &settled).await?;
    let settled = settled.map(|(_, settled)| settled);
    let answer = match (settled, payment.status) {
        (Err(mismatch), _) => {
            tracing::error!(out_pay_id = payment.out_pay_id, %mismatch, "Weibo answers for another payment");
            Answer::Unknown
        }
        (Ok(_), Status::Success) => Answer::Success,
        (Ok(_), Status::Closed) => Answer::Closed,
        (Ok(_), Status::Pending) => Answer::Pending,
    };
    Ok((answer, settled))
}

/// The buyer's browser came back from the cashier saying that it has paid. That settles nothing; it makes
/// the page wait and the question come sooner. A return for an attempt of another order changes nothing.
pub async fn returned(
    tx: &mut Tx,
    order: OrderId,
    out_pay_id: &str,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if store::order_of(tx, out_pay_id).await? == Some(order) {
        store::record_return(tx, out_pay_id, now).await?;
        hasten(tx, order, now).await?;
    }
    Ok(())
}
