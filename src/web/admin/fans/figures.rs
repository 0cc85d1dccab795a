//! How long fans waited for a person, by day and by whoever answered, and how it stands now.

use super::list::span;
use crate::clock::shop_day;
use crate::fans::desk::{self, Figures, Row, Standing, Took};
use crate::staff::permission::TalkToFans;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::page;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use time::Duration;

/// What is counted now is not counted any further.
const MANY: i64 = 1000;
/// How far one may look back, in days.
const SPANS: [i64; 3] = [7, 30, 90];

#[derive(Template)]
#[template(path = "admin/fans/figures.html")]
struct FiguresPage {
    page: Desk,
    days: i64,
    standing: Standing,
    figures: Figures,
}

impl FiguresPage {
    fn is_shown(&self, days: &i64) -> bool {
        self.days == *days
    }

    fn told(&self, count: &i64) -> String {
        if *count > MANY { format!("{MANY}+") } else { count.to_string() }
    }

    fn took(&self, long: &Duration) -> String {
        span(self.page.words, *long)
    }

    /// The rows of a table: whose, how often, median and ninth of ten, for answers and for what was closed.
    fn rows(&self, of: &str) -> Vec<(String, &Row)> {
        match of {
            "days" => self.figures.days().into_iter().map(|(day, row)| (day.to_string(), row)).collect(),
            _ => self.figures.people().into_iter().map(|(name, row)| (name.clone(), row)).collect(),
        }
    }

    fn all(&self) -> Option<(&Took, &Took)> {
        self.figures.all().map(|row| (&row.answers, &row.resolutions))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Address {
    days: String,
}

/// `GET /admin/fans/figures`
pub async fn show(
    staff: Staff<TalkToFans>,
    address: Query<Address>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Fans).await;
    let asked = address.days.parse().ok().filter(|days| SPANS.contains(days));
    let days = asked.unwrap_or(SPANS[0]);
    let since = shop_day(shop.clock.now()) - Duration::days(days - 1);
    let mut conn = shop.db.reader().await?;
    let standing = desk::standing(&mut conn, MANY + 1).await?;
    let figures = desk::figures(&mut conn, since).await?;
    drop(conn);
    page(StatusCode::OK, &FiguresPage { page: frame, days, standing, figures })
}
