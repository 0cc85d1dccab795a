//! In what two menus differ, button by button. Pure.

use crate::weibo::messages::{Button, Leaf, Menu, MenuPlace};

/// A button as it can be shown in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    /// `click`, `view`, or `group` where others stand below it.
    pub kind: &'static str,
    /// Its key or address.
    pub value: String,
}

/// A place where the two are not the same; nothing where one has no button there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub at: MenuPlace,
    pub ours: Option<Row>,
    pub theirs: Option<Row>,
}

/// By place: first each button, then those below it.
pub fn differences(ours: &Menu, theirs: &Menu) -> Vec<Difference> {
    let (ours, theirs) = (rows(ours), rows(theirs));
    let mut places: Vec<MenuPlace> = ours.iter().chain(&theirs).map(|(at, _)| *at).collect();
    places.sort_by_key(|at| (at.button, at.leaf));
    places.dedup();
    let of = |rows: &[(MenuPlace, Row)], at| rows.iter().find(|(a, _)| *a == at).map(|(_, row)| row.clone());
    places
        .into_iter()
        .map(|at| Difference { at, ours: of(&ours, at), theirs: of(&theirs, at) })
        .filter(|difference| difference.ours != difference.theirs)
        .collect()
}

fn rows(menu: &Menu) -> Vec<(MenuPlace, Row)> {
    let mut rows = Vec::new();
    for (index, button) in menu.buttons.iter().enumerate() {
        let at = MenuPlace { button: index, leaf: None };
        match button {
            Button::Leaf(leaf) => rows.push((at, row(leaf))),
            Button::Group { name, leaves } => {
                rows.push((at, Row { name: name.clone(), kind: "group", value: String::new() }));
                let below = leaves.iter().enumerate();
                rows.extend(below.map(|(index, leaf)| (MenuPlace { leaf: Some(index), ..at }, row(leaf))));
            }
        }
    }
    rows
}

fn row(leaf: &Leaf) -> Row {
    Row { name: leaf.name().to_owned(), kind: leaf.kind(), value: leaf.value().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn click(name: &str) -> Leaf {
        Leaf::Click { name: name.into(), key: name.into() }
    }

    fn of(buttons: Vec<Button>) -> Menu {
        Menu { buttons }
    }

    #[test]
    fn every_place_is_held_against_the_same_place() {
        let below = |names: &[&str]| Button::Group {
            name: "more".into(),
            leaves: names.iter().map(|name| click(name)).collect(),
        };
        let ours = of(vec![Button::Leaf(click("a")), below(&["x", "y"])]);
        assert_eq!(differences(&ours, &ours), []);
        let theirs = of(vec![Button::Leaf(click("b")), below(&["x", "z", "w"]), Button::Leaf(click("c"))]);
        let found = differences(&ours, &theirs);
        let places: Vec<_> =
            found.iter().map(|difference| (difference.at.button, difference.at.leaf)).collect();
        assert_eq!(places, [(0, None), (1, Some(1)), (1, Some(2)), (2, None)]);
        assert_eq!(found[2].ours, None);
        assert_eq!(found[3].theirs.as_ref().unwrap().name, "c");
        let link = Leaf::View { name: "a".into(), url: "a".into() };
        assert_eq!(differences(&of(vec![Button::Leaf(click("a"))]), &of(vec![Button::Leaf(link)])).len(), 1);
        assert_eq!(differences(&ours, &Menu::default()).len(), 4);
    }
}
