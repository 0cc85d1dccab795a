//! What came in: the newest orders, and notices that nobody should overlook.

use super::desk::{Desk, Section};
use crate::money::Money;
use crate::orders::{self, Order, OrderNumber};
use crate::payments;
use crate::staff::permission::Look;
use crate::web::page::page;
use crate::web::shop::order::shop_time;
use crate::web::staff::Staff;
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "admin/today.html")]
struct TodayPage {
    page: Desk,
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
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Today).await;
    let mut conn = shop.db.reader().await?;
    let orders = orders::latest(&mut conn).await?;
    let refused = payments::refused_notices(&mut conn).await?;
    let owed = payments::owed_back(&mut conn).await?;
    page(StatusCode::OK, &TodayPage { page: frame, orders, refused, owed })
}
