//! Whether the money adds up: what does not, and what is stuck.

use crate::jobs::{self, GivenUp, Job};
use crate::payments::{self, LastCheck, OpenBreach, Stuck};
use crate::staff::permission::{Look, MoveMoney};
use crate::web::admin::desk::{Desk, Section};
use crate::web::checks;
use crate::web::page::{page, see_other};
use crate::web::shop::order::shop_time;
use crate::web::staff::{SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::{Duration, OffsetDateTime};

/// Here, and where the banner leads.
pub const CHECKS: &str = "/admin/money/checks";
/// So many jobs are named.
const NAMED: i64 = 50;
/// One looks each minute: without a look for so long none is at work.
const SILENCE: Duration = Duration::minutes(10);

#[derive(Template)]
#[template(path = "admin/money/checks.html")]
struct ChecksPage {
    page: Desk,
    checks: Vec<LastCheck>,
    breaches: Vec<OpenBreach>,
    stuck: Stuck,
    given_up: Vec<GivenUp>,
    now: OffsetDateTime,
}

impl ChecksPage {
    fn is_silent(&self) -> bool {
        self.checks.iter().all(|check| check.at + SILENCE < self.now)
    }

    fn is_stuck(&self) -> bool {
        !(self.stuck.refunds.is_empty() && self.stuck.attempts.is_empty() && self.given_up.is_empty())
    }

    /// What the rule says, in words.
    fn rule(&self, open: &OpenBreach) -> String {
        checks::breach(self.page.words.0, &open.breach.rule)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }
}

/// `GET /admin/money/checks`
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    // What the banner says must not be older than the page below it.
    shop.pages.look_at_money_again();
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    let now = shop.clock.now();
    let mut conn = shop.db.reader().await?;
    let drawn = ChecksPage {
        page: frame,
        checks: payments::last_checks(&mut conn).await?,
        breaches: payments::open_breaches(&mut conn).await?,
        stuck: payments::stuck(&mut conn, now - payments::STUCK_REFUND, now - payments::STUCK_ATTEMPT)
            .await?,
        given_up: jobs::given_up(&mut conn, NAMED).await?,
        now,
    };
    page(StatusCode::OK, &drawn)
}

/// `POST /admin/money/checks`: everything is looked at anew, in the background.
pub async fn begin(staff: Staff<MoveMoney>, _: SafeForm, shop: Data<Shop>) -> Result<HttpResponse, Error> {
    let mut tx = shop.db.begin().await?;
    jobs::enqueue(&mut tx, &Job::CheckMoney, shop.clock.now()).await?;
    tx.commit().await?;
    staff.says_next("money-checks-asked")?;
    Ok(see_other(CHECKS))
}
