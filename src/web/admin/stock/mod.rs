//! What is in stock, why it is what it is, and counting it anew.

pub mod correct;
pub mod list;
pub mod show;
pub mod threshold;
