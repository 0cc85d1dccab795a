//! The form of a broadcast as it was typed, and what it means.

use super::content::{Card, Content, Target};
use crate::catalog::{self, CategoryId, Format, Product, Slug, Tree, Width};
use crate::clock;
use crate::customers;
use crate::fans::broadcasts::{Audience, Bought};
use crate::money::Money;
use crate::web::admin::fans::groups::OWN_FROM;
use crate::web::admin::typed::why_wrong;
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::messages::MOST_ARTICLES;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use std::collections::BTreeMap;

/// So many products one may name in an audience.
const MOST_PRODUCTS: usize = 20;
const LONGEST_NAME: usize = 60;
const LONGEST_TITLE: usize = 60;
const LONGEST_SUMMARY: usize = 120;
const LONGEST_URL: usize = 500;
/// Of the text itself: the message counts its link too, and says so.
const LONGEST_WORDS: usize = 300;

/// Every field but those of the cards.
const FIELDS: [&str; 12] = [
    "name",
    "audience",
    "group",
    "group-name",
    "products",
    "category",
    "since",
    "orders",
    "amount",
    "kind",
    "words",
    "product",
];
pub const CARD_FIELDS: [&str; 5] = ["product", "title", "summary", "image", "url"];

/// What was typed, by the names of the inputs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typed(BTreeMap<String, String>);

pub fn card_field(place: usize, field: &str) -> String {
    format!("card-{place}-{field}")
}

/// Without what no keyboard makes: JSON in Postgres holds no NUL.
fn keepable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t')).collect()
}

impl Typed {
    pub fn read(fields: &Fields) -> Typed {
        let cards = (1..=MOST_ARTICLES)
            .flat_map(|place| CARD_FIELDS.iter().map(move |field| card_field(place, field)));
        let names = FIELDS.iter().map(|name| (*name).to_owned()).chain(cards);
        let filled =
            names.map(|name| (keepable(&fields.text(&name)), name)).filter(|(value, _)| !value.is_empty());
        Typed(filled.map(|(value, name)| (name, value)).collect())
    }

    /// What stands in an input.
    pub fn of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub fn card(&self, place: usize, field: &str) -> &str {
        self.of(&card_field(place, field))
    }

    pub fn put(&mut self, name: &str, value: impl Into<String>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

/// What the form asks for. Read as far as it can be; `wrongs` says whether that is all of it.
pub struct Read {
    pub name: String,
    pub audience: Audience,
    pub content: Content,
    pub wrongs: Wrongs,
}

pub async fn read(shop: &Shop, words: Words, typed: &Typed) -> Result<Read, Error> {
    let mut conn = shop.db.reader().await?;
    let mut reading = Reading { conn: &mut conn, shop, words, typed, wrongs: Wrongs::default() };
    let name = reading.line("name", LONGEST_NAME, true);
    let audience = reading.audience().await?;
    let content = if typed.of("kind") == "cards" { reading.cards().await? } else { reading.text().await? };
    let mut wrongs = reading.wrongs;
    if wrongs.is_empty()
        && let Err(faults) = content.message(&shop.settings.public_url, &BTreeMap::new()).check()
    {
        for fault in faults {
            let (field, key) = content.field_of(fault);
            wrongs.add(field, words.say(key));
        }
    }
    Ok(Read { name, audience, content, wrongs })
}

struct Reading<'a> {
    conn: &'a mut PgConnection,
    shop: &'a Shop,
    words: Words,
    typed: &'a Typed,
    wrongs: Wrongs,
}

impl Reading<'_> {
    fn wrong(&mut self, field: &str, key: &str) {
        self.wrongs.add(field.to_owned(), self.words.say(key));
    }

    fn line(&mut self, field: &str, most: usize, needed: bool) -> String {
        match customers::line(self.typed.of(field), most) {
            Ok(text) if text.is_empty() && needed => self.wrong(field, "wrong-missing"),
            Ok(text) => return text,
            Err(why) => self.wrongs.add(field.to_owned(), why_wrong(self.words, why)),
        }
        String::new()
    }

    async fn audience(&mut self) -> Result<Audience, Error> {
        match self.typed.of("audience") {
            "followers" => Ok(Audience::Followers),
            "group" => {
                let id = self.typed.of("group").parse().ok().filter(|id| *id >= OWN_FROM);
                let name = self.line("group-name", 60, false);
                if id.is_none() {
                    self.wrong("audience", "broadcast-wrong-group");
                }
                Ok(Audience::Group { id: id.unwrap_or_default(), name })
            }
            "buyers" => self.bought().await.map(Audience::Buyers),
            _ => Ok(Audience::Subscribers),
        }
    }

    async fn bought(&mut self) -> Result<Bought, Error> {
        let mut products = Vec::new();
        let typed = self.typed.of("products");
        let named = typed.split([' ', ',', '，', '、', '\r', '\n', '\t']).filter(|part| !part.is_empty());
        for name in named.take(MOST_PRODUCTS + 1) {
            match self.product(name).await? {
                Some(product) if products.len() < MOST_PRODUCTS => products.push(product.id),
                Some(_) => self.wrong("products", "broadcast-wrong-products"),
                None => self.wrong("products", "broadcast-wrong-product"),
            }
        }
        let mut categories = Vec::new();
        if let Ok(id) = self.typed.of("category").parse() {
            let tree = Tree::new(catalog::categories(self.conn).await?);
            match tree.find(CategoryId(id)) {
                Some(category) => categories = tree.whole(category.id),
                None => self.wrong("category", "broadcast-wrong-category"),
            }
        }
        let since = self.typed.of("since");
        let day = clock::day(since);
        if day.is_none() && !since.is_empty() {
            self.wrong("since", "broadcast-wrong-day");
        }
        let orders = match self.typed.of("orders").trim() {
            "" => Some(1),
            text => text.parse().ok().filter(|orders| (1..=1_000).contains(orders)),
        };
        if orders.is_none() {
            self.wrong("orders", "broadcast-wrong-orders");
        }
        let amount = match self.typed.of("amount").trim() {
            "" => Some(Money::ZERO),
            text => Money::parse_yuan(text),
        };
        if amount.is_none() {
            self.wrong("amount", "broadcast-wrong-amount");
        }
        let fen = amount.unwrap_or_default().fen();
        Ok(Bought { since: day, orders: orders.unwrap_or(1), fen, ..Bought::of(&products, &categories) })
    }

    /// By its address or the last part of it.
    async fn product(&mut self, named: &str) -> Result<Option<Product>, Error> {
        let named = named.trim().trim_end_matches('/');
        let last = named.rsplit('/').next().unwrap_or_default();
        let Ok(slug) = Slug::parse(last.split(['?', '#']).next().unwrap_or_default()) else {
            return Ok(None);
        };
        Ok(catalog::find_product(self.conn, &slug).await?)
    }

    async fn text(&mut self) -> Result<Content, Error> {
        let words = match customers::paragraph(self.typed.of("words"), LONGEST_WORDS) {
            Ok(words) => words,
            Err(why) => {
                self.wrongs.add("words", why_wrong(self.words, why));
                String::new()
            }
        };
        let named = self.typed.of("product").to_owned();
        let path = match self.product(&named).await? {
            Some(product) => Some(format!("/p/{}", product.slug)),
            None if named.trim().is_empty() => None,
            None => {
                self.wrong("product", "broadcast-wrong-product");
                None
            }
        };
        if words.is_empty() && self.wrongs.of("words").is_none() {
            self.wrong("words", "wrong-missing");
        }
        Ok(Content::Text { words, path })
    }

    async fn cards(&mut self) -> Result<Content, Error> {
        let mut cards = Vec::new();
        for place in 1..=MOST_ARTICLES {
            if CARD_FIELDS.iter().any(|field| !self.typed.card(place, field).trim().is_empty()) {
                cards.push(self.card(place).await?);
            }
        }
        Ok(Content::Cards(cards))
    }

    /// A card of a product says what the product says, where nothing else was typed.
    async fn card(&mut self, place: usize) -> Result<Card, Error> {
        let title = self.line(&card_field(place, "title"), LONGEST_TITLE, false);
        let summary = self.line(&card_field(place, "summary"), LONGEST_SUMMARY, false);
        let image = self.line(&card_field(place, "image"), LONGEST_URL, false);
        let url = self.line(&card_field(place, "url"), LONGEST_URL, false);
        let mut card = Card { place, title, summary, image, target: Target::Elsewhere(url) };
        let named = self.typed.card(place, "product").to_owned();
        if named.trim().is_empty() {
            return Ok(card);
        }
        let Some(product) = self.product(&named).await? else {
            self.wrong(&card_field(place, "product"), "broadcast-wrong-product");
            return Ok(card);
        };
        card.target = Target::Ours(format!("/p/{}", product.slug));
        let short = |text: &str, most| text.chars().take(most).collect::<String>();
        if card.title.is_empty() {
            card.title = short(&product.name.zh, LONGEST_TITLE);
        }
        if card.summary.is_empty() {
            card.summary = short(&product.summary.zh, LONGEST_SUMMARY);
        }
        if card.image.is_empty() {
            let cover = product.cover().map(|cover| cover.file(Width::Px750, Format::Jpeg));
            let picture = cover.map(|file| self.shop.settings.absolute(&format!("/pictures/{file}")));
            card.image = picture.unwrap_or_default();
        }
        Ok(card)
    }
}
