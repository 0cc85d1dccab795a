//! From a message of Weibo's to the ledger, once.

use super::store;
use crate::actor::Actor;
use crate::db::{Db, Tx};
use crate::orders::{self, Kept, OrderId};
use crate::weibo;
use crate::weibo::pay::{Genuine, Payment, Rejected, Status};
use time::OffsetDateTime;

/// What a genuine message did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The order is paid by it.
    Kept(Kept),
    /// The order was paid already, on another way: the money has to go back.
    Surplus,
    /// This payment was settled before.
    Repeated,
    /// It tells of no money: the payment is pending, or closed.
    Noted,
}

/// A genuine message that is not about what we asked for. It is stored, not believed, and somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("another seller or application")]
    NotOurs,
    #[error("no such attempt")]
    NoSuchAttempt,
    #[error("another amount")]
    OtherAmount,
    #[error("this payment belongs to another order")]
    OtherOrder,
    #[error("fields are missing or not of their type")]
    Malformed,
}

/// How a notice is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is stored and settled: Weibo may stop sending.
    Success(Settled),
    /// It is stored and not believed: Weibo shall go on, somebody looks.
    Refused(Mismatch),
}

/// Verifies a notice, stores it word for word, settles it, and only when all of that is committed tells
/// to answer `success`. What is not signed by Weibo leaves no trace in the database.
pub async fn take_notice(
    db: &Db,
    weibo: &weibo::Client,
    body: &[u8],
    now: OffsetDateTime,
) -> anyhow::Result<Result<Answered, Rejected>> {
    let genuine = match weibo.verify_notice(body) {
        Ok(genuine) => genuine,
        Err(rejected) => return Ok(Err(rejected)),
    };
    let digest = genuine.digest();
    if store::was_settled(&mut *db.reader().await?, &digest).await? {
        return Ok(Ok(Answered::Success(Settled::Repeated)));
    }
    let mut tx = db.begin().await?;
    store::insert_notice(&mut tx, &digest, genuine.raw(), now).await?;
    let settled = interpret(&mut tx, weibo, &genuine, &digest, now).await?;
    store::conclude_notice(&mut tx, &digest, &settled).await?;
    tx.commit().await?;
    Ok(Ok(match settled {
        Ok((_, settled)) => Answered::Success(settled),
        Err(mismatch) => Answered::Refused(mismatch),
    }))
}

async fn interpret(
    tx: &mut Tx,
    weibo: &weibo::Client,
    genuine: &Genuine,
    digest: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(OrderId, Settled), Mismatch>> {
    let Ok(payment) = genuine.payment() else { return Ok(Err(Mismatch::Malformed)) };
    if !weibo.is_ours(&payment) {
        return Ok(Err(Mismatch::NotOurs));
    }
    settle(tx, &payment, Some(digest), now).await
}

/// The one way by which money reaches an order, whoever told us of it. Holds the order's row.
pub(super) async fn settle(
    tx: &mut Tx,
    payment: &Payment,
    notice: Option<&str>,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(OrderId, Settled), Mismatch>> {
    let Some(order) = store::order_of(tx, &payment.out_pay_id).await? else {
        return Ok(Err(Mismatch::NoSuchAttempt));
    };
    let Some(mut locked) = orders::lock(tx, order).await? else { return Ok(Err(Mismatch::NoSuchAttempt)) };
    let Some(attempt) = store::find_attempt(tx, &payment.out_pay_id).await? else {
        return Ok(Err(Mismatch::NoSuchAttempt));
    };
    if payment.amount != attempt.amount {
        return Ok(Err(Mismatch::OtherAmount));
    }
    match payment.status {
        Status::Pending => return Ok(Ok((order, Settled::Noted))),
        Status::Closed => {
            store::close_attempt(tx, attempt.id).await?;
            return Ok(Ok((order, Settled::Noted)));
        }
        Status::Success => {}
    }
    if let Some(owner) = store::owner_of_payment(tx, &payment.pay_id).await? {
        let same = owner == order;
        return Ok(if same { Ok((order, Settled::Repeated)) } else { Err(Mismatch::OtherOrder) });
    }
    let first = !locked.order().is_paid() && !store::has_kept_payment(tx, order).await?;
    store::insert_payment(tx, &attempt, payment, first, notice, now).await?;
    let by = if notice.is_some() { Actor::Weibo } else { Actor::Shop };
    let settled = if first {
        Settled::Kept(locked.pay(tx, payment.amount, &by, now).await?)
    } else {
        locked.overpay(tx, payment.amount, now).await?;
        Settled::Surplus
    };
    tracing::info!(order = %locked.order().number, pay_id = payment.pay_id, ?settled, "payment settled");
    Ok(Ok((order, settled)))
}
