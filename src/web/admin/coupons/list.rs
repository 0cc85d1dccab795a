//! All coupons: what each takes off, and how many are given, used and left.

use crate::coupons::{self, Coupon, CouponId};
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
use std::collections::BTreeMap;
use time::OffsetDateTime;

#[derive(Template)]
#[template(path = "admin/coupons/list.html")]
struct ListPage {
    page: Desk,
    coupons: Vec<Coupon>,
    /// How many of each are used.
    used: BTreeMap<CouponId, i64>,
    now: OffsetDateTime,
}

impl ListPage {
    fn used(&self, coupon: &Coupon) -> i64 {
        self.used.get(&coupon.id).copied().unwrap_or_default()
    }

    fn terms(&self, coupon: &Coupon) -> String {
        self.page.words.coupon(&coupon.wanted.terms)
    }

    /// How it stands, in a word, and the colour of that.
    fn tag(&self, coupon: &Coupon) -> (String, &'static str) {
        tag(&self.page, coupon, self.now)
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }
}

/// How a coupon stands, and the colour of that.
pub fn tag(page: &Desk, coupon: &Coupon, now: OffsetDateTime) -> (String, &'static str) {
    let open = coupon.open(now).name();
    let colour = match open {
        "open" => "jade",
        "not-yet" | "paused" => "amber",
        _ => "",
    };
    (page.say(&format!("word-coupons-{open}")), colour)
}

/// `GET /admin/coupons`
pub async fn show(staff: Staff<Look>, shop: Data<Shop>, reader: Reader) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Catalog).await;
    let mut conn = shop.db.reader().await?;
    let coupons = coupons::all(&mut conn).await?;
    let ids: Vec<CouponId> = coupons.iter().map(|coupon| coupon.id).collect();
    let used = coupons::used(&mut conn, &ids).await?;
    drop(conn);
    page(StatusCode::OK, &ListPage { page: frame, coupons, used, now: shop.clock.now() })
}
