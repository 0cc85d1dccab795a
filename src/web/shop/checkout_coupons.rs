//! Her coupons at the checkout: which of them she can use, which is chosen, and what it takes off.

use crate::catalog::{Offer, ProductId};
use crate::checkout::Form;
use crate::coupons::{self, Code, Given, Unusable};
use crate::customers::CustomerId;
use crate::money::Money;
use crate::web::account::sign_in_path;
use crate::web::form::Wrongs;
use crate::web::page::Page;
use crate::web::{Error, Shop};
use sqlx::PgConnection;
use time::OffsetDateTime;

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
    let mut usable = coupons::usable_by(&mut conn, customer, &lines, now).await?;
    if at.fresh {
        form.coupon = usable.first().map(|(best, _)| best.code.as_str().to_owned()).unwrap_or_default();
    }
    let counts = counting(&mut conn, frame, (customer, &lines, now), form, wrongs).await?;
    form.coupon = counts.as_ref().map(|(given, _)| given.code.as_str().to_owned()).unwrap_or_default();
    let discount = counts.as_ref().map_or(Money::ZERO, |(_, off)| *off);
    if let Some((given, off)) = counts
        && !usable.iter().any(|(shown, _)| shown.id == given.id)
    {
        usable.push((given, off));
    }
    let choice = |(given, off): &(Given, Money)| Choice {
        code: given.code.as_str().to_owned(),
        name: frame.text(&given.name).to_owned(),
        terms: frame.words.coupon(&given.terms),
        off: *off,
    };
    Ok(Choices { usable: usable.iter().map(choice).collect(), discount, sign_in: None })
}

/// What is typed, or where that takes nothing off or nothing is, what is chosen. What is typed and counts is chosen now.
async fn counting(
    conn: &mut PgConnection,
    frame: &Page,
    (customer, lines, now): (CustomerId, &[(ProductId, Money)], OffsetDateTime),
    form: &mut Form,
    wrongs: &mut Wrongs,
) -> Result<Option<(Given, Money)>, Error> {
    for (text, is_typed) in [(form.coupon_code.clone(), true), (form.coupon.clone(), false)] {
        if text.trim().is_empty() {
            continue;
        }
        let looked = match Code::parse(&text) {
            Some(code) => coupons::look(conn, &code, customer, lines, now).await?,
            None => Err(Unusable::Unknown),
        };
        match looked {
            Ok(counts) => {
                if is_typed {
                    form.coupon_code.clear();
                }
                return Ok(Some(counts));
            }
            Err(why) => wrong(wrongs, frame.words.unusable(&why)),
        }
    }
    Ok(None)
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
