//! A box to try the rules in: which would answer, why the others would not, and what a fan would see.

use crate::clock::SHOP_ZONE;
use crate::fans::rules::{self, Happening, Moment, Not, Part, Ready, are_words, compose, goods};
use crate::fans::service;
use crate::staff::permission::EditFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::admin::products::form::{local, parse_local};
use crate::web::page::page;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::messages::{Content, Event, MentionIn, Reply};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

/// So much is looked at of what somebody tries.
const LONGEST: usize = 2000;

/// What a fan would do.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tried {
    /// Empty: the box was only opened.
    what: String,
    text: String,
    key: String,
    first: String,
    /// A minute in the shop's zone; empty for now.
    at: String,
}

/// What became of one rule.
struct Verdict {
    rule: String,
    href: String,
    cause: String,
    /// The key of why.
    why: String,
    speaks: bool,
}

#[derive(Template)]
#[template(path = "admin/fans/rules/trial.html")]
struct TrialPage {
    page: Desk,
    tried: Tried,
    verdicts: Vec<Verdict>,
    reply: Option<Reply>,
    human: bool,
    /// Unanswered, it waits for a person.
    waits: bool,
}

impl TrialPage {
    fn is(&self, what: &str) -> bool {
        self.tried.what == what || self.tried.what.is_empty() && what == "text"
    }

    fn was_tried(&self) -> bool {
        !self.tried.what.is_empty()
    }
}

/// `GET /admin/fans/rules/trial`: nothing is kept, and nobody hears of it.
pub async fn show(
    staff: Staff<EditFans>,
    tried: Query<Tried>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let mut tried = tried.into_inner();
    let at = parse_local(tried.at.trim()).unwrap_or(shop.clock.now());
    tried.at = local(at.to_offset(SHOP_ZONE));
    let mut trial =
        TrialPage { page: frame, tried, verdicts: Vec::new(), reply: None, human: false, waits: false };
    let Some(content) = content(&trial.tried) else { return page(StatusCode::OK, &trial) };
    let text: String = trial.tried.text.chars().take(LONGEST).collect();
    let first_contact = !trial.tried.first.is_empty();
    let moment = Moment { content: &content, text: &text, first_contact, at };
    let mut conn = shop.db.reader().await?;
    let format = service::read(&mut conn).await?.format;
    let all = rules::all(&mut conn).await?;
    let all: Vec<Ready> = all.into_iter().map(|kept| Ready::new(kept.id, kept.rule)).collect();
    let judged: Vec<_> = all.iter().map(|ready| (ready, ready.judge(&moment))).collect();
    let speaking: Vec<&Ready> =
        judged.iter().filter(|(_, verdict)| verdict.is_ok()).map(|(ready, _)| *ready).collect();
    let goods = goods(&mut conn, &speaking, &shop.settings.absolute(""), at).await?;
    let composed = compose(speaking, &goods, 1);
    trial.reply = composed.reply(&shop.settings.absolute("/m/…"), format);
    trial.human = composed.human;
    trial.waits = are_words(&content) || matches!(content, Content::Mention { .. });
    trial.verdicts = judged
        .into_iter()
        .map(|(ready, judged)| {
            let part = composed.parts.iter().find(|(id, _)| *id == ready.id).map(|(_, part)| *part);
            verdict(&trial.page, ready, judged, part)
        })
        .collect();
    page(StatusCode::OK, &trial)
}

fn verdict(page: &Desk, ready: &Ready, judged: Result<(), Not>, part: Option<Part>) -> Verdict {
    let why = match (judged, part) {
        (Err(not), _) => format!("word-not-{}", not.name()),
        (Ok(()), part) => format!("word-part-{}", part.map_or("left-out", Part::name)),
    };
    Verdict {
        rule: ready.rule.name.clone(),
        href: format!("/admin/fans/rules/{}", ready.id.0),
        cause: super::cause(page, &ready.rule),
        speaks: matches!(part, Some(Part::Answers | Part::Joins | Part::Calls)),
        why: page.say(&why),
    }
}

/// What Weibo would push.
fn content(tried: &Tried) -> Option<Content> {
    let key = || tried.key.chars().take(200).collect::<String>();
    let scanned = || (key().trim().to_owned(), String::new());
    let event = |event| Some(Content::Event { event });
    match tried.what.as_str() {
        "text" => Some(Content::Text),
        "image" => Some(Content::Image { file: None }),
        "click" => event(Event::Click { key: key() }),
        "scan" => {
            let (key, ticket) = scanned();
            event(Event::Scan { key, ticket })
        }
        "scan_follow" => {
            let (key, ticket) = scanned();
            event(Event::ScanFollow { key, ticket })
        }
        other => match Happening::parse(other)? {
            Happening::Follow => event(Event::Follow),
            Happening::Subscribe => event(Event::Subscribe),
            Happening::Unsubscribe => event(Event::Unsubscribe),
            Happening::Mention => Some(Content::Mention { r#in: MentionIn::Status, key: String::new() }),
            Happening::Scan => None,
        },
    }
}

/// All that can be tried.
const TRIALS: [&str; 9] =
    ["text", "image", "click", "scan", "scan_follow", "follow", "subscribe", "unsubscribe", "mention"];
