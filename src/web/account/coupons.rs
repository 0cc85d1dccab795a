//! What a shopper has of coupons, and what became of it.

use super::sign_in_path;
use crate::coupons::{self, Given};
use crate::web::page::{Page, page};
use crate::web::shop::order::shop_time;
use crate::web::who::{Reader, Visitor};
use crate::web::{Error, Shop};
use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "account/coupons.html")]
struct CouponsPage {
    page: Page,
    now: OffsetDateTime,
    /// Those that can be used first, then the latest.
    hers: Vec<Given>,
    /// Where whoever has not signed in does so.
    sign_in: Option<String>,
}

impl CouponsPage {
    fn terms(&self, given: &Given) -> String {
        self.page.words.coupon(&given.terms)
    }

    fn state(&self, given: &Given) -> String {
        self.page.say(&format!("word-given-{}", given.name_of_state(self.now)))
    }

    fn until(&self, given: &Given) -> String {
        self.page.say_with("coupon-until", "at", shop_time(given.usable_until))
    }
}

/// `GET /account/coupons`
pub async fn show(session: Session, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Page::new(&shop, &reader).await;
    let (customer, now) = (Visitor::of(&session).customer, shop.clock.now());
    let mut hers = Vec::new();
    if let Some(customer) = customer {
        hers = coupons::of_customer(&mut *shop.db.reader().await?, customer).await?;
        hers.sort_by_key(|given| !given.is_usable(now));
    }
    let sign_in = customer.is_none().then(|| sign_in_path(&frame, &frame.to("/account/coupons")));
    page(StatusCode::OK, &CouponsPage { page: frame, now, hers, sign_in })
}
