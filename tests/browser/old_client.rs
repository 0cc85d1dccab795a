//! In a client from before in-app payment: advice, and no way into a dead end.

use crate::support::{Browser, Device, shop};

#[tokio::test]
async fn an_old_client_is_advised_and_its_link_pays_elsewhere() -> anyhow::Result<()> {
    let shop = shop()?;
    let old = Browser::open(Device::OLD_CLIENT).await?;
    old.goes_to(&shop.at("/p/kyoho-grapes")).await?;
    assert_eq!(old.attribute("body", "data-route").await?, "client-too-old");
    old.sees(".advice").await?;
    old.keeps("product-old-client").await?;

    let order = old.orders(shop, "kyoho-grapes").await?;
    assert!(old.text(".advice").await?.contains("4.3.0"));
    assert_eq!(old.attribute(".pay a.button", "href").await?, "https://weibo.com/client");
    old.has_no("a#pay, a#pc, a#open").await?;
    old.keeps("payment-old-client").await?;
    let link = old.attribute("input#link[readonly]", "value").await?;
    assert!(link.starts_with(&shop.at("/q/")), "{link}");

    // Opened in the old client itself it does not reach the cashier.
    old.goes_to(&link).await?;
    old.sees("main[data-payment] a[href='https://weibo.com/client']").await?;

    let elsewhere = Browser::open(Device::ANDROID).await?;
    elsewhere.goes_to(&link).await?;
    elsewhere.pays(shop).await?;
    elsewhere.learns_of_the_payment().await?;
    old.goes_to(&order.address).await?;
    old.learns_of_the_payment().await?;
    shop.took_once(&order.number, 6900)
}
