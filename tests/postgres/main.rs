//! The private Postgres with real processes: apps, keepers and servers that start at once and die in
//! every order.

mod app;
mod deaths;
mod processes;
mod refusals;
mod starts;
mod support;
