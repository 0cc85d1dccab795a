//! The fields of a menu: three buttons, five below each. A row that is empty is no button, wherever it stands.

use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use crate::weibo::messages::{
    Button, Leaf, MOST_BUTTONS, MOST_SUB_BUTTONS, Menu, MenuFault, MenuPlace, MenuWrong, NAME_BYTES,
};

/// What a button does, as its field says: nothing chosen yet is nothing.
pub const KINDS: [&str; 3] = ["click", "view", "group"];

/// A row of the form, as it was typed.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// Before the names of its fields, such as `b1` or `b1-2`.
    pub id: String,
    pub name: String,
    pub kind: String,
    pub value: String,
    /// Those below it; none for a row that is below another.
    pub below: Vec<Row>,
}

impl Row {
    fn read(form: &Fields, id: String) -> Row {
        let field = |field: &str| form.text(&format!("{id}-{field}")).trim().to_owned();
        Row { name: field("name"), kind: field("kind"), value: field("value"), below: Vec::new(), id }
    }

    fn blank(id: String) -> Row {
        Row { id, ..Row::default() }
    }

    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.value.is_empty() && self.below.iter().all(Row::is_empty)
    }

    pub fn is_kind(&self, kind: &str) -> bool {
        self.kind == kind
    }

    /// So many bytes its name may have.
    pub fn most(&self) -> usize {
        if self.id.contains('-') { NAME_BYTES.1 } else { NAME_BYTES.0 }
    }

    pub fn is_open(&self) -> bool {
        self.kind == "group" || self.below.iter().any(|row| !row.is_empty())
    }

    /// The number of its place, from 1.
    pub fn place(&self) -> &str {
        self.id.rsplit(['b', '-']).next().unwrap_or_default()
    }

    fn leaf(&self) -> Option<Leaf> {
        let (name, value) = (self.name.clone(), self.value.clone());
        match self.kind.as_str() {
            "click" => Some(Leaf::Click { name, key: value }),
            "view" => Some(Leaf::View { name, url: value }),
            _ => None,
        }
    }
}

/// The whole form.
#[derive(Debug, Clone)]
pub struct Form(pub Vec<Row>);

impl Form {
    pub fn read(form: &Fields) -> Form {
        let rows = (1..=MOST_BUTTONS).map(|button| {
            let below = (1..=MOST_SUB_BUTTONS).map(|leaf| Row::read(form, format!("b{button}-{leaf}")));
            Row { below: below.collect(), ..Row::read(form, format!("b{button}")) }
        });
        Form(rows.collect())
    }

    /// A menu as it would have been typed.
    pub fn of(menu: &Menu) -> Form {
        let filled = |id: String, leaf: Option<&Leaf>| match leaf {
            Some(leaf) => {
                let (name, kind, value) = (leaf.name().into(), leaf.kind().into(), leaf.value().into());
                Row { id, name, kind, value, below: Vec::new() }
            }
            None => Row::blank(id),
        };
        let rows = (0..MOST_BUTTONS).map(|index| {
            let button = menu.buttons.get(index);
            let id = format!("b{}", index + 1);
            let leaves = button.map_or(&[][..], Button::leaves);
            let below =
                (0..MOST_SUB_BUTTONS).map(|below| filled(format!("{id}-{}", below + 1), leaves.get(below)));
            let below = below.collect();
            match button {
                Some(Button::Group { name, .. }) => {
                    Row { id, name: name.clone(), kind: "group".into(), value: String::new(), below }
                }
                Some(Button::Leaf(leaf)) => Row { below, ..filled(id, Some(leaf)) },
                None => Row { below, ..Row::blank(id) },
            }
        });
        Form(rows.collect())
    }

    /// The menu that it is, and what is wrong with it by the names of the fields.
    pub fn menu(&self, words: Words) -> (Menu, Wrongs) {
        let mut wrongs = Wrongs::default();
        let rows: Vec<&Row> = self.0.iter().filter(|row| !row.is_empty()).collect();
        let mut places: Vec<(&Row, Vec<&Row>)> = Vec::new();
        let mut menu = Menu::default();
        for row in rows {
            let below: Vec<&Row> = row.below.iter().filter(|row| !row.is_empty()).collect();
            let mut chosen = |row: &Row, leaf: Option<Leaf>| {
                leaf.unwrap_or_else(|| {
                    wrongs.add(format!("{}-kind", row.id), words.say("menu-choose-kind"));
                    // What stands there is shown in the preview all the same.
                    Leaf::Click { name: row.name.clone(), key: row.id.clone() }
                })
            };
            menu.buttons.push(if row.kind == "group" {
                let leaves = below.iter().map(|row| chosen(row, row.leaf())).collect();
                Button::Group { name: row.name.clone(), leaves }
            } else {
                Button::Leaf(chosen(row, row.leaf()))
            });
            places.push((row, below));
        }
        for fault in menu.check().err().unwrap_or_default() {
            let (field, key) = field(&places, fault);
            if wrongs.of(&field).is_none() {
                wrongs.add(field, words.say(key));
            }
        }
        // Otherwise they would be lost without a word.
        for row in self.0.iter().filter(|row| row.kind != "group") {
            if row.below.iter().any(|row| !row.is_empty()) && wrongs.of(&format!("{}-kind", row.id)).is_none()
            {
                wrongs.add(format!("{}-kind", row.id), words.say("menu-below-what"));
            }
        }
        for text in self.0.iter().flat_map(|row| std::iter::once(row).chain(&row.below)) {
            for (field, value) in [("name", &text.name), ("value", &text.value)] {
                if value.chars().any(char::is_control) {
                    wrongs.add(format!("{}-{field}", text.id), words.say("wrong-unprintable"));
                }
            }
        }
        (menu, wrongs)
    }
}

/// The field that a fault is of, and the key of the words for it.
fn field(places: &[(&Row, Vec<&Row>)], fault: MenuFault) -> (String, &'static str) {
    let row = |at: MenuPlace| {
        let (row, below) = &places[at.button];
        at.leaf.map_or(row.id.as_str(), |leaf| below[leaf].id.as_str())
    };
    let id = fault.at.map_or("b1", row);
    let (field, key) = match fault.wrong {
        MenuWrong::Buttons => ("name", "menu-no-button"),
        MenuWrong::Leaves => ("kind", "menu-nothing-below"),
        MenuWrong::NameEmpty => ("name", "wrong-missing"),
        MenuWrong::NameTooLong => ("name", "menu-name-too-long"),
        MenuWrong::KeyEmpty => ("value", "menu-no-key"),
        MenuWrong::KeyTooLong => ("value", "menu-key-too-long"),
        MenuWrong::KeyTwice => ("value", "menu-key-twice"),
        MenuWrong::UrlWrong => ("value", "menu-url-wrong"),
        MenuWrong::UrlTooLong => ("value", "menu-url-too-long"),
    };
    (format!("{id}-{field}"), key)
}
