//! The orders of this browser.

use crate::orders::{self, Order};
use crate::web::page::{Page, page};
use crate::web::shop::order::shop_time;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;

#[derive(Template)]
#[template(path = "shop/orders.html")]
struct OrdersPage {
    page: Page,
    orders: Vec<Order>,
}

impl OrdersPage {
    fn when(&self, order: &Order) -> String {
        shop_time(order.placed_at)
    }

    fn stage(&self, order: &Order) -> &'static str {
        order.stage().word(self.page.words.0)
    }
}

pub async fn list(session: Session, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let visitor = Visitor::of(&session);
    let mut conn = shop.db.reader().await?;
    let orders = orders::placed_by(&mut conn, visitor.id, visitor.customer).await?;
    drop(conn);
    page(StatusCode::OK, &OrdersPage { page: Page::new(&shop, &reader).await, orders })
}
