//! What the shop says to fans, and what Weibo lets through (fans-service.md §5.1, §11).

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// A text has fewer characters (§5.1).
const TEXT_LIMIT: usize = 300;
const MOST_ARTICLES: usize = 8;

/// Something said to a fan, as Weibo understood it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SandboxReply {
    Text { text: String },
    Articles { articles: Vec<SandboxArticle> },
    Position { longitude: String, latitude: String },
}

/// A card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SandboxArticle {
    pub display_name: String,
    pub summary: String,
    pub image: String,
    pub url: String,
}

/// Why it is not said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadReply {
    #[error("not readable: {0}")]
    Unreadable(String),
    #[error("the type is text, articles or position, not {0:?}")]
    Kind(String),
    #[error("it is addressed to somebody else")]
    Elsewhere,
    #[error("a text has 1 to 299 characters")]
    Text,
    #[error("1 to 8 articles")]
    HowMany,
    #[error("an article without display_name")]
    Unnamed,
    #[error("an article's url is absolute, with http or https")]
    Address,
    #[error("a position has longitude and latitude, in degrees")]
    Position,
    #[error("she has just unfollowed")]
    Unfollowed,
}

impl SandboxReply {
    /// Its words, or what else there is to see.
    pub fn words(&self) -> String {
        match self {
            SandboxReply::Text { text } => text.clone(),
            SandboxReply::Articles { articles } => {
                articles.iter().map(|article| article.display_name.as_str()).collect::<Vec<_>>().join(" · ")
            }
            SandboxReply::Position { longitude, latitude } => format!("{longitude}, {latitude}"),
        }
    }

    /// From `type` and the decoded `data`.
    pub fn read(kind: &str, data: &Value) -> Result<SandboxReply, BadReply> {
        let text = |name: &str| match &data[name] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => String::new(),
        };
        let reply = match kind {
            "text" => SandboxReply::Text { text: text("text") },
            "articles" => SandboxReply::Articles { articles: articles(&data["articles"])? },
            "position" => SandboxReply::Position { longitude: text("longitude"), latitude: text("latitude") },
            other => return Err(BadReply::Kind(other.chars().take(40).collect())),
        };
        reply.checked()
    }

    /// Within the bounds of §5.1.
    pub fn checked(self) -> Result<SandboxReply, BadReply> {
        match &self {
            SandboxReply::Text { text } => {
                if text.is_empty() || text.chars().count() >= TEXT_LIMIT {
                    return Err(BadReply::Text);
                }
            }
            SandboxReply::Articles { articles } => {
                if articles.is_empty() || articles.len() > MOST_ARTICLES {
                    return Err(BadReply::HowMany);
                }
                for article in articles {
                    article.check()?;
                }
            }
            SandboxReply::Position { longitude, latitude } => {
                if !is_degrees(longitude, 180) || !is_degrees(latitude, 90) {
                    return Err(BadReply::Position);
                }
            }
        }
        Ok(self)
    }
}

impl SandboxArticle {
    fn check(&self) -> Result<(), BadReply> {
        if self.display_name.is_empty() {
            return Err(BadReply::Unnamed);
        }
        if !is_absolute(&self.url) || !(self.image.is_empty() || is_absolute(&self.image)) {
            return Err(BadReply::Address);
        }
        Ok(())
    }
}

pub fn articles(list: &Value) -> Result<Vec<SandboxArticle>, BadReply> {
    serde_json::from_value(list.clone()).map_err(|error| BadReply::Unreadable(error.to_string()))
}

/// `data` as it stands in a reply: encoded text in either flavour, plain text, or an object (§5.1, §11).
pub fn data(value: &Value) -> Result<Value, BadReply> {
    match value {
        Value::Object(_) => Ok(value.clone()),
        Value::String(text) => data_text(text),
        _ => Err(BadReply::Unreadable("data is neither text nor an object".into())),
    }
}

/// The same from text, encoded once or twice, or not at all.
pub fn data_text(text: &str) -> Result<Value, BadReply> {
    let mut text = text.trim().to_owned();
    for _ in 0..2 {
        if text.starts_with('{') {
            break;
        }
        text = decoded(&text);
    }
    serde_json::from_str(&text).map_err(|error| BadReply::Unreadable(error.to_string()))
}

/// As a form's value is decoded: `+` is a blank.
fn decoded(text: &str) -> String {
    // Whatever separates pairs belongs to the value here.
    let alone = format!("v={}", text.replace('&', "%26"));
    form_urlencoded::parse(alone.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

pub fn is_absolute(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_degrees(text: &str, most: u32) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits =
        |part: &str| !part.is_empty() && part.len() <= 20 && part.bytes().all(|b| b.is_ascii_digit());
    are_digits(whole)
        && are_digits(rest)
        && whole
            .parse::<u32>()
            .is_ok_and(|whole| whole < most || (whole == most && rest.bytes().all(|digit| digit == b'0')))
}
