//! What came in: the newest orders, and notices that nobody should overlook.

use crate::orders::{self, Order};
use crate::payments;
use crate::staff::Member;
use crate::web::page::{Page, page};
use crate::web::shop::order::shop_time;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/today.html")]
struct TodayPage {
    page: Page,
    member: Member,
    orders: Vec<Order>,
    /// Genuine notices that do not match what was asked for: why, and how often each came.
    refused: Vec<(String, i32)>,
}

impl TodayPage {
    fn when(&self, order: &Order) -> String {
        shop_time(order.placed_at)
    }
}

/// `GET /admin`
pub async fn show(member: Member, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let mut conn = shop.db.reader().await?;
    let orders = orders::latest(&mut conn).await?;
    let notices = payments::notices(&mut conn).await?;
    let refused = notices.into_iter().filter(|(outcome, ..)| outcome == "refused");
    let refused = refused.map(|(_, why, times)| (why, times)).collect();
    page(StatusCode::OK, &TodayPage { page: frame, member, orders, refused })
}
