//! Telling buyers by Weibo Pay's messages what became of their money and parcels. Each piece of news goes out at most
//! once: that it is being sent is committed before the call, and what may have been sent never is again. The order's
//! page stays the truth; a message only leads to it.

mod budget;
#[cfg(test)]
mod budget_tests;
mod handing;
mod message;
mod words;

pub use handing::{Offer, hand_back, hand_over, offer, was_said};
pub use message::{About, Message, MessageId, MessageState, Why};
pub use words::{Letter, News};

use super::refund::{PaymentId, RefundId, RefundState};
use super::{Callbacks, store};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::jobs::{self, Job, Outcome};
use crate::orders::{self, Locked, OrderId};
use crate::settings::{self, Messages};
use crate::weibo::{self, CallError};
use anyhow::{Context, anyhow};
use budget::Step;
use store::messages::Budget;
use time::OffsetDateTime;

/// There is something to tell about a payment: it is written down, once, and seen to.
pub(super) async fn arises(
    tx: &mut Tx,
    (order, payment): (OrderId, PaymentId),
    (about, subject): (About, i64),
    now: OffsetDateTime,
) -> anyhow::Result<()> {
    if let Some(id) = store::messages::insert(tx, (order, payment), (about, subject), now).await? {
        jobs::enqueue(tx, &Job::TellBuyer { message: id.0 }, now).await?;
    }
    Ok(())
}

/// A parcel was sent: the buyer shall learn of it.
pub async fn tell_of_parcel(db: &Db, parcel: i64, clock: &Clock) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    let Some((order, _)) = orders::parcel(&mut tx, parcel).await? else { return Ok(Outcome::Done) };
    if let Some(payment) = store::kept_payment(&mut tx, order).await? {
        arises(&mut tx, (order, payment), (About::Shipped, parcel), clock.now()).await?;
    }
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// The order counts as received because its time was over: the buyer shall learn of it. When she said so herself there
/// is nothing to tell her, and what the staff says stands on her page.
pub async fn tell_of_receipt(db: &Db, order: OrderId, clock: &Clock) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    if let Some(payment) = store::kept_payment(&mut tx, order).await? {
        arises(&mut tx, (order, payment), (About::Received, 0), clock.now()).await?;
    }
    tx.commit().await?;
    Ok(Outcome::Done)
}

/// Sends a message when its turn has come. No transaction is open while Weibo is called.
pub async fn tell(
    db: &Db,
    weibo: &weibo::Client,
    callbacks: &Callbacks,
    id: MessageId,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let ready = match prepare(db, callbacks, id, clock).await? {
        Prepared::Ready(ready) => ready,
        Prepared::Not(outcome) => return Ok(outcome),
    };
    let said = weibo.send_message(&ready.pay_id, &ready.text).await;
    conclude(db, (id, &ready), said, clock).await
}

/// A message whose call may be made, once: that it is being made is committed.
struct Ready {
    order: OrderId,
    about: About,
    pay_id: String,
    text: String,
}

enum Prepared {
    Ready(Ready),
    Not(Outcome),
}

async fn prepare(db: &Db, callbacks: &Callbacks, id: MessageId, clock: &Clock) -> anyhow::Result<Prepared> {
    let mut tx = db.begin().await?;
    let Some(order) = store::messages::order_of(&mut tx, id).await? else {
        return Ok(Prepared::Not(Outcome::Done));
    };
    let locked = orders::lock(&mut tx, order).await?.context("a message without an order")?;
    let budget = store::messages::budget(&mut tx, id).await?;
    let now = clock.now();
    let Some(message) = budget.messages.iter().find(|message| message.id == id) else {
        return Ok(Prepared::Not(Outcome::Done));
    };
    let prepared = match message.state {
        // Whoever began to send it did not live to write down what came of it.
        MessageState::Sending { .. } => {
            tracing::warn!(message = id.0, "nobody knows whether this message went out");
            store::messages::save(&mut tx, id, &MessageState::Unknown { at: now }).await?;
            Prepared::Not(Outcome::Done)
        }
        MessageState::Waiting { .. } => {
            decide(&mut tx, (callbacks, &locked), (message, &budget), now).await?
        }
        _ => Prepared::Not(Outcome::Done),
    };
    tx.commit().await?;
    Ok(prepared)
}

/// What becomes of a message that waits. Holds the order's row, so that no other of its messages moves meanwhile.
async fn decide(
    tx: &mut Tx,
    (callbacks, order): (&Callbacks, &Locked),
    (message, budget): (&Message, &Budget),
    now: OffsetDateTime,
) -> anyhow::Result<Prepared> {
    let id = message.id;
    let wanted = wants(&settings::messages(tx).await?.0, message.about);
    let text = if wanted { write(tx, callbacks, order, (message, budget)).await? } else { None };
    let step = match &text {
        None => Step::Drop(if wanted { Why::OldNews } else { Why::SwitchedOff }),
        Some(_) => budget::step(id, &budget.messages, budget.paid_at, now).context("it does not wait")?,
    };
    Ok(match (step, text) {
        (Step::Send, Some(text)) => {
            store::messages::begin(tx, id, &text, now).await?;
            let (order, about) = (order.order().id, message.about);
            Prepared::Ready(Ready { order, about, pay_id: budget.pay_id.clone(), text })
        }
        (Step::Wait { until }, _) => {
            store::messages::save(tx, id, &MessageState::Waiting { until }).await?;
            Prepared::Not(Outcome::Retry { at: until, why: "one message a minute".into() })
        }
        (Step::Drop(why), _) => {
            tracing::info!(message = id.0, why = why.name(), "a message is not sent");
            store::messages::save(tx, id, &MessageState::Dropped { at: now, why }).await?;
            Prepared::Not(Outcome::Done)
        }
        (Step::Send, None) => return Err(anyhow!("a message without words")),
    })
}

fn wants(switches: &Messages, about: About) -> bool {
    match about {
        About::Paid => switches.paid,
        About::Late => switches.late,
        About::Shipped => switches.shipped,
        About::Received => switches.received,
        About::Refunded => switches.refunded,
    }
}

/// The words of a message as things are now; nothing when it is no longer so.
async fn write(
    tx: &mut Tx,
    callbacks: &Callbacks,
    order: &Locked,
    (message, budget): (&Message, &Budget),
) -> anyhow::Result<Option<String>> {
    let order = order.order();
    let language = order.language;
    let shop = settings::shop_name(tx).await?;
    let parcel = match message.about {
        About::Shipped => orders::parcel(tx, message.subject).await?,
        _ => None,
    };
    let tracking = parcel.as_ref().map(|(_, parcel)| parcel.tracking.masked()).unwrap_or_default();
    let news = match (message.about, &parcel) {
        (About::Paid, _) if !order.is_given_back() => News::Paid { amount: budget.amount },
        (About::Late, _) => News::Late { amount: budget.amount },
        (About::Received, _) if order.is_received() && !order.is_given_back() => News::Received,
        // Who has it need not hear that it comes.
        (About::Shipped, Some((_, parcel))) if !order.is_received() => {
            News::Shipped { courier: parcel.courier.name(language), tracking: &tracking }
        }
        (About::Refunded, _) => {
            let refund = store::refunds::find_refund(tx, RefundId(message.subject)).await?;
            match refund.filter(|refund| matches!(refund.state, RefundState::Succeeded { .. })) {
                Some(refund) => News::Refunded { amount: refund.amount, cause: refund.cause },
                None => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    let (number, link) = (order.number.to_string(), callbacks.order_link(order));
    let shop = shop.in_language(language);
    Ok(Some(Letter { shop, order: &number, link: link.as_str(), news }.say(language)))
}

/// Writes down what came of the call.
async fn conclude(
    db: &Db,
    (id, sent): (MessageId, &Ready),
    said: Result<(), CallError>,
    clock: &Clock,
) -> anyhow::Result<Outcome> {
    let mut tx = db.begin().await?;
    let locked = orders::lock(&mut tx, sent.order).await?.context("a message without an order")?;
    let at = clock.now();
    let state = match said {
        Ok(()) => MessageState::Sent { at },
        Err(CallError::Refused { code, message }) => {
            tracing::warn!(message = id.0, code, "Weibo refuses a message");
            MessageState::Refused { at, why: format!("{code} {message}") }
        }
        Err(error) if error.never_left() => {
            let again = store::messages::take_back(&mut tx, id).await?;
            tx.commit().await?;
            // Later each time, as for every job that failed.
            return if again {
                Err(anyhow!(error).context("Weibo cannot be reached"))
            } else {
                Ok(Outcome::Done)
            };
        }
        Err(CallError::Unknown(error)) => {
            tracing::warn!(message = id.0, error = format!("{error:#}"), "a message without an answer");
            MessageState::Unknown { at }
        }
    };
    if state.name() == "sent" {
        locked.told(&mut tx, sent.about.name(), at).await?;
    }
    store::messages::save(&mut tx, id, &state).await?;
    tx.commit().await?;
    Ok(Outcome::Done)
}
