//! Where fans are answered.

pub mod codes;
pub mod face;
pub mod inbox;
pub mod menu;
