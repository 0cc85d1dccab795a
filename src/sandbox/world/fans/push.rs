//! Packets that wait to be pushed to the shop again, or late (fans-service.md §2).

use super::packet::Packet;
use super::reply::{BadReply, SandboxReply};
use super::{Did, Said, answer};
use crate::sandbox::Fault;
use crate::sandbox::world::World;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// In the order in which they were made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Queue {
    waiting: Vec<Push>,
    made: u64,
}

/// One packet on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Push {
    pub id: u64,
    pub packet: Packet,
    /// To be signed with another secret.
    pub forged: bool,
    /// How many times it was sent.
    pub tries: usize,
    #[serde(with = "time::serde::rfc3339")]
    pub due_at: OffsetDateTime,
}

/// What is pushed at once.
pub struct Now {
    /// Nothing when it comes late.
    pub push: Option<Push>,
    /// It is sent twice at the same moment.
    pub twice: bool,
}

impl World {
    /// Takes a packet to be pushed, as the faults have it.
    pub fn push(&mut self, packet: Packet, now: OffsetDateTime) -> Now {
        let twice = self.faults.strikes(Fault::FanTwice);
        let forged = self.faults.strikes(Fault::FanForged);
        let late = self.faults.strikes(Fault::FanLate);
        let minutes = if late { i64::from(self.faults.late_minutes()) } else { 0 };
        let queue = &mut self.fans.queue;
        queue.made += 1;
        let push =
            Push { id: queue.made, packet, forged, tries: 0, due_at: now + Duration::minutes(minutes) };
        if late {
            queue.waiting.push(push);
            return Now { push: None, twice: false };
        }
        Now { push: Some(push), twice }
    }

    /// What is due, in the order in which it is to be sent; it is taken out of the queue.
    pub fn pushes_due(&mut self, now: OffsetDateTime) -> Vec<Push> {
        let waiting = &mut self.fans.queue.waiting;
        let mut due: Vec<_> = waiting.extract_if(.., |push| push.due_at <= now).collect();
        due.sort_by_key(|push| (push.due_at, push.id));
        due
    }

    pub fn pushes_waiting(&self) -> &[Push] {
        &self.fans.queue.waiting
    }

    /// Nobody took the packet: it waits for its next try, if there is one.
    pub fn push_again(&mut self, mut push: Push, now: OffsetDateTime) -> Option<OffsetDateTime> {
        let wait = self.fans.rules.retry_seconds.get(push.tries).copied()?;
        push.tries += 1;
        push.due_at = now + Duration::seconds(wait.into());
        let at = push.due_at;
        self.fans.queue.waiting.push(push);
        Some(at)
    }

    /// Reads an answer and puts its reply before the fan.
    pub fn take_answer(
        &mut self,
        packet: &Packet,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<Option<SandboxReply>, BadReply> {
        let Some(reply) = answer::read(body, packet)? else { return Ok(None) };
        // Who has just turned away hears nothing (§6.1).
        if packet.did == Did::Unfollowed {
            return Err(BadReply::Unfollowed);
        }
        let rules = self.fans.rules.clone();
        self.fan_mut(packet.sender).answered(&rules, now);
        self.note_line(packet.sender, Said::Answer { reply: reply.clone() }, now);
        Ok(Some(reply))
    }
}
