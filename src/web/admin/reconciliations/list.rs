//! The days and files that were compared, and where the next is asked for.

use super::{subject, title};
use crate::clock;
use crate::reconciliation::{self, BACK, MOST_BYTES, MOST_ROWS, Reconciliation, ReconciliationId, Refused};
use crate::staff::audit::{self, Change};
use crate::staff::permission::{Look, MoveMoney};
use crate::transfers::Refusal;
use crate::web::admin::desk::{Desk, Section};
use crate::web::form::Wrongs;
use crate::web::page::{cut, page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, SafeForm, Staff};
use crate::web::upload::{Sent, Upload};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use serde_json::json;

/// So many stand on a page.
const PAGE: usize = 30;

#[derive(Template)]
#[template(path = "admin/reconciliations/list.html")]
struct ListPage {
    page: Desk,
    runs: Vec<Reconciliation>,
    first: String,
    more: String,
    day: String,
    /// The first and the last day that can be asked about.
    earliest: String,
    latest: String,
    wrongs: Wrongs,
}

impl ListPage {
    fn title(&self, run: &Reconciliation) -> String {
        title(self.page.words, run)
    }

    fn when(&self, run: &Reconciliation) -> String {
        shop_time(run.begun_at)
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
}

/// `GET /admin/money/reconciliations`
pub async fn show(
    staff: Staff<Look>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    draw(StatusCode::OK, &shop, frame, from.before, (String::new(), Wrongs::default())).await
}

async fn draw(
    status: StatusCode,
    shop: &Shop,
    frame: Desk,
    before: Option<i64>,
    (typed, wrongs): (String, Wrongs),
) -> Result<HttpResponse, Error> {
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let mut runs = reconciliation::latest(&mut conn, before.map(ReconciliationId), most).await?;
    drop(conn);
    let last = cut(&mut runs, PAGE);
    let more =
        last.map(|last| format!("/admin/money/reconciliations?before={}", last.id.0)).unwrap_or_default();
    let first = if before.is_some() { "/admin/money/reconciliations" } else { "" }.to_owned();
    let today = clock::shop_day(shop.clock.now());
    let yesterday = today.previous_day().unwrap_or(today).to_string();
    let earliest = (today - time::Duration::days(BACK)).to_string();
    let day = if typed.is_empty() { yesterday } else { typed };
    let latest = today.to_string();
    page(status, &ListPage { page: frame, runs, first, more, day, earliest, latest, wrongs })
}

/// `POST /admin/money/reconciliations`
pub async fn run(
    staff: Staff<MoveMoney>,
    form: SafeForm,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let (typed, now) = (form.text("reconcile-day"), shop.clock.now());
    let mut tx = shop.db.begin().await?;
    let begun = match clock::day(&typed) {
        Some(day) => reconciliation::begin(&mut tx, day, &staff.actor(), now).await?.ok().map(|id| (id, day)),
        None => None,
    };
    let Some((id, day)) = begun else {
        drop(tx);
        let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
        let mut wrongs = Wrongs::default();
        wrongs.add("reconcile-day", frame.say_with("reconciliation-not-then", "days", BACK));
        return draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (typed, wrongs)).await;
    };
    let (subject, after) = (subject(id), Some(json!({ "day": day.to_string() })));
    let change = Change { action: "run-reconciliation", subject: &subject, before: None, after };
    audit::record(&mut tx, &staff, change, now).await?;
    tx.commit().await?;
    Ok(see_other(&format!("/admin/money/reconciliations/{}", id.0)))
}

/// `POST /admin/money/reconciliations/console`
pub async fn upload(
    staff: Staff<MoveMoney>,
    upload: Upload,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let received = match upload.only_file(MOST_BYTES).await? {
        None => Err(None),
        Some(sent) => receive(&shop, &staff, sent).await?.map_err(Some),
    };
    let refused = match received {
        Ok(id) => return Ok(see_other(&format!("/admin/money/reconciliations/{}", id.0))),
        Err(refused) => refused,
    };
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    let words = match refused {
        None => frame.say("reconciliation-choose-file"),
        Some(Refused::TooManyRows) => frame.say_with("reconciliation-too-many-rows", "rows", MOST_ROWS),
        Some(Refused::File(why)) => {
            frame.say_with(&format!("word-refused-{}", why.name()), "with", why.with())
        }
    };
    let mut wrongs = Wrongs::default();
    wrongs.add("file", words);
    draw(StatusCode::UNPROCESSABLE_ENTITY, &shop, frame, None, (String::new(), wrongs)).await
}

async fn receive(
    shop: &Shop,
    staff: &Staff<MoveMoney>,
    sent: Sent,
) -> Result<Result<ReconciliationId, Refused>, Error> {
    let Ok(file) = sent.content else { return Ok(Err(Refusal::TooLarge.into())) };
    let (actor, now) = (staff.actor(), shop.clock.now());
    let id = match reconciliation::receive(&shop.db, file, (&sent.name, &actor), now).await? {
        Ok(id) => id,
        Err(refused) => return Ok(Err(refused)),
    };
    let mut tx = shop.db.begin().await?;
    let (subject, after) = (subject(id), Some(json!({ "file": sent.name })));
    let change = Change { action: "send-console-file", subject: &subject, before: None, after };
    audit::record(&mut tx, staff, change, now).await?;
    tx.commit().await?;
    Ok(Ok(id))
}
