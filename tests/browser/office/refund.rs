//! Two pieces of three go back and on the shelf, at a desk without scripts, and the buyer's page tells.

use crate::support::{Browser, Device, LOOK, PATIENCE, Shop, office};
use anyhow::ensure;
use tokio::time::Instant;

#[tokio::test]
async fn two_of_three_pieces_go_back_and_the_buyer_is_told() -> anyhow::Result<()> {
    let shop = office()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&shop.at("/checkout?variant=walnut-cookie-1&quantity=3")).await?;
    her.fills_in().await?;
    let order = her.places().await?;
    her.clicks("a#pay").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;

    let owner = Browser::open(Device::DESKTOP.without_script()).await?;
    owner.is_the_owner(shop).await?;
    let pieces = owner.pieces_of(shop, "walnut-cookie-1").await?;
    owner.goes_to(&shop.at(&format!("/admin/orders/{}", order.number))).await?;
    owner.clicks("#to-refund").await?;
    owner.clicks("input[name=way][value=pieces]").await?;
    owner.fills("#quantity-1", "2").await?;
    owner.sees("input[name=restock-1]:checked").await?;
    owner.fills("#refund_reason", "碎了两盒").await?;
    owner.keeps("refund").await?;
    owner.clicks("#refund button.button").await?;
    ensure!(owner.text("#sure .sum b").await? == "¥52.00", "what it comes to");
    ensure!(owner.text("#restocked").await?.contains("2 件"), "what goes on the shelf");
    owner.keeps("refund-sure").await?;
    owner.clicks("button[name=confirmed]").await?;
    owner.sees("p.said").await?;
    owner.sees("form[action$='/shipment']").await?;
    owner.keeps("refund-begun").await?;

    her.hears(&order.number, "partly_refunded").await?;
    her.goes_to(&order.address).await?;
    ensure!(her.payment().await? == "partly_refunded", "as the state says");
    ensure!(her.text("p.back").await?.contains("¥52.00 已退回"), "in words");
    her.keeps("partly-refunded").await?;
    ensure!(owner.pieces_of(shop, "walnut-cookie-1").await? == pieces + 2, "two are back on the shelf");
    owner.goes_to(&shop.at("/admin/money/refunds")).await?;
    owner.sees("tr[data-refund] .tag.jade").await?;
    owner.keeps("refunds").await
}

impl Browser {
    /// Until Weibo has said so and the shop knows.
    async fn hears(&self, number: &str, word: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !self.reads(&format!("/orders/{number}/state")).await?.contains(word) {
            ensure!(Instant::now() < deadline, "never {word}");
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// How many pieces are on the shelf.
    async fn pieces_of(&self, shop: &Shop, sku: &str) -> anyhow::Result<u32> {
        self.goes_to(&shop.at(&format!("/admin/stock/{sku}"))).await?;
        Ok(self.attribute("dd[data-stock]", "data-stock").await?.parse()?)
    }
}
