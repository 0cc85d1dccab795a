//! Packing slips to be printed: what goes into a parcel, and where it goes. No prices: a gift has none.

use super::desk::{Desk, Section};
use super::order::number;
use crate::orders::{self, Order, OrderNumber};
use crate::staff::permission::SeeBuyers;
use crate::web::page::{Markup, page};
use crate::web::shop::order::shop_time;
use crate::web::shop::qr::qr;
use crate::web::staff::{Path, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use actix_web::http::StatusCode;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;

/// As many as a page of the list has.
const MOST: usize = 50;

#[derive(Template)]
#[template(path = "admin/orders/slips.html")]
struct SlipsPage {
    page: Desk,
    slips: Vec<Slip>,
    /// Asked for, and not paid or closed: what is not paid is not packed.
    left_out: Vec<OrderNumber>,
}

struct Slip {
    order: Order,
    /// The order's number, for a scanner.
    code: Markup,
}

impl Slip {
    fn when(&self) -> String {
        shop_time(self.order.placed_at)
    }

    fn pieces(&self) -> u64 {
        self.order.lines.iter().map(|line| u64::from(line.quantity)).sum()
    }
}

/// `GET /admin/orders/{number}/packing-slip`
pub async fn one(
    staff: Staff<SeeBuyers>,
    path: Path<String>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let number = number(&path)?;
    orders::find(&mut *shop.db.reader().await?, &number).await?.ok_or(Error::NotFound)?;
    draw(&staff, &shop, &reader, &[number]).await
}

/// `GET /admin/orders/packing-slips?n=…&n=…`: in the order in which they were asked for.
pub async fn many(
    staff: Staff<SeeBuyers>,
    request: HttpRequest,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let bad = || Error::Refused(StatusCode::BAD_REQUEST, "error-request");
    let mut numbers: Vec<OrderNumber> = Vec::new();
    for (name, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        let number = if name == "n" { value.parse().map_err(|_| bad())? } else { continue };
        if !numbers.contains(&number) {
            numbers.push(number);
        }
        if numbers.len() > MOST {
            return Err(bad());
        }
    }
    draw(&staff, &shop, &reader, &numbers).await
}

async fn draw(
    staff: &Staff<SeeBuyers>,
    shop: &Shop,
    reader: &Reader,
    numbers: &[OrderNumber],
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(shop, reader, staff, Section::Orders).await;
    let found = orders::find_all(&mut *shop.db.reader().await?, numbers).await?;
    let (paid, others): (Vec<Order>, Vec<Order>) = found.into_iter().partition(Order::is_paid);
    let slip = |order: Order| qr(order.number.as_str()).map(|code| Slip { order, code });
    let slips = paid.into_iter().map(slip).collect::<anyhow::Result<_>>()?;
    let left_out = others.into_iter().map(|order| order.number).collect();
    page(StatusCode::OK, &SlipsPage { page: frame, slips, left_out })
}
