//! A campaign as fields of a form.

use crate::coupons::{Coupon, CouponId};
use crate::sharing::gifts::{Gift, MOST_TOTAL, Wanted};
use crate::web::admin::products::form::{local, minute};
use crate::web::admin::typed::{Reading, Typed, whole};
use crate::web::form::Wrongs;
use crate::web::words::Words;
use time::{Duration, OffsetDateTime};

pub const FIELDS: [&str; 6] =
    ["version", "gift-name", "gift-coupon", "gift-total", "gift-from", "gift-until"];
const NAME: usize = 30;

/// A new one: from now for a month.
pub fn blank(now: OffsetDateTime) -> Typed {
    Typed::new([
        ("gift-total", "100".to_owned()),
        ("gift-from", local(now)),
        ("gift-until", local(now + Duration::days(30))),
    ])
}

pub fn kept(gift: &Gift) -> Typed {
    Typed::new([
        ("version", gift.version.to_string()),
        ("gift-name", gift.wanted.name.clone()),
        ("gift-coupon", gift.wanted.coupon.0.to_string()),
        ("gift-total", gift.wanted.total.to_string()),
        ("gift-from", local(gift.wanted.starts_at)),
        ("gift-until", local(gift.wanted.ends_at)),
    ])
}

/// What was meant, or everything that is wrong with it. `coupons` are those to choose from.
pub fn read(typed: &Typed, coupons: &[Coupon], words: Words) -> Result<Wanted, Wrongs> {
    let mut reading = Reading { typed, words, wrongs: Wrongs::default() };
    let name = reading.present("gift-name", NAME);
    let coupon = typed.of("gift-coupon").parse().ok().map(CouponId);
    let coupon = coupon.filter(|id| coupons.iter().any(|coupon| coupon.id == *id));
    if coupon.is_none() {
        reading.wrong("gift-coupon", "wrong-gift-coupon");
    }
    let total = whole(typed.of("gift-total"), MOST_TOTAL).filter(|total| *total >= 1);
    if total.is_none() {
        let words = words.say_with("wrong-number", "within", format!("1–{MOST_TOTAL}"));
        reading.wrongs.add("gift-total", words);
    }
    let starts_at = present_minute(&mut reading, "gift-from");
    let ends_at = present_minute(&mut reading, "gift-until");
    if starts_at.zip(ends_at).is_some_and(|(from, until)| from >= until) {
        reading.wrong("gift-until", "wrong-gift-ends");
    }
    match (coupon, total, starts_at.zip(ends_at)) {
        (Some(coupon), Some(total), Some((starts_at, ends_at))) if reading.wrongs.is_empty() => {
            Ok(Wanted { name, coupon, total, starts_at, ends_at })
        }
        _ => Err(reading.wrongs),
    }
}

fn present_minute(reading: &mut Reading<'_>, name: &'static str) -> Option<OffsetDateTime> {
    let at = minute(reading, name);
    if at.is_none() && reading.wrongs.of(name).is_none() {
        reading.wrong(name, "wrong-missing");
    }
    at
}
