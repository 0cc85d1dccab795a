//! What a merchant sets while the shop runs: how it presents itself, freight and times, Weibo's keys. Read on
//! every page, so it is kept in memory; each process looks for changes every other second.

mod cards;
mod current;
mod delivery;
pub mod keys;
mod messages;
mod profile;
mod store;

pub use cards::Cards;
pub use current::{Current, Terms, Versions};
pub use delivery::{Delivery, Freight, Returns};
pub use messages::Messages;
pub use profile::Profile;
pub use store::cards::save_cards;
pub use store::messages::{messages, save_messages, shop_name};
pub use store::sign_in::{offers_to_follow, save_offer_to_follow};
pub use store::{introduce, is_named, returns, save_delivery, save_logo, save_profile};

/// Somebody else saved the same section meanwhile; nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("somebody else has changed this meanwhile")]
pub struct Stale;
