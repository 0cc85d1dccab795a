//! The list of conversations, as it stands beside each of them and alone.

use crate::fans::desk::{self, Asked, Entry, Page, Show};
use crate::fans::{State, Window};
use crate::staff::permission::TalkToFans;
use crate::web::shop::order::shop_time;
use crate::web::staff::Staff;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use serde::Deserialize;
use sqlx::PgConnection;
use std::fmt::Display;
use time::{Duration, OffsetDateTime};

const ROWS: i64 = 40;
/// Nobody types more to look for.
const LONGEST: usize = 60;

/// The address of a list, and of a conversation beside it. Fields that nobody knows are nobody's.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Address {
    pub show: String,
    pub q: String,
    pub after: String,
    /// Words with the fan before this message.
    pub before: Option<i64>,
    /// What this message said stands in the form again.
    pub again: Option<i64>,
    /// The list alone is wanted, beside the conversation with this fan.
    pub beside: Option<i64>,
    /// A script looks again: what the last step has left to say waits for a person.
    pub live: Option<String>,
}

impl Address {
    /// As a form carries it along.
    pub fn parse(query: &str) -> Address {
        let mut address = Address::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "show" => address.show = value.into_owned(),
                "q" => address.q = value.into_owned(),
                "after" => address.after = value.into_owned(),
                _ => {}
            }
        }
        address
    }

    /// Which list it is, behind `?`; empty for the first page of open conversations.
    pub fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let all = [("show", &self.show), ("q", &self.q), ("after", &self.after)];
        query.extend_pairs(all.into_iter().filter(|(_, value)| !value.is_empty()));
        query.finish()
    }

    /// The conversation with this fan beside this list.
    pub fn of(&self, fan: i64) -> String {
        at(&format!("/admin/fans/{fan}"), &self.query())
    }

    fn words(&self) -> String {
        self.q.trim().chars().filter(|c| !c.is_control()).take(LONGEST).collect()
    }

    /// Whoever looks for something looks everywhere.
    fn show(&self) -> Show {
        let all = if self.words().is_empty() { Show::Open } else { Show::All };
        Show::named(&self.show).unwrap_or(all)
    }
}

fn at(path: &str, query: &str) -> String {
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

pub struct List {
    pub words: Words,
    pub address: Address,
    pub show: Show,
    pub entries: Vec<Entry>,
    /// Whose conversation stands beside it.
    pub open: Option<i64>,
    more: String,
    red_after: Duration,
    now: OffsetDateTime,
}

impl List {
    pub async fn read(
        conn: &mut PgConnection,
        address: &Address,
        open: Option<i64>,
        shop: &Shop,
        staff: &Staff<TalkToFans>,
    ) -> Result<List, Error> {
        let asked = Asked {
            show: address.show(),
            staff: staff.id.0,
            words: address.words(),
            after: address.after.parse().ok(),
            most: ROWS,
        };
        let Page { entries, next } = desk::inbox(conn, &asked).await?;
        let more = |next| Address { after: format!("{next}"), ..address.clone() };
        Ok(List {
            words: Words(staff.language),
            more: next.map(|next| at("/admin/fans", &more(next).query())).unwrap_or_default(),
            address: Address { before: None, beside: None, ..address.clone() },
            show: asked.show,
            entries,
            open,
            red_after: desk::manners(conn).await?.red_after,
            now: shop.clock.now(),
        })
    }

    pub fn tabs(&self) -> Vec<(Show, String)> {
        let query = |show: Show| Address {
            show: show.name().into(),
            q: self.address.q.clone(),
            ..Address::default()
        };
        Show::ALL.into_iter().map(|show| (show, at("/admin/fans", &query(show).query()))).collect()
    }

    pub fn is_shown(&self, show: &Show) -> bool {
        self.show == *show
    }

    pub fn is_open(&self, entry: &Entry) -> bool {
        self.open == Some(entry.fan.uid)
    }

    pub fn href(&self, entry: &Entry) -> String {
        self.address.of(entry.fan.uid)
    }

    /// The letter in the place of her picture.
    pub fn initial(&self, entry: &Entry) -> String {
        initial(&entry.fan.name()).to_string()
    }

    /// Which of a few colours stands behind it, always the same for her.
    pub fn colour(&self, entry: &Entry) -> i64 {
        entry.fan.uid % 4
    }

    /// Where the list goes on; empty where it ends.
    pub fn more(&self) -> &str {
        &self.more
    }

    pub fn first(&self) -> String {
        let first = Address { after: String::new(), ..self.address.clone() };
        if self.address.after.is_empty() { String::new() } else { at("/admin/fans", &first.query()) }
    }

    pub fn is_searched(&self) -> bool {
        !self.address.words().is_empty()
    }

    /// For how long she has waited for a person.
    pub fn waits(&self, entry: &Entry) -> Option<String> {
        let since = entry.conversation.waiting_since?;
        Some(self.words.say_with("fans-waits", "time", span(self.words, self.now - since)))
    }

    pub fn is_late(&self, entry: &Entry) -> bool {
        entry.conversation.waiting_since.is_some_and(|since| self.now - since > self.red_after)
    }

    pub fn ago(&self, entry: &Entry) -> String {
        self.words.say_with("fans-ago", "time", span(self.words, self.now - entry.conversation.last_at))
    }

    /// How long she may still be answered.
    pub fn left(&self, entry: &Entry) -> String {
        match entry.fan.window(self.now) {
            Window::Open { until } | Window::Once { until } => {
                self.words.say_with("fans-left", "time", span(self.words, until - self.now))
            }
            Window::Closed(_) => self.words.say("fans-shut"),
        }
    }

    /// Who said the last words, where it was not she.
    pub fn speaker(&self, entry: &Entry) -> Option<String> {
        match (&*entry.last.author, &entry.last.staff_name) {
            ("fan", _) => None,
            (_, Some(name)) => Some(name.clone()),
            (author, None) => Some(self.words.say(&format!("word-author-{author}"))),
        }
    }

    /// The last words, or what stood in their place.
    pub fn last(&self, entry: &Entry) -> String {
        let words = &entry.last.text;
        match &*entry.last.kind {
            "text" | "mention" | "articles" if !words.is_empty() => words.clone(),
            kind => self.words.say(&format!("word-said-{kind}")),
        }
    }

    pub fn state(&self, entry: &Entry) -> Option<String> {
        match entry.conversation.state {
            State::Open => None,
            State::Snoozed { until } => Some(self.words.say_with("fans-until", "time", shop_time(until))),
            State::Closed => Some(self.words.say("word-fans-closed")),
        }
    }
}

/// A length of time, as exactly as one wants to know it.
pub fn span(words: Words, long: Duration) -> String {
    let some = |key: &str, count: i64| words.say_with(key, "count", count);
    let minutes = long.whole_minutes().max(0);
    match minutes {
        0..60 => some("fans-minutes", minutes),
        60..2880 => format!("{} {}", some("fans-hours", minutes / 60), some("fans-minutes", minutes % 60)),
        _ => some("fans-days", minutes / 1440),
    }
}

/// The letter that stands for somebody without a picture.
pub fn initial(name: &str) -> impl Display + use<> {
    name.chars().find(|c| c.is_alphanumeric()).unwrap_or('#').to_uppercase()
}
