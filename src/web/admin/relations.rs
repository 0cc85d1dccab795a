//! What customers do with the shop beside ordering: by day, in what order, and each fact as it was learned.

mod bars;

use super::desk::{Desk, Section};
use crate::clock::shop_day;
use crate::customers::relations::{self, Kind, Known, OnDay, Path, Source, Turn};
use crate::figures::grouped;
use crate::staff::May;
use crate::staff::permission::Look;
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use bars::Bars;
use form_urlencoded::Serializer;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use time::{Date, Duration};

const PATH: &str = "/admin/sharing/relations";
const SPANS: [u16; 4] = [7, 30, 90, 365];
const PATHS: i64 = 12;
const ROWS: usize = 30;

/// What somebody went from, and what she came to: the questions that a merchant asks first.
const ASKED_FIRST: [(Kind, Kind, &str); 4] = [
    (Kind::Purchase, Kind::Follow, "relations-sold-then-followed"),
    (Kind::Follow, Kind::Purchase, "relations-followed-then-bought"),
    (Kind::Purchase, Kind::Repost, "relations-bought-then-reposted"),
    (Kind::Subscribe, Kind::Purchase, "relations-subscribed-then-bought"),
];

#[derive(Template)]
#[template(path = "admin/relations.html")]
struct RelationsPage {
    page: Desk,
    address: Address,
    span: u16,
    days: Vec<Date>,
    counted: BTreeMap<(Kind, Date), i64>,
    turns: Vec<Turn>,
    paths: Vec<Path>,
    known: Vec<Known>,
    first: String,
    more: String,
}

/// One kind of thing over the days.
struct Series {
    kind: Kind,
    sum: i64,
    bars: Bars,
}

/// The address of the page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    days: String,
    kind: String,
    before: Option<i64>,
}

impl Address {
    fn span(&self) -> u16 {
        SPANS.into_iter().find(|span| span.to_string() == self.days).unwrap_or(30)
    }

    fn kind(&self) -> Option<Kind> {
        Kind::named(&self.kind)
    }

    fn path(&self, before: Option<i64>) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("days", &self.span().to_string());
        if let Some(kind) = self.kind() {
            query.append_pair("kind", kind.name());
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        format!("{PATH}?{}", query.finish())
    }
}

impl RelationsPage {
    fn spans(&self) -> [u16; 4] {
        SPANS
    }

    fn of_span(&self, span: &u16) -> String {
        Address { days: span.to_string(), before: None, ..self.address.clone() }.path(None)
    }

    fn of_kind(&self, kind: Option<&Kind>) -> String {
        let kind = kind.map(|kind| kind.name().to_owned()).unwrap_or_default();
        format!("{}#facts", Address { kind, ..self.address.clone() }.path(None))
    }

    fn is_kind(&self, kind: &Kind) -> bool {
        self.address.kind() == Some(*kind)
    }

    fn word(&self, kind: &Kind) -> String {
        self.page.say(&format!("word-relation-{}", kind.name()))
    }

    fn number(&self, count: &i64) -> String {
        grouped(count.unsigned_abs().into())
    }

    /// Those that happened at all in these days, as [`Kind::ALL`] has them.
    fn kinds(&self) -> Vec<Kind> {
        let there: BTreeSet<Kind> = self.counted.keys().map(|(kind, _)| *kind).collect();
        Kind::ALL.into_iter().filter(|kind| there.contains(kind)).collect()
    }

    fn is_shown(&self, span: &u16) -> bool {
        self.span == *span
    }

    fn on(&self, kind: &Kind, day: &Date) -> i64 {
        self.counted.get(&(*kind, *day)).copied().unwrap_or(0)
    }

    fn series(&self) -> Vec<Series> {
        let series = |kind: Kind| {
            let values: Vec<i64> = self.days.iter().map(|day| self.on(&kind, day)).collect();
            Series { kind, sum: values.iter().sum(), bars: Bars::of(&values) }
        };
        self.kinds().into_iter().map(series).collect()
    }

    fn told(&self, kind: &Kind, day: &Date) -> String {
        self.number(&self.on(kind, day))
    }

    /// The days on which something happened, the latest first.
    fn told_days(&self) -> Vec<Date> {
        let there: BTreeSet<Date> = self.counted.keys().map(|(_, day)| *day).collect();
        there.into_iter().rev().collect()
    }

    /// How many came from one thing to another, grouped.
    fn turned(&self, earlier: &Kind, later: &Kind) -> String {
        let turn = self.turns.iter().find(|turn| turn.earlier == *earlier && turn.later == *later);
        self.number(&turn.map_or(0, |turn| turn.customers))
    }

    fn asked_first(&self) -> [(&'static str, String); 4] {
        ASKED_FIRST.map(|(earlier, later, key)| (key, self.turned(&earlier, &later)))
    }

    /// The steps that somebody came to or from, for the table of all of them.
    fn steps(&self) -> Vec<Kind> {
        let there: BTreeSet<Kind> = self.turns.iter().flat_map(|turn| [turn.earlier, turn.later]).collect();
        Kind::ALL.into_iter().filter(|kind| there.contains(kind)).collect()
    }

    /// How long the bar of a path is, in hundredths of the longest.
    fn share(&self, path: &Path) -> i64 {
        let most = self.paths.first().map_or(1, |path| path.customers).max(1);
        (path.customers.saturating_mul(100) / most).max(1)
    }

    /// Who may not see buyers is told that somebody did it.
    fn name<'a>(&self, known: &'a Known) -> Option<&'a str> {
        self.page.may(May::SeeBuyers).then_some(known.name.as_str())
    }

    fn order<'a>(&self, known: &'a Known) -> Option<&'a str> {
        match &known.fact.source {
            Source::Order(number) => Some(number),
            _ => None,
        }
    }

    fn when(&self, known: &Known) -> String {
        shop_time(known.fact.happened_at)
    }
}

/// `GET /admin/sharing/relations`
pub async fn show(
    staff: Staff<Look>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let address = address.into_inner();
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let (span, today) = (address.span(), shop_day(shop.clock.now()));
    let days: Vec<Date> = (0..span).rev().map(|ago| today - Duration::days(i64::from(ago))).collect();
    let from = days.first().copied().unwrap_or(today);
    let mut conn = shop.db.reader().await?;
    let counted = relations::by_day(&mut conn, from, today).await?;
    let turns = relations::turns(&mut conn, from, today).await?;
    let paths = relations::paths(&mut conn, PATHS).await?;
    let most = i64::try_from(ROWS).unwrap_or(i64::MAX) + 1;
    let mut known = relations::known(&mut conn, address.kind(), address.before, most).await?;
    drop(conn);
    let facts = |path: String| format!("{path}#facts");
    let more = cut(&mut known, ROWS).map(|last| facts(address.path(Some(last.id)))).unwrap_or_default();
    let first = address.before.map(|_| facts(address.path(None))).unwrap_or_default();
    let counted = counted.into_iter().map(|OnDay { day, kind, facts }| ((kind, day), facts)).collect();
    let drawn = RelationsPage { page: frame, address, span, days, counted, turns, paths, known, first, more };
    page(StatusCode::OK, &drawn)
}
