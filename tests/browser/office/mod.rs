//! People who work in the shop: who gets in, and how goods get onto the shelf.

mod broadcast;
mod bulk;
mod desk;
mod fan_buys;
mod first_owner;
mod import;
mod new_product;
mod read_only;
mod receipt;
mod refund;
