//! All refunds of the shop, the latest first.

use crate::orders::OrderNumber;
use crate::payments::{self, Refund, RefundId, RefundState, Shown};
use crate::staff::May;
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;

/// Rows on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "admin/money/refunds.html")]
struct RefundsPage {
    page: Desk,
    refunds: Vec<(OrderNumber, Refund)>,
    first: String,
    more: String,
}

/// What cannot be read is as if it was not there.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Behind the refund of this number.
    before: String,
}

impl RefundsPage {
    /// When it was decided, and when it ended.
    fn begun(&self, refund: &Refund) -> String {
        shop_time(refund.begun_at)
    }

    fn ended(&self, refund: &Refund) -> Option<String> {
        match &refund.state {
            RefundState::Failed { at, .. } | RefundState::Succeeded { at } => Some(shop_time(*at)),
            RefundState::Begun | RefundState::Unknown | RefundState::Accepted => None,
        }
    }

    /// Words of the staff's, which may be about a person.
    fn reason<'a>(&self, refund: &'a Refund) -> &'a str {
        if self.page.may(May::MoveMoney) || self.page.may(May::SeeBuyers) { &refund.reason } else { "" }
    }
}

/// `GET /admin/money/refunds`
pub async fn show(
    staff: Staff<Look>,
    asked: Query<Asked>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Money).await;
    let before = asked.before.parse().ok().map(RefundId);
    let most = i64::try_from(ROWS + 1).unwrap_or(i64::MAX);
    let mut refunds = payments::refunds(&mut *shop.db.reader().await?, Shown::All, before, most).await?;
    let last = cut(&mut refunds, ROWS);
    let more = last.map(|(_, last)| format!("/admin/money/refunds?before={}", last.id.0)).unwrap_or_default();
    let first = before.map(|_| "/admin/money/refunds".to_owned()).unwrap_or_default();
    page(StatusCode::OK, &RefundsPage { page: frame, refunds, first, more })
}
