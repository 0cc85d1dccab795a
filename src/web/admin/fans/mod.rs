//! Where fans are answered.

pub mod broadcasts;
pub mod groups;
pub mod inbox;
pub mod rules;
pub mod subscribers;
