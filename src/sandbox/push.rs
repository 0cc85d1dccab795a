//! Pushes what fans do to the shop that is bound (fans-service.md §1, §2): signed, waited for five seconds, tried
//! again by the sandbox's clock, and only ever on this machine.

use super::deliver::{ANSWER_LIMIT, local};
use super::http::answer::random_text;
use super::traffic::{Direction, Exchange};
use super::world::fans::Format;
use super::world::fans::packet::Packet;
use super::world::fans::push::Push;
use super::world::fans::reply::SandboxReply;
use super::{Fault, Sandbox};
use data_encoding::HEXLOWER;
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// The shop's answer to a push.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FanAnswer {
    /// 0 when there was none: nobody listens, it took more than five seconds, or the packet has not been sent yet.
    pub status: u16,
    /// What the fan now sees.
    pub reply: Option<SandboxReply>,
    /// Why what was answered does not reach her.
    pub trouble: Option<String>,
}

/// A push as it stands on the wire, to be sent by whoever has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedPacket {
    /// `signature=…&timestamp=…&nonce=…`
    pub query: String,
    pub body: String,
    pub content_type: &'static str,
}

/// So many fans are pushed for at once.
const AT_ONCE: usize = 32;
/// Signs what is forged.
const OTHER_SECRET: &str = "test-only-stolen-secret-0001";

struct Heard {
    status: u16,
    body: Vec<u8>,
}

impl Sandbox {
    /// Binds the shop that listens at `url`, if it returns what it is asked (§1).
    pub async fn bind_fans(&self, url: &str) -> Result<(), String> {
        let mut to = local(url).ok_or("the address is not on this machine")?;
        // Whatever an encoding can spoil, and a page of HTML would escape.
        let echo = format!("{}+/=%20&<\">'", random_text());
        self.sign(&mut to, &self.0.settings.app_secret);
        to.query_pairs_mut().append_pair("echostr", &echo);
        let heard = self.ask(self.0.sender.get(to.clone())).await;
        let bound = match heard {
            None => Err("没有回答".to_owned()),
            Some(Heard { status: 200, body }) if body == echo.as_bytes() => Ok(()),
            Some(Heard { status: 200, .. }) => Err("回答的不是 echostr".to_owned()),
            Some(Heard { status, .. }) => Err(format!("回答 {status}")),
        };
        let answer = bound.as_ref().map_or_else(Clone::clone, |()| "echostr".to_owned());
        self.note_push("GET", &to, "绑定".into(), answer, bound.is_ok());
        if bound.is_ok() {
            self.change(|world, _| world.fans.bound_to = Some(url.to_owned()));
        }
        bound
    }

    /// Sends again, and late, what is due now. The packets of one fan go in order.
    pub async fn push_due(&self) -> Vec<FanAnswer> {
        let _one_at_a_time = self.0.pushing.lock().await;
        self.deliver_broadcasts();
        if self.world().pushes_waiting().iter().all(|push| push.due_at > self.now()) {
            return Vec::new();
        }
        let mut of_fans: BTreeMap<i64, Vec<Push>> = BTreeMap::new();
        for push in self.change(super::world::World::pushes_due) {
            of_fans.entry(push.packet.sender).or_default().push(push);
        }
        let each = of_fans.into_values().map(|pushes| async {
            let mut answers = Vec::new();
            for push in pushes {
                answers.push(self.send(push).await);
            }
            answers
        });
        let sent: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        sent.into_iter().flatten().collect()
    }

    /// What waits to be pushed.
    pub fn waiting_pushes(&self) -> Vec<Push> {
        self.world().pushes_waiting().to_vec()
    }

    pub(super) async fn push(&self, packet: Packet) -> FanAnswer {
        let now = self.change(|world, now| world.push(packet, now));
        match now.push {
            None => FanAnswer::default(),
            Some(push) if now.twice => join(self.send(push.clone()), self.send(push)).await.0,
            Some(push) => self.send(push).await,
        }
    }

    async fn send(&self, push: Push) -> FanAnswer {
        let Some((mut to, packet)) = self.address(&push) else {
            return FanAnswer { trouble: Some("no shop is bound".into()), ..FanAnswer::default() };
        };
        let secret = if push.forged { OTHER_SECRET } else { &self.0.settings.app_secret };
        self.sign(&mut to, secret);
        let request = self.0.sender.post(to.clone()).header("Content-Type", packet.content_type);
        let mut heard = self.ask(request.body(packet.body)).await;
        if self.change(|world, _| world.faults.strikes(Fault::FanSlow)) {
            heard = None;
        }
        self.heard(push, &to, heard)
    }

    fn address(&self, push: &Push) -> Option<(Url, SignedPacket)> {
        let bound = self.world().fans.bound_to.clone();
        let to = bound.as_deref().and_then(local)?;
        Some((to, self.packed(&push.packet)))
    }

    fn heard(&self, push: Push, to: &Url, heard: Option<Heard>) -> FanAnswer {
        let about = push.packet.about();
        let again = if push.tries > 0 { format!(" · 第 {} 次", push.tries + 1) } else { String::new() };
        let heard = match heard {
            Some(heard) if (200..300).contains(&heard.status) => heard,
            not_taken => {
                let next = self.change(|world, now| world.push_again(push, now));
                let given_up = if next.is_none() { " · 放弃" } else { "" };
                let status = not_taken.map_or(0, |heard| heard.status);
                let words = if status == 0 { "没有回答".to_owned() } else { status.to_string() };
                self.note_push("POST", to, about, format!("{words}{again}{given_up}"), false);
                return FanAnswer { status, ..FanAnswer::default() };
            }
        };
        let read = self.change(|world, now| world.take_answer(&push.packet, &heard.body, now));
        let words = match &read {
            Ok(Some(_)) => format!("{} 回复", heard.status),
            Ok(None) => heard.status.to_string(),
            Err(error) => format!("{} {error}", heard.status),
        };
        self.note_push("POST", to, about, format!("{words}{again}"), read.is_ok());
        let trouble = read.as_ref().err().map(ToString::to_string);
        FanAnswer { status: heard.status, reply: read.ok().flatten(), trouble }
    }

    /// The body of a push and what goes with it, signed now.
    pub(super) fn packed(&self, packet: &Packet) -> SignedPacket {
        let (format, rules) = {
            let fans = &self.world().fans;
            (fans.format, fans.rules.clone())
        };
        let content_type = match format {
            Format::Json => "application/json; charset=utf-8",
            Format::Xml => "text/xml; charset=utf-8",
        };
        let query = self.signed_query(&self.0.settings.app_secret);
        SignedPacket { query, body: packet.written(format, &rules), content_type }
    }

    fn sign(&self, to: &mut Url, secret: &str) {
        let signed = self.signed_query(secret);
        let query = to.query().filter(|query| !query.is_empty());
        let joined = query.map_or_else(|| signed.clone(), |query| format!("{query}&{signed}"));
        to.set_query(Some(&joined));
    }

    fn signed_query(&self, secret: &str) -> String {
        let timestamp = (self.now().unix_timestamp_nanos() / 1_000_000).to_string();
        let nonce = (uuid::Uuid::new_v4().as_u128() % 100_000_000).to_string();
        let signature = signature([secret, &timestamp, &nonce]);
        format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
    }

    async fn ask(&self, request: reqwest::RequestBuilder) -> Option<Heard> {
        let patience = Duration::from_secs(self.world().fans.rules.answer_seconds.into());
        let mut response = request.timeout(patience).send().await.ok()?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.ok()? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_LIMIT {
                return None;
            }
        }
        Some(Heard { status: response.status().as_u16(), body })
    }

    fn note_push(&self, method: &str, to: &Url, about: String, answer: String, good: bool) {
        self.note(Exchange {
            at: self.now(),
            direction: Direction::ToMerchant,
            method: method.into(),
            path: to.path().to_owned(),
            about,
            answer,
            good,
        });
    }
}

/// SHA-1 of the three, sorted as bytes and joined (§1).
fn signature(mut parts: [&str; 3]) -> String {
    parts.sort_unstable();
    let sum = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, parts.concat().as_bytes());
    HEXLOWER.encode(sum.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_protocol_page() {
        for (parts, expected) in [
            (
                ["test-only-app-secret-0001", "1772677230123", "57000001"],
                "1705380335e3433a5242370c881fc5ead5d67ae6",
            ),
            (["0testOnlySecret9", "1772677230123", "ZaBcD"], "98743d87fada6c7502fde615a7d095fc08197adb"),
            (["TestOnlyUpper", "1772677230999", "TestOnlyLower"], "c9c13cba5b90b7b14af30b1c3077064b60c63c5e"),
        ] {
            assert_eq!(signature(parts), expected);
        }
    }
}
