//! Where fans are answered.

pub mod inbox;
pub mod rules;
