//! The house rules that a compiler cannot see: who may know whom, where SQL may live, and that every text
//! stands in both catalogs.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the source shall fail")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room, and the rooms it may name. `main`, `command`, `app`, `demo` and `doctor` wire everything and are free.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("money", &[]),
    ("text", &[]),
    ("clock", &[]),
    ("actor", &[]),
    ("seal", &[]),
    ("files", &[]),
    ("config", &["files", "seal"]),
    ("db", &[]),
    ("jobs", &["db"]),
    ("weibo", &["money", "clock"]),
    ("sandbox", &["weibo", "clock"]),
    ("settings", &["actor", "money", "text", "clock", "db", "seal", "weibo"]),
    ("catalog", &["actor", "settings", "money", "text", "clock", "db", "files", "jobs"]),
    ("customers", &["money", "text", "clock", "db", "seal", "jobs", "weibo"]),
    ("staff", &["actor", "text", "customers", "clock", "db", "seal", "jobs"]),
    ("coupons", &["catalog", "customers", "money", "text", "clock", "db", "seal"]),
    ("orders", &["actor", "coupons", "catalog", "customers", "money", "text", "clock", "db", "seal", "jobs"]),
    (
        "payments",
        &[
            "actor",
            "orders",
            "catalog",
            "customers",
            "settings",
            "weibo",
            "money",
            "text",
            "clock",
            "db",
            "jobs",
        ],
    ),
    (
        "checkout",
        &[
            "actor",
            "payments",
            "orders",
            "coupons",
            "catalog",
            "customers",
            "settings",
            "money",
            "text",
            "clock",
            "db",
            "jobs",
        ],
    ),
    (
        "sharing",
        &[
            "actor",
            "orders",
            "coupons",
            "catalog",
            "customers",
            "weibo",
            "money",
            "text",
            "clock",
            "db",
            "seal",
            "jobs",
        ],
    ),
    (
        "partners",
        &[
            "actor",
            "sharing",
            "transfers",
            "orders",
            "catalog",
            "customers",
            "settings",
            "money",
            "text",
            "clock",
            "db",
            "seal",
            "jobs",
        ],
    ),
    (
        "fans",
        &[
            "actor",
            "orders",
            "coupons",
            "catalog",
            "customers",
            "settings",
            "weibo",
            "money",
            "text",
            "clock",
            "db",
            "files",
            "seal",
            "jobs",
        ],
    ),
    ("figures", &["orders", "payments", "catalog", "money", "text", "clock", "db", "jobs"]),
    (
        "transfers",
        &["actor", "payments", "orders", "catalog", "customers", "money", "text", "clock", "db", "jobs"],
    ),
    ("reconciliation", &["actor", "transfers", "payments", "weibo", "money", "text", "clock", "db", "jobs"]),
    (
        "web",
        &[
            "reconciliation",
            "figures",
            "checkout",
            "payments",
            "orders",
            "coupons",
            "catalog",
            "customers",
            "sharing",
            "partners",
            "fans",
            "transfers",
            "staff",
            "settings",
            "actor",
            "weibo",
            "jobs",
            "money",
            "text",
            "clock",
            "db",
            "files",
            "seal",
            "web",
        ],
    ),
    (
        "worker",
        &[
            "reconciliation",
            "figures",
            "checkout",
            "payments",
            "orders",
            "catalog",
            "customers",
            "sharing",
            "partners",
            "fans",
            "transfers",
            "staff",
            "settings",
            "actor",
            "weibo",
            "jobs",
            "money",
            "clock",
            "db",
            "files",
            "seal",
        ],
    ),
];

/// Rooms that stand outside may use one thing of `weibo`, and nothing else.
const ONLY_SIGNATURE: &str = "sandbox";

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(dir), extension, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no {extension} files under {dir}");
    found
}

fn root() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap())
}

fn short(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn room_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
    first.trim_end_matches(".rs").to_owned()
}

fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The rooms that a file names by `crate::room` or inside `use crate::{room, ..}`.
fn named_rooms(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for after in text.split("crate::").skip(1) {
        let Some(list) = after.strip_prefix('{') else {
            named.insert(word(after).to_owned());
            continue;
        };
        let mut depth = 0;
        let mut at_start = true;
        for (i, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => at_start = true,
                c if at_start && depth == 0 && c.is_alphabetic() => {
                    named.insert(word(&list[i..]).to_owned());
                    at_start = false;
                }
                _ => {}
            }
        }
    }
    named
}

#[test]
fn rooms_know_only_the_rooms_below_them() {
    let free = ["main", "lib", "command", "app", "demo", "doctor"];
    let mut broken = Vec::new();
    for path in files("src", "rs") {
        let room = room_of(&path);
        if free.contains(&room.as_str()) {
            continue;
        }
        let (_, may_know) = MAY_KNOW.iter().find(|(name, _)| *name == room).expect("a room without a place");
        let text = read(&path);
        for named in named_rooms(&text) {
            let is_room = MAY_KNOW.iter().any(|(name, _)| *name == named) || free.contains(&named.as_str());
            if is_room && named != room && !may_know.contains(&named.as_str()) {
                broken.push(format!("{} names crate::{named}", short(&path)));
            }
        }
        if room == ONLY_SIGNATURE {
            for after in text.split("crate::weibo::").skip(1) {
                if word(after) != "signature" {
                    broken.push(format!("{} names weibo::{}", short(&path), word(after)));
                }
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_room_that_is_not_on_the_map_is_found() {
    let named = named_rooms("use crate::{catalog, web::{self, Shop}};\nuse crate::orders::{Order, x};");
    assert_eq!(named, ["catalog", "orders", "web"].map(String::from).into());
}

#[test]
fn sql_lives_in_stores_only() {
    let broken: Vec<String> = files("src", "rs")
        .into_iter()
        .filter(|path| {
            let text = read(path);
            let stores =
                path.ends_with("store.rs") || path.parent().is_some_and(|dir| dir.ends_with("store"));
            let free = stores || ["db", "jobs"].contains(&room_of(path).as_str());
            !free && text.contains("sqlx::query")
        })
        .map(|path| short(&path))
        .collect();
    assert!(broken.is_empty(), "SQL outside a store: {broken:#?}");
}

#[test]
fn files_stay_short_and_say_what_they_are_for() {
    let mut broken = Vec::new();
    for path in files("src", "rs") {
        let text = read(&path);
        let lines = text.lines().count();
        if lines > 350 {
            broken.push(format!("{} has {lines} lines: look for the second room inside", short(&path)));
        }
        if !text.starts_with("//!") {
            broken.push(format!("{} does not say what it is for", short(&path)));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn nothing_unescaped_reaches_a_page() {
    let mut broken = Vec::new();
    for path in files("templates", "html") {
        let text = read(&path);
        for (line, content) in text.lines().enumerate() {
            let raw = content.replace("|json|safe", "").contains("|safe");
            let inline =
                content.contains("<style") || content.contains(" style=") || content.contains(" onclick=");
            // Data that nothing runs.
            let content = content.replace("<script type=\"application/ld+json\">", "");
            let script = content.contains("<script") && !content.contains("src=");
            if raw || inline || script {
                broken.push(format!("{}:{}", short(&path), line + 1));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The keys of a catalog.
fn keys(language: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for path in files(&format!("src/web/texts/{language}"), "ftl") {
        for line in read(&path).lines() {
            if let Some((key, _)) = line.split_once(" =")
                && key.starts_with(|c: char| c.is_ascii_lowercase())
            {
                assert!(keys.insert(key.to_owned()), "{key} stands twice in {language}");
            }
        }
    }
    keys
}

#[test]
fn every_text_stands_in_both_languages() {
    let (chinese, english) = (keys("zh-CN"), keys("en"));
    assert_eq!(chinese.difference(&english).collect::<Vec<_>>(), Vec::<&String>::new(), "only in Chinese");
    assert_eq!(english.difference(&chinese).collect::<Vec<_>>(), Vec::<&String>::new(), "only in English");
}

#[test]
fn every_text_that_is_said_is_there_and_none_is_left_over() {
    let catalog = keys("zh-CN");
    let mut sources: Vec<PathBuf> = files("templates", "html");
    sources.retain(|path| !short(path).starts_with("templates/sandbox"));
    sources.extend(files("src/web", "rs"));
    let all: String = sources.iter().map(|path| read(path)).collect();
    let mut missing = BTreeSet::new();
    for call in ["say(\"", "say_with(\""] {
        for after in all.split(call).skip(1) {
            let key = &after[..after.find('"').unwrap()];
            if !catalog.contains(key) && !key.contains('{') {
                missing.insert(key.to_owned());
            }
        }
    }
    assert!(missing.is_empty(), "said and not there: {missing:?}");
    // Titles and words for states and fields are put together from a part and a name.
    let composed = |key: &str| {
        let error = key.strip_suffix("-title").is_some_and(|error| all.contains(&format!("\"{error}\"")));
        error || key.starts_with("word-") || key.starts_with("field-")
    };
    let unsaid: Vec<&String> =
        catalog.iter().filter(|key| !all.contains(&format!("\"{key}\"")) && !composed(key)).collect();
    assert!(unsaid.is_empty(), "there and never said: {unsaid:?}");
}
