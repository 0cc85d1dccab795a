//! The back office: the door, today, goods, orders, settings.

mod desk;
mod door;
mod pictures;
mod pictures_upload;
pub mod routes;
mod today;
mod welcome;
