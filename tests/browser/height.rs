//! Weibo's adaptive-height script on product pages: told the height when it is there, not missed when it is not.

use crate::support::{Browser, Device, shop};
use serde_json::json;

#[tokio::test]
async fn the_client_is_told_how_high_the_page_is() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&shop.at("/p/silk-lantern")).await?;
    let last = "window.App && App.calls.filter(call => call.name === 'setPageHeight').at(-1)";
    her.until(&format!("({last})?.data === `${{document.documentElement.offsetHeight}}px`")).await?;
    her.goes_to(&shop.at("/checkout?variant=silk-lantern-1")).await?;
    her.has_no("script[src*=appclient]").await?;
    assert_eq!(her.complaints().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_product_page_does_not_miss_a_script_that_does_not_come() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.cdp("Network.enable", json!({})).await?;
    her.cdp("Network.setBlockedURLs", json!({ "urls": ["*appclient.js*"] })).await?;
    her.goes_to(&shop.at("/p/silk-lantern")).await?;
    assert_eq!(her.value_of("document.querySelectorAll('script[src*=appclient]').length").await?, 1);
    her.opens_the_sheet().await?;
    her.chooses("silk-lantern-2").await?;
    assert_eq!(her.text("#due").await?, "¥129.00");
    assert_eq!(her.value_of("typeof window.App").await?, "undefined");
    let others: Vec<String> =
        her.complaints().await?.into_iter().filter(|complaint| !complaint.contains("appclient.js")).collect();
    assert_eq!(others, [""; 0]);
    her.clicks("button.buy").await?;
    her.sees(".submit button").await.map(|_| ())
}

#[tokio::test]
async fn only_the_client_loads_the_script() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.goes_to(&shop.at("/p/silk-lantern")).await?;
    desktop.has_no("script[src*=appclient]").await
}
