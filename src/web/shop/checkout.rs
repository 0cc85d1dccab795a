//! One page from a choice to an order.

use crate::catalog::{self, Offer, Sku};
use crate::checkout::{self, Buyer, Form, Quantity, Refused, Wrong};
use crate::customers::{self, AddressForm, CustomerId};
use crate::money::Money;
use crate::settings::Delivery;
use crate::web::form::{Fields, Wrongs};
use crate::web::page::{Page, page, see_other};
use crate::web::shop::checkout_coupons::{At, Choices, FIELD, choices};
use crate::web::who::{Reader, Visitor, order_link};
use crate::web::{Error, Shop, came};
use actix_session::Session;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use serde::Deserialize;
use uuid::Uuid;

#[derive(Template)]
#[template(path = "shop/checkout.html")]
struct CheckoutPage {
    page: Page,
    offer: Offer,
    form: Form,
    /// Of what is typed; one piece when that is no number.
    goods: Money,
    freight: Money,
    total: Money,
    coupons: Choices,
    wrongs: Wrongs,
    provinces: &'static [&'static str],
}

/// Nothing to check out: what happened, and a way on.
#[derive(Template)]
#[template(path = "shop/unavailable.html")]
struct UnavailablePage {
    page: Page,
    offer: Option<Offer>,
}

#[derive(Deserialize)]
pub struct Choice {
    variant: Option<String>,
    quantity: Option<String>,
    visit: Option<String>,
}

/// `GET /checkout?variant=&quantity=&visit=`
pub async fn show(
    choice: Query<Choice>,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    shop.weibo().await?;
    let delivery = shop.terms().await?.delivery;
    let Choice { variant, quantity, visit } = choice.into_inner();
    let form = Form {
        variant: variant.unwrap_or_default(),
        quantity: quantity.unwrap_or_else(|| "1".into()),
        key: Uuid::new_v4().to_string(),
        ..Form::default()
    };
    let visitor = Visitor::of(&session);
    let visit = visitor.visit(&shop, &request, visit.as_deref()).await?;
    let frame = Page::new(&shop, &reader).await.known_by(visit);
    let at = At { shop: &shop, customer: customer(visitor, &frame), fresh: true };
    let mut wrongs = Wrongs::default();
    let Some(offer) = find_offer(&shop, &form).await? else { return unavailable(frame, None) };
    if offer.stock == 0 {
        return unavailable(frame, Some(offer));
    }
    let most = delivery.most_per_order;
    match Quantity::parse(&form.quantity, most) {
        None => wrongs.add("quantity", frame.say_with("wrong-quantity", "most", most)),
        Some(wanted) if wanted.get() > offer.stock => {
            wrongs.add("quantity", frame.say_with("wrong-sold-out", "left", offer.stock));
        }
        Some(_) => {}
    }
    let status = if wrongs.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    again(at, status, frame, (offer, form), (wrongs, &delivery)).await
}

/// Who buys, where that is known.
fn customer(visitor: Visitor, frame: &Page) -> Option<CustomerId> {
    visitor.customer.or(frame.visit.as_ref().map(|visit| visit.customer))
}

/// `POST /checkout`
pub async fn place(
    fields: Fields,
    session: Session,
    shop: Data<Shop>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, Error> {
    shop.weibo().await?;
    let delivery = shop.terms().await?.delivery;
    let form = read(&fields);
    let visitor = Visitor::of(&session);
    let visit = visitor.visit(&shop, &request, Some(&fields.text("visit"))).await?;
    let frame = Page::new(&shop, &reader).await.known_by(visit);
    let customer = customer(visitor, &frame);
    let at = At { shop: &shop, customer, fresh: false };
    if fields.has("recount") {
        return recount(at, StatusCode::OK, frame, form, (Wrongs::default(), &delivery)).await;
    }
    let ask = match form.read(delivery.most_per_order) {
        Ok(ask) => ask,
        Err(wrong) => {
            let wrongs = told(&frame, &wrong, &delivery);
            return recount(at, StatusCode::UNPROCESSABLE_ENTITY, frame, form, (wrongs, &delivery)).await;
        }
    };
    let (visitor, now) = (visitor.remember(&session)?, shop.clock.now());
    let origin = came::origin(&shop, &session, (visitor, customer), now).await?;
    let buyer = Buyer { visitor, customer, language: reader.language, origin };
    match checkout::place(&shop.db, &ask, &buyer, &delivery, now).await {
        // The tag lets a browser that lost its cookie see what it has just ordered.
        Ok(number) => Ok(see_other(&frame.to(&order_link(&shop, &number)))),
        Err(refused) => refuse(at, frame, form, refused, &delivery).await,
    }
}

/// The same form, with what it comes to now.
async fn recount(
    at: At<'_>,
    status: StatusCode,
    frame: Page,
    form: Form,
    told: (Wrongs, &Delivery),
) -> Result<HttpResponse, Error> {
    let Some(offer) = find_offer(at.shop, &form).await? else { return unavailable(frame, None) };
    again(at, status, frame, (offer, form), told).await
}

/// The same form with a word about why it could not be; nothing that was typed is lost.
async fn refuse(
    at: At<'_>,
    frame: Page,
    mut form: Form,
    refused: Refused,
    delivery: &Delivery,
) -> Result<HttpResponse, Error> {
    let (field, words) = match &refused {
        Refused::SoldOut { left } => ("quantity", frame.say_with("wrong-sold-out", "left", left)),
        Refused::OtherVariant => ("variant", frame.say("wrong-other-variant")),
        Refused::PriceChanged { now } => ("quantity", frame.say_with("wrong-price", "price", now)),
        Refused::FreightChanged { now } => ("freight", frame.say_with("wrong-freight", "freight", now)),
        Refused::DiscountChanged { now } => ("total", frame.say_with("wrong-discount", "discount", now)),
        Refused::Coupon(why) => (FIELD, frame.words.unusable(why)),
        Refused::CouponOfNobody => (FIELD, frame.say("wrong-coupon-nobody")),
        Refused::TooManyUnpaid { most } => ("unpaid", frame.say_with("wrong-unpaid", "most", most)),
        Refused::OtherContent => ("key", frame.say("wrong-key-used")),
        Refused::TooMuch => ("quantity", frame.say("wrong-too-much")),
        Refused::NoSuchVariant => return unavailable(frame, None),
        Refused::Unexpected(_) => {
            let Refused::Unexpected(error) = refused else { return Err(Error::NotFound) };
            return Err(error.into());
        }
    };
    if matches!(refused, Refused::OtherContent) {
        // Sent again on purpose, it shall be an order of its own.
        form.key = Uuid::new_v4().to_string();
    }
    let mut wrongs = Wrongs::default();
    wrongs.add(field, words);
    recount(at, StatusCode::CONFLICT, frame, form, (wrongs, delivery)).await
}

async fn again(
    at: At<'_>,
    status: StatusCode,
    frame: Page,
    (offer, mut form): (Offer, Form),
    (mut wrongs, delivery): (Wrongs, &Delivery),
) -> Result<HttpResponse, Error> {
    let quantity = Quantity::parse(&form.quantity, delivery.most_per_order).map_or(1, Quantity::get);
    let goods = offer.price.times(quantity).unwrap_or(Money::MAX);
    let freight = delivery.freight.of(goods);
    let coupons = choices(at, &frame, (&offer, goods), &mut form, &mut wrongs).await?;
    let bad = status == StatusCode::OK && !wrongs.is_empty();
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { status };
    let total = goods.less(coupons.discount).and_then(|due| due.plus(freight)).unwrap_or(Money::MAX);
    // Whatever else is wrong, she does not miss that these are other goods.
    let other = form.shown_variant().is_some_and(|shown| shown != offer.variant);
    if other && wrongs.of("variant").is_none() {
        wrongs.add("variant", frame.say("wrong-other-variant"));
    }
    form.shown_variant = offer.variant.0.to_string();
    form.shown_price = offer.price.fen().to_string();
    form.shown_freight = delivery.freight.marked();
    form.shown_discount = coupons.discount.fen().to_string();
    if Uuid::parse_str(&form.key).is_err() {
        form.key = Uuid::new_v4().to_string();
    }
    let provinces = &PROVINCES;
    page(
        status,
        &CheckoutPage { page: frame, offer, form, goods, freight, total, coupons, wrongs, provinces },
    )
}

fn unavailable(frame: Page, offer: Option<Offer>) -> Result<HttpResponse, Error> {
    let status = if offer.is_some() { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
    page(status, &UnavailablePage { page: frame, offer })
}

async fn find_offer(shop: &Shop, form: &Form) -> Result<Option<Offer>, Error> {
    let Ok(sku) = Sku::parse(form.variant.trim()) else { return Ok(None) };
    Ok(catalog::find_offer(&mut *shop.db.reader().await?, &sku).await?)
}

fn read(fields: &Fields) -> Form {
    Form {
        variant: fields.text("variant").trim().to_owned(),
        quantity: fields.text("quantity"),
        address: AddressForm {
            recipient: fields.text("recipient"),
            phone: fields.text("phone"),
            province: fields.text("province"),
            city: fields.text("city"),
            district: fields.text("district"),
            street: fields.text("street"),
        },
        note: fields.text("note"),
        coupon: fields.text("coupon"),
        coupon_code: fields.text("coupon_code"),
        key: fields.text("key"),
        shown_variant: fields.text("shown_variant"),
        shown_price: fields.text("shown_price"),
        shown_freight: fields.text("shown_freight"),
        shown_discount: fields.text("shown_discount"),
    }
}

fn told(frame: &Page, wrong: &[Wrong], delivery: &Delivery) -> Wrongs {
    let mut wrongs = Wrongs::default();
    for wrong in wrong {
        match wrong {
            Wrong::Variant => wrongs.add("quantity", frame.say("wrong-variant")),
            Wrong::Quantity => {
                wrongs.add("quantity", frame.say_with("wrong-quantity", "most", delivery.most_per_order));
            }
            Wrong::Address(field, why) => wrongs.add(name(*field), why_wrong(frame, *why)),
            Wrong::Note(why) => wrongs.add("note", why_wrong(frame, *why)),
            Wrong::Coupon => wrongs.add(FIELD, frame.say("wrong-coupon-unknown")),
            Wrong::Key => wrongs.add("key", frame.say("wrong-key")),
        }
    }
    wrongs
}

fn name(field: customers::Field) -> &'static str {
    match field {
        customers::Field::Recipient => "recipient",
        customers::Field::Phone => "phone",
        customers::Field::Province => "province",
        customers::Field::City => "city",
        customers::Field::District => "district",
        customers::Field::Street => "street",
    }
}

/// What is wrong with a text, in the reader's words.
pub fn why_wrong(frame: &Page, why: customers::Wrong) -> String {
    match why {
        customers::Wrong::Missing => frame.say("wrong-missing"),
        customers::Wrong::TooLong { most } => frame.say_with("wrong-too-long", "most", most),
        customers::Wrong::Unprintable => frame.say("wrong-unprintable"),
        customers::Wrong::NotAPhone => frame.say("wrong-phone"),
    }
}

/// Suggested, not enforced: a courier reads what people write.
const PROVINCES: [&str; 34] = [
    "北京市",
    "天津市",
    "河北省",
    "山西省",
    "内蒙古自治区",
    "辽宁省",
    "吉林省",
    "黑龙江省",
    "上海市",
    "江苏省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山东省",
    "河南省",
    "湖北省",
    "湖南省",
    "广东省",
    "广西壮族自治区",
    "海南省",
    "重庆市",
    "四川省",
    "贵州省",
    "云南省",
    "西藏自治区",
    "陕西省",
    "甘肃省",
    "青海省",
    "宁夏回族自治区",
    "新疆维吾尔自治区",
    "台湾省",
    "香港特别行政区",
    "澳门特别行政区",
];
