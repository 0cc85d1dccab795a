//! What about money waits for somebody: what has to go back, what did not go back, what is on its way.

use crate::orders::OrderNumber;
use crate::payments::{self, Counts, Owed, OwedPayment, Refund, RefundState, Shown};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::Staff;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;

/// So many of each kind are named.
const LISTED: i64 = 50;

#[derive(Template)]
#[template(path = "admin/money/overview.html")]
struct MoneyPage {
    page: Desk,
    owed: Owed,
    counts: Counts,
    failed: Vec<(OrderNumber, Refund)>,
    under_way: Vec<(OrderNumber, Refund)>,
    /// How many messages are not believed; no more than are named on their page.
    doubted: usize,
}

impl MoneyPage {
    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn is_calm(&self) -> bool {
        self.owed.latest.is_empty()
            && self.failed.is_empty()
            && self.under_way.is_empty()
            && self.doubted == 0
    }

    /// Why it has to go back, as a word.
    fn cause(&self, owed: &OwedPayment) -> String {
        self.page.say(&format!("word-ledger-{}", owed.cause.name()))
    }

    /// When a refund ended, or was decided.
    fn since(&self, refund: &Refund) -> String {
        match &refund.state {
            RefundState::Failed { at, .. } | RefundState::Succeeded { at } => shop_time(*at),
            RefundState::Begun | RefundState::Unknown | RefundState::Accepted => shop_time(refund.begun_at),
        }
    }
}

/// `GET /admin/money`
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    let mut conn = shop.db.reader().await?;
    let drawn = MoneyPage {
        page: frame,
        owed: payments::owed_back(&mut conn).await?,
        counts: payments::counts(&mut conn).await?,
        failed: payments::refunds(&mut conn, Shown::Failed, None, LISTED).await?,
        under_way: payments::refunds(&mut conn, Shown::UnderWay, None, LISTED).await?,
        doubted: payments::doubted(&mut conn, LISTED).await?.len(),
    };
    drop(conn);
    page(StatusCode::OK, &drawn)
}
