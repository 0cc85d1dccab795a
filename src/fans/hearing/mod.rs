//! What Weibo pushes of fans: each push is stored, then believed, then answered, all in one transaction, and one that
//! comes twice has one effect. The signature does not cover the body: nothing that is said here moves money or
//! reveals an order.

mod answering;
mod call;
mod conversing;
mod digest;
pub(super) mod facts;
mod herald;

pub use call::{Call, Refused};
pub use herald::Herald;

use super::rules::Rulebook;
use super::service::Service;
use super::store::packets::{self as store, Nonce};
use super::store::{conversations, fans, hearing as told, service};
use super::{Fan, MessageId, Said, codes};
use crate::customers::relations::{self, Fact, Source};
use crate::db::{Db, Tx};
use crate::weibo::messages::{Content, Event, Format, Packet, read, write_reply};
use anyhow::Context;
use time::{Duration, OffsetDateTime};

/// Weibo waits five seconds for an answer (fans-service.md §2): one after so long is not counted on.
const SURELY_IN_TIME: Duration = Duration::milliseconds(4500);
/// So long a push, and what was signed for it, is kept to know it again.
const KEPT: Duration = Duration::hours(72);

/// What hearing needs to know of the shop.
#[derive(Clone)]
pub struct Ears {
    /// Its address, without a slash at the end.
    pub shop: String,
    /// The account that fans write to, where that is known.
    pub account: Option<i64>,
    pub rules: Rulebook,
    pub herald: Herald,
}

/// What is answered to a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The push, to say later that the answer goes out.
    packet: i64,
    received_at: OffsetDateTime,
    pub format: Format,
    pub body: Vec<u8>,
}

/// Takes a push; nothing to answer is `None`.
pub async fn hear(
    db: &Db,
    ears: &Ears,
    (call, body): (&Call, &[u8]),
    now: OffsetDateTime,
) -> anyhow::Result<Result<Option<Answered>, Refused>> {
    let mut tx = db.begin().await?;
    let service = service::read(&mut tx).await?;
    if let Err(refused) = call.in_time(service.most_age, now) {
        return Ok(Err(refused));
    }
    let (mark, mark_of_body) = (digest::of_body(&call.mark()), digest::of_body(body));
    if store::keep_nonce(&mut tx, &mark, &mark_of_body, now).await? == Nonce::Anothers {
        return Ok(Err(Refused::Replayed));
    }
    let read = read(body);
    let answered = match &read {
        Ok(push) => take(&mut tx, (ears, &service), (&push.0, push.1, body), now).await?,
        Err(unreadable) => {
            // Weibo would only send it again. It is kept, to be looked at.
            tracing::warn!(%unreadable, "a push that cannot be read");
            store::insert(&mut tx, &mark_of_body, body, now).await?;
            None
        }
    };
    tx.commit().await?;
    if let Ok((packet, _)) = &read {
        // Of one that came before too: whoever took it may have died before she told.
        ears.herald.tell(packet.sender);
    }
    Ok(Ok(answered))
}

async fn take(
    tx: &mut Tx,
    (ears, service): (&Ears, &Service),
    (packet, format, body): (&Packet, Format, &[u8]),
    now: OffsetDateTime,
) -> anyhow::Result<Option<Answered>> {
    let digest = digest::of_packet(packet)?;
    let Some(id) = store::insert(tx, &digest, body, now).await? else {
        let earlier = store::earlier(tx, &digest).await?.context("a push that is gone")?;
        // Whoever should have answered it died, or is about to: the answer goes out once.
        let unanswered = earlier.reply.filter(|_| earlier.answered_at.is_none());
        let Some(reply) = unanswered else { return Ok(None) };
        return write(tx, (earlier.id, now), reply, (packet, format), now).await;
    };
    if ears.account.is_some_and(|account| account != packet.receiver) {
        tracing::warn!("a push for an account that is not the shop's");
        service::met_stranger(tx, packet.receiver, now).await?;
        return Ok(None);
    }
    let answered = match believe(tx, (ears, service), (packet, format), now).await? {
        Some(reply) => {
            store::replied(tx, id, reply).await?;
            write(tx, (id, now), reply, (packet, format), now).await?
        }
        None => None,
    };
    // Last of all: whoever else scans the same code waits from here on.
    count_scan(tx, packet, now).await?;
    Ok(answered)
}

async fn write(
    tx: &mut Tx,
    (packet, received_at): (i64, OffsetDateTime),
    reply: MessageId,
    (push, format): (&Packet, Format),
    now: OffsetDateTime,
) -> anyhow::Result<Option<Answered>> {
    let message = super::message(tx, reply).await?.context("an answer that is gone")?;
    let Said::ByShop(reply) = &message.said else { return Ok(None) };
    let body = write_reply(reply, push.sender, push.receiver, now, format);
    Ok(body.map(|body| Answered { packet, received_at, format, body }))
}

/// What it says is so from now on. Gives the message that answers it.
async fn believe(
    tx: &mut Tx,
    (ears, service): (&Ears, &Service),
    (packet, format): (&Packet, Format),
    now: OffsetDateTime,
) -> anyhow::Result<Option<MessageId>> {
    // By Weibo's clock, but what comes from the future opens nothing.
    let at = packet.created_at.min(now);
    fans::meet(tx, packet.sender, now).await?;
    let mut fan = fans::lock(tx, packet.sender).await?.context("a fan who is gone")?;
    let mut as_of = told::as_of(tx, fan.uid).await?;
    facts::take(&mut fan, &mut as_of, &packet.content, at);
    let before = conversations::lock(tx, fan.uid).await?;
    let message = told::insert_heard(tx, packet, at).await?;
    let push = (packet, format, message);
    let answer = answering::choose(tx, (ears, service), (&fan, before.as_ref()), push, now).await?;
    let mut reply = None;
    if let Some(said) = &answer.reply {
        reply = Some(told::insert_given(tx, fan.uid, said, answer.rule, now).await?);
        answering::spend_mention(&mut fan, &packet.content);
    }
    told::save_facts(tx, &fan, &as_of).await?;
    learn(tx, &fan, (packet, message), (at, now)).await?;
    let after = conversing::after(before, &fan, packet, (message, reply), &answer, now);
    conversations::save(tx, &after).await?;
    Ok(reply)
}

/// The ledger of relations keeps it, when she has signed in.
async fn learn(
    tx: &mut Tx,
    fan: &Fan,
    (packet, message): (&Packet, MessageId),
    (at, now): (OffsetDateTime, OffsetDateTime),
) -> anyhow::Result<()> {
    let Some(kind) = facts::relation(&packet.content) else { return Ok(()) };
    if let Some(customer) = told::customer(tx, fan.uid).await? {
        relations::learn(tx, customer, &fact(kind, message, at), now).await?;
    }
    Ok(())
}

/// Whose code it was that she scanned.
async fn count_scan(tx: &mut Tx, packet: &Packet, now: OffsetDateTime) -> sqlx::Result<()> {
    let (key, is_new) = match &packet.content {
        Content::Event { event: Event::Scan { key, .. } } => (key, false),
        Content::Event { event: Event::ScanFollow { key, .. } } => (key, true),
        _ => return Ok(()),
    };
    codes::scanned(tx, key, packet.sender, is_new, packet.created_at.min(now)).await?;
    Ok(())
}

fn fact(kind: relations::Kind, message: MessageId, happened_at: OffsetDateTime) -> Fact {
    Fact { kind, happened_at, source: Source::Told(format!("fan message {}", message.0)) }
}

/// So many of her facts are told to the ledger when she signs in.
const MOST_RECALLED: i64 = 100;

/// She has signed in: what was heard of her before, the ledger of relations learns now, each fact once.
pub async fn recall(tx: &mut Tx, uid: i64, now: OffsetDateTime) -> anyhow::Result<()> {
    let heard = told::relations_of(tx, uid, MOST_RECALLED).await?;
    if heard.is_empty() {
        return Ok(());
    }
    let Some(customer) = told::customer(tx, uid).await? else { return Ok(()) };
    // The oldest first: of two in the same second the later one counts.
    let told = heard.iter().rev();
    let told = told.filter_map(|(message, content, at)| Some(fact(facts::relation(content)?, *message, *at)));
    relations::learn_all(tx, customer, &told.collect::<Vec<_>>(), now).await?;
    Ok(())
}

impl Answered {
    /// Whether its body goes out now: only one answer to a push does, whoever comes first. One that is too late for
    /// Weibo does not count: it gets the same when it asks again.
    pub async fn goes_out(&self, db: &Db, now: OffsetDateTime) -> sqlx::Result<bool> {
        if now - self.received_at >= SURELY_IN_TIME {
            return Ok(true);
        }
        store::answer_once(db, self.packet, now).await
    }
}

/// Weibo makes sure that the address is ours, and hears exactly this. What it signed for that is good for no push.
pub async fn bound(db: &Db, call: Call, now: OffsetDateTime) -> anyhow::Result<Result<Vec<u8>, Refused>> {
    let mut tx = db.begin().await?;
    let service = service::read(&mut tx).await?;
    if let Err(refused) = call.in_time(service.most_age, now) {
        return Ok(Err(refused));
    }
    let mark = digest::of_body(&call.mark());
    let Some(echo) = call.echostr else { return Ok(Err(Refused::Incomplete)) };
    // 32 bytes of a digest, which are no packet.
    if store::keep_nonce(&mut tx, &mark, &digest::of_body(&mark), now).await? == Nonce::Anothers {
        return Ok(Err(Refused::Replayed));
    }
    service::bound(&mut tx, now).await?;
    tx.commit().await?;
    Ok(Ok(echo))
}

/// Forgets pushes that cannot come again.
pub async fn sweep(db: &Db, now: OffsetDateTime) -> sqlx::Result<()> {
    while store::sweep(db, now - KEPT, 5_000).await? {}
    Ok(())
}
