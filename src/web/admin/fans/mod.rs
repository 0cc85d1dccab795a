//! The desk: where people read what fans write, and answer them.

mod answer;
mod at;
mod beside;
pub mod canned;
pub mod cards;
pub mod codes;
pub mod course;
pub mod events;
pub mod face;
pub mod figures;
pub mod inbox;
pub mod links;
mod list;
pub mod manners;
pub mod media;
pub mod menu;
pub mod rules;
mod shown;
pub mod talk;

pub use answer::create as answer;
