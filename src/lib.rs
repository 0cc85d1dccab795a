//! 微铺 Weipu: a small shop on Weibo. Each room says in its first lines what it is for, and may name only
//! the rooms below it; `tests/house.rs` holds them to it.
//!
//! | row | rooms |
//! | --- | --- |
//! | wires all | `command` what the binary does · `app` builds what all share · `demo` a whole shop in one process · `doctor` what is wrong with one |
//! | faces | `web` pages and hooks · `worker` jobs and clock ticks; never each other |
//! | rooms | `checkout` → `payments` → `orders` → `coupons` → `catalog`, `customers` · `sharing`, `fans` → `orders`, `customers` · `partners` → `sharing`, `transfers`, `orders` · `figures` → `orders`, `payments` · `transfers` → `payments`, `orders`, `catalog` · `reconciliation` → `transfers`, `payments` · `staff` |
//! | outside | `weibo` its typed client, knows nothing of a shop · `jobs` the queue |
//! | ground | `money` · `text` · `actor` · `clock` · `db` · `config` · `files` · `seal` · `settings` what the merchant sets while it runs, over `weibo`, read by `catalog`, `payments` and all above |
//! | apart | `sandbox` a pretend Weibo, spoken to over HTTP |

pub mod actor;
pub mod app;
pub mod catalog;
pub mod checkout;
pub mod clock;
pub mod command;
pub mod config;
pub mod coupons;
pub mod customers;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod fans;
pub mod figures;
pub mod files;
pub mod jobs;
pub mod money;
pub mod orders;
pub mod partners;
pub mod payments;
pub mod reconciliation;
pub mod sandbox;
pub mod seal;
pub mod settings;
pub mod sharing;
pub mod staff;
pub mod text;
pub mod transfers;
pub mod web;
pub mod weibo;
pub mod worker;
