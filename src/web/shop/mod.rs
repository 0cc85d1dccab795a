//! The shopper's pages.

pub mod cashier;
pub mod category;
pub mod checkout;
pub mod checkout_coupons;
pub mod coupon;
pub mod events;
pub mod follow;
pub mod head;
pub mod home;
pub mod order;
pub mod orders;
pub mod pictures;
pub mod product;
pub mod qr;
pub mod receipt;
pub mod repost;
pub mod search;
pub mod short;
pub mod standing;
pub mod telling;
