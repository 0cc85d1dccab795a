//! The catalog's own tests, each with a database.

use crate::catalog;
use crate::support::database::Database;

/// Runs each with an empty database of its own.
macro_rules! with_a_database {
    ($($name:ident)*) => {$(
        #[tokio::test]
        async fn $name() {
            let database = Database::empty().await;
            catalog::$name(database.db()).await;
        }
    )*};
}

with_a_database! {
    fifty_buyers_of_five_pieces_get_five
    a_purchase_that_is_rolled_back_took_nothing
    whoever_wants_too_many_is_told_what_is_left
    an_unknown_sku_is_no_variant
    what_is_off_the_shelf_is_unseen_and_cannot_be_taken
    pieces_come_back_also_when_the_product_is_off_the_shelf
    an_offer_tells_all_that_an_order_line_needs
    a_product_is_read_with_all_its_parts
    the_demo_is_stocked_once
}
