//! How fans, their words and their conversations are kept. The only SQL about fans is below here.

pub mod codes;
pub mod conversations;
pub mod desk;
pub mod fans;
pub mod menus;
pub mod messages;
