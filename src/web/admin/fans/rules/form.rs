//! A rule as fields of a form.

use crate::catalog::ProductId;
use crate::coupons::CouponId;
use crate::fans::codes::Scene;
use crate::fans::rules::{
    Answer, Cause, Happening, Hours, LONGEST_WORD, MOST_TEXTS, MOST_WORDS, ORDERS_TEXT_LIMIT, Rule, compile,
};
use crate::web::admin::products::form::{local, minute};
use crate::web::admin::typed::{Reading, Typed, why_wrong};
use crate::web::form::{Fields, Wrongs};
use crate::web::words::Words;
use crate::weibo::messages::{MOST_ARTICLES, Reply, TEXT_LIMIT};
use crate::{catalog, customers};

pub const TEXTS: [&str; MOST_TEXTS] =
    ["rule-text-1", "rule-text-2", "rule-text-3", "rule-text-4", "rule-text-5"];
/// From Monday.
pub const DAYS: [&str; 7] =
    ["rule-day-1", "rule-day-2", "rule-day-3", "rule-day-4", "rule-day-5", "rule-day-6", "rule-day-7"];
pub const HOURS: [&str; 3] = ["always", "within", "outside"];
const LINES: [&str; 19] = [
    "version",
    "rule-name",
    "rule-cause",
    "rule-words",
    "rule-pattern",
    "rule-event",
    "rule-key",
    "rule-scene",
    "rule-hours",
    "rule-hours-from",
    "rule-hours-until",
    "rule-begins",
    "rule-ends",
    "rule-answer",
    "rule-products",
    "rule-coupon",
    "rule-goes-on",
    "rule-longitude",
    "rule-latitude",
];
const NAME: usize = 40;
/// A menu's key has at most so many bytes (fans-service.md §8).
const KEY: usize = 128;

/// As it was sent.
pub fn sent(fields: &Fields) -> Typed {
    let mut names: Vec<&'static str> = LINES.to_vec();
    names.extend(TEXTS);
    names.extend(DAYS);
    names.push("rule-on");
    Typed::read(fields, &names)
}

/// A new one: it speaks at any time, and if it shall keep hours, from nine to six on weekdays.
pub fn blank() -> Typed {
    let mut typed = Typed::new([
        ("rule-on", "1".to_owned()),
        ("rule-cause", "contains".to_owned()),
        ("rule-answer", "text".to_owned()),
        ("rule-hours", "always".to_owned()),
        ("rule-hours-from", "09:00".to_owned()),
        ("rule-hours-until", "18:00".to_owned()),
    ]);
    for day in &DAYS[..5] {
        typed.put(day, "1".to_owned());
    }
    typed
}

/// As it is kept. `slugs` are the products of its answer.
pub fn kept(rule: &Rule, version: i32, slugs: &[String]) -> Typed {
    let mut typed = blank();
    let switch = |on: bool| if on { "1".to_owned() } else { String::new() };
    typed.put("version", version.to_string());
    typed.put("rule-name", rule.name.clone());
    typed.put("rule-on", switch(rule.is_on));
    typed.put("rule-cause", rule.cause.name().to_owned());
    match &rule.cause {
        Cause::Exact { words } | Cause::Contains { words } => typed.put("rule-words", words.join("\n")),
        Cause::Pattern { pattern } => typed.put("rule-pattern", pattern.clone()),
        Cause::Event { event } => typed.put("rule-event", event.name().to_owned()),
        Cause::Menu { key } => typed.put("rule-key", key.clone()),
        Cause::Scene { key } => typed.put("rule-scene", key.to_string()),
        Cause::FirstContact | Cause::Anything => {}
    }
    if let Some(hours) = rule.hours {
        typed.put("rule-hours", if hours.outside { "outside" } else { "within" }.to_owned());
        typed.put("rule-hours-from", Hours::clock(hours.from));
        typed.put("rule-hours-until", Hours::clock(hours.until));
        for (day, on) in DAYS.into_iter().zip(hours.days) {
            typed.put(day, switch(on));
        }
    }
    typed.put("rule-begins", rule.begins_at.map(local).unwrap_or_default());
    typed.put("rule-ends", rule.ends_at.map(local).unwrap_or_default());
    typed.put("rule-answer", rule.answer.name().to_owned());
    for (name, text) in TEXTS.into_iter().zip(rule.answer.texts()) {
        typed.put(name, text.clone());
    }
    typed.put("rule-products", slugs.join("\n"));
    if let Answer::Place { longitude, latitude, .. } = &rule.answer {
        typed.put("rule-longitude", longitude.clone());
        typed.put("rule-latitude", latitude.clone());
    }
    typed.put("rule-coupon", rule.answer.coupon().map(|id| id.0.to_string()).unwrap_or_default());
    typed.put("rule-goes-on", switch(rule.goes_on));
    typed
}

/// What was meant, or everything that is wrong with it. `products` are those that [`slugs`] name, where they exist;
/// `coupons`, those that can be chosen.
pub fn read(
    typed: &Typed,
    (products, coupons): (&[(String, Option<ProductId>)], &[CouponId]),
    words: Words,
) -> Result<Rule, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.present("rule-name", NAME);
    let cause = cause(&mut reading);
    let hours = hours(&mut reading);
    let begins_at = minute(&mut reading, "rule-begins");
    let ends_at = minute(&mut reading, "rule-ends");
    if begins_at.zip(ends_at).is_some_and(|(begins, ends)| begins >= ends) {
        reading.wrong("rule-ends", "wrong-rule-ends");
    }
    let answer = answer(&mut reading, products, coupons);
    let is = |name| !typed.of(name).is_empty();
    match (cause, answer) {
        (Some(cause), Some(answer)) if reading.wrongs.is_empty() => Ok(Rule {
            name,
            is_on: is("rule-on"),
            cause,
            hours,
            answer,
            begins_at,
            ends_at,
            goes_on: is("rule-goes-on"),
        }),
        _ => Err(reading.wrongs),
    }
}

fn cause(reading: &mut Reading<'_>) -> Option<Cause> {
    match reading.typed.of("rule-cause") {
        "exact" => words(reading).map(|words| Cause::Exact { words }),
        "contains" => words(reading).map(|words| Cause::Contains { words }),
        "pattern" => {
            let pattern = reading.typed.of("rule-pattern").trim().to_owned();
            let good = !pattern.chars().any(char::is_control) && compile(&pattern).is_some();
            if !good {
                reading.wrong("rule-pattern", "wrong-rule-pattern");
            }
            good.then_some(Cause::Pattern { pattern })
        }
        "event" => {
            let event = Happening::parse(reading.typed.of("rule-event"));
            if event.is_none() {
                reading.wrong("rule-event", "wrong-missing");
            }
            event.map(|event| Cause::Event { event })
        }
        "menu" => {
            let key = reading.present("rule-key", KEY);
            if key.len() > KEY {
                reading.wrong("rule-key", "wrong-rule-key");
            }
            Some(Cause::Menu { key })
        }
        "scene" => {
            let key = Scene::parse(reading.typed.of("rule-scene").trim());
            if key.is_none() {
                reading.wrong("rule-scene", "wrong-rule-scene");
            }
            key.map(|key| Cause::Scene { key })
        }
        "first_contact" => Some(Cause::FirstContact),
        "anything" => Some(Cause::Anything),
        _ => {
            reading.wrong("rule-cause", "wrong-missing");
            None
        }
    }
}

/// One a line, or with commas between them.
fn words(reading: &mut Reading<'_>) -> Option<Vec<String>> {
    let apart = |c: char| matches!(c, '\n' | '\r' | ',' | '，' | '、');
    let typed = reading.typed.of("rule-words").split(apart).map(str::trim).filter(|word| !word.is_empty());
    let mut all = Vec::new();
    for word in typed {
        match customers::line(word, LONGEST_WORD) {
            Ok(word) => all.push(word),
            Err(why) => {
                reading.wrongs.add("rule-words", why_wrong(reading.words, why));
                return None;
            }
        }
    }
    if all.is_empty() || all.len() > MOST_WORDS {
        let words = reading.words.say_with("wrong-rule-words", "most", MOST_WORDS);
        reading.wrongs.add("rule-words", words);
        return None;
    }
    Some(all)
}

fn hours(reading: &mut Reading<'_>) -> Option<Hours> {
    let outside = match reading.typed.of("rule-hours") {
        "within" => false,
        "outside" => true,
        "always" => return None,
        _ => {
            reading.wrong("rule-hours", "wrong-missing");
            return None;
        }
    };
    let mut clock = |name: &'static str| {
        let minute = Hours::parse_clock(reading.typed.of(name).get(..5).unwrap_or_default());
        if minute.is_none() {
            reading.wrong(name, "wrong-rule-clock");
        }
        minute
    };
    let (from, until) = (clock("rule-hours-from"), clock("rule-hours-until"));
    let days = DAYS.map(|day| !reading.typed.of(day).is_empty());
    if days == [false; 7] {
        reading.wrong("rule-hours", "wrong-rule-days");
    }
    from.zip(until).map(|(from, until)| Hours { days, from, until, outside })
}

fn answer(
    reading: &mut Reading<'_>,
    products: &[(String, Option<ProductId>)],
    coupons: &[CouponId],
) -> Option<Answer> {
    match reading.typed.of("rule-answer") {
        "text" => Some(Answer::Text { texts: some_texts(reading) }),
        "place" => {
            let longitude = reading.typed.of("rule-longitude").trim().to_owned();
            let latitude = reading.typed.of("rule-latitude").trim().to_owned();
            let fits = |longitude: &str, latitude: &str| {
                let (longitude, latitude) = (longitude.to_owned(), latitude.to_owned());
                Reply::Position { longitude, latitude }.check().is_ok()
            };
            if !fits(&longitude, "0") {
                reading.wrong("rule-longitude", "wrong-rule-longitude");
            }
            if !fits("0", &latitude) {
                reading.wrong("rule-latitude", "wrong-rule-latitude");
            }
            Some(Answer::Place { longitude, latitude, texts: some_texts(reading) })
        }
        "orders" => Some(Answer::Orders { texts: texts(reading, ORDERS_TEXT_LIMIT) }),
        "coupon" => {
            let texts = texts(reading, ORDERS_TEXT_LIMIT);
            let chosen = reading.typed.of("rule-coupon").parse().ok().map(CouponId);
            let coupon = chosen.filter(|coupon| coupons.contains(coupon));
            if coupon.is_none() {
                reading.wrong("rule-coupon", "wrong-missing");
            }
            coupon.map(|coupon| Answer::Coupon { texts, coupon })
        }
        "human" => Some(Answer::Human { texts: texts(reading, TEXT_LIMIT - 1) }),
        "products" => {
            let unknown = products.iter().find(|(_, id)| id.is_none());
            if let Some((text, _)) = unknown {
                let text: String = text.chars().take(80).collect();
                reading
                    .wrongs
                    .add("rule-products", reading.words.say_with("wrong-rule-product", "text", text));
                return None;
            }
            if products.is_empty() || products.len() > MOST_ARTICLES {
                let words = reading.words.say_with("wrong-rule-products", "most", MOST_ARTICLES);
                reading.wrongs.add("rule-products", words);
                return None;
            }
            Some(Answer::Products { products: products.iter().filter_map(|(_, id)| *id).collect() })
        }
        _ => {
            reading.wrong("rule-answer", "wrong-missing");
            None
        }
    }
}

/// One at least.
fn some_texts(reading: &mut Reading<'_>) -> Vec<String> {
    let texts = texts(reading, TEXT_LIMIT - 1);
    if texts.is_empty() && TEXTS.iter().all(|name| reading.wrongs.of(name).is_none()) {
        reading.wrong(TEXTS[0], "wrong-missing");
    }
    texts
}

fn texts(reading: &mut Reading<'_>, most: usize) -> Vec<String> {
    let mut texts: Vec<String> = TEXTS.into_iter().map(|name| reading.paragraph(name, most)).collect();
    texts.retain(|text| !text.is_empty());
    texts
}

/// The products that were typed, one a line: an address of a product's page, or what stands at its end.
pub fn slugs(typed: &Typed) -> Vec<String> {
    let mut slugs: Vec<String> = Vec::new();
    for line in typed.of("rule-products").lines().take(100) {
        let line = line.trim();
        let end = line.rsplit_once("/p/").map_or(line, |(_, end)| end);
        let slug = end.split(['?', '#', '/']).next().unwrap_or_default().to_owned();
        if !line.is_empty() && !slugs.contains(&slug) {
            slugs.push(slug);
        }
    }
    slugs
}

/// Which of them there are, on the shelf or not.
pub async fn found(
    conn: &mut sqlx::PgConnection,
    slugs: Vec<String>,
) -> sqlx::Result<Vec<(String, Option<ProductId>)>> {
    let sound: Vec<String> =
        slugs.iter().filter(|slug| catalog::Slug::parse(slug).is_ok()).take(50).cloned().collect();
    let there = catalog::table::present(conn, &sound).await?;
    let id = |slug: &String| there.iter().find(|product| product.slug.as_str() == slug).map(|there| there.id);
    Ok(slugs.into_iter().map(|slug| (slug.clone(), id(&slug))).collect())
}
