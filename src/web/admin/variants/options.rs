//! The axes of a product as they were typed: rows that are added and taken away without losing a word.

use crate::catalog::options::{AXES, ROWS, WantedAxis, combinations};
use crate::catalog::{ChoiceId, Draft};
use crate::customers::{self, line};
use crate::text::Text;
use crate::web::admin::typed::why_wrong;
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use std::collections::{BTreeSet, HashMap};

/// Names are as long as a button can be.
const NAME: usize = 30;

#[derive(Debug, Clone, Default)]
pub struct TypedOptions {
    pub axes: Vec<TypedAxis>,
}

#[derive(Debug, Clone, Default)]
pub struct TypedAxis {
    /// Which axis of the product it is, counted from 1; empty for a new one.
    pub was: String,
    pub zh: String,
    pub en: String,
    pub choices: Vec<TypedChoice>,
}

#[derive(Debug, Clone, Default)]
pub struct TypedChoice {
    /// Empty for a new one.
    pub id: String,
    pub zh: String,
    pub en: String,
}

impl TypedOptions {
    pub fn of(draft: &Draft) -> TypedOptions {
        let axes = (1_usize..).zip(&draft.product.axes).map(|(number, axis)| TypedAxis {
            was: number.to_string(),
            zh: axis.name.zh.clone(),
            en: axis.name.en.clone(),
            choices: axis
                .choices
                .iter()
                .map(|c| TypedChoice { id: c.id.0.to_string(), zh: c.name.zh.clone(), en: c.name.en.clone() })
                .collect(),
        });
        TypedOptions { axes: axes.collect() }
    }

    pub fn read(fields: &Fields) -> TypedOptions {
        let fields = fields.by_name();
        let of = |name: String| fields.get(name.as_str()).map(|value| (*value).to_owned());
        let axis = |axis: usize| {
            let choice = |number: usize| {
                let id = of(format!("a{axis}-c{number}-id"))?;
                let (zh, en) = (of(format!("a{axis}-c{number}-zh"))?, of(format!("a{axis}-c{number}-en"))?);
                Some(TypedChoice { id, zh, en })
            };
            let was = of(format!("a{axis}-was"))?;
            let (zh, en) = (of(format!("a{axis}-zh"))?, of(format!("a{axis}-en"))?);
            let choices = (1..).map_while(choice).take(ROWS + 1).collect();
            Some(TypedAxis { was, zh, en, choices })
        };
        TypedOptions { axes: (1..=AXES).map_while(axis).collect() }
    }

    /// Whether this button only changes the form: a row more, a row less.
    pub fn press(&mut self, button: &str) -> bool {
        let numbers: Vec<usize> = button.split('-').filter_map(|word| word.parse().ok()).collect();
        let words: String = button.trim_end_matches(|c: char| c.is_ascii_digit() || c == '-').to_owned();
        let at = |number: Option<&usize>| number.and_then(|n| n.checked_sub(1));
        match (words.as_str(), at(numbers.first()), at(numbers.get(1))) {
            ("add-axis", None, None) if self.axes.len() < AXES => {
                self.axes
                    .push(TypedAxis { choices: vec![TypedChoice::default(); 2], ..TypedAxis::default() });
            }
            ("remove-axis", Some(axis), None) if axis < self.axes.len() => {
                self.axes.remove(axis);
            }
            ("add-choice", Some(axis), None) => {
                if let Some(axis) = self.axes.get_mut(axis).filter(|axis| axis.choices.len() < ROWS) {
                    axis.choices.push(TypedChoice::default());
                }
            }
            ("remove-choice", Some(axis), Some(choice)) => {
                if let Some(axis) = self.axes.get_mut(axis).filter(|axis| choice < axis.choices.len()) {
                    axis.choices.remove(choice);
                }
            }
            _ => return false,
        }
        true
    }

    /// What was meant, or what is wrong with it. Rows in which nothing stands are left out.
    pub fn wanted(&self, words: Words) -> Result<Vec<WantedAxis>, Wrongs> {
        let mut wrongs = Wrongs::default();
        let mut wanted = Vec::new();
        for (number, axis) in (1..).zip(&self.axes) {
            let name = name(&mut wrongs, words, &format!("a{number}"), &axis.zh, &axis.en);
            let mut seen = BTreeSet::new();
            let mut choices = Vec::new();
            for (row, choice) in (1..).zip(&axis.choices) {
                if choice.zh.trim().is_empty() && choice.en.trim().is_empty() {
                    continue;
                }
                let field = format!("a{number}-c{row}");
                let name = name_of_choice(&mut wrongs, words, &field, choice);
                if !name.zh.is_empty() && !seen.insert(name.zh.clone()) {
                    wrongs.add(format!("{field}-zh"), words.say("wrong-choice-twice"));
                }
                choices.push((choice.id.parse().ok().map(ChoiceId), name));
            }
            if choices.is_empty() {
                wrongs.add(format!("a{number}-c1-zh"), words.say("wrong-no-choice"));
            }
            let was = axis.was.parse::<usize>().ok().and_then(|was| was.checked_sub(1));
            wanted.push(WantedAxis { was, name, choices });
        }
        if combinations(wanted.iter().map(|axis| axis.choices.len())) > ROWS {
            wrongs.add("a1-zh", words.say_with("wrong-too-many-rows", "most", ROWS));
        }
        if wrongs.is_empty() { Ok(wanted) } else { Err(wrongs) }
    }

    /// The axes as they are stored, for who has to compare them with what she typed.
    pub fn in_words(draft: &Draft) -> Vec<String> {
        let axis = |axis: &crate::catalog::Axis| {
            let choices: Vec<&str> = axis.choices.iter().map(|choice| choice.name.zh.as_str()).collect();
            format!("{}: {}", axis.name.zh, choices.join(" / "))
        };
        draft.product.axes.iter().map(axis).collect()
    }

    /// The same axes, numbered as they are stored now: what was typed may be saved over them.
    pub fn over(mut self, draft: &Draft) -> TypedOptions {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (number, axis) in (1..).zip(&draft.product.axes) {
            known.extend(axis.choices.iter().map(|choice| (choice.id.0.to_string(), number)));
        }
        let mut last = 0;
        for axis in &mut self.axes {
            let now = axis.choices.iter().find_map(|choice| known.get(&choice.id)).copied();
            let now = now.filter(|now| *now > last);
            last = now.unwrap_or(last);
            axis.was = now.map(|now| now.to_string()).unwrap_or_default();
            for choice in &mut axis.choices {
                if known.get(&choice.id).copied() != now {
                    choice.id = String::new();
                }
            }
        }
        self
    }
}

fn name(wrongs: &mut Wrongs, words: Words, field: &str, zh: &str, en: &str) -> Text {
    let mut read = |language: &str, text: &str| {
        let read = line(text, NAME);
        let missing = language == "zh" && read.as_ref().is_ok_and(String::is_empty);
        let read = if missing { Err(customers::Wrong::Missing) } else { read };
        read.unwrap_or_else(|why| {
            wrongs.add(format!("{field}-{language}"), why_wrong(words, why));
            String::new()
        })
    };
    Text { zh: read("zh", zh), en: read("en", en) }
}

fn name_of_choice(wrongs: &mut Wrongs, words: Words, field: &str, choice: &TypedChoice) -> Text {
    name(wrongs, words, field, &choice.zh, &choice.en)
}
