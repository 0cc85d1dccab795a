//! What the shop says to fans by itself: the list of rules, one rule, and a box to try them in.

pub mod edit;
mod form;
pub mod list;
pub mod trial;

use crate::fans::rules::{Cause, Rule, RuleId};
use crate::web::page::Page;

/// What a rule is called in the audit log.
fn subject(id: RuleId) -> String {
    format!("fan rule {}", id.0)
}

/// What it hears, in words.
fn cause(page: &Page, rule: &Rule) -> String {
    let kind = page.say(&format!("word-cause-{}", rule.cause.name()));
    let about = match &rule.cause {
        Cause::Event { event } => page.say(&format!("word-happening-{}", event.name())),
        cause => cause.about(),
    };
    if about.is_empty() { kind } else { format!("{kind}{}{about}", page.say("colon")) }
}
