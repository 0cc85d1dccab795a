//! What came of a card, a campaign, a post: as far as it can be counted truly. A step that nobody can count is left out.

mod store;
mod views;

pub use store::{by_code, calls, codes_of_products, links_of_product, views};
pub use views::{Views, sweep, write_down};

use std::ops::AddAssign;

/// What came by links, since some day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Came {
    pub clicks: i64,
    /// Orders whose buyer came by one of them last.
    pub placed: i64,
    /// Of these, paid and not given back whole; and what of their money was kept.
    pub paid: i64,
    pub fen: i64,
    /// Of these, told of by their buyers.
    pub reposted: i64,
}

impl AddAssign for Came {
    fn add_assign(&mut self, more: Came) {
        self.clicks += more.clicks;
        self.placed += more.placed;
        self.paid += more.paid;
        self.fen += more.fen;
        self.reposted += more.reposted;
    }
}
