//! Her coupons at the checkout: which of them she can use, which is chosen, and what it takes off.

use crate::catalog::Offer;
use crate::checkout::Form;
use crate::coupons;
use crate::customers::CustomerId;
use crate::money::Money;
use crate::web::account::sign_in_path;
use crate::web::form::Wrongs;
use crate::web::page::Page;
use crate::web::{Error, Shop};

/// What the form shows of them.
pub struct Choices {
    pub usable: Vec<Choice>,
    /// What is taken off by the one that is chosen.
    pub discount: Money,
    /// Where a guest signs in who has some, or wants one.
    pub sign_in: Option<String>,
}

pub struct Choice {
    pub code: String,
    pub name: String,
    /// Its terms, in words.
    pub terms: String,
    pub off: Money,
}

/// Who looks at the form, and when.
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub shop: &'a Shop,
    pub customer: Option<CustomerId>,
    /// Nobody has chosen yet: the best one is.
    pub fresh: bool,
}

/// What she can use on these goods. A code that was typed and holds becomes the one that is chosen; one that does not
/// stays where it was typed, with a word about it.
pub async fn choices(
    at: At<'_>,
    frame: &Page,
    (offer, goods): (&Offer, Money),
    form: &mut Form,
    wrongs: &mut Wrongs,
) -> Result<Choices, Error> {
    let Some(customer) = at.customer else {
        form.coupon.clear();
        let back = format!("/checkout?variant={}&quantity={}", offer.sku, quantity(form));
        let sign_in = Some(sign_in_path(frame, &frame.to(&back)));
        return Ok(Choices { usable: Vec::new(), discount: Money::ZERO, sign_in });
    };
    let now = at.shop.clock.now();
    let lines = [(offer.product, goods)];
    let mut conn = at.shop.db.reader().await?;
    let usable = coupons::usable_by(&mut conn, customer, &lines, now).await?;
    if at.fresh {
        form.coupon = usable.first().map(|(best, _)| best.code.as_str().to_owned()).unwrap_or_default();
    }
    let mut discount = Money::ZERO;
    match form.code() {
        Ok(Some(code)) => match coupons::look(&mut conn, &code, customer, &lines, now).await? {
            Ok(off) => {
                discount = off;
                (form.coupon, form.coupon_code) = (code.as_str().to_owned(), String::new());
            }
            Err(why) => wrong(wrongs, frame.words.unusable(&why)),
        },
        Ok(None) => form.coupon.clear(),
        Err(_) => wrong(wrongs, frame.say("wrong-coupon-unknown")),
    }
    let choice = |(given, off): &(coupons::Given, Money)| Choice {
        code: given.code.as_str().to_owned(),
        name: frame.text(&given.name).to_owned(),
        terms: frame.words.coupon(&given.terms),
        off: *off,
    };
    Ok(Choices { usable: usable.iter().map(choice).collect(), discount, sign_in: None })
}

/// The field by which it is told what is wrong with a coupon.
pub const FIELD: &str = "coupon_code";

fn wrong(wrongs: &mut Wrongs, words: String) {
    if wrongs.of(FIELD).is_none() {
        wrongs.add(FIELD, words);
    }
}

/// In an address: only what is a number.
fn quantity(form: &Form) -> u32 {
    form.quantity.trim().parse().unwrap_or(1)
}
