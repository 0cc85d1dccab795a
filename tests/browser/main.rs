//! A person buys in a real Chromium, driven through `WebDriver`, from a real shop: the binary's `demo` with its
//! private Postgres and its sandbox. Both start once for all tests and end with this process.
//! `WEIPU_SHOTS=folder` keeps pictures of the pages.

mod accessibility;
mod bridge;
mod client;
mod desktop;
mod height;
mod keyboard;
mod layout;
mod light;
mod mobile;
mod office;
mod old_client;
mod support;
mod without_script;
