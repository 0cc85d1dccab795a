//! The orders of this browser.

use crate::money::Money;
use crate::orders::{self, Fulfilment, Order};
use crate::payments::Standing;
use crate::web::page::{Page, page};
use crate::web::shop::order::shop_time;
use crate::web::shop::standing::payment_word;
use crate::web::who::{Reader, Visitor, order_link};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "shop/orders.html")]
struct OrdersPage {
    page: Page,
    /// Each with its path, which for who is known from a visit only holds what opens it.
    orders: Vec<(Order, String)>,
}

impl OrdersPage {
    fn when(&self, order: &Order) -> String {
        shop_time(order.placed_at)
    }

    /// How it stands, in a word, and the colour of that.
    fn state(&self, order: &Order) -> (String, &'static str) {
        let called = |word: &str| self.page.say(&format!("word-{word}"));
        let standing = Standing::default();
        let sent = order.fulfilment != Fulfilment::None;
        match payment_word(order, standing) {
            "late" if order.refunded == order.total => (called("refunded"), "amber"),
            "late" => (called("late"), "amber"),
            _ if order.is_closed() => (called(order.closure.name()), "amber"),
            "refunded" => (called("refunded"), "amber"),
            _ if order.is_paid() && order.is_given_back() && order.going_back > order.refunded => {
                (called("refunding"), "amber")
            }
            _ if sent => (order.stage().word(self.page.words.0).to_owned(), "jade"),
            word => (called(word), if order.is_paid() { "jade" } else { "amber" }),
        }
    }

    /// What of its money is back or on its way back.
    fn back(&self, order: &Order) -> Option<String> {
        let some = order.going_back > Money::ZERO;
        some.then(|| self.page.say_with("money-back-short", "amount", order.going_back))
    }
}

#[derive(Deserialize)]
pub struct Known {
    visit: Option<String>,
}

/// `GET /orders`
pub async fn list(
    known: Query<Known>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    let visitor = Visitor::of(&session);
    let visit = visitor.visit(&shop, &request, known.visit.as_deref()).await?;
    let frame = Page::new(&shop, &reader).await.known_by(visit);
    let customer = visitor.customer.or(frame.visit.as_ref().map(|visit| visit.customer));
    let mut conn = shop.db.reader().await?;
    let orders = orders::placed_by(&mut conn, visitor.id, customer).await?;
    drop(conn);
    let path = |order: &Order| match frame.visit {
        Some(_) => order_link(&shop, &order.number),
        None => format!("/orders/{}", order.number),
    };
    let with_path = |order| {
        let path = path(&order);
        (order, path)
    };
    let orders = orders.into_iter().map(with_path).collect();
    page(StatusCode::OK, &OrdersPage { page: frame, orders })
}
