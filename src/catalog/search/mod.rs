//! Finding goods by what people type: Chinese words of any length, pinyin and its first letters, latin words with
//! a slip of the finger, SKUs. Several words must all be there.
//!
//! A product is found by the words that [`index`] keeps beside it in the transaction that changes it. A trigger
//! marks each change too, and [`catch_up`] takes what was marked: nothing is forgotten, whoever wrote.

mod near;
pub(super) mod words;

pub use super::store::search::{catch_up, index, index_many};

use super::ids::ProductId;
use super::store::search::{Candidate, candidates, near_words};
use sqlx::PgConnection;
use std::collections::BTreeMap;
use words::{Run, asked, fold, runs};

pub(super) use near::kept_under;

/// No list of what was found is longer.
pub const MOST: usize = 240;

/// What somebody types is read so far, in characters and in words.
const LONGEST: usize = 100;
const MOST_WORDS: usize = 12;
/// So many other spellings of what was typed are tried.
const SPELLINGS: usize = 4;

/// Where is looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What buyers see: never a draft.
    Shelf,
    /// Every product, for the staff.
    All,
}

/// What was found, the best first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    pub products: Vec<ProductId>,
    /// Nothing has what was typed: this was looked for instead.
    pub instead: Option<String>,
}

/// The products that have all words of `text`, at most `limit` and never more than [`MOST`]. Any text may be
/// asked for; one without a letter, a digit or a Chinese character finds nothing.
///
/// Names come first, then categories, SKUs and options, then summaries, then descriptions; among equals what is
/// in stock, then the merchant's order. Of more than [`MOST`] those first in the merchant's order are ranked: of
/// those among the first four thousand goods, else of four hundred that have the words.
pub async fn find(conn: &mut PgConnection, text: &str, limit: usize, scope: Scope) -> sqlx::Result<Found> {
    let question = Question::of(text);
    let mut products = search(conn, &question, scope).await?;
    let mut instead = None;
    if products.is_empty() {
        for other in other_spellings(conn, &question).await? {
            products = search(conn, &other, scope).await?;
            if !products.is_empty() {
                instead = Some(other.text());
                break;
            }
        }
    }
    products.truncate(limit);
    Ok(Found { products, instead })
}

/// As [`find`], for lists that only need to know which.
pub async fn ids(
    conn: &mut PgConnection,
    text: &str,
    limit: usize,
    scope: Scope,
) -> sqlx::Result<Vec<ProductId>> {
    Ok(find(conn, text, limit, scope).await?.products)
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Question(Vec<Run>);

impl Question {
    fn of(text: &str) -> Question {
        let start: String = text.chars().take(LONGEST).collect();
        Question(runs(&fold(&start)).into_iter().take(MOST_WORDS).collect())
    }

    fn words(&self) -> Vec<String> {
        self.0.iter().flat_map(asked).collect()
    }

    fn parts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|run| match run {
            Run::Chinese(chars) => chars.iter().collect(),
            Run::Word(word) => word.clone(),
        })
    }

    fn text(&self) -> String {
        self.parts().collect::<Vec<_>>().join(" ")
    }

    fn with(&self, other: &BTreeMap<&str, &str>) -> Question {
        let replace = |run: &Run| match run {
            Run::Word(word) => Run::Word((*other.get(word.as_str()).unwrap_or(&word.as_str())).to_owned()),
            Run::Chinese(_) => run.clone(),
        };
        Question(self.0.iter().map(replace).collect())
    }
}

async fn search(conn: &mut PgConnection, question: &Question, scope: Scope) -> sqlx::Result<Vec<ProductId>> {
    let words = question.words();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = candidates(conn, &words, scope == Scope::All, MOST).await?;
    found.sort_by_cached_key(|candidate| rank(question, candidate));
    Ok(found.into_iter().map(|candidate| candidate.product).collect())
}

/// Smaller is better. Candidates come in the merchant's order, which a stable sort keeps among equals.
fn rank(question: &Question, candidate: &Candidate) -> (usize, bool, usize) {
    let name = fold(&[candidate.name_zh.as_str(), &candidate.name_en].join("\n"));
    if candidate.in_name {
        return (0, !candidate.in_stock, exactness(question, &name));
    }
    let (category, summary) = (fold(&candidate.category), fold(&candidate.summary));
    let place = |part: String| match () {
        () if name.contains(&part) => 0,
        // A sound, a SKU and an option stand in no text that is at hand, and only beside names.
        () if category.contains(&part) || part.is_ascii() && !summary.contains(&part) => 1,
        () if summary.contains(&part) => 2,
        () => 3,
    };
    (question.parts().map(place).sum::<usize>().max(1), !candidate.in_stock, 0)
}

/// How far a name is from being just what was asked for. Its two languages are two lines.
fn exactness(question: &Question, name: &str) -> usize {
    let (asked, words) = (question.text(), runs(name));
    let whole = |run: &Run| matches!(run, Run::Chinese(_)) || words.contains(run);
    match (name.lines().any(|line| line.starts_with(&asked)), question.0.iter().all(whole)) {
        _ if name.lines().any(|line| line == asked) => 0,
        (true, true) => 1,
        (false, true) => 2,
        (true, false) => 3,
        (false, false) => 4,
    }
}

/// The question with words of the shop in place of those that may be slips of the finger, the nearest first.
async fn other_spellings(conn: &mut PgConnection, question: &Question) -> sqlx::Result<Vec<Question>> {
    let typed: Vec<String> = question.parts().filter(|part| near::slips(part) > 0).collect();
    if typed.is_empty() {
        return Ok(Vec::new());
    }
    let marks: Vec<i32> = typed.iter().flat_map(|word| near::looked_for_under(word)).collect();
    let known = near_words(conn, &marks).await?;
    let mut others = vec![(0, BTreeMap::new())];
    for typed in &typed {
        let mut near: Vec<(usize, &str)> =
            known.iter().map(|word| (near::apart(typed, word), word.as_str())).collect();
        near.retain(|(apart, _)| *apart <= near::slips(typed));
        if near.iter().any(|(apart, _)| *apart == 0) {
            // A word of the shop's own, as it is.
            continue;
        }
        near.sort_unstable();
        near.truncate(SPELLINGS);
        if near.is_empty() {
            continue;
        }
        others = others
            .iter()
            .flat_map(|(slips, chosen)| {
                near.iter().map(move |(apart, word)| {
                    let mut chosen: BTreeMap<&str, &str> = chosen.clone();
                    chosen.insert(typed, word);
                    (slips + apart, chosen)
                })
            })
            .collect();
        others.sort_by_key(|(slips, _)| *slips);
        others.truncate(SPELLINGS);
    }
    Ok(others.iter().map(|(_, chosen)| question.with(chosen)).filter(|other| other != question).collect())
}
