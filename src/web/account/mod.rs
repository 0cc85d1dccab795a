//! Signing in with Weibo.

pub mod oauth;
