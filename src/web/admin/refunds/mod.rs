//! Giving money back: deciding it, trying again what failed, sending back what the order does not keep.

pub mod again;
pub mod ask;
mod typed;
