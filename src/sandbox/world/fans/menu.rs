//! The menu under the chat, and what Weibo lets stand in it (fans-service.md §8).

use super::reply::is_absolute;
use super::trouble::Trouble;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// As it was published.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Menu {
    pub button: Vec<Button>,
}

/// A leaf, or a name over leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Button {
    Below { name: String, sub_button: Vec<Leaf> },
    Leaf(Leaf),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Leaf {
    Click { name: String, key: String },
    View { name: String, url: String },
}

impl Menu {
    /// From the text of the field `menus`.
    pub fn read(text: &str) -> Result<Menu, Trouble> {
        let value: Value = serde_json::from_str(text).map_err(|_| Trouble::Menu("not JSON"))?;
        let list = value["button"].as_array().ok_or(Trouble::Menu("no list of buttons"))?;
        if !(1..=3).contains(&list.len()) {
            return Err(Trouble::Menu("1 to 3 buttons"));
        }
        Ok(Menu { button: list.iter().map(button).collect::<Result<_, _>>()? })
    }

    /// Whether a leaf of it answers to this.
    pub fn has(&self, like: impl Fn(&Leaf) -> bool) -> bool {
        self.button.iter().any(|button| match button {
            Button::Leaf(leaf) => like(leaf),
            Button::Below { sub_button, .. } => sub_button.iter().any(&like),
        })
    }
}

fn button(value: &Value) -> Result<Button, Trouble> {
    let Some(below) = value["sub_button"].as_array().filter(|below| !below.is_empty()) else {
        return Ok(Button::Leaf(leaf(value, 16)?));
    };
    if below.len() > 5 {
        return Err(Trouble::Menu("1 to 5 buttons below one"));
    }
    let sub_button = below.iter().map(|value| leaf(value, 40)).collect::<Result<_, _>>()?;
    Ok(Button::Below { name: bounded(&value["name"], 16, "a name has 1 to 16 bytes")?, sub_button })
}

fn leaf(value: &Value, name_limit: usize) -> Result<Leaf, Trouble> {
    if value["sub_button"].as_array().is_some_and(|below| !below.is_empty()) {
        return Err(Trouble::Menu("two levels"));
    }
    let words = if name_limit == 16 { "a name has 1 to 16 bytes" } else { "a name below has 1 to 40 bytes" };
    let name = bounded(&value["name"], name_limit, words)?;
    match value["type"].as_str() {
        Some("click") => {
            Ok(Leaf::Click { name, key: bounded(&value["key"], 128, "a key has 1 to 128 bytes")? })
        }
        Some("view") => {
            let url = bounded(&value["url"], 256, "a url has 1 to 256 bytes")?;
            if is_absolute(&url) {
                Ok(Leaf::View { name, url })
            } else {
                Err(Trouble::Menu("the url is no address"))
            }
        }
        _ => Err(Trouble::Menu("the type is click or view")),
    }
}

fn bounded(value: &Value, most: usize, words: &'static str) -> Result<String, Trouble> {
    let text = value.as_str().unwrap_or_default();
    if (1..=most).contains(&text.len()) { Ok(text.to_owned()) } else { Err(Trouble::Menu(words)) }
}
