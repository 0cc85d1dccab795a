//! The back office: the door, today, goods, orders, settings.

mod account;
mod audit;
mod chart;
mod desk;
mod door;
pub mod routes;
mod staff;
mod settings;
mod today;
