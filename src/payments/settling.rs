//! From a message of Weibo's to the ledger, once.

use super::store::{self, ledger::Kind, notices::Source};
use super::telling::{self, About};
use super::{Attempt, Cause, Extra, refunding, returned};
use crate::actor::Actor;
use crate::db::{Db, Tx};
use crate::orders::{self, Kept, Locked, OrderId};
use crate::settings::{self, Returns};
use crate::weibo;
use crate::weibo::pay::{Genuine, Payment, Rejected, Status};
use data_encoding::HEXLOWER;
use ring::digest::{SHA256, digest};
use time::OffsetDateTime;

/// What a genuine message did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The order is paid by it.
    Kept(Kept),
    /// The order was paid already, on another way: the money goes back.
    Surplus,
    /// The refund is done.
    Refunded,
    /// The refund came to nothing: the money is with the shop.
    RefundFailed,
    /// This was settled before.
    Repeated,
    /// It tells of no money that moved: the payment is pending, or closed.
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
    #[error("no such refund")]
    NoSuchRefund,
    #[error("a refund of another payment")]
    OtherPayment,
    #[error("more would be back than was paid")]
    TooMuchBack,
    #[error("fields are missing or not of their type")]
    Malformed,
}

impl Mismatch {
    pub const ALL: [Mismatch; 8] = [
        Mismatch::NotOurs,
        Mismatch::NoSuchAttempt,
        Mismatch::OtherAmount,
        Mismatch::OtherOrder,
        Mismatch::NoSuchRefund,
        Mismatch::OtherPayment,
        Mismatch::TooMuchBack,
        Mismatch::Malformed,
    ];

    /// The word behind `word-mismatch-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Mismatch::NotOurs => "not-ours",
            Mismatch::NoSuchAttempt => "no-attempt",
            Mismatch::OtherAmount => "amount",
            Mismatch::OtherOrder => "order",
            Mismatch::NoSuchRefund => "no-refund",
            Mismatch::OtherPayment => "payment",
            Mismatch::TooMuchBack => "too-much",
            Mismatch::Malformed => "malformed",
        }
    }
}

/// How a notice is to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// It is stored and settled: Weibo may stop sending.
    Success(Settled),
    /// It is stored and not believed: Weibo shall go on, somebody looks.
    Refused(Mismatch),
}

/// To which of the shop's addresses a notice was sent: each takes its own kind only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    Payment,
    Refund,
}

pub(super) type Outcome = Result<(OrderId, Settled), Mismatch>;

/// Verifies a notice, stores it word for word, settles it, and only when all of that is committed tells
/// to answer `success`. What is not signed by Weibo leaves no trace in the database.
pub async fn take_notice(
    db: &Db,
    weibo: &weibo::Client,
    (hook, body): (Hook, &[u8]),
    now: OffsetDateTime,
) -> anyhow::Result<Result<Answered, Rejected>> {
    let genuine = match weibo.verify_notice(body) {
        Ok(genuine) => genuine,
        Err(rejected) => return Ok(Err(rejected)),
    };
    let digest = genuine.digest();
    if store::notices::was_settled(&mut *db.reader().await?, &digest).await? {
        return Ok(Ok(Answered::Success(Settled::Repeated)));
    }
    let mut tx = db.begin().await?;
    store::notices::insert_notice(&mut tx, (&digest, Source::Notice), genuine.raw(), now).await?;
    let settled = interpret(&mut tx, weibo, (hook, &genuine), &digest, now).await?;
    store::notices::conclude_notice(&mut tx, &digest, &settled).await?;
    tx.commit().await?;
    Ok(Ok(match settled {
        Ok((_, settled)) => Answered::Success(settled),
        Err(mismatch) => Answered::Refused(mismatch),
    }))
}

async fn interpret(
    tx: &mut Tx,
    weibo: &weibo::Client,
    (hook, genuine): (Hook, &Genuine),
    digest: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
    match hook {
        Hook::Payment => {
            let Ok(payment) = genuine.payment() else { return Ok(Err(Mismatch::Malformed)) };
            if !weibo.is_ours(&payment) {
                return Ok(Err(Mismatch::NotOurs));
            }
            settle(tx, &payment, (digest, Source::Notice), now).await
        }
        Hook::Refund => {
            let Ok(notice) = genuine.refund() else { return Ok(Err(Mismatch::Malformed)) };
            returned::settle(tx, &notice.into(), (digest, Source::Notice), now).await
        }
    }
}

/// Stores what an answer of Weibo's said and returns what proves with it: the same answer is stored once.
pub(super) async fn keep_answer(tx: &mut Tx, body: &str, now: OffsetDateTime) -> sqlx::Result<String> {
    let digest = HEXLOWER.encode(digest(&SHA256, body.as_bytes()).as_ref());
    let digest = format!("answer {digest}");
    store::notices::insert_notice(tx, (&digest, Source::Answer), body, now).await?;
    Ok(digest)
}

/// The one way by which money reaches an order, whoever told us of it; `proof` is the digest of the stored message.
/// Holds the order's row.
pub(super) async fn settle(
    tx: &mut Tx,
    payment: &Payment,
    (proof, source): (&str, Source),
    now: OffsetDateTime,
) -> anyhow::Result<Outcome> {
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
    if let Some((owner, kept)) = store::owner_of_payment(tx, &payment.pay_id).await? {
        let same = owner == order;
        // Asked first, Weibo has not said what the bill carried: the notice does.
        if same && kept {
            brought(tx, &locked, payment).await?;
        }
        return Ok(if same { Ok((order, Settled::Repeated)) } else { Err(Mismatch::OtherOrder) });
    }
    let settled = enter(tx, &mut locked, (&attempt, payment), (proof, source), now).await?;
    tracing::info!(order = %locked.order().number, pay_id = payment.pay_id, ?settled, "payment settled");
    Ok(Ok((order, settled)))
}

/// Keeps by which link whoever paid had come, where the bill says so and nothing is known yet. What it says of another
/// order, or of a time after this one was placed, says nothing.
async fn brought(tx: &mut Tx, order: &Locked, payment: &Payment) -> anyhow::Result<()> {
    let Extra { token, came } = Extra::read(&payment.extra);
    match came.filter(|_| order.order().is_paid() && token == order.order().pay_token) {
        Some(came) => order.came_to_pay(tx, came).await,
        None => Ok(()),
    }
}

/// A payment that is new to us: it is kept, or it goes back.
async fn enter(
    tx: &mut Tx,
    order: &mut Locked,
    (attempt, payment): (&Attempt, &Payment),
    (proof, source): (&str, Source),
    now: OffsetDateTime,
) -> anyhow::Result<Settled> {
    let amount = payment.amount;
    let first = !order.order().is_paid() && store::kept_payment(tx, attempt.order).await?.is_none();
    let id = store::ledger::insert_payment(tx, attempt, payment, first, now).await?;
    // What pays an open order stays: most payments need no terms.
    let needs_none = first && !order.order().is_closed();
    let terms = if needs_none { Returns::default() } else { settings::returns(tx).await? };
    if !first {
        order.overpay(tx, amount, now).await?;
        store::ledger::enter_payment(tx, Kind::Surplus, id, proof, now).await?;
        refunding::send_back(tx, order, (id, Cause::Surplus), (&payment.pay_id, amount), terms, now).await?;
        return Ok(Settled::Surplus);
    }
    let by = if source == Source::Notice { Actor::Weibo } else { Actor::Shop };
    let kept = order.pay(tx, (amount, terms.reopen_within), &by, now).await?;
    let kind = if kept == Kept::TooLate { Kind::Late } else { Kind::Paid };
    store::ledger::enter_payment(tx, kind, id, proof, now).await?;
    let about = if kept == Kept::TooLate { About::Late } else { About::Paid };
    telling::arises(tx, (attempt.order, id), (about, 0), now).await?;
    brought(tx, order, payment).await?;
    if kept == Kept::TooLate {
        refunding::send_back(tx, order, (id, Cause::Late), (&payment.pay_id, amount), terms, now).await?;
    }
    Ok(Settled::Kept(kept))
}
