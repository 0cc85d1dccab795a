//! How the desk is kept.

pub mod canned;
pub mod figures;
pub mod inbox;
pub mod manners;
pub mod turns;
