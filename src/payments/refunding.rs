//! Deciding that money goes back: once for each form, once for each payment, never more than came.

use super::refund::{Before, Cause, PaymentId, Portion, Priced, Refund, RefundState, WrongPortion};
use super::store::{self, refunds::NewRefund};
use crate::actor::Actor;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::money::Money;
use crate::orders::{self, ChangeError, Locked, OrderId};
use crate::settings::Returns;
use time::OffsetDateTime;
use uuid::Uuid;

/// What somebody of the staff asks for.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Of the form: the same form sent again is the same refund.
    pub key: Uuid,
    pub portion: Portion,
    /// What she saw that it comes to; something else is not given back.
    pub shown: Money,
    /// The buyer reads it at Weibo.
    pub reason: String,
}

/// The refund that a form asks for.
#[derive(Debug, Clone)]
pub struct Decided {
    pub refund: Refund,
    /// False when the same form had asked for it before.
    pub is_new: bool,
}

/// Why no money is sent back. The transaction must not be committed.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error(transparent)]
    Wrong(#[from] WrongPortion),
    /// Something has gone back meanwhile.
    #[error("it comes to {now} now")]
    Changed { now: Money },
    #[error("the same form has asked for something else before")]
    OtherRequest,
    #[error("no such refund, or not one that Weibo never took")]
    NotRetriable,
    #[error(transparent)]
    NotChanged(#[from] ChangeError),
}

impl From<sqlx::Error> for RefundError {
    fn from(error: sqlx::Error) -> RefundError {
        RefundError::NotChanged(error.into())
    }
}

impl From<anyhow::Error> for RefundError {
    fn from(error: anyhow::Error) -> RefundError {
        RefundError::NotChanged(error.into())
    }
}

/// Decides a refund of what the order keeps and sees to it that it is sent. The order's row is held, so of many that
/// come at once each sees what the ones before have left; the same form again is the same refund.
pub async fn refund(
    tx: &mut Tx,
    id: OrderId,
    ask: &Ask,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Decided, RefundError> {
    let mut order = orders::lock(tx, id).await?.ok_or(ChangeError::NoSuchOrder)?;
    let key = format!("form {}", ask.key);
    let request = format!("{:?} {} {}", ask.portion, ask.shown, ask.reason);
    if let Some(refund) = store::refunds::find_by_request(tx, &key).await? {
        let same = refund.order == id && refund.request == request;
        return if same { Ok(Decided { refund, is_new: false }) } else { Err(RefundError::OtherRequest) };
    }
    let before = Before::of(&store::refunds::refunds_of(tx, id).await?);
    let priced = ask.portion.price(order.order(), &before)?;
    if priced.amount != ask.shown {
        return Err(RefundError::Changed { now: priced.amount });
    }
    let payment = store::kept_payment(tx, id).await?.ok_or(WrongPortion::Nothing)?;
    let number = order.order().number.clone();
    let new = NewRefund {
        order: (id, &number),
        payment,
        request_key: &key,
        request: &request,
        cause: Cause::Staff,
        reason: &ask.reason,
        priced: &priced,
        by,
    };
    Ok(Decided { refund: begin(tx, &mut order, &new, now).await?, is_new: true })
}

/// Sends back all that is left of a payment that the order does not keep, because somebody decided so. One that is on
/// its way already is not sent again; one that Weibo never took goes under the number that it has.
pub async fn refund_surplus(
    tx: &mut Tx,
    id: OrderId,
    pay_id: &str,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Option<Refund>, RefundError> {
    let mut order = orders::lock(tx, id).await?.ok_or(ChangeError::NoSuchOrder)?;
    let Some((payment, cause, left)) = store::waiting::owed_of(tx, id, pay_id).await? else {
        return Ok(None);
    };
    let before = store::refunds::refunds_of(tx, id).await?;
    let again =
        |refund: &Refund| refund.payment == payment && refund.amount == left && refund.can_be_sent_again();
    if let Some(refused) = before.into_iter().find(again) {
        return Ok(Some(send_again(tx, &mut order, refused, by, now).await?));
    }
    Ok(Some(whole(tx, &mut order, (payment, cause), (pay_id, left), by, now).await?))
}

/// Sends back by itself what the order does not keep, unless it is more than the merchant lets the shop decide.
pub(super) async fn send_back(
    tx: &mut Tx,
    order: &mut Locked,
    (payment, cause): (PaymentId, Cause),
    (pay_id, amount): (&str, Money),
    terms: Returns,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if amount > terms.by_itself {
        return Ok(());
    }
    match whole(tx, order, (payment, cause), (pay_id, amount), &Actor::Shop, now).await {
        Ok(_) => Ok(()),
        Err(error) => Err(anyhow::anyhow!(error).context("sending money back")),
    }
}

async fn whole(
    tx: &mut Tx,
    order: &mut Locked,
    (payment, cause): (PaymentId, Cause),
    (pay_id, amount): (&str, Money),
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    let number = order.order().number.clone();
    let priced = Priced { amount, ..Priced::default() };
    // Another one than those that failed.
    let tries = store::refunds::tries_of(tx, payment).await?;
    let key = format!("{} {pay_id} {}", cause.name(), tries + 1);
    let new = NewRefund {
        order: (order.order().id, &number),
        payment,
        request_key: &key,
        request: "",
        cause,
        reason: "",
        priced: &priced,
        by,
    };
    begin(tx, order, &new, now).await
}

async fn begin(
    tx: &mut Tx,
    order: &mut Locked,
    new: &NewRefund<'_>,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    let amount = new.priced.amount;
    let id = store::refunds::insert(tx, new, now).await?;
    let id = id.ok_or_else(|| WrongPortion::TooMuch { left: order.order().refundable() })?;
    let pieces = new.priced.lines.iter().map(|line| line.quantity).sum();
    leaves(tx, order, (amount, pieces, new.cause), new.by, now).await?;
    jobs::enqueue(tx, &Job::Refund { refund: id.0 }, now).await?;
    tracing::info!(order = %order.order().number, fen = amount.fen(), cause = new.cause.name(), "refund begun");
    let refund = store::refunds::find_refund(tx, id).await?;
    Ok(refund.ok_or_else(|| anyhow::anyhow!("refund {id:?} vanished"))?)
}

/// The order gives up what it keeps of the money; surplus was never its own.
pub(super) async fn leaves(
    tx: &mut Tx,
    order: &mut Locked,
    (amount, pieces, cause): (Money, u32, Cause),
    by: &Actor,
    now: OffsetDateTime,
) -> Result<(), ChangeError> {
    if cause == Cause::Surplus {
        return Ok(order.goes_back(tx, (amount, cause.name()), by, now).await?);
    }
    order.give_back(tx, (amount, pieces, cause.name()), by, now).await
}

/// Tries a refund once more that Weibo refused and never took, under the number that it has. What Weibo took and then
/// failed is closed there: for that a new one is asked for.
pub async fn retry(
    tx: &mut Tx,
    order: OrderId,
    out_refund_id: &str,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    let mut order = orders::lock(tx, order).await?.ok_or(ChangeError::NoSuchOrder)?;
    let found = store::refunds::find_by_number(tx, out_refund_id).await?;
    let refund = found.filter(|refund| refund.order == order.order().id && refund.can_be_sent_again());
    let refund = refund.ok_or(RefundError::NotRetriable)?;
    send_again(tx, &mut order, refund, by, now).await
}

async fn send_again(
    tx: &mut Tx,
    order: &mut Locked,
    refund: Refund,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    // Its pieces may have come back with another refund since.
    let before = Before::of(&store::refunds::refunds_of(tx, refund.order).await?);
    before.has_room_for(order.order(), &refund.lines)?;
    if !store::refunds::reserve(tx, refund.payment, refund.amount).await? {
        return Err(WrongPortion::TooMuch { left: order.order().refundable() }.into());
    }
    leaves(tx, order, (refund.amount, refund.pieces(), refund.cause), by, now).await?;
    store::refunds::save(tx, refund.id, (&RefundState::Begun, ""), None).await?;
    jobs::enqueue(tx, &Job::Refund { refund: refund.id.0 }, now).await?;
    Ok(Refund { state: RefundState::Begun, ..refund })
}
