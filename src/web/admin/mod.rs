//! The back office: the owner's first visit, the door, and today.

pub mod door;
pub mod today;
pub mod welcome;
