//! The back office: the door, today, goods, orders, settings.

mod cancellations;
mod desk;
mod door;
mod notes;
mod order;
mod orders;
pub mod routes;
mod shipments;
mod slips;
mod today;
mod welcome;
