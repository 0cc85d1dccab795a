//! A link to an order of the fan's, for her alone: it opens after her own sign-in, once and for a day. What stands
//! behind it, how her parcel and her money are, is told to nobody else.

use super::answer::say_in;
use super::at::At;
use super::beside::Beside;
use super::talk::Typed;
use crate::customers::hints;
use crate::db::Tx;
use crate::fans::{self, desk};
use crate::money::Money;
use crate::orders::Order;
use crate::staff::permission::TalkToFans;
use crate::text::Language;
use crate::web::staff::{Path, SafeForm, Staff};
use crate::web::who::Reader;
use crate::web::words::Words;
use crate::web::{Error, Shop};
use crate::weibo::messages::Reply;
use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::Data;

/// `POST /admin/fans/{uid}/links`: to the order `order`, or to how its refund is (`about` is `refund`).
pub async fn create(
    staff: Staff<TalkToFans>,
    form: SafeForm,
    fan: Path<i64>,
    shop: Data<Shop>,
    reader: Reader,
) -> Result<HttpResponse, Error> {
    let at = At::of(*fan, &form, &staff, &shop, &reader);
    let mut tx = shop.db.begin().await?;
    let wanted = form.text("order");
    let orders = Beside::of(&mut tx, at.fan).await?.orders;
    let refund = form.text("about") == "refund";
    // Only what is hers, and a refund only where there is one.
    let order = orders.into_iter().find(|order| order.number.as_str() == wanted);
    let Some(order) = order.filter(|order| !refund || has_refund(order)) else {
        drop(tx);
        let refused = Some(at.words().say("fans-link-gone"));
        return at.again(StatusCode::CONFLICT, Typed { refused, ..Typed::default() }).await;
    };
    tell(&at, tx, &order, refund, Typed::of(&form)).await
}

async fn tell(
    at: &At<'_>,
    mut tx: Tx,
    order: &Order,
    refund: bool,
    typed: Typed,
) -> Result<HttpResponse, Error> {
    let key = if refund { "fans-link-refund" } else { "fans-link-order" };
    let words = Words(order.language);
    let told = words.say_with(key, "order", &order.number);
    // The link is another each time: what this form has sent is known by the words before it.
    fans::lock(&mut tx, at.fan).await?;
    if let Some(form) = typed.form
        && let Some(sent) = desk::sent(&mut tx, form).await?
        && sent.fan == at.fan
        && sent.text.starts_with(&told)
    {
        return at.go_on("fans-said");
    }
    let path = words.path(&format!("/orders/{}", order.number));
    let link = hints::hint(&mut tx, at.fan, &path, at.now()).await?;
    let only = words.say("fans-link-only");
    let text = format!("{told}{}\n{only}", at.shop.settings.absolute(&link));
    say_in(tx, at, &Reply::Text { text }, typed).await
}

/// Some of its money is on its way back, or back.
pub fn has_refund(order: &Order) -> bool {
    order.going_back > Money::ZERO || order.refunded > Money::ZERO
}

/// Fans whose language nobody knows are spoken to in Chinese.
impl Words {
    pub const CHINESE: Words = Words(Language::Chinese);
}
