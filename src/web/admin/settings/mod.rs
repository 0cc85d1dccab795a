//! The settings: how the shop presents itself, freight and times, messages to buyers, commodity cards, Weibo's keys,
//! the fans service.

pub mod cards;
pub mod delivery;
pub mod fans;
pub mod fans_format;
pub mod logo;
pub mod messages;
pub mod profile;
pub mod sign_in;
pub mod weibo;

use crate::db::Tx;
use crate::staff::Member;
use crate::staff::audit::{self, Change};
use crate::web::form::{Fields, Wrongs};
use crate::web::page::Page;
use serde_json::{Map, Value};
use time::OffsetDateTime;

/// What stands in the inputs of a page, by their names.
struct Typed(Vec<(&'static str, String)>);

impl Typed {
    /// As it was sent, for the inputs that are there.
    fn sent<T: Into<String>>(fields: &Fields, inputs: impl IntoIterator<Item = (&'static str, T)>) -> Typed {
        Typed(inputs.into_iter().map(|(name, _)| (name, fields.text(name))).collect())
    }

    /// As it is kept.
    fn kept<T: Into<String>>(inputs: impl IntoIterator<Item = (&'static str, T)>) -> Typed {
        Typed(inputs.into_iter().map(|(name, value)| (name, value.into())).collect())
    }

    fn of(&self, name: &str) -> &str {
        self.0.iter().find(|(n, _)| *n == name).map_or("", |(_, value)| value.as_str())
    }

    /// Somebody else saved meanwhile: beside each input that says something else now, what is kept.
    fn beside<T: Into<String>>(
        &self,
        frame: &Page,
        kept: impl IntoIterator<Item = (&'static str, T)>,
    ) -> Wrongs {
        let mut wrongs = Wrongs::default();
        for (name, value) in kept {
            let value = value.into();
            if self.of(name).trim().replace("\r\n", "\n") != value {
                let words = if value.is_empty() {
                    frame.say("settings-now-empty")
                } else {
                    frame.say_with("settings-now", "now", value)
                };
                wrongs.add(name, words);
            }
        }
        wrongs
    }
}

/// The version of the section that a form was filled in over; what is no number is older than all.
fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or(-1)
}

/// Writes down for the audit log what was saved; nothing when all is as it was.
async fn write_down(
    tx: &mut Tx,
    who: &Member,
    action: &'static str,
    changes: Option<(Value, Value)>,
    now: OffsetDateTime,
) -> sqlx::Result<()> {
    let Some((before, after)) = changes else { return Ok(()) };
    let change = Change { action, subject: "shop", before: Some(before), after: Some(after) };
    audit::record(tx, who, change, now).await
}

/// Before and after of what has changed. Nothing when all is as it was.
fn changes<T: Into<String>>(
    before: impl IntoIterator<Item = (&'static str, T)>,
    after: impl IntoIterator<Item = (&'static str, T)>,
) -> Option<(Value, Value)> {
    let (mut old, mut new) = (Map::new(), Map::new());
    for ((name, was), (_, is)) in before.into_iter().zip(after) {
        let (was, is) = (was.into(), is.into());
        if was != is {
            old.insert(name.to_owned(), was.into());
            new.insert(name.to_owned(), is.into());
        }
    }
    (!new.is_empty()).then(|| (old.into(), new.into()))
}
