//! The stream on the drawn phone: who said what, with cards, reposts and counts.

use crate::sandbox::crawl::Read;
use crate::sandbox::world::World;
use crate::sandbox::world::people::Person;
use crate::sandbox::world::statuses::{Card, Status, addresses};
use askama::Template;
use std::collections::{BTreeSet, HashMap};
use time::OffsetDateTime;

/// How many statuses are drawn.
const SHOWN: usize = 40;

#[derive(Template)]
#[template(path = "sandbox/stream.html")]
pub struct StreamPage {
    pub said: Vec<Said>,
    /// Without the phone's way out a link opens beside the sandbox.
    pub has_phone: bool,
}

/// A status as it is drawn.
pub struct Said {
    pub id: u64,
    pub person: Person,
    pub when: String,
    pub parts: Vec<Part>,
    pub card: Option<Card>,
    pub original: Option<Quoted>,
    pub reposts: String,
    pub comments: String,
    pub likes: String,
    /// The one who looks has said it.
    pub is_own: bool,
}

/// What a repost says again; nothing is left of one that was deleted.
pub struct Quoted {
    pub name: String,
    pub parts: Vec<Part>,
    pub card: Option<Card>,
}

/// A piece of a text: an address becomes a link.
pub struct Part {
    pub text: String,
    pub is_link: bool,
}

impl StreamPage {
    /// The addresses of which the page wants to know what stands behind them.
    pub fn links(world: &World) -> BTreeSet<String> {
        let said = world.stream().take(SHOWN);
        let all = said.flat_map(|status| [Some(status), status.reposts.and_then(|id| world.status(id))]);
        all.flatten().filter_map(World::link).collect()
    }

    pub fn new(
        world: &World,
        now: OffsetDateTime,
        has_phone: bool,
        read: &HashMap<String, Read>,
    ) -> StreamPage {
        let said = world.stream().take(SHOWN).filter_map(|status| Said::new(world, status, now, read));
        StreamPage { said: said.collect(), has_phone }
    }

    /// The same for the account of this uid, whose own statuses it may take down.
    pub fn seen_by(mut self, uid: Option<&str>) -> StreamPage {
        for said in &mut self.said {
            said.is_own = uid == Some(said.person.uid.as_str());
        }
        self
    }
}

impl Said {
    fn new(
        world: &World,
        status: &Status,
        now: OffsetDateTime,
        read: &HashMap<String, Read>,
    ) -> Option<Said> {
        Some(Said {
            id: status.id,
            person: world.person(&status.uid)?.clone(),
            when: when(status.said_at, now),
            parts: parts(&status.text),
            card: card(status, read),
            original: status.reposts.map(|id| quote(world, id, read)),
            reposts: count(status.repost_count),
            comments: count(status.comment_count),
            likes: count(status.like_count),
            is_own: false,
        })
    }
}

/// The card as it is now; that which was posted where nobody could look.
fn card(status: &Status, read: &HashMap<String, Read>) -> Option<Card> {
    let seen = World::link(status).and_then(|link| read.get(&link));
    seen.unwrap_or(&Read::Unread).over(status.card.as_ref())
}

fn quote(world: &World, id: u64, read: &HashMap<String, Read>) -> Quoted {
    match world.status(id) {
        Some(status) => Quoted {
            name: world.person(&status.uid).map(|person| person.name.clone()).unwrap_or_default(),
            parts: parts(&status.text),
            card: card(status, read),
        },
        None => Quoted { name: String::new(), parts: parts("这条微博已被删除。"), card: None },
    }
}

fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = text;
    for (written, _) in addresses(text) {
        // An address inside another's query was taken with it.
        let Some((before, after)) = rest.split_once(written) else { continue };
        parts.push(Part { text: before.to_owned(), is_link: false });
        parts.push(Part { text: written.to_owned(), is_link: true });
        rest = after;
    }
    parts.push(Part { text: rest.to_owned(), is_link: false });
    parts
}

fn count(number: u32) -> String {
    if number == 0 { String::new() } else { format!(" {number}") }
}

pub(super) fn when(at: OffsetDateTime, now: OffsetDateTime) -> String {
    let minutes = (now - at).whole_minutes();
    match minutes {
        ..=0 => "刚刚".into(),
        1..60 => format!("{minutes} 分钟前"),
        60..1440 => format!("{} 小时前", minutes / 60),
        _ => crate::sandbox::world::pay_time(at).chars().skip(5).take(11).collect(),
    }
}
