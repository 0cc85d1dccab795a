//! News that goes as a message to a fan instead of one of the payment's few. Which of the two it is the caller decides;
//! that it is handed over is written down in the transaction in which it is said to her, so it is never both.

use super::budget::{self, Step};
use super::{MessageId, MessageState, wants, write};
use crate::customers;
use crate::db::Tx;
use crate::jobs::{self, Job};
use crate::orders;
use crate::payments::{Callbacks, store};
use crate::settings;
use anyhow::Context;
use time::OffsetDateTime;

/// A message that waits, and that its buyer may be told on another way. Its order's row is held.
pub struct Offer {
    id: MessageId,
    /// Who has ordered, by Weibo's uid.
    pub uid: i64,
    pub text: String,
}

/// What could be said elsewhere now; nothing when it does not wait, is not wanted any more, was handed over before, or
/// nobody had signed in to order.
pub async fn offer(
    tx: &mut Tx,
    callbacks: &Callbacks,
    id: MessageId,
    now: OffsetDateTime,
) -> anyhow::Result<Option<Offer>> {
    let Some(order) = store::messages::order_of(tx, id).await? else { return Ok(None) };
    let locked = orders::lock(tx, order).await?.context("a message without an order")?;
    let Some(customer) = locked.order().customer else { return Ok(None) };
    let budget = store::messages::budget(tx, id).await?;
    let Some(message) = budget.messages.iter().find(|message| message.id == id) else { return Ok(None) };
    let waits = matches!(message.state, MessageState::Waiting { .. });
    if !waits || store::messages::was_handed(tx, id).await? {
        return Ok(None);
    }
    if !wants(&settings::messages(tx).await?.0, message.about) {
        return Ok(None);
    }
    // What is old news is so on every way; that the payment's own messages are used up does not matter here.
    let step = budget::step(id, &budget.messages, budget.paid_at, now);
    if matches!(step, Some(Step::Drop(super::Why::OldNews | super::Why::TooLate)) | None) {
        return Ok(None);
    }
    let Some(text) = write(tx, callbacks, &locked, (message, &budget)).await? else { return Ok(None) };
    let buyer = customers::find(tx, customer).await?;
    Ok(buyer.map(|buyer| Offer { id, uid: buyer.weibo_uid, text }))
}

/// It goes as this message to a fan.
pub async fn hand_over(
    tx: &mut Tx,
    offer: &Offer,
    fan_message: i64,
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    Ok(store::messages::hand_over(tx, offer.id, (fan_message, &offer.text), now).await?)
}

/// This message to a fan surely did not go out: what it told has its turn among the payment's own. False when it told
/// no such news.
pub async fn hand_back(tx: &mut Tx, fan_message: i64, now: OffsetDateTime) -> anyhow::Result<bool> {
    let Some(id) = store::messages::hand_back(tx, fan_message, now).await? else { return Ok(false) };
    jobs::enqueue(tx, &Job::TellBuyer { message: id.0 }, now).await?;
    Ok(true)
}

/// This message to a fan was sent: its order's history says so, once. False when there is no such news.
pub async fn was_said(tx: &mut Tx, fan_message: i64, at: OffsetDateTime) -> anyhow::Result<bool> {
    let Some(order) = store::messages::order_of_handed(tx, fan_message).await? else { return Ok(false) };
    let locked = orders::lock(tx, order).await?.context("a message without an order")?;
    let Some(about) = store::messages::was_said(tx, fan_message, at).await? else { return Ok(false) };
    locked.told(tx, &about, at).await?;
    Ok(true)
}
