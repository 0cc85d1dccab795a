//! A coupon as fields of a form.

use crate::catalog::{self, ProductId, Slug};
use crate::coupons::{
    Coupon, Lasts, MOST_DAYS, MOST_EACH, MOST_PRODUCTS, MOST_TOTAL, Off, Percent, Terms, Wanted,
};
use crate::money::Money;
use crate::web::admin::products::form::{local, minute};
use crate::web::admin::typed::{Reading, Typed, whole};
use crate::web::form::Wrongs;
use crate::web::words::Words;
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};

pub const FIELDS: [&str; 17] = [
    "version",
    "name-zh",
    "name-en",
    "coupon-kind",
    "coupon-amount",
    "coupon-percent",
    "coupon-cap",
    "coupon-threshold",
    "coupon-total",
    "coupon-each",
    "coupon-from",
    "coupon-until",
    "coupon-lasts",
    "coupon-days",
    "coupon-usable-until",
    "coupon-products",
    "coupon-listed",
];
const NAME: usize = 30;
/// In yuan: nobody gives more away.
const MOST_YUAN: i64 = 1_000_000;

/// A new one: given from now for a month, and usable for a week.
pub fn blank(now: OffsetDateTime) -> Typed {
    Typed::new([
        ("coupon-kind", "fixed".to_owned()),
        ("coupon-threshold", "0".to_owned()),
        ("coupon-total", "100".to_owned()),
        ("coupon-each", "1".to_owned()),
        ("coupon-from", local(now)),
        ("coupon-until", local(now + Duration::days(30))),
        ("coupon-lasts", "days".to_owned()),
        ("coupon-days", "7".to_owned()),
        ("coupon-listed", "1".to_owned()),
    ])
}

/// As it is kept. `slugs` are the products that it holds for.
pub fn kept(coupon: &Coupon, slugs: &[String]) -> Typed {
    let wanted = &coupon.wanted;
    let mut typed = Typed::new([
        ("version", coupon.version.to_string()),
        ("name-zh", wanted.name.zh.clone()),
        ("name-en", wanted.name.en.clone()),
        ("coupon-threshold", wanted.terms.threshold.to_string()),
        ("coupon-total", wanted.total.to_string()),
        ("coupon-each", wanted.each.to_string()),
        ("coupon-from", local(wanted.given_from)),
        ("coupon-until", local(wanted.given_until)),
        ("coupon-products", slugs.join("\n")),
        ("coupon-listed", if wanted.listed { "1".to_owned() } else { String::new() }),
    ]);
    match wanted.terms.off {
        Off::Fixed(amount) => {
            typed.put("coupon-kind", "fixed".to_owned());
            typed.put("coupon-amount", amount.to_string());
        }
        Off::Percent { percent, cap } => {
            typed.put("coupon-kind", "percent".to_owned());
            typed.put("coupon-percent", percent.get().to_string());
            typed.put("coupon-cap", cap.map(|cap| cap.to_string()).unwrap_or_default());
        }
    }
    match wanted.lasts {
        Lasts::Until(until) => {
            typed.put("coupon-lasts", "until".to_owned());
            typed.put("coupon-usable-until", local(until));
        }
        Lasts::Days(days) => {
            typed.put("coupon-lasts", "days".to_owned());
            typed.put("coupon-days", days.to_string());
        }
    }
    typed
}

/// What was meant, or everything that is wrong with it. `products` are those that [`slugs`] name, where they exist.
pub fn read(typed: &Typed, products: &[(String, Option<ProductId>)], words: Words) -> Result<Wanted, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.name("name-zh", "name-en", NAME);
    let off = off(&mut reading);
    let threshold = yuan(&mut reading, "coupon-threshold", 0);
    let total = number(&mut reading, "coupon-total", MOST_TOTAL);
    let each = number(&mut reading, "coupon-each", MOST_EACH);
    let given_from = present_minute(&mut reading, "coupon-from");
    let given_until = present_minute(&mut reading, "coupon-until");
    if given_from.zip(given_until).is_some_and(|(from, until)| from >= until) {
        reading.wrong("coupon-until", "wrong-coupon-ends");
    }
    let lasts = lasts(&mut reading, given_until);
    let products = scope(&mut reading, products);
    let listed = !typed.of("coupon-listed").is_empty();
    let times = given_from.zip(given_until).zip(lasts);
    match (off, threshold, total.zip(each), times, products) {
        (
            Some(off),
            Some(threshold),
            Some((total, each)),
            Some(((given_from, given_until), lasts)),
            Some(products),
        ) if reading.wrongs.is_empty() => {
            let terms = Terms { off, threshold, products };
            Ok(Wanted { name, terms, total, each, given_from, given_until, lasts, listed })
        }
        _ => Err(reading.wrongs),
    }
}

fn off(reading: &mut Reading<'_>) -> Option<Off> {
    match reading.typed.of("coupon-kind") {
        "fixed" => yuan(reading, "coupon-amount", 1).map(Off::Fixed),
        "percent" => {
            let percent = number(reading, "coupon-percent", 99);
            let capped = !reading.typed.of("coupon-cap").trim().is_empty();
            let cap = if capped { Some(yuan(reading, "coupon-cap", 1)?) } else { None };
            Some(Off::Percent { percent: Percent::new(percent?.try_into().ok()?)?, cap })
        }
        _ => {
            reading.wrong("coupon-kind", "wrong-missing");
            None
        }
    }
}

/// An amount in yuan, of at least so many fen.
fn yuan(reading: &mut Reading<'_>, name: &'static str, least: i64) -> Option<Money> {
    let money = Money::parse_yuan(reading.typed.of(name).trim());
    let money = money.filter(|money| money.fen() >= least && money.yuan() <= MOST_YUAN);
    if money.is_none() {
        reading.wrong(name, "wrong-coupon-yuan");
    }
    money
}

fn number(reading: &mut Reading<'_>, name: &'static str, most: u32) -> Option<u32> {
    let number = whole(reading.typed.of(name), most).filter(|number| *number >= 1);
    if number.is_none() {
        let words = reading.words.say_with("wrong-number", "within", format!("1–{most}"));
        reading.wrongs.add(name, words);
    }
    number
}

fn present_minute(reading: &mut Reading<'_>, name: &'static str) -> Option<OffsetDateTime> {
    let at = minute(reading, name);
    if at.is_none() && reading.wrongs.of(name).is_none() {
        reading.wrong(name, "wrong-missing");
    }
    at
}

/// Nobody is given one that cannot be used any more.
fn lasts(reading: &mut Reading<'_>, given_until: Option<OffsetDateTime>) -> Option<Lasts> {
    match reading.typed.of("coupon-lasts") {
        "days" => number(reading, "coupon-days", MOST_DAYS).map(Lasts::Days),
        "until" => {
            let until = present_minute(reading, "coupon-usable-until");
            if until.zip(given_until).is_some_and(|(usable, given)| usable < given) {
                reading.wrong("coupon-usable-until", "wrong-coupon-usable");
            }
            until.map(Lasts::Until)
        }
        _ => {
            reading.wrong("coupon-lasts", "wrong-missing");
            None
        }
    }
}

fn scope(reading: &mut Reading<'_>, products: &[(String, Option<ProductId>)]) -> Option<Vec<ProductId>> {
    if let Some((text, _)) = products.iter().find(|(_, id)| id.is_none()) {
        let text: String = text.chars().take(80).collect();
        let words = reading.words.say_with("wrong-rule-product", "text", text);
        reading.wrongs.add("coupon-products", words);
        return None;
    }
    if products.len() > MOST_PRODUCTS {
        let words = reading.words.say_with("wrong-coupon-products", "most", MOST_PRODUCTS);
        reading.wrongs.add("coupon-products", words);
        return None;
    }
    let mut ids: Vec<ProductId> = products.iter().filter_map(|(_, id)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}

/// The products that were typed, one a line: an address of a product's page, or what stands at its end.
fn slugs(typed: &Typed) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    for line in typed.of("coupon-products").lines().map(str::trim).filter(|line| !line.is_empty()) {
        let end = line.rsplit_once("/p/").map_or(line, |(_, end)| end);
        let slug = end.split(['?', '#', '/']).next().unwrap_or_default().to_owned();
        if !slugs.contains(&slug) {
            slugs.push(slug);
        }
        if slugs.len() > MOST_PRODUCTS {
            break;
        }
    }
    slugs
}

/// The products that were typed, and which of them there are, on the shelf or not.
pub async fn found(conn: &mut PgConnection, typed: &Typed) -> sqlx::Result<Vec<(String, Option<ProductId>)>> {
    let slugs = slugs(typed);
    let sound: Vec<String> = slugs.iter().filter(|slug| Slug::parse(slug).is_ok()).cloned().collect();
    let there = catalog::table::present(conn, &sound).await?;
    let id = |slug: &String| there.iter().find(|product| product.slug.as_str() == slug).map(|there| there.id);
    Ok(slugs.into_iter().map(|slug| (slug.clone(), id(&slug))).collect())
}

/// As it is kept, with the slugs of its products.
pub async fn as_kept(conn: &mut PgConnection, coupon: &Coupon) -> sqlx::Result<Typed> {
    let mut slugs = Vec::new();
    for product in &coupon.wanted.terms.products {
        if let Some(draft) = catalog::find_draft(conn, *product).await? {
            slugs.push(draft.product.slug.to_string());
        }
    }
    Ok(kept(coupon, &slugs))
}
