//! Products as cards in a message: what is on the shelf now, with its price.

use crate::catalog::{self, ProductId};
use crate::weibo::messages::Article;
use sqlx::PgConnection;
use std::collections::HashMap;

/// The cards of those of these products that are on the shelf and have a picture, under the shop's own address.
pub async fn cards(
    conn: &mut PgConnection,
    products: &[ProductId],
    shop: &str,
) -> sqlx::Result<HashMap<ProductId, Article>> {
    let mut cards = HashMap::new();
    // One by one: `tiles_of` leaves out what is off the shelf and does not say whom a tile is of.
    for product in products {
        if cards.contains_key(product) {
            continue;
        }
        for tile in catalog::tiles_of(conn, &[*product]).await? {
            let Some(cover) = tile.cover else { continue };
            let price = format!("¥{}{}", tile.from, if tile.one_price { "" } else { " 起" });
            let summary = [price.as_str(), &tile.summary.zh].join(" ").trim_end().to_owned();
            let card = Article {
                display_name: tile.name.zh,
                summary,
                image: format!("{shop}/pictures/{}-375.jpg", cover.name),
                url: format!("{shop}/p/{}", tile.slug),
            };
            cards.insert(*product, card);
        }
    }
    Ok(cards)
}
