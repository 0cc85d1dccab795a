//! Products as cards in a message: what is on the shelf now, with its price.

use crate::catalog::{self, ProductId, Tile};
use crate::weibo::messages::Article;
use sqlx::PgConnection;
use std::collections::HashMap;

/// The cards of those of these products that are on the shelf and have a picture, under the shop's own address.
pub async fn cards(
    conn: &mut PgConnection,
    products: &[ProductId],
    shop: &str,
) -> sqlx::Result<HashMap<ProductId, Article>> {
    if products.is_empty() {
        return Ok(HashMap::new());
    }
    let tiles = catalog::tiles_of(conn, products).await?;
    Ok(tiles.into_iter().filter_map(|tile| Some((tile.id, card(tile, shop)?))).collect())
}

fn card(tile: Tile, shop: &str) -> Option<Article> {
    let cover = tile.cover?;
    let price = format!("¥{}{}", tile.from, if tile.one_price { "" } else { " 起" });
    let summary = [price.as_str(), &tile.summary.zh].join(" ").trim_end().to_owned();
    Some(Article {
        display_name: tile.name.zh,
        summary,
        image: format!("{shop}/pictures/{}-375.jpg", cover.name),
        url: format!("{shop}/p/{}", tile.slug),
    })
}
