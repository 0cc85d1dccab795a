//! Signing in with Weibo.

pub mod enter;
pub mod oauth;
