//! The back office: the door, today, goods, orders, settings.

mod account;
mod audit;
mod cancellations;
mod categories;
mod chart;
mod desk;
mod door;
mod handling;
mod notes;
mod order;
mod orders;
mod pictures;
mod pictures_upload;
mod preview;
mod products;
mod reconciliations;
pub mod routes;
mod settings;
mod shipments;
mod slips;
mod staff;
mod stock;
mod today;
mod transfers;
mod typed;
mod variants;
