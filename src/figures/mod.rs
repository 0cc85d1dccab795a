//! What the shop takes in, by day in the shop's zone: orders placed, orders paid, money, goods sold. Exact at any
//! moment and read in the same time however many orders there are: the database writes down each change as it
//! happens (migration 0015), the worker folds changes into days, and who looks adds what is not folded yet.

mod day;
mod store;

pub use day::{Figures, Takings, grouped};
pub use store::{Beginnings, Folded, Sold, beginnings, best_sellers, by_day, check, fold, recount};

/// Of so many days the best sellers are kept ready.
pub const WINDOWS: [u8; 3] = [1, 7, 30];
