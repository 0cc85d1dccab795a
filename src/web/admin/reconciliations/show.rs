//! One reconciliation: how far it is, in what the books differ, and what to do; of a new file, what its columns are.

use super::{found, title};
use crate::reconciliation::{self, Columns, Difference, Kind, Reconciliation, Role, Row, RowId, State, Unit};
use crate::staff::May;
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Path, Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use time::OffsetDateTime;

/// So many rows that differ stand on a page.
const PAGE: usize = 50;
/// So many rows of a new file are shown, and so much of a cell.
const SAMPLE: i64 = 5;
const SHOWN: usize = 30;
/// While it runs the page asks anew after so many seconds, by itself.
const AGAIN: &str = "5";

#[derive(Template)]
#[template(path = "admin/reconciliations/show.html")]
struct ShowPage {
    page: Desk,
    title: String,
    run: Reconciliation,
    rows: Vec<Row>,
    first: String,
    more: String,
    /// Of a file whose columns nobody has told.
    asked: Option<Asked>,
    wrongs: Wrongs,
}

/// The question what the columns of a file are.
struct Asked {
    columns: Columns,
    sample: Vec<Vec<String>>,
    remembered: bool,
}

impl ShowPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn may_move(&self) -> bool {
        self.page.may(May::MoveMoney)
    }

    fn is_day(&self) -> bool {
        self.run.kind == Kind::Day
    }

    fn is_compared(&self) -> bool {
        matches!(self.run.state, State::Running | State::Done)
    }

    fn by(&self) -> &str {
        self.run.actor.staff_name().unwrap_or("weipu")
    }

    fn state(&self, state: &str) -> String {
        if state.is_empty() { String::new() } else { self.page.say(&format!("word-books-{state}")) }
    }

    fn colour(&self, difference: &Difference) -> &'static str {
        match difference {
            Difference::Found => "jade",
            alarm if alarm.is_alarm() => "red",
            _ => "amber",
        }
    }
}

impl Asked {
    fn is(&self, role: &Role, column: &usize) -> bool {
        self.columns.of(*role) == Some(*column)
    }

    fn roles(&self) -> [Role; 7] {
        Role::ALL
    }

    fn in_fen(&self) -> bool {
        self.columns.unit == Unit::Fen
    }

    fn good(&self) -> String {
        self.columns.good.join("、")
    }
}

#[derive(Deserialize)]
pub struct From {
    after: Option<i64>,
}

/// `GET /admin/money/reconciliations/{id}`
pub async fn show(
    staff: Staff<Look>,
    id: Path<i64>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let run = found(&shop, *id).await?;
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    draw(StatusCode::OK, &shop, frame, run, (from.after, None, Wrongs::default())).await
}

/// The page; with what was typed of the columns, and what is wrong with that.
pub async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    run: Reconciliation,
    (after, typed, wrongs): (Option<i64>, Option<Columns>, Wrongs),
) -> Result<HttpResponse, Error> {
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut rows = reconciliation::differing(&mut conn, run.id, after.map(RowId), most).await?;
    drop(conn);
    let here = format!("/admin/money/reconciliations/{}", run.id.0);
    let more = cut(&mut rows, PAGE).map(|last| format!("{here}?after={}", last.id.0)).unwrap_or_default();
    let first = if after.is_some() { here } else { String::new() };
    // What stands in a file may tell of buyers: only whoever takes it in sees it.
    let asks = run.state == State::Mapping && frame.may(May::MoveMoney);
    let asked = if asks { Some(ask(shop, &run, typed).await?) } else { None };
    let (title, running) = (title(frame.words, &run), run.state == State::Running);
    let mut answer = page(status, &ShowPage { page: frame, title, run, rows, first, more, asked, wrongs })?;
    if running {
        answer.headers_mut().insert(HeaderName::from_static("refresh"), HeaderValue::from_static(AGAIN));
    }
    Ok(answer)
}

async fn ask(shop: &Shop, run: &Reconciliation, typed: Option<Columns>) -> Result<Asked, Error> {
    let mut conn = shop.db.reader().await?;
    let sample = reconciliation::first_lines(&mut conn, run.id, SAMPLE).await?;
    let known = reconciliation::remembered(&mut conn, &run.header).await?;
    let cut = |cell: &String| cell.chars().take(SHOWN).collect();
    let whole = |cells: &Vec<String>| {
        (0..run.header.len()).map(|n| cells.get(n).map_or_else(String::new, cut)).collect()
    };
    Ok(Asked {
        remembered: known.is_some(),
        sample: sample.iter().map(whole).collect(),
        columns: typed.or(known).unwrap_or_else(|| Columns::guessed(&run.header)),
    })
}
