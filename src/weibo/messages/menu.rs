//! The menu below a conversation (fans-service.md §8): one to three buttons, below each up to five.

use super::check::is_absolute;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub const MOST_BUTTONS: usize = 3;
pub const MOST_SUB_BUTTONS: usize = 5;
/// How long names may be: above and below.
pub const NAME_BYTES: (usize, usize) = (16, 40);
const KEY_BYTES: usize = 128;
const URL_BYTES: usize = 256;

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Menu {
    #[serde(rename = "button")]
    pub buttons: Vec<Button>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Button {
    Leaf(Leaf),
    Group {
        name: String,
        #[serde(rename = "sub_button")]
        leaves: Vec<Leaf>,
    },
}

/// A button that does something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Leaf {
    /// Tells us its key.
    Click { name: String, key: String },
    /// Opens a page.
    View { name: String, url: String },
}

/// A button's place: above, and below that. Counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuPlace {
    pub button: usize,
    pub leaf: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuFault {
    /// Nothing when it is of the whole menu.
    pub at: Option<MenuPlace>,
    pub wrong: MenuWrong,
}

/// Why Weibo would refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuWrong {
    /// One to three buttons.
    Buttons,
    /// One to five below one.
    Leaves,
    NameEmpty,
    NameTooLong,
    KeyEmpty,
    KeyTooLong,
    /// Two buttons with one key could not be told apart.
    KeyTwice,
    UrlWrong,
    UrlTooLong,
}

impl Button {
    pub fn name(&self) -> &str {
        match self {
            Button::Leaf(leaf) => leaf.name(),
            Button::Group { name, .. } => name,
        }
    }

    /// Those below it.
    pub fn leaves(&self) -> &[Leaf] {
        match self {
            Button::Leaf(_) => &[],
            Button::Group { leaves, .. } => leaves,
        }
    }
}

impl Leaf {
    pub fn name(&self) -> &str {
        match self {
            Leaf::Click { name, .. } | Leaf::View { name, .. } => name,
        }
    }

    /// Its key or its address.
    pub fn value(&self) -> &str {
        match self {
            Leaf::Click { key, .. } => key,
            Leaf::View { url, .. } => url,
        }
    }

    /// What Weibo calls it.
    pub fn kind(&self) -> &'static str {
        match self {
            Leaf::Click { .. } => "click",
            Leaf::View { .. } => "view",
        }
    }
}

impl Menu {
    /// All that is wrong with it.
    pub fn check(&self) -> Result<(), Vec<MenuFault>> {
        let mut faults = Vec::new();
        if !(1..=MOST_BUTTONS).contains(&self.buttons.len()) {
            faults.push(MenuFault { at: None, wrong: MenuWrong::Buttons });
        }
        let mut keys = Vec::new();
        for (index, button) in self.buttons.iter().enumerate() {
            let at = MenuPlace { button: index, leaf: None };
            match button {
                Button::Leaf(leaf) => check_leaf(leaf, at, NAME_BYTES.0, &mut keys, &mut faults),
                Button::Group { name, leaves } => {
                    check_name(name, at, NAME_BYTES.0, &mut faults);
                    if !(1..=MOST_SUB_BUTTONS).contains(&leaves.len()) {
                        faults.push(MenuFault { at: Some(at), wrong: MenuWrong::Leaves });
                    }
                    for (below, leaf) in leaves.iter().enumerate() {
                        let at = MenuPlace { leaf: Some(below), ..at };
                        check_leaf(leaf, at, NAME_BYTES.1, &mut keys, &mut faults);
                    }
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    /// As Weibo shows it: a leaf may carry an empty list of those below it. Nothing when it is of another kind.
    pub(super) fn shown(menu: &Value) -> Option<Menu> {
        let buttons = match menu.get("button") {
            None | Some(Value::Null) => &[][..],
            Some(buttons) => buttons.as_array()?,
        };
        buttons.iter().map(shown_button).collect::<Option<_>>().map(|buttons| Menu { buttons })
    }
}

fn shown_button(button: &Value) -> Option<Button> {
    match button.get("sub_button").and_then(Value::as_array).filter(|below| !below.is_empty()) {
        Some(below) => Some(Button::Group {
            name: text(button, "name")?,
            leaves: below.iter().map(shown_leaf).collect::<Option<_>>()?,
        }),
        None => shown_leaf(button).map(Button::Leaf),
    }
}

fn shown_leaf(button: &Value) -> Option<Leaf> {
    let name = text(button, "name")?;
    match text(button, "type")?.to_ascii_lowercase().as_str() {
        "click" => Some(Leaf::Click { name, key: text(button, "key")? }),
        "view" => Some(Leaf::View { name, url: text(button, "url")? }),
        _ => None,
    }
}

fn text(button: &Value, name: &str) -> Option<String> {
    button.get(name)?.as_str().map(super::read::clean)
}

fn check_name(name: &str, at: MenuPlace, most: usize, faults: &mut Vec<MenuFault>) {
    let wrong = match name.len() {
        _ if name.trim().is_empty() => MenuWrong::NameEmpty,
        length if length > most => MenuWrong::NameTooLong,
        _ => return,
    };
    faults.push(MenuFault { at: Some(at), wrong });
}

fn check_leaf<'a>(
    leaf: &'a Leaf,
    at: MenuPlace,
    longest_name: usize,
    keys: &mut Vec<&'a str>,
    faults: &mut Vec<MenuFault>,
) {
    check_name(leaf.name(), at, longest_name, faults);
    let wrong = match leaf {
        Leaf::Click { key, .. } if key.trim().is_empty() => MenuWrong::KeyEmpty,
        Leaf::Click { key, .. } if key.len() > KEY_BYTES => MenuWrong::KeyTooLong,
        Leaf::Click { key, .. } if keys.contains(&key.as_str()) => MenuWrong::KeyTwice,
        Leaf::Click { key, .. } => return keys.push(key),
        Leaf::View { url, .. } if url.len() > URL_BYTES => MenuWrong::UrlTooLong,
        Leaf::View { url, .. } if !is_absolute(url) => MenuWrong::UrlWrong,
        Leaf::View { .. } => return,
    };
    faults.push(MenuFault { at: Some(at), wrong });
}
