//! Coupons: what is taken off for whom, on which terms, and to whom each was given. Whoever gives one or takes one
//! off an order does so by a guarded update: never more than there are, never more to one buyer, and none used twice.
//!
//! One lock order, here and in `orders`: an order, then what was given of a coupon, then the stock.

mod code;
mod coupon;
mod store;
mod terms;
#[cfg(test)]
mod terms_tests;

pub use code::{Code, Slug};
pub use coupon::{
    Coupon, CouponId, Given, GivenId, Lasts, MOST_DAYS, MOST_EACH, MOST_PRODUCTS, MOST_TOTAL, Open, Source,
    Standing, State, Wanted,
};
pub use store::given::{
    GiveError, To, find as find_given, give, of_customer, of_hers, take_back, take_back_unused, usable_by,
};
pub use store::reading::{all, find, find_by_slug, listed_now, open_now, used};
pub use store::using::{Held, Unusable, Use, give_back, hold, look, take_again, used_by, used_for};
pub use store::{ChangeError, change, create, end, pause, resume};
pub use terms::{NotFor, Off, Percent, Terms};
