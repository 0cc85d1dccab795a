//! The back office: the door, today, goods, orders, settings.

mod account;
mod audit;
mod categories;
mod chart;
mod desk;
mod door;
mod preview;
mod products;
pub mod routes;
mod staff;
mod settings;
mod today;
mod typed;
mod variants;
