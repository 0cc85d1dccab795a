//! Calls that Weibo makes to us, and browsers that come back from it: check, write down, answer.

pub mod back;
pub mod deauthorize;
pub mod fans;
pub mod pay;
