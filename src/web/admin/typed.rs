//! A form as it was typed, by the names of its fields: shown again, compared with what is stored, and written
//! down as what has changed.

use crate::customers::{self, Wrong};
use crate::text::Text;
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Typed(BTreeMap<&'static str, String>);

impl Typed {
    pub fn read(fields: &Fields, names: &[&'static str]) -> Typed {
        Typed(names.iter().map(|name| (*name, fields.text(name))).collect())
    }

    pub fn new(values: impl IntoIterator<Item = (&'static str, String)>) -> Typed {
        Typed(values.into_iter().collect())
    }

    /// What stands in this field; nothing where there is no such field.
    pub fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub fn put(&mut self, name: &'static str, value: String) {
        self.0.insert(name, value);
    }

    /// The stored value of a field, where it is not what was typed.
    pub fn stored<'a>(&self, stored: Option<&'a Typed>, name: &str) -> Option<&'a str> {
        let stored = stored?.of(name);
        (stored.replace("\r\n", "\n").trim() != self.of(name).replace("\r\n", "\n").trim()).then_some(stored)
    }

    /// What of `before` is not the same here, as it was and as it is: for the audit log.
    pub fn changed(&self, before: &Typed) -> (Value, Value) {
        let differs = |(name, value): &(&&'static str, &String)| before.of(name) != value.as_str();
        let (mut was, mut is) = (Map::new(), Map::new());
        for (name, value) in self.0.iter().filter(differs) {
            was.insert((*name).to_owned(), before.of(name).into());
            is.insert((*name).to_owned(), value.as_str().into());
        }
        (was.into(), is.into())
    }

    /// All of it: for the audit log.
    pub fn whole(&self) -> Value {
        self.changed(&Typed::default()).1
    }
}

/// Reads fields one by one and collects what is wrong with them.
pub struct Reading<'a> {
    pub typed: &'a Typed,
    pub words: Words,
    pub wrongs: Wrongs,
}

impl Reading<'_> {
    /// A line of at most `most` characters.
    pub fn line(&mut self, name: &'static str, most: usize) -> String {
        self.checked(name, customers::line(self.typed.of(name), most))
    }

    /// Several lines.
    pub fn paragraph(&mut self, name: &'static str, most: usize) -> String {
        self.checked(name, customers::paragraph(self.typed.of(name), most))
    }

    /// A line that has to be there.
    pub fn present(&mut self, name: &'static str, most: usize) -> String {
        let text = self.line(name, most);
        if text.is_empty() && self.wrongs.of(name).is_none() {
            self.wrong(name, "wrong-missing");
        }
        text
    }

    /// A name in Chinese and perhaps in English.
    pub fn name(&mut self, zh: &'static str, en: &'static str, most: usize) -> Text {
        Text { zh: self.present(zh, most), en: self.line(en, most) }
    }

    pub fn wrong(&mut self, name: &'static str, key: &str) {
        self.wrongs.add(name, self.words.say(key));
    }

    fn checked(&mut self, name: &'static str, read: Result<String, Wrong>) -> String {
        read.unwrap_or_else(|why| {
            self.wrongs.add(name, why_wrong(self.words, why));
            String::new()
        })
    }
}

/// What is wrong with a text, in the reader's words.
pub fn why_wrong(words: Words, why: Wrong) -> String {
    match why {
        Wrong::TooLong { most } => words.say_with("wrong-too-long", "most", most),
        Wrong::Unprintable => words.say("wrong-unprintable"),
        Wrong::Missing | Wrong::NotAPhone => words.say("wrong-missing"),
    }
}

/// A whole number up to `most`, in digits and nothing else.
pub fn whole(text: &str, most: u32) -> Option<u32> {
    let text = text.trim();
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= most)
}
