//! The back office: the door, today, goods, orders, settings.

mod chart;
mod desk;
mod door;
pub mod routes;
mod today;
mod welcome;
