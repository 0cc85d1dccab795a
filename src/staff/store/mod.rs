//! How accounts, what opens them, and the audit log are kept.

pub mod audit;
pub mod factor;
pub mod links;
pub mod members;
pub mod seats;
pub mod tries;
