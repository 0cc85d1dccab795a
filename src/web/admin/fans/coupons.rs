//! A coupon for a fan: given at once to whom the shop knows, who finds it at the checkout; whoever never signed in gets
//! the address where she can take it. Nobody gets more of one than a buyer gets.

use super::answer::say_in;
use super::at::At;
use super::talk::Typed;
use crate::coupons::{self, Coupon, CouponId, GiveError, Open, Source, To};
use crate::customers::{self, CustomerId};
use crate::db::Tx;
use crate::fans::{self, desk};
use crate::staff::permission::TalkToFans;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::messages::Reply;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde_json::json;

/// `POST /admin/fans/{uid}/coupons`
pub async fn create(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let typed = Typed::of(&form);
    let mut tx = shop.db.begin().await?;
    fans::lock(&mut tx, at.fan).await?;
    let coupon = match form.text("coupon").parse() {
        Ok(id) => coupons::find(&mut tx, CouponId(id)).await?,
        Err(_) => None,
    };
    let Some(coupon) = coupon else { return gone(tx, &at, "fans-coupon-gone").await };
    let customer = customers::find_by_weibo(&mut tx, at.fan).await?;
    let text = told(&at, &coupon, customer);
    // Pressed twice, one is given.
    if let Some(form) = typed.form
        && let Some(sent) = desk::sent(&mut tx, form).await?
        && (sent.fan, &sent.text) == (at.fan, &text)
    {
        return at.go_on("fans-said");
    }
    if let Err(why) = give(&mut tx, &at, &coupon, customer).await {
        return match why {
            GiveError::HasAll | GiveError::GivenBefore => gone(tx, &at, "fans-coupon-has-all").await,
            GiveError::Not(_) | GiveError::NoSuchCoupon => gone(tx, &at, "fans-coupon-gone").await,
            GiveError::Unexpected(error) => Err(error.into()),
        };
    }
    let given = json!({ "coupon": coupon.id.0, "given": customer.is_some() });
    at.record(&mut tx, "give-coupon", (None, Some(given))).await?;
    say_in(tx, &at, &Reply::Text { text }, typed).await
}

async fn give(
    tx: &mut Tx,
    at: &At<'_>,
    coupon: &Coupon,
    customer: Option<CustomerId>,
) -> Result<(), GiveError> {
    if let Some(customer) = customer {
        let to = To { customer, source: Source::Staff, had: None };
        coupons::give(tx, coupon.id, to, at.now()).await?;
        return Ok(());
    }
    match coupon.open(at.now()) {
        Open::Yes => Ok(()),
        not => Err(GiveError::Not(not)),
    }
}

/// What she is told, in the language of the shop: what a fan reads nobody knows. Never the code.
fn told(at: &At<'_>, coupon: &Coupon, customer: Option<CustomerId>) -> String {
    let words = Words::CHINESE;
    let (key, path) = match customer {
        Some(_) => ("fans-coupon-given", "/account/coupons".to_owned()),
        None => ("fans-coupon-offered", format!("/coupons/{}", coupon.slug)),
    };
    let (name, terms) = (&coupon.wanted.name.zh, words.coupon(&coupon.wanted.terms));
    format!("{}\n{name} {terms}\n{}", words.say(key), at.shop.settings.absolute(&path))
}

async fn gone(tx: Tx, at: &At<'_>, why: &str) -> Result<HttpResponse, Error> {
    drop(tx);
    let refused = Some(at.words().say(why));
    at.again(StatusCode::CONFLICT, Typed { refused, ..Typed::default() }).await
}
