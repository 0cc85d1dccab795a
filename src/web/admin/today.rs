//! What has to be done first, how the shop does, and what came in last.

mod trend;

use super::desk::{Desk, Section, WEIBO};
use super::orders::tag;
use crate::catalog::stock;
use crate::clock::{self, shop_day};
use crate::fans::desk;
use crate::fans::service::{self, Trouble};
use crate::figures::{self, Beginnings};
use crate::orders::{self, Order, ToShip};
use crate::payments::{self, Confirming, Counts, Owed};
use crate::seal::Keyring;
use crate::sharing::{posts, speaker};
use crate::staff::May;
use crate::staff::permission::Look;
use crate::text::counted;
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use sqlx::PgConnection;
use time::{Date, Duration, OffsetDateTime};
use trend::{Number, Span, Trend};

/// So many of the newest orders are shown.
const NEWEST: i64 = 8;

#[derive(Deserialize)]
pub struct Asked {
    days: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/today.html")]
struct TodayPage {
    page: Desk,
    now: OffsetDateTime,
    waiting: Waiting,
    /// What to do first in a shop that nobody has ordered from yet.
    beginnings: Option<Beginnings>,
    has_weibo: bool,
    trend: Trend,
    newest: Vec<Order>,
}

/// What waits for somebody.
struct Waiting {
    to_ship: ToShip,
    confirming: Vec<Confirming>,
    low: i64,
    /// There are genuine messages that do not match what was asked for.
    has_doubts: bool,
    /// Money that has to go back to buyers.
    owed: Owed,
    refunds: Counts,
    /// Nothing for who does not answer fans.
    fans: Option<desk::Waiting>,
    /// Why no fan can be written to, for who can do something about it or answers them.
    trouble: Option<Trouble>,
    /// So many posts wait for a person; and whether the account that posts no longer can. For who may post.
    posts: i64,
    mute: bool,
}

/// So many conversations are counted, and no more.
const FANS_COUNTED: i64 = 999;

impl Waiting {
    async fn read(
        conn: &mut PgConnection,
        desk: &Desk,
        keys: &Keyring,
        now: OffsetDateTime,
    ) -> anyhow::Result<Waiting> {
        let (talks, says) = (desk.may(May::TalkToFans), desk.may(May::EditSharing));
        let speaker = if says { speaker::find(conn, keys).await? } else { None };
        let trouble = service::read(conn).await?.trouble.map(|(trouble, _)| trouble);
        Ok(Waiting {
            to_ship: orders::to_ship(conn).await?,
            confirming: payments::confirming(conn).await?,
            low: stock::low_count(conn).await?,
            has_doubts: !payments::doubted(conn, 1).await?.is_empty(),
            owed: payments::owed_back(conn).await?,
            refunds: payments::counts(conn).await?,
            fans: if talks { Some(desk::waiting(conn, FANS_COUNTED).await?) } else { None },
            trouble: trouble.filter(|_| talks || desk.may(May::HoldKeys)),
            posts: if says { posts::for_a_person(conn).await? } else { 0 },
            mute: speaker.is_some_and(|speaker| !speaker.is_good(now)),
        })
    }

    /// How many variants run low.
    fn low(&self) -> String {
        counted(self.low, stock::LOW_COUNTED)
    }

    fn is_nothing(&self) -> bool {
        let money = self.owed.payments + self.refunds.failed;
        let fans = self.fans.map_or(0, |fans| fans.count);
        self.to_ship.count + self.low + money + fans + self.posts == 0 && self.confirming.is_empty()
    }

    fn fans(&self, fans: &desk::Waiting) -> String {
        counted(fans.count, FANS_COUNTED)
    }

    /// How often Weibo was asked about the order that it was asked about most.
    fn asked(&self) -> i32 {
        self.confirming.iter().map(|order| order.asked).max().unwrap_or_default()
    }
}

impl TodayPage {
    fn greeting(&self) -> String {
        let hour = match self.now.to_offset(clock::SHOP_ZONE).hour() {
            5..=10 => "morning",
            11..=12 => "noon",
            13..=17 => "afternoon",
            18..=22 => "evening",
            _ => "night",
        };
        let greeting = self.page.say(&format!("word-good-{hour}"));
        let key = match &self.beginnings {
            Some(_) => "today-begin",
            None if self.waiting.is_nothing() => "today-calm",
            None => "today-first",
        };
        self.page.say_with(key, "greeting", greeting)
    }

    /// `11 月 21 日 星期六`
    fn date(&self) -> String {
        let day = shop_day(self.now);
        format!("{} {}", self.day(&day), self.page.say(&format!("word-weekday-{}", day.weekday())))
    }

    /// `11 月 21 日`
    fn day(&self, day: &Date) -> String {
        let month = self.page.say(&format!("word-month-{}", u8::from(day.month())));
        format!("{month} {}", self.page.say_with("day-of-month", "day", day.day()))
    }

    /// Below a column: its weekday, or in a month its date.
    fn short_day(&self, day: &Date) -> String {
        if *day == shop_day(self.now) {
            return self.page.say("today-short");
        }
        match self.trend.span {
            Span::Month => format!("{}/{}", u8::from(day.month()), day.day()),
            Span::Day | Span::Week => self.page.say(&format!("word-short-{}", day.weekday())),
        }
    }

    /// How long ago the first order that is to be sent was paid.
    fn oldest(&self) -> Option<String> {
        Some(self.ago("word-oldest", self.waiting.to_ship.oldest?))
    }

    /// How long the first of these fans has been waiting.
    fn longest(&self, fans: &desk::Waiting) -> Option<String> {
        Some(self.ago("word-longest", fans.since?))
    }

    /// By a key of those that begin so.
    fn ago(&self, key: &str, since: OffsetDateTime) -> String {
        let (unit, n) = match self.now - since {
            age if age < Duration::minutes(1) => ("now", 0),
            age if age < Duration::hours(1) => ("minutes", age.whole_minutes()),
            age if age < Duration::hours(48) => ("hours", age.whole_hours()),
            age => ("days", age.whole_days()),
        };
        self.page.say_with(&format!("{key}-{unit}"), "n", n)
    }

    fn numbers(&self) -> [Number; 5] {
        self.trend.numbers(self.page.words)
    }

    /// What the chart shows, in a sentence for those who do not see it.
    fn told(&self) -> String {
        let takings = self.page.say_with("chart-told", "takings", self.trend.now.takings);
        format!(
            "{takings} {}",
            self.page.say_with("chart-told-refunded", "refunded", self.trend.now.refunded)
        )
    }

    fn goods(&self, order: &Order) -> String {
        let pieces: u64 = order.lines.iter().map(|line| u64::from(line.quantity)).sum();
        let Some(first) = order.lines.first() else { return String::new() };
        let name = self.page.text(&first.product_name);
        match (order.lines.len(), pieces) {
            (1, 1) => name.to_owned(),
            (1, _) => format!("{name} × {pieces}"),
            _ => format!("{name} {}", self.page.say_with("and-more", "pieces", pieces)),
        }
    }

    fn state(&self, order: &Order) -> (String, &'static str) {
        tag(self.page.words, order, false)
    }

    fn when(&self, order: &Order) -> String {
        shop_time(order.placed_at)
    }

    fn spans(&self) -> [Span; 3] {
        Span::ALL
    }

    fn is_shown(&self, span: &Span) -> bool {
        *span == self.trend.span
    }

    /// The word for this span of those that begin so.
    fn say_of(&self, key: &str, span: &Span) -> String {
        self.page.say(&format!("{key}-{}", span.days()))
    }
}

/// `GET /admin`
pub async fn show(
    staff: Staff<Look>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let mut frame = Desk::new(&shop, &reader, &staff, Section::Today).await;
    let (now, span) = (shop.clock.now(), Span::parse(asked.days.as_deref().unwrap_or_default()));
    let mut conn = shop.db.reader().await?;
    let newest = orders::latest(&mut conn, NEWEST).await?;
    let beginnings = if newest.is_empty() { Some(figures::beginnings(&mut conn).await?) } else { None };
    if beginnings.is_some() {
        // The steps on the page say it themselves.
        frame.first_step = frame.first_step.filter(|(path, _)| *path != WEIBO);
    }
    let trend = Trend::read(&mut conn, span, shop_day(now)).await?;
    let waiting = Waiting::read(&mut conn, &frame, &shop.keys, now).await?;
    drop(conn);
    let has_weibo = shop.weibo().await.is_ok();
    page(StatusCode::OK, &TodayPage { page: frame, now, waiting, beginnings, has_weibo, trend, newest })
}
