//! How fans, their words and their conversations are kept. The only SQL about fans is below here.

pub mod codes;
pub mod conversations;
pub mod desk;
pub mod fans;
pub mod hearing;
pub mod menus;
pub mod messages;
pub mod packets;
pub mod rules;
pub mod sending;
pub mod service;
