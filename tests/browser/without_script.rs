//! With JavaScript switched off everything still works.

use crate::support::{Browser, Device, read_code, shop};

#[tokio::test]
async fn a_phone_without_script_buys_and_reposts() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT.without_script()).await?;
    her.goes_to(&shop.at("/p/bamboo-chopsticks")).await?;
    her.opens_the_sheet().await?;
    her.clicks("input[name=variant][value='bamboo-chopsticks-2']").await?;
    her.sees("#quantity").await?.clear().await?;
    her.types("#quantity", "2").await?;
    her.clicks("button.buy").await?;
    her.fills_in().await?;
    let order = her.places().await?;
    her.clicks("a#pay").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    shop.took_once(&order.number, 2 * 9800)?;

    her.clicks("#sign-in").await?;
    her.lets_the_shop_act("#repost textarea[name=text]").await?;
    let words = format!("筷子很好用，{}。", order.number);
    her.sees("#repost textarea[name=text]").await?.clear().await?;
    her.types("#repost textarea[name=text]", &words).await?;
    her.clicks("#repost form button").await?;
    her.sees("#repost blockquote").await?;
    shop.status_saying(&words).await.map(|_| ())
}

#[tokio::test]
async fn a_desktop_without_script_turns_to_paid_by_itself() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP.without_script()).await?;
    let order = desktop.orders(shop, "gannan-orange").await?;
    desktop.sees(".qr svg").await?;
    assert!(desktop.client.source().await?.contains("http-equiv=\"refresh\""), "it comes again by itself");

    let link = read_code(&desktop.screenshot().await?)?;
    let phone = Browser::open(Device::CLIENT.without_script()).await?;
    phone.goes_to(&link).await?;
    phone.pays(shop).await?;
    phone.learns_of_the_payment().await?;
    desktop.learns_of_the_payment().await?;
    shop.took_once(&order.number, 4590)
}

#[tokio::test]
async fn several_axes_are_chosen_by_links() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT.without_script()).await?;
    her.goes_to(&shop.at("/p/knit-socks")).await?;
    her.keeps("product-of-two-axes").await?;
    let before = her.text("#chosen").await?;
    her.opens_the_sheet().await?;
    her.clicks(".axis:last-of-type a.option:not(.gone):not([aria-current])").await?;
    her.sees("#choose[open]").await?;
    her.keeps("sheet-of-two-axes").await?;
    assert_ne!(her.text("#chosen").await?, before);
    her.clicks("button.buy").await?;
    her.fills_in().await?;
    her.places().await.map(|_| ())
}
