//! A whole purchase without a pointer, with a focus that is seen at each stop.

use crate::support::{Browser, Device, PARCEL, shop};
use anyhow::bail;
use fantoccini::key::Key;

/// The focus shows itself on the element or, for a radio button that is not drawn, on its label.
const SHOWN: &str = "[document.activeElement, document.activeElement.nextElementSibling].some(it => it && \
     getComputedStyle(it).outlineStyle !== 'none' && parseFloat(getComputedStyle(it).outlineWidth) >= 2)";

/// Tab by tab, as far as a patient person goes.
async fn tabs_to(browser: &Browser, css: &str) -> anyhow::Result<()> {
    for _ in 0..60 {
        browser.presses(Key::Tab.into()).await?;
        if browser.value_of(&format!("document.activeElement.matches(\"{css}\")")).await? == true {
            return browser.until(SHOWN).await;
        }
    }
    bail!("the keyboard does not reach {css} on {}", browser.address().await?)
}

async fn writes(browser: &Browser, text: &str) -> anyhow::Result<()> {
    Ok(browser.client.active_element().await?.send_keys(text).await?)
}

#[tokio::test]
async fn the_keyboard_alone_buys() -> anyhow::Result<()> {
    let shop = shop()?;
    let hers = Browser::open(Device::DESKTOP).await?;
    hers.goes_to(&shop.at("/p/beeswax-candle")).await?;
    hers.presses(Key::Tab.into()).await?;
    assert_eq!(
        hers.value_of("document.activeElement.className").await?,
        "skip",
        "first of all, past the frame"
    );
    hers.presses(Key::Enter.into()).await?;

    tabs_to(&hers, "input[name=variant]").await?;
    hers.presses(Key::Down.into()).await?;
    assert_eq!(hers.value_of("document.activeElement.value").await?, "beeswax-candle-2");
    assert_eq!(hers.text("#due").await?, "¥64.00");
    tabs_to(&hers, "#quantity").await?;
    hers.presses(Key::Up.into()).await?;
    tabs_to(&hers, "button.buy").await?;
    hers.presses(Key::Enter.into()).await?;

    hers.sees("input[name=recipient]").await?;
    for (field, text) in PARCEL {
        tabs_to(&hers, &format!("input[name={field}]")).await?;
        writes(&hers, text).await?;
    }
    tabs_to(&hers, ".submit button").await?;
    hers.presses(' ').await?;

    hers.sees(".qr svg").await?;
    let address = hers.address().await?;
    tabs_to(&hers, "a#pc").await?;
    hers.presses(Key::Enter.into()).await?;
    hers.sees("form.pay").await?;
    tabs_to(&hers, "input[name=account]").await?;
    hers.presses(Key::Down.into()).await?;
    tabs_to(&hers, "form.pay button").await?;
    hers.presses(' ').await?;
    hers.learns_of_the_payment().await?;
    let number = address.rsplit('/').next().and_then(|last| last.split('?').next()).unwrap_or_default();
    shop.took_once(number, 2 * 6400)
}
