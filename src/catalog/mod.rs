//! What can be bought: products, variants, prices, stock, and their pictures.
//! Who buys is no matter here; an order takes its pieces by [`stock::take`] and brings them back by
//! [`stock::give_back`].

pub mod demo;
pub mod description;
mod ids;
mod naming;
pub mod options;
mod picture;
pub mod pictures;
mod product;
pub mod search;
mod shelf;
pub mod stock;
mod store;
mod tree;

pub use ids::{BadName, CategoryId, ChoiceId, PictureId, ProductId, Sku, Slug, VariantId};
pub use naming::propose as propose_slug;
pub use picture::{Format, Picture, Rgb, Width};
pub use product::{Availability, Axis, Category, Choice, Draft, Offer, Product, Tile, Variant};
pub use shelf::{Shelf, Standing, mind_shelf};
pub use store::adding::{
    NewAxis, NewCategory, NewProduct, NewVariant, add_category, add_product, put_on_shelf,
};
pub use store::axes::save_axes;
pub use store::categories::{
    CategoryError, WantedCategory, change_category, create_category, delete_category, move_category,
};
pub use store::editing::{Basics, EditError, archive, create, save};
pub use store::list::{Entry, PAGE, Which, list, names, summaries};
pub use store::outside::{Part, categories_outside, parts_outside, products_outside, whose_slug};
pub use store::reading::{
    categories, find_category, find_offer, moved_category, moved_product, tiles_of, window,
};
pub use store::shelf::{Held, Many, change_many, hold_many};
pub use store::stock::{TakeError, mark_status};
pub use store::variants::{GivenUp, SavedBy, VariantsError, WantedMatrix, WantedVariant, save_variants};
pub use store::version::{TouchError, touch};
pub use store::whole::{find_draft, find_product};
pub use tree::{BadPlace, DEEPEST, Tree};

/// The catalog as tables that go in and out see it: many products at once.
pub mod table {
    pub use super::store::imported::{Listed, Wanted, WantedChoice, WantedVariant, write};
    pub use super::store::importing::{
        NamedCategory, Present, PresentChoice, PresentVariant, hold, how_many, named_categories, owners,
        present, present_after, stored_pictures,
    };
}
