//! What rules show: products as cards, as they are on the shelf now, with their prices, and where coupons are given.

use super::composing::{Goods, products};
use super::engine::Ready;
use crate::catalog::{self, ProductId, Tile};
use crate::coupons::{self, Open};
use crate::weibo::messages::Article;
use sqlx::PgConnection;
use std::collections::HashMap;
use time::OffsetDateTime;

/// What these rules may need, all of which would speak, under the shop's own address.
pub async fn goods(
    conn: &mut PgConnection,
    speaking: &[&Ready],
    shop: &str,
    now: OffsetDateTime,
) -> anyhow::Result<Goods> {
    let mut goods = Goods { cards: cards(conn, &products(speaking), shop).await?, ..Goods::default() };
    for id in speaking.iter().filter_map(|ready| ready.rule.answer.coupon()) {
        let coupon = coupons::find(conn, id).await?;
        if let Some(coupon) = coupon.filter(|coupon| coupon.open(now) == Open::Yes) {
            goods.coupons.insert(id, format!("{shop}/coupons/{}?by=rule", coupon.slug));
        }
    }
    Ok(goods)
}

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
