//! One answer of what all the rules that speak would say. Pure.
//!
//! The first rule that has something to say decides: cards are joined by the cards of those behind it, up to what one
//! message carries; anything else of theirs is left out. A rule that calls a person calls her in any case.

use super::engine::Ready;
use super::rule::{Answer, RuleId};
use crate::catalog::ProductId;
use crate::coupons::CouponId;
use crate::weibo::messages::{Article, Format, MOST_ARTICLES, Reply, TEXT_LIMIT};
use std::collections::HashMap;

/// The cards of products on the shelf.
pub type Cards = HashMap<ProductId, Article>;

/// What there is to be shown.
#[derive(Debug, Clone, Default)]
pub struct Goods {
    pub cards: Cards,
    /// The address of the page of each coupon that is given now.
    pub coupons: HashMap<CouponId, String>,
}

/// What comes of the rules that speak.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Composed {
    said: Option<Words>,
    /// The first rule that had something to say, or called somebody.
    pub rule: Option<RuleId>,
    /// She is handed to a person.
    pub human: bool,
    /// What came of each rule, in their order.
    pub parts: Vec<(RuleId, Part)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Words {
    Text(String),
    /// A link to her orders stands behind it.
    WithOrders(String),
    /// This link stands behind it.
    WithLink(String, String),
    Cards(Vec<Article>),
    Place {
        longitude: String,
        latitude: String,
        /// Where no place can be sent.
        text: String,
    },
}

/// What came of a rule that speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Answers,
    /// Its cards stand behind those of an earlier rule.
    Joins,
    /// Somebody is called, and no more is said.
    Calls,
    /// None of its products is on the shelf, or its coupon is not given.
    NothingLeft,
    /// An earlier one answers already.
    LeftOut,
    /// An earlier one lets none behind it speak.
    Behind,
}

impl Part {
    /// Behind `word-part-` in the texts.
    pub fn name(self) -> &'static str {
        match self {
            Part::Answers => "answers",
            Part::Joins => "joins",
            Part::Calls => "calls",
            Part::NothingLeft => "nothing-left",
            Part::LeftOut => "left-out",
            Part::Behind => "behind",
        }
    }
}

/// Puts together what these rules say, all of which speak, in their order. `message` decides which of several texts it
/// is, always the same for the same message.
pub fn compose<'a>(speaking: impl IntoIterator<Item = &'a Ready>, goods: &Goods, message: i64) -> Composed {
    let mut all = Composed::default();
    let mut over = false;
    for ready in speaking {
        let part = if over { Part::Behind } else { all.hear(&ready.rule.answer, goods, message) };
        all.parts.push((ready.id, part));
        if matches!(part, Part::Answers | Part::Joins | Part::Calls) {
            all.rule.get_or_insert(ready.id);
            over = !ready.rule.goes_on;
        }
    }
    all
}

/// The products whose cards these rules may need, all of which would speak: none of a rule behind the last that does.
pub fn products(speaking: &[&Ready]) -> Vec<ProductId> {
    let mut wanted = Vec::new();
    let mut something_may_be_said = false;
    for ready in speaking {
        let answer = &ready.rule.answer;
        wanted.extend_from_slice(answer.products());
        let surely_counts = match answer {
            Answer::Human { .. } => true,
            // Whether any is on the shelf, or given, is not known yet.
            Answer::Products { .. } | Answer::Coupon { .. } => false,
            Answer::Orders { .. } | Answer::Place { .. } => !something_may_be_said,
            Answer::Text { texts } => !something_may_be_said && !texts.is_empty(),
        };
        if surely_counts && !ready.rule.goes_on {
            break;
        }
        something_may_be_said = true;
    }
    wanted
}

impl Composed {
    fn hear(&mut self, answer: &Answer, goods: &Goods, message: i64) -> Part {
        let said = match answer {
            Answer::Text { texts } | Answer::Human { texts } => choose(texts, message).map(Words::Text),
            Answer::Orders { texts } => Some(Words::WithOrders(choose(texts, message).unwrap_or_default())),
            Answer::Place { longitude, latitude, texts } => {
                let (longitude, latitude) = (longitude.clone(), latitude.clone());
                let text = choose(texts, message).unwrap_or_default();
                Some(Words::Place { longitude, latitude, text })
            }
            Answer::Products { products } => {
                return self.show(products.iter().filter_map(|id| goods.cards.get(id)));
            }
            Answer::Coupon { texts, coupon } => {
                let Some(link) = goods.coupons.get(coupon) else { return Part::NothingLeft };
                Some(Words::WithLink(choose(texts, message).unwrap_or_default(), link.clone()))
            }
        };
        let calls = matches!(answer, Answer::Human { .. });
        self.human |= calls;
        match said {
            Some(words) if self.said.is_none() => {
                self.said = Some(words);
                Part::Answers
            }
            _ if calls => Part::Calls,
            _ => Part::LeftOut,
        }
    }

    fn show<'a>(&mut self, cards: impl Iterator<Item = &'a Article>) -> Part {
        let mut cards = cards.peekable();
        if cards.peek().is_none() {
            return Part::NothingLeft;
        }
        match &mut self.said {
            None => {
                self.said = Some(Words::Cards(cards.take(MOST_ARTICLES).cloned().collect()));
                Part::Answers
            }
            Some(Words::Cards(there)) => {
                let before = there.len();
                for card in cards {
                    if there.len() < MOST_ARTICLES && there.iter().all(|other| other.url != card.url) {
                        there.push(card.clone());
                    }
                }
                if there.len() > before { Part::Joins } else { Part::LeftOut }
            }
            Some(_) => Part::LeftOut,
        }
    }

    /// Whether a link to her orders is to be made for it.
    pub fn needs_link(&self) -> bool {
        matches!(self.said, Some(Words::WithOrders(_)))
    }

    /// The one answer, to a push of this format; nothing when nothing is said.
    pub fn reply(&self, link: &str, format: Format) -> Option<Reply> {
        let text = match self.said.as_ref()? {
            Words::Cards(cards) => return Some(Reply::Articles { articles: cards.clone() }),
            Words::Place { longitude, latitude, .. } if format == Format::Json => {
                let (longitude, latitude) = (longitude.clone(), latitude.clone());
                return Some(Reply::Position { longitude, latitude });
            }
            Words::Text(text) | Words::Place { text, .. } => within(text, TEXT_LIMIT - 1),
            Words::WithOrders(text) => linked(text, link),
            Words::WithLink(text, link) => linked(text, link),
        };
        Some(Reply::Text { text })
    }
}

/// One of several texts, as the message decides.
fn choose(texts: &[String], message: i64) -> Option<String> {
    let number = u64::try_from(texts.len()).ok().filter(|number| *number > 0)?;
    let at = usize::try_from(scatter(message.cast_unsigned()) % number).unwrap_or_default();
    texts.get(at).cloned()
}

/// Splitmix64: neighbouring numbers fall far apart.
fn scatter(number: u64) -> u64 {
    let mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

/// A text, as far as there is room, and a link behind it.
fn linked(text: &str, link: &str) -> String {
    let room = (TEXT_LIMIT - 1).saturating_sub(link.chars().count() + 1);
    let text = within(text, room);
    if text.is_empty() { link.to_owned() } else { format!("{text}\n{link}") }
}

fn within(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
