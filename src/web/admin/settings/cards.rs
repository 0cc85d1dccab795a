//! Commodity cards: what to enter at Weibo, what the answers say, how a card looks, and how often Weibo asked.

use super::{Typed, changes, version, write_down};
use crate::clock::shop_day;
use crate::customers;
use crate::settings::{self, Cards, Stale};
use crate::sharing::cards::address::{self, NoCard};
use crate::sharing::cards::{self as calls, Asked, Refused};
use crate::staff::permission::EditSettings;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::sharing::drawn::Seen;
use crate::web::cards::{Found, PATH, find, write_books};
use crate::web::form::Wrongs;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use time::{Duration, OffsetDateTime};

/// So many days, and so many products, the page tells of.
const DAYS: i64 = 30;
const MOST: i64 = 50;
/// Below these is all that a card can stand for (`sharing::cards::address`).
const PREFIXES: [&str; 6] = ["/p/", "/en/p/", "/light/p/", "/en/light/p/", "/s/", "/en/s/"];
/// Nobody's mark of ownership is longer.
const LONGEST_MARK: usize = 200;

#[derive(Template)]
#[template(path = "admin/settings/cards.html")]
struct CardsPage {
    page: Desk,
    typed: Typed,
    version: i64,
    wrongs: Wrongs,
    stale: bool,
    /// What to enter at Weibo.
    callback: String,
    prefixes: [String; PREFIXES.len()],
    pattern: String,
    /// The address to try, and what came of it.
    tried: String,
    outcome: Option<Outcome>,
    asked: Vec<Asked>,
    refused: Vec<Refused>,
}

/// What Weibo would be told of an address.
enum Outcome {
    Card(Box<Seen>),
    /// The key of why there is none.
    None(&'static str),
}

#[derive(Deserialize)]
pub struct Trying {
    url: Option<String>,
}

/// The settings as they stand in the inputs.
struct Inputs {
    typed: Typed,
    version: i64,
    wrongs: Wrongs,
    stale: bool,
}

impl Inputs {
    async fn kept(shop: &Shop) -> Result<Inputs, Error> {
        let terms = shop.current.look_again(&shop.db).await?;
        let (typed, version) = (Typed::kept(terms.cards.values()), terms.versions.cards);
        Ok(Inputs { typed, version, wrongs: Wrongs::default(), stale: false })
    }
}

impl CardsPage {
    async fn new(shop: &Shop, page: Desk, inputs: Inputs) -> Result<CardsPage, Error> {
        // What was asked a moment ago is told too. If it cannot be written, what is written is shown.
        write_books(shop).await;
        let since = shop_day(shop.clock.now() - Duration::days(DAYS - 1));
        let mut conn = shop.db.reader().await?;
        let asked = calls::asked_since(&mut conn, since, MOST).await?;
        let refused = calls::refused_since(&mut conn, since).await?;
        drop(conn);
        let Inputs { typed, version, wrongs, stale } = inputs;
        let base = shop.settings.absolute("");
        Ok(CardsPage {
            page,
            typed,
            version,
            wrongs,
            stale,
            callback: shop.settings.absolute(PATH),
            prefixes: PREFIXES.map(|path| shop.settings.absolute(path)),
            pattern: format!("^{}(/en)?/((light/)?p|s)/[A-Za-z0-9-]+([?#].*)?$", regex::escape(&base)),
            tried: String::new(),
            outcome: None,
            asked,
            refused,
        })
    }

    fn time(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn days(&self) -> i64 {
        DAYS
    }

    fn word(&self, kind: &str, name: &str) -> String {
        self.page.say(&format!("word-{kind}-{name}"))
    }
}

/// `GET /admin/cards`, with `url` to try one.
pub async fn show(
    staff: Staff<EditSettings>,
    trying: Query<Trying>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let tried = trying.into_inner().url.unwrap_or_default();
    let outcome = if tried.is_empty() { None } else { Some(outcome(&shop, tried.trim()).await?) };
    let inputs = Inputs::kept(&shop).await?;
    let shown = CardsPage { tried, outcome, ..CardsPage::new(&shop, frame, inputs).await? };
    page(StatusCode::OK, &shown)
}

/// What Weibo would be told now; nothing of it is kept or counted.
async fn outcome(shop: &Shop, tried: &str) -> Result<Outcome, Error> {
    let wanted = match address::read(tried, &shop.settings.public_url) {
        Ok(wanted) => wanted,
        Err(NoCard::Malformed) => return Ok(Outcome::None("cards-no-malformed")),
        Err(NoCard::Foreign) => return Ok(Outcome::None("cards-no-foreign")),
        Err(NoCard::Unknown) => return Ok(Outcome::None("cards-no-unknown")),
    };
    let product = match find(shop, &wanted).await? {
        Found::Product(product) => product,
        Found::Off(_) => return Ok(Outcome::None("cards-no-off")),
        Found::Nothing => return Ok(Outcome::None("cards-no-unknown")),
    };
    Ok(Outcome::Card(Box::new(Seen::new(shop, &product).await?)))
}

/// `POST /admin/cards`
pub async fn save(
    staff: Staff<EditSettings>,
    fields: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Settings).await;
    let before = shop.current.look_again(&shop.db).await?;
    let (typed, over) = (Typed::sent(&fields, before.cards.values()), version(&fields));
    let after = match read(&frame, &typed) {
        Ok(cards) => cards,
        Err(wrongs) => {
            let again = Inputs { typed, version: over, wrongs, stale: false };
            return page(StatusCode::UNPROCESSABLE_ENTITY, &CardsPage::new(&shop, frame, again).await?);
        }
    };
    let mut tx = shop.db.begin().await?;
    if settings::save_cards(&mut tx, &after, over).await? == Err(Stale) {
        drop(tx);
        let kept = shop.current.look_again(&shop.db).await?;
        let wrongs = typed.beside(&frame, kept.cards.values());
        let again = Inputs { typed, version: kept.versions.cards, wrongs, stale: true };
        return page(StatusCode::CONFLICT, &CardsPage::new(&shop, frame, again).await?);
    }
    let changed = changes(before.cards.values(), after.values());
    write_down(&mut tx, &staff, "change-cards", changed, shop.clock.now()).await?;
    tx.commit().await?;
    shop.settings_changed().await;
    staff.says_next("settings-saved")?;
    Ok(see_other("/admin/cards"))
}

/// Every input that is wrong, not only the first.
fn read(frame: &Desk, typed: &Typed) -> Result<Cards, Wrongs> {
    let mut wrongs = Wrongs::default();
    let price_field = typed.of("card_price_field").trim().to_owned();
    if !Cards::is_field(&price_field) {
        wrongs.add("card_price_field", frame.say("wrong-card-price-field"));
    }
    let verification = customers::line(typed.of("card_verification"), LONGEST_MARK);
    if verification.is_err() {
        wrongs.add("card_verification", frame.say_with("wrong-card-verification", "most", LONGEST_MARK));
    }
    let days = typed.of("origin_days").trim().parse().ok().filter(|days| Cards::ORIGIN.contains(days));
    if days.is_none() {
        wrongs.add("origin_days", frame.say("wrong-origin-days"));
    }
    if let (Some(origin_days), true) = (days, wrongs.is_empty()) {
        Ok(Cards { price_field, verification: verification.unwrap_or_default(), origin_days })
    } else {
        Err(wrongs)
    }
}
