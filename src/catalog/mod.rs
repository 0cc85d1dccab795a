//! What can be bought: products, variants, prices, stock, and their pictures.
//! Who buys is no matter here; an order takes its pieces by [`stock::take`] and brings them back by
//! [`stock::give_back`].

pub mod demo;
mod ids;
mod picture;
pub mod pictures;
mod product;
pub mod stock;
mod store;

pub use ids::{BadName, CategoryId, ChoiceId, PictureId, ProductId, Sku, Slug, VariantId};
pub use picture::{Format, Picture, Rgb, Width};
pub use product::{Availability, Axis, Category, Choice, Offer, Product, Tile, Variant};
pub use store::adding::{
    NewAxis, NewCategory, NewProduct, NewVariant, add_category, add_product, put_on_shelf,
};
pub use store::reading::{categories, find_category, find_offer, tiles};
pub use store::stock::{TakeError, mark_status};
pub use store::version::{TouchError, touch};
pub use store::whole::find_product;
