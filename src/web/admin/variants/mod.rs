//! What a buyer can choose of a product, and the matrix of its variants with prices and stock.

mod bulk;
mod matrix;
mod options;
pub mod show;
