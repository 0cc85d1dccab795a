//! Money as a whole: what waits for somebody, what goes back, what Weibo told that nobody can believe, and whether it
//! adds up.

pub mod checks;
pub mod notices;
pub mod overview;
pub mod refunds;
