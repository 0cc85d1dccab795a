//! Typed client of Weibo: what it signs, asks and answers. Knows nothing of a shop.

pub mod agent;
pub mod signature;
