//! What the worker does about fans, and which way a piece of news goes: rooms that do not know of each other meet here.

use super::Worker;
use crate::db::Tx;
use crate::fans::broadcasts::{self, BroadcastId};
use crate::fans::service::Trouble;
use crate::fans::{self, Author, Delivery, SayError, Window, reminders, subscribers};
use crate::jobs::Outcome;
use crate::payments::telling::{self, MessageId};
use crate::weibo;
use crate::weibo::messages::{Reply, TEXT_LIMIT};

impl Worker {
    /// Weibo, when its keys are there.
    async fn weibo_if_any(&self) -> anyhow::Result<Option<weibo::Client>> {
        Ok(self.current.terms(&self.db).await?.weibo().ok().cloned())
    }

    pub(super) async fn send_broadcast(&self, id: i64) -> anyhow::Result<Outcome> {
        let weibo = self.weibo_if_any().await?;
        broadcasts::work(&self.db, weibo.as_ref(), BroadcastId(id), &self.clock).await
    }

    pub(super) async fn read_subscribers(&self, list: i64) -> anyhow::Result<Outcome> {
        let weibo = self.weibo_if_any().await?;
        subscribers::work(&self.db, weibo.as_ref(), list, &self.clock).await
    }

    /// As it comes round by itself: where the fans service is set up.
    pub async fn read_subscribers_when_due(&self) -> anyhow::Result<()> {
        if self.weibo_if_any().await?.is_some_and(|weibo| weibo.fans().is_some()) {
            subscribers::begin_when_due(&self.db, self.clock.now()).await?;
        }
        Ok(())
    }

    /// As it comes round by itself.
    pub async fn tell_reminders(&self) -> anyhow::Result<()> {
        reminders::tell_due(&self.db, self.callbacks.public(), self.clock.now()).await
    }

    /// Whether a piece of news about an order goes as a message to a fan: where she may be written to as often as one
    /// likes, and the service can speak. That it does and that it is none of the payment's any more are one transaction.
    pub(super) async fn tell_as_fan(&self, id: MessageId) -> anyhow::Result<bool> {
        let speaks = self.weibo_if_any().await?.is_some_and(|weibo| weibo.fans().is_some());
        let (mut tx, now) = (self.db.begin().await?, self.clock.now());
        if !speaks || fans::service::read(&mut tx).await?.trouble.is_some() {
            return Ok(false);
        }
        let Some(offer) = telling::offer(&mut tx, &self.callbacks, id, now).await? else { return Ok(false) };
        let known = fans::lock(&mut tx, offer.uid).await?;
        let open = known.is_some_and(|fan| matches!(fan.window(now), Window::Open { .. }));
        if !open || offer.text.chars().count() >= TEXT_LIMIT {
            return Ok(false);
        }
        let reply = Reply::Text { text: offer.text.clone() };
        match fans::say(&mut tx, offer.uid, &reply, &Author::Shop, now).await {
            Ok(message) => telling::hand_over(&mut tx, &offer, message.0, now).await?,
            Err(SayError::Closed(_) | SayError::Nobody) => return Ok(false),
            Err(SayError::Unexpected(error)) => return Err(error),
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What came of a message to a fan is so of the news in it: surely not sent, it has its turn by the payment.
    pub(super) async fn follow_handed(&self, message: i64) -> anyhow::Result<()> {
        let (mut tx, now) = (self.db.begin().await?, self.clock.now());
        let Some(said) = fans::message(&mut tx, fans::MessageId(message)).await? else { return Ok(()) };
        let moved = match said.delivery {
            Delivery::Sent { at } => telling::was_said(&mut tx, message, at).await?,
            Delivery::Dropped { .. } | Delivery::Refused { .. } => {
                telling::hand_back(&mut tx, message, now).await?
            }
            // Without a good token nobody knows how long it would wait: where there is another way it takes that.
            Delivery::Waiting if self.cannot_speak(&mut tx).await? => {
                fans::give_up(&mut tx, fans::MessageId(message), now).await?
                    && telling::hand_back(&mut tx, message, now).await?
            }
            _ => false,
        };
        // Of any other message to a fan nothing is touched.
        if moved {
            tx.commit().await?;
        }
        Ok(())
    }

    async fn cannot_speak(&self, tx: &mut Tx) -> anyhow::Result<bool> {
        let trouble = fans::service::read(tx).await?.trouble;
        Ok(matches!(trouble, Some((Trouble::NoToken | Trouble::Token, _))))
    }
}
