//! Deciding that money goes back: once for each form, once for each payment, never more than came.

use super::refund::{Before, Cause, PaymentId, Portion, Priced, Refund, RefundState, WrongPortion};
use super::store::{self, refunds::NewRefund};
use crate::actor::Actor;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::money::Money;
use crate::orders::{self, ChangeError, Locked, OrderId};
use crate::settings;
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

/// Why no money is sent back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    #[error(transparent)]
    Wrong(#[from] WrongPortion),
    /// Something has gone back meanwhile.
    #[error("it comes to {now} now")]
    Changed { now: Money },
    #[error("the same form has asked for something else before")]
    OtherRequest,
    #[error("no such refund, or it did not fail")]
    NotFailed,
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
) -> Result<Refund, RefundError> {
    let mut order = orders::lock(tx, id).await?.ok_or(ChangeError::NoSuchOrder)?;
    let key = format!("form {}", ask.key);
    if let Some(before) = store::refunds::find_by_request(tx, &key).await? {
        let same = before.order == id && before.amount == ask.shown && before.reason == ask.reason;
        return if same { Ok(before) } else { Err(RefundError::OtherRequest) };
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
        cause: Cause::Staff,
        reason: &ask.reason,
        priced: &priced,
        by,
    };
    begin(tx, &mut order, &new, now).await
}

/// Sends back all that is left of a payment that the order does not keep, because somebody decided so.
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
    let key = format!("{} {pay_id}", cause.name());
    if let Some(before) = store::refunds::find_by_request(tx, &key).await? {
        return Ok(Some(before));
    }
    Ok(Some(whole(tx, &mut order, (payment, cause), (&key, left), by, now).await?))
}

/// Sends back by itself what the order does not keep, unless it is more than the merchant lets the shop decide.
pub(super) async fn send_back(
    tx: &mut Tx,
    order: &mut Locked,
    (payment, cause): (PaymentId, Cause),
    (pay_id, amount): (&str, Money),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if amount > settings::returns(tx).await?.by_itself {
        return Ok(());
    }
    let key = format!("{} {pay_id}", cause.name());
    match whole(tx, order, (payment, cause), (&key, amount), &Actor::Shop, now).await {
        Ok(_) => Ok(()),
        Err(error) => Err(anyhow::anyhow!(error).context("sending money back")),
    }
}

async fn whole(
    tx: &mut Tx,
    order: &mut Locked,
    (payment, cause): (PaymentId, Cause),
    (key, amount): (&str, Money),
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    let number = order.order().number.clone();
    let priced = Priced { amount, lines: Vec::new() };
    let new = NewRefund {
        order: (order.order().id, &number),
        payment,
        request_key: key,
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
    if new.cause == Cause::Surplus {
        order.goes_back(tx, (amount, new.cause.name()), new.by, now).await?;
    } else {
        order.give_back(tx, (amount, new.cause.name()), new.by, now).await?;
    }
    jobs::enqueue(tx, &Job::Refund { refund: id.0 }, now).await?;
    tracing::info!(order = %order.order().number, fen = amount.fen(), cause = new.cause.name(), "refund begun");
    let refund = store::refunds::find_refund(tx, id).await?;
    Ok(refund.ok_or_else(|| anyhow::anyhow!("refund {id:?} vanished"))?)
}

/// Tries a refund that failed once more, under the number that it has.
pub async fn retry(
    tx: &mut Tx,
    order: OrderId,
    out_refund_id: &str,
    by: &Actor,
    now: OffsetDateTime,
) -> Result<Refund, RefundError> {
    let mut order = orders::lock(tx, order).await?.ok_or(ChangeError::NoSuchOrder)?;
    let found = store::refunds::find_by_number(tx, out_refund_id).await?;
    let refund = found.filter(|refund| refund.order == order.order().id).ok_or(RefundError::NotFailed)?;
    if !matches!(refund.state, RefundState::Failed { .. }) {
        return Err(RefundError::NotFailed);
    }
    if !store::refunds::reserve(tx, refund.payment, refund.amount).await? {
        return Err(WrongPortion::TooMuch { left: order.order().refundable() }.into());
    }
    let told = (refund.amount, refund.cause.name());
    if refund.cause == Cause::Surplus {
        order.goes_back(tx, told, by, now).await?;
    } else {
        order.give_back(tx, told, by, now).await?;
    }
    store::refunds::save(tx, refund.id, &RefundState::Begun, None).await?;
    jobs::enqueue(tx, &Job::Refund { refund: refund.id.0 }, now).await?;
    Ok(Refund { state: RefundState::Begun, ..refund })
}
