//! All cards: how each stands, what could be better, and what it brought in the last thirty days.

use super::{DAYS, PATH, since};
use crate::catalog::search::{self, Scope};
use crate::catalog::{self, Entry, PAGE, ProductId, Standing, Which};
use crate::db::Tx;
use crate::money::Money;
use crate::sharing::cards::{Facts, Grade, Shown, lint_facts, worst};
use crate::sharing::funnel::{self, Came};
use crate::sharing::posts;
use crate::sharing::speaker::{self, Speaker};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::cards::write_books;
use crate::web::page::{cut, instant, page};
use crate::web::shop::head;
use crate::web::shop::search::typed;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use futures_util::future::join_all;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;

/// So long the list waits for pictures that nobody has measured yet.
const PATIENCE: Duration = Duration::from_millis(300);

#[derive(Template)]
#[template(path = "admin/sharing/list.html")]
struct ListPage {
    page: Desk,
    rows: Vec<Row>,
    asked: Asked,
    first: String,
    more: String,
    /// The account that posts, and how many posts wait for a person.
    speaker: Option<Speaker>,
    waiting: i64,
    now: OffsetDateTime,
}

/// One card.
struct Row {
    entry: Entry,
    grade: Grade,
    calls: i64,
    views: i64,
    came: Came,
}

impl Row {
    /// Behind `word-card-` in the texts.
    fn standing(&self) -> &'static str {
        match self.entry.standing {
            Standing::Shown if self.entry.stock <= 0 => "sold-out",
            Standing::Shown => "on",
            Standing::Scheduled => "scheduled",
            Standing::Off | Standing::Archived => "off",
        }
    }
}

/// Which cards the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    /// When the last of the page before was changed, in microseconds since 1970, and its id.
    after: String,
}

impl Asked {
    fn address(&self, after: Option<&Entry>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !self.q.is_empty() {
            query.append_pair("q", &self.q);
        }
        if let Some(last) = after {
            let micros = last.updated_at.unix_timestamp_nanos() / 1000;
            query.append_pair("after", &format!("{micros}-{}", last.id.0));
        }
        let query = query.finish();
        if query.is_empty() { PATH.to_owned() } else { format!("{PATH}?{query}") }
    }

    fn behind(&self) -> Option<(OffsetDateTime, ProductId)> {
        let (micros, id) = self.after.split_once('-')?;
        Some((instant(micros.parse().ok()?)?, ProductId(id.parse().ok()?)))
    }
}

impl ListPage {
    fn price(&self, entry: &Entry) -> String {
        match entry.prices {
            None => self.page.say("no-price"),
            Some((low, high)) if low == high => format!("¥{low}"),
            Some((low, high)) => format!("¥{low} – {high}"),
        }
    }

    /// Behind `word-speaker-` in the texts: how the account stands.
    fn speaker_stands(&self) -> &'static str {
        match &self.speaker {
            None => "none",
            Some(speaker) if speaker.is_good(self.now) => "good",
            Some(_) => "over",
        }
    }

    fn days(&self) -> i64 {
        DAYS
    }
}

/// `GET /admin/sharing`
pub async fn show(
    staff: Staff<Look>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut asked = asked.into_inner();
    asked.q = typed(&asked.q);
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    // What was counted a moment ago is told too.
    write_books(&shop).await;
    let now = shop.clock.now();
    let mut tx = shop.db.begin().await?;
    let among = match asked.q.as_str() {
        "" => None,
        q => Some(search::ids(&mut tx, q, search::MOST, Scope::All).await?),
    };
    let which = Which { among, after: asked.behind(), ..Which::default() };
    let mut entries = catalog::list(&mut tx, &which, now).await?;
    let more = cut(&mut entries, PAGE).map(|last| asked.address(Some(last))).unwrap_or_default();
    let read = read(&mut tx, &entries, now).await?;
    let speaker = speaker::find(&mut tx, &shop.keys).await?;
    let waiting = posts::for_a_person(&mut tx).await?;
    drop(tx);
    let rows = rows(&shop, entries, &read).await;
    let first = if asked.after.is_empty() { String::new() } else { asked.address(None) };
    page(StatusCode::OK, &ListPage { page: frame, rows, asked, first, more, speaker, waiting, now })
}

/// What is known of the cards of one page.
struct Read {
    summaries: BTreeMap<ProductId, String>,
    calls: BTreeMap<ProductId, i64>,
    views: BTreeMap<ProductId, i64>,
    came: BTreeMap<ProductId, Came>,
}

async fn read(tx: &mut Tx, entries: &[Entry], now: OffsetDateTime) -> Result<Read, Error> {
    let ids: Vec<ProductId> = entries.iter().map(|entry| entry.id).collect();
    let (day, moment) = since(now);
    let codes = funnel::codes_of_products(tx, &ids).await?;
    let all: Vec<String> = codes.iter().map(|(_, code)| code.clone()).collect();
    let by_code = funnel::by_code(tx, &all, moment).await?;
    let mut came = BTreeMap::<ProductId, Came>::new();
    for (product, code) in codes {
        *came.entry(product).or_default() += by_code.get(&code).copied().unwrap_or_default();
    }
    Ok(Read {
        summaries: catalog::summaries(tx, &ids).await?,
        calls: funnel::calls(tx, &ids, day).await?,
        views: funnel::views(tx, &ids, day).await?,
        came,
    })
}

/// How large the cover is, if that is known soon: all are looked at together.
async fn cover(shop: &Shop, entry: &Entry) -> Shown {
    let Some(cover) = &entry.cover else { return Shown::Nothing };
    let measured = tokio::time::timeout(PATIENCE, head::measured(shop, cover)).await;
    Shown::of(measured.ok().flatten())
}

async fn rows(shop: &Shop, entries: Vec<Entry>, read: &Read) -> Vec<Row> {
    let covers = join_all(entries.iter().map(|entry| cover(shop, entry))).await;
    let mut rows = Vec::with_capacity(entries.len());
    for (entry, picture) in entries.into_iter().zip(covers) {
        let (lowest, highest) = entry.prices.unwrap_or((Money::ZERO, Money::ZERO));
        let facts = Facts {
            title: &entry.name.zh,
            summary: read.summaries.get(&entry.id).map_or("", String::as_str),
            picture,
            lowest,
            highest,
            stock: u64::try_from(entry.stock).unwrap_or(0),
            public_url: &shop.settings.public_url,
        };
        let of = |counts: &BTreeMap<ProductId, i64>| counts.get(&entry.id).copied().unwrap_or_default();
        rows.push(Row {
            grade: worst(&lint_facts(facts)),
            calls: of(&read.calls),
            views: of(&read.views),
            came: read.came.get(&entry.id).copied().unwrap_or_default(),
            entry,
        });
    }
    rows
}
