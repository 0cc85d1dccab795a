//! What a broadcast says, before its links are made. Pure.

use crate::web::admin::fans::broadcasts::reading::card_field;
use crate::weibo::messages::{Article, Reply, ReplyFault};
use std::collections::BTreeMap;
use url::Url;

/// Text, perhaps with a link below, or cards in the places in which they were typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    Text { words: String, path: Option<String> },
    Cards(Vec<Card>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Counted from 1.
    pub place: usize,
    pub title: String,
    pub summary: String,
    pub image: String,
    pub target: Target,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A page of ours, by a short link that is counted.
    Ours(String),
    Elsewhere(String),
}

/// A code that is as long as each: to see whether a message fits before its links are made.
const ANY_CODE: &str = "00000000";

impl Content {
    /// The paths of ours that it leads to.
    pub fn paths(&self) -> Vec<&str> {
        match self {
            Content::Text { path, .. } => path.as_deref().into_iter().collect(),
            Content::Cards(cards) => cards
                .iter()
                .filter_map(|card| match &card.target {
                    Target::Ours(path) => Some(path.as_str()),
                    Target::Elsewhere(_) => None,
                })
                .collect(),
        }
    }

    /// The message with these codes for its paths.
    pub fn message(&self, public: &Url, codes: &BTreeMap<String, String>) -> Reply {
        let link = |path: &str| {
            let mut link = public.clone();
            link.set_path(&format!("/s/{}", codes.get(path).map_or(ANY_CODE, String::as_str)));
            link.to_string()
        };
        match self {
            Content::Text { words, path: None } => Reply::Text { text: words.clone() },
            Content::Text { words, path: Some(path) } => {
                Reply::Text { text: format!("{words}\n{}", link(path)).trim_start().to_owned() }
            }
            Content::Cards(cards) => Reply::Articles {
                articles: cards
                    .iter()
                    .map(|card| Article {
                        display_name: card.title.clone(),
                        summary: card.summary.clone(),
                        image: card.image.clone(),
                        url: match &card.target {
                            Target::Ours(path) => link(path),
                            Target::Elsewhere(url) => url.clone(),
                        },
                    })
                    .collect(),
            },
        }
    }

    /// The field that a fault of the message is about, and the key of what to say.
    pub fn field_of(&self, fault: ReplyFault) -> (String, &'static str) {
        let card = |at: usize, field| {
            let place = match self {
                Content::Cards(cards) => cards.get(at).map_or(1, |card| card.place),
                Content::Text { .. } => 1,
            };
            card_field(place, field)
        };
        match fault {
            ReplyFault::ArticleName(at) => (card(at, "title"), "broadcast-wrong-title"),
            ReplyFault::ArticleUrl(at) => (card(at, "url"), "broadcast-wrong-url"),
            ReplyFault::ArticleImage(at) => (card(at, "image"), "broadcast-wrong-image"),
            ReplyFault::TooLong => ("words".to_owned(), "broadcast-wrong-long"),
            ReplyFault::Empty if matches!(self, Content::Cards(_)) => {
                (card_field(1, "product"), "broadcast-wrong-empty")
            }
            ReplyFault::Empty | ReplyFault::TooMany | ReplyFault::Coordinates => {
                ("words".to_owned(), "broadcast-wrong-empty")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_ours_get_a_short_link() {
        let public = Url::parse("https://a.example/").unwrap();
        let card = |place, target| Card {
            place,
            title: "茶".into(),
            summary: String::new(),
            image: "https://a.example/i.jpg".into(),
            target,
        };
        let ours = Target::Ours("/p/tea".into());
        let cards =
            Content::Cards(vec![card(1, ours), card(3, Target::Elsewhere("https://b.example/x".into()))]);
        assert_eq!(cards.paths(), ["/p/tea"]);
        let codes = BTreeMap::from([("/p/tea".to_owned(), "Abcd1234".to_owned())]);
        let Reply::Articles { articles } = cards.message(&public, &codes) else { panic!("no cards") };
        assert_eq!(articles[0].url, "https://a.example/s/Abcd1234");
        assert_eq!(articles[1].url, "https://b.example/x");
        assert_eq!(cards.field_of(ReplyFault::ArticleUrl(1)).0, "card-3-url");
        let text = Content::Text { words: "新茶".into(), path: Some("/p/tea".into()) };
        assert_eq!(
            text.message(&public, &codes),
            Reply::Text { text: "新茶\nhttps://a.example/s/Abcd1234".into() }
        );
    }
}
