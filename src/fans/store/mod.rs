//! How fans, their words and their conversations are kept. The only SQL about fans is below here.

pub mod canned;
pub mod codes;
pub mod conversations;
pub mod fans;
pub mod hearing;
pub mod inbox;
pub mod manners;
pub mod media;
pub mod menus;
pub mod messages;
pub mod packets;
pub mod pressed;
pub mod rules;
pub mod sending;
pub mod service;
pub mod turns;
pub mod waits;
