//! The private messages on the drawn phone: what the merchant wrote to whoever holds it.

use super::stream::when;
use crate::sandbox::world::World;
use crate::sandbox::world::messages::Message;
use crate::sandbox::world::people::Person;
use askama::Template;
use time::OffsetDateTime;

/// How many messages are drawn.
const SHOWN: usize = 40;

#[derive(Template)]
#[template(path = "sandbox/messages.html")]
pub struct MessagesPage {
    pub reader: Person,
    pub letters: Vec<Letter>,
}

/// A message as it is drawn.
pub struct Letter {
    pub from: Person,
    pub when: String,
    pub text: String,
}

impl MessagesPage {
    pub fn new(world: &World, reader: &Person, seller_id: &str, now: OffsetDateTime) -> MessagesPage {
        let hers = world.messages().iter().rev().filter(|message| message.buyer_id == reader.uid);
        let letter = |message: &Message| {
            let from = world.person(seller_id)?.clone();
            Some(Letter { from, when: when(message.sent_at, now), text: message.text.clone() })
        };
        MessagesPage { letters: hers.take(SHOWN).filter_map(letter).collect(), reader: reader.clone() }
    }
}
