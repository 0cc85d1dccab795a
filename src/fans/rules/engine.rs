//! Which rules a moment is for. Pure: the same moment always finds the same rules.

use super::rule::{Cause, Happening, LONGEST_PATTERN, Rule, RuleId};
use crate::fans::codes::Scene;
use crate::weibo::messages::{Content, Event};
use regex::{Regex, RegexBuilder};
use time::OffsetDateTime;

/// So much of a text is looked at: it is more than anybody types.
const LOOKED_AT: usize = 2000;
/// What a compiled pattern may take; what needs more is refused when it is entered.
const LARGEST_PATTERN: usize = 256 * 1024;

/// Something a fan said or did, at a time.
#[derive(Debug, Clone)]
pub struct Moment<'a> {
    pub content: &'a Content,
    pub text: &'a str,
    /// She never wrote before.
    pub first_contact: bool,
    pub at: OffsetDateTime,
}

/// A rule that can be asked.
#[derive(Debug)]
pub struct Ready {
    pub id: RuleId,
    pub rule: Rule,
    hears: Hears,
}

#[derive(Debug)]
enum Hears {
    Words(Vec<String>),
    Pattern(Regex),
    /// A pattern that this version of the program cannot read any more.
    Broken,
    Other,
}

/// Why a rule does not speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Not {
    Off,
    NotYet,
    Over,
    /// Not in these hours.
    Hours,
    /// It waits for something else.
    Other,
}

impl Not {
    /// Behind `word-not-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Not::Off => "off",
            Not::NotYet => "not-yet",
            Not::Over => "over",
            Not::Hours => "hours",
            Not::Other => "other",
        }
    }
}

/// A pattern as it is asked, or nothing when it cannot be one.
pub fn compile(pattern: &str) -> Option<Regex> {
    if pattern.is_empty() || pattern.chars().count() > LONGEST_PATTERN {
        return None;
    }
    let built = RegexBuilder::new(pattern)
        .case_insensitive(true)
        .size_limit(LARGEST_PATTERN)
        .dfa_size_limit(LARGEST_PATTERN)
        .nest_limit(20)
        .build();
    built.ok()
}

/// Capitals, full-width letters and blanks around make no difference.
pub fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    };
    let narrow: String = text.chars().take(LOOKED_AT).map(narrow).collect();
    narrow.trim().to_lowercase()
}

impl Ready {
    pub fn new(id: RuleId, rule: Rule) -> Ready {
        let hears = match &rule.cause {
            Cause::Exact { words } | Cause::Contains { words } => {
                Hears::Words(words.iter().map(|word| plain(word)).filter(|word| !word.is_empty()).collect())
            }
            Cause::Pattern { pattern } => compile(pattern).map_or(Hears::Broken, Hears::Pattern),
            _ => Hears::Other,
        };
        Ready { id, rule, hears }
    }

    /// Whether it speaks, or why not.
    pub fn judge(&self, moment: &Moment<'_>) -> Result<(), Not> {
        let rule = &self.rule;
        if !rule.is_on {
            Err(Not::Off)
        } else if rule.begins_at.is_some_and(|begins| moment.at < begins) {
            Err(Not::NotYet)
        } else if rule.ends_at.is_some_and(|ends| ends <= moment.at) {
            Err(Not::Over)
        } else if !self.is_meant(moment) {
            Err(Not::Other)
        } else if rule.hours.is_some_and(|hours| !hours.hold(moment.at)) {
            Err(Not::Hours)
        } else {
            Ok(())
        }
    }

    fn is_meant(&self, moment: &Moment<'_>) -> bool {
        let is_text = matches!(moment.content, Content::Text);
        match (&self.rule.cause, &self.hears) {
            (Cause::Exact { .. }, Hears::Words(words)) => is_text && words.contains(&plain(moment.text)),
            (Cause::Contains { .. }, Hears::Words(words)) => {
                let text = plain(moment.text);
                is_text && words.iter().any(|word| text.contains(word))
            }
            (Cause::Pattern { .. }, Hears::Pattern(pattern)) => {
                is_text && pattern.is_match(&plain(moment.text))
            }
            (Cause::Event { event }, _) => happened(moment.content, *event),
            (Cause::Menu { key }, _) => {
                matches!(moment.content, Content::Event { event: Event::Click { key: pressed } } if pressed == key)
            }
            (Cause::Scene { key }, _) => scanned(moment.content) == Some(*key),
            (Cause::FirstContact, _) => moment.first_contact && are_words(moment.content),
            (Cause::Anything, _) => are_words(moment.content),
            _ => false,
        }
    }
}

/// Whether she wrote, or sent something, rather than did something.
pub fn are_words(content: &Content) -> bool {
    matches!(
        content,
        Content::Text | Content::Image { .. } | Content::Voice { .. } | Content::Position { .. }
    )
}

fn happened(content: &Content, wanted: Happening) -> bool {
    let event = match content {
        Content::Mention { .. } => return wanted == Happening::Mention,
        Content::Event { event } => event,
        _ => return false,
    };
    match wanted {
        Happening::Follow => {
            matches!(event, Event::Follow | Event::ScanFollow { .. } | Event::FollowOrSubscribe)
        }
        Happening::Subscribe => matches!(event, Event::Subscribe | Event::FollowOrSubscribe),
        Happening::Unsubscribe => matches!(event, Event::Unsubscribe),
        Happening::Scan => matches!(event, Event::Scan { .. } | Event::ScanFollow { .. }),
        Happening::Mention => false,
    }
}

fn scanned(content: &Content) -> Option<Scene> {
    let Content::Event { event: Event::Scan { key, .. } | Event::ScanFollow { key, .. } } = content else {
        return None;
    };
    Scene::parse(key)
}
