//! What is often said at the desk. Pure.

use crate::customers::{Wrong, line, paragraph};
use crate::weibo::messages::TEXT_LIMIT;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub struct CannedId(pub i64);

/// A text with a title to find it by; `{name}` and `{order}` stand in it for the fan's name and her last order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// May be empty.
    pub category: String,
    pub title: String,
    pub text: String,
}

/// Another in the same category has this title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is one of this title")]
pub struct Taken;

/// What is wrong with what was typed: a field and why.
pub type WrongCanned = Vec<(&'static str, Wrong)>;

impl Canned {
    /// As it was typed into a form.
    pub fn read(category: &str, title: &str, text: &str) -> Result<Canned, WrongCanned> {
        let something = |text: String| if text.is_empty() { Err(Wrong::Missing) } else { Ok(text) };
        let category = line(category, 20);
        let title = line(title, 40).and_then(something);
        let text = paragraph(text, TEXT_LIMIT - 1).and_then(something);
        match (category, title, text) {
            (Ok(category), Ok(title), Ok(text)) => Ok(Canned { category, title, text }),
            (category, title, text) => {
                let wrongs = [("category", category.err()), ("title", title.err()), ("text", text.err())];
                Err(wrongs.into_iter().filter_map(|(field, why)| Some((field, why?))).collect())
            }
        }
    }

    /// Its words for this fan. What there is nothing to say for stays as it stands, so that nobody overlooks it.
    pub fn filled(&self, name: &str, order: Option<&str>) -> String {
        let mut filled = String::new();
        let mut rest = self.text.as_str();
        // What is filled in is not looked at again: a fan may be called {order}.
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let (mark, value) = match order {
                _ if rest.starts_with("{name}") => ("{name}", name),
                Some(order) if rest.starts_with("{order}") => ("{order}", order),
                _ => ("{", "{"),
            };
            filled.push_str(value);
            rest = &rest[mark.len()..];
        }
        filled + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_something_is_filled_in_once() {
        let canned = Canned::read("", "发货", "{name}您好，{order} 今天发。{name} {x} {").unwrap();
        assert_eq!(canned.filled("{order}", Some("2611")), "{order}您好，2611 今天发。{order} {x} {");
        assert_eq!(canned.filled("梨", None), "梨您好，{order} 今天发。梨 {x} {");
    }

    #[test]
    fn what_weibo_would_not_take_is_not_kept() {
        let wrong = |category: &str, title: &str, text: &str| -> Vec<&str> {
            let wrong = Canned::read(category, title, text).unwrap_err();
            wrong.into_iter().map(|(field, _)| field).collect()
        };
        assert_eq!(wrong("", "", ""), ["title", "text"]);
        assert_eq!(wrong("a\u{0}", "b", "c"), ["category"]);
        assert_eq!(wrong("", "b", &"好".repeat(300)), ["text"]);
        assert!(Canned::read("", "b", &"好".repeat(299)).is_ok());
    }
}
