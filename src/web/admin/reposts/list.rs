//! All campaigns with what each did, and the reposts of buyers, without anybody's name or words.

use super::{LIST, at, tag};
use crate::coupons::{self, Coupon, CouponId};
use crate::money::Money;
use crate::orders::OrderId;
use crate::sharing::gifts::{self, Gift};
use crate::sharing::{self, Listed, Tally};
use crate::staff::permission::Look;
use crate::web::admin::desk::{Desk, Section};
use crate::web::page::{cut, page};
use crate::web::shop::order::shop_time;
use crate::web::staff::{Query, Staff};
use crate::web::who::Reader;
use crate::web::{Error, Shop};
use crate::weibo::statuses::page_of;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use askama::Template;
use serde::Deserialize;
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// So many reposts stand on a page.
const PAGE: usize = 30;
/// Reposts of so long are told together.
const TALLIED: Duration = Duration::days(30);

#[derive(Template)]
#[template(path = "admin/reposts/list.html")]
struct ListPage {
    page: Desk,
    gifts: Vec<Gift>,
    coupons: BTreeMap<CouponId, Coupon>,
    /// The call that shows whether a repost stands is switched off.
    is_off: bool,
    reposts: Vec<Listed>,
    /// On the first page only.
    tally: Option<Tally>,
    first: String,
    more: String,
    now: OffsetDateTime,
}

impl ListPage {
    fn at(&self, gift: &Gift) -> String {
        at(gift.id)
    }

    fn tag(&self, gift: &Gift) -> (String, &'static str) {
        tag(&self.page, gift, self.now)
    }

    fn coupon(&self, gift: &Gift) -> String {
        let coupon = self.coupons.get(&gift.wanted.coupon);
        coupon.map(|coupon| self.page.words.coupon(&coupon.wanted.terms)).unwrap_or_default()
    }

    fn when(&self, at: &OffsetDateTime) -> String {
        shop_time(*at)
    }

    fn told(&self, tally: &Tally) -> String {
        let Tally { stood, orders, fen } = *tally;
        let amount = Money::from_fen(fen).unwrap_or(Money::ZERO);
        self.page.words.say_of(
            "reposts-tally",
            &[("stood", stood.to_string()), ("orders", orders.to_string()), ("amount", amount.to_string())],
        )
    }

    fn word(&self, repost: &Listed) -> String {
        self.page.say(&format!("word-repost-{}", repost.state.name()))
    }

    fn colour(&self, repost: &Listed) -> &'static str {
        match repost.state.name() {
            "done" => "jade",
            "unknown" | "accepted" => "amber",
            _ => "",
        }
    }

    fn on_weibo(&self, repost: &Listed) -> Option<String> {
        repost.state.status_id().map(page_of)
    }
}

#[derive(Deserialize)]
pub struct From {
    before: Option<i64>,
}

/// `GET /admin/sharing/reposts`
pub async fn show(
    staff: Staff<Look>,
    from: Query<From>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let frame = Desk::new(&shop, &reader, &staff, Section::Sharing).await;
    let is_off = shop.weibo().await.is_ok_and(|weibo| !weibo.sees_statuses());
    let most = i64::try_from(PAGE).unwrap_or(i64::MAX) + 1;
    let mut conn = shop.db.reader().await?;
    let gifts = gifts::all(&mut conn).await?;
    let coupons = coupons::all(&mut conn).await?.into_iter().map(|coupon| (coupon.id, coupon)).collect();
    let mut reposts = sharing::latest(&mut conn, from.before.map(OrderId), most).await?;
    let tally = match from.before {
        None => Some(sharing::tally(&mut conn, shop.clock.now() - TALLIED).await?),
        Some(_) => None,
    };
    drop(conn);
    let more = cut(&mut reposts, PAGE).map(|last| format!("{LIST}?before={}", last.order.0));
    let (more, now) = (more.unwrap_or_default(), shop.clock.now());
    let first = if from.before.is_some() { LIST } else { "" }.to_owned();
    page(StatusCode::OK, &ListPage { page: frame, gifts, coupons, is_off, reposts, tally, first, more, now })
}
