//! Signing in with Weibo.

mod enter;
pub mod oauth;
