//! The back office: the door, today, goods, orders, settings.

mod categories;
mod desk;
mod door;
mod preview;
mod products;
pub mod routes;
mod today;
mod typed;
mod variants;
mod welcome;
