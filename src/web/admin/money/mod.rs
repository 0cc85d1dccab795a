//! Money as a whole: what waits for somebody, what goes back, and what Weibo told that nobody can believe.

pub mod notices;
pub mod overview;
pub mod refunds;
