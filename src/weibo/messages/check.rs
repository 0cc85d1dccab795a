//! What Weibo would refuse in something said to a fan (fans-service.md §5.1).

use super::read::degrees;
use super::{Article, MOST_ARTICLES, Reply, TEXT_LIMIT};
use url::Url;

/// Why Weibo would refuse it. Articles are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyFault {
    #[error("there is nothing in it")]
    Empty,
    #[error("the text has 300 characters or more")]
    TooLong,
    #[error("there are more than 8 articles")]
    TooMany,
    #[error("article {0} has no name")]
    ArticleName(usize),
    #[error("article {0} leads to no absolute address")]
    ArticleUrl(usize),
    #[error("the picture of article {0} has no absolute address")]
    ArticleImage(usize),
    #[error("a place needs both its coordinates, in degrees")]
    Coordinates,
}

impl Reply {
    /// All that is wrong with it.
    pub fn check(&self) -> Result<(), Vec<ReplyFault>> {
        let mut faults = Vec::new();
        match self {
            Reply::Text { text } if text.trim().is_empty() => faults.push(ReplyFault::Empty),
            Reply::Text { text } if text.chars().count() >= TEXT_LIMIT => faults.push(ReplyFault::TooLong),
            Reply::Text { .. } => {}
            Reply::Articles { articles } => check_articles(articles, &mut faults),
            Reply::Position { longitude, latitude } => {
                if !degrees(longitude, 180.0) || !degrees(latitude, 90.0) {
                    faults.push(ReplyFault::Coordinates);
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

fn check_articles(articles: &[Article], faults: &mut Vec<ReplyFault>) {
    match articles.len() {
        0 => faults.push(ReplyFault::Empty),
        1..=MOST_ARTICLES => {}
        _ => faults.push(ReplyFault::TooMany),
    }
    for (at, article) in articles.iter().enumerate().take(MOST_ARTICLES) {
        for (fits, fault) in [
            (!article.display_name.trim().is_empty(), ReplyFault::ArticleName(at)),
            (is_absolute(&article.url), ReplyFault::ArticleUrl(at)),
            (is_absolute(&article.image), ReplyFault::ArticleImage(at)),
        ] {
            if !fits {
                faults.push(fault);
            }
        }
    }
}

/// An http or https address, written out in full.
pub(super) fn is_absolute(text: &str) -> bool {
    let schemed = text.starts_with("http://") || text.starts_with("https://");
    schemed && Url::parse(text).is_ok_and(|url| url.has_host()) && !text.chars().any(char::is_whitespace)
}
