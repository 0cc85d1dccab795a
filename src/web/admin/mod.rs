//! The back office: the door, today, goods, orders, settings.

mod account;
mod audit;
mod categories;
mod chart;
mod desk;
mod door;
mod pictures;
mod pictures_upload;
mod preview;
mod products;
pub mod routes;
mod settings;
mod staff;
mod stock;
mod today;
mod transfers;
mod typed;
mod variants;
