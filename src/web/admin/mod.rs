//! The back office: the door, today, goods, orders, settings.

mod desk;
mod door;
pub mod routes;
mod settings;
mod today;
mod welcome;
