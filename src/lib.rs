//! 微铺 Weipu: a small shop on Weibo. Each room says in its first lines what it is for.

pub mod catalog;
pub mod clock;
pub mod db;
pub mod files;
pub mod money;
pub mod sandbox;
pub mod text;
pub mod weibo;
