//! Journeys through the whole shop: the real application over real HTTP, the sandbox as Weibo, a database of
//! its own for each test, and a clock that only the test moves.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod access;
mod answers;
mod any_order;
mod api;
mod bad_input;
mod bad_requests;
mod bought;
mod busy_hours;
mod buyer_notice_words;
mod buyer_notices;
mod calling_off;
mod catalog;
mod categories;
mod checks;
mod ends;
mod errors;
mod expiry;
mod figures;
mod gallery;
mod gateway;
mod goods;
mod keys;
mod logo;
mod members;
mod money_pages;
mod notices;
mod order_list;
mod parcels;
mod reconciliation;
mod refunds;
mod refunds_desk;
mod relations;
mod reposts;
mod returns;
mod rush;
mod search;
mod second_factor;
mod sessions;
mod settings;
mod shelf;
mod signing_in;
mod staff;
mod stock;
mod support;
mod sweep;
mod today;
mod transfers;
mod transfers_out;
mod variants;
mod window;
