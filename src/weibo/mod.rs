//! Typed client of Weibo: what it signs, asks and answers. Knows nothing of a shop.

mod answer;
mod client;
mod flights;

pub mod agent;
pub mod jsapi;
pub mod messages;
pub mod oauth;
pub mod pay;
pub mod probe;
pub mod signature;
pub mod signed_request;
pub mod statuses;
pub mod users;

#[cfg(test)]
mod testing;

pub use client::{Addresses, CallError, Client, DEFAULT_TIMEOUT, FansKeys, Settings};
