//! In a phone's own browser: the way into Weibo, and the web cashier.

use crate::support::{Browser, Device, shop};
use anyhow::Context;

#[tokio::test]
async fn another_browser_is_offered_weibo_and_pays_at_the_web_cashier() -> anyhow::Result<()> {
    let shop = shop()?;
    let his = Browser::open(Device::ANDROID).await?;
    let order = his.orders(shop, "yunnan-coffee").await?;
    assert_eq!(his.attribute("body", "data-route").await?, "mobile");
    his.keeps("payment-other-browser").await?;

    let open = his.attribute("a#open", "href").await?;
    let address = url::Url::parse(&open)?;
    assert_eq!(address.scheme(), "sinaweibo");
    let (_, inside) = address.query_pairs().find(|(name, _)| name == "url").context("an address to open")?;
    assert!(inside.starts_with(&shop.at("/q/")), "{inside}");

    his.clicks("a#pay").await?;
    his.sees("body.cashier").await?;
    his.keeps("cashier-other-browser").await?;
    his.pays(shop).await?;
    his.learns_of_the_payment().await?;
    shop.took_once(&order.number, 7800)
}
