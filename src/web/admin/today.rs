//! What came in: the newest orders, and notices that nobody should overlook.

use crate::money::Money;
use crate::orders::{self, Order, OrderNumber};
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
    /// Money that has to go back to buyers.
    owed: Vec<(OrderNumber, String, Money)>,
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
    let refused = payments::refused_notices(&mut conn).await?;
    let owed = payments::owed_back(&mut conn).await?;
    page(StatusCode::OK, &TodayPage { page: frame, member, orders, refused, owed })
}
