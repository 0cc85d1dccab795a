//! Where fans are answered.

pub mod inbox;
