//! Products as the merchant edits them: the list, and what is said of one.

pub mod archive;
pub mod edit;
pub mod form;
pub mod list;

pub use form::slug;
