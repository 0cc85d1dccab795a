//! On a desktop: the QR code that a phone scans, and the cashier on the same screen.

use crate::support::{Browser, Device, read_code, shop};

#[tokio::test]
async fn a_phone_scans_the_code_and_the_desktop_follows_by_itself() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.goes_to(&shop.at("/")).await?;
    desktop.keeps("home").await?;
    desktop.clicks("a.tile[href='/p/five-nut-mooncake']").await?;
    desktop.chooses("five-nut-mooncake-2").await?;
    assert_eq!(desktop.text("#due").await?, "¥88.00");
    desktop.keeps("product").await?;
    desktop.clicks("button.buy").await?;
    desktop.fills_in().await?;
    desktop.keeps("checkout").await?;
    let order = desktop.places().await?;
    desktop.sees(".qr svg").await?;
    desktop.keeps("payment").await?;

    let link = read_code(&desktop.screenshot().await?)?;
    assert!(link.starts_with(&shop.at("/q/")), "{link}");
    let phone = Browser::open(Device::CLIENT).await?;
    phone.goes_to(&link).await?;
    phone.pays(shop).await?;
    phone.learns_of_the_payment().await?;
    phone.keeps("paid-for-desktop").await?;
    assert!(!phone.text("body").await?.contains("龙井路"), "whose parcel it is stays on the desktop");

    desktop.learns_of_the_payment().await?;
    desktop.has_no(".qr").await?;
    desktop.keeps("paid").await?;
    shop.took_once(&order.number, 8800)
}

#[tokio::test]
async fn a_camera_can_read_the_code_of_a_dark_page() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.prefers("dark").await?;
    desktop.orders(shop, "linden-honey").await?;
    desktop.sees(".qr svg").await?;
    desktop.keeps("payment-dark").await?;
    let link = read_code(&desktop.screenshot().await?)?;
    assert!(link.starts_with(&shop.at("/q/")), "{link}");
    Ok(())
}

#[tokio::test]
async fn the_desktop_pays_at_its_own_cashier() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    let order = desktop.orders(shop, "zhu-ni-teapot").await?;
    desktop.clicks("a#pc").await?;
    desktop.sees("body.cashier").await?;
    desktop.keeps("cashier").await?;
    desktop.pays(shop).await?;
    desktop.learns_of_the_payment().await?;
    shop.took_once(&order.number, 26800)?;

    desktop.clicks("#sign-in").await?;
    desktop.clicks("#here").await?;
    desktop.keeps("consent").await?;
    desktop.clicks("button[value=allow]").await?;
    desktop.sees("#repost textarea[name=text]").await?;
    desktop.keeps("repost").await?;
    desktop.goes_to(&shop.at("/orders")).await?;
    assert!(desktop.text("main").await?.contains(&order.number));
    desktop.keeps("orders").await
}

#[tokio::test]
async fn the_drawn_phone_on_the_desk_shows_the_shop_as_the_client_does() -> anyhow::Result<()> {
    let shop = shop()?;
    let desk = Browser::open(Device::DESKTOP).await?;
    desk.goes_to(&format!("{}/sandbox/", shop.sandbox)).await?;
    desk.sees("iframe[name=phone]").await?;
    desk.keeps("desk").await?;
    desk.sees("iframe[name=phone]").await?.enter_frame().await?;
    desk.clicks("a.card[href$='/p/dark-chocolate']").await?;
    assert_eq!(desk.attribute("body.product", "data-route").await?, "client");
    desk.sees("button.buy").await.map(|_| ())
}

#[tokio::test]
async fn a_phone_signs_the_desktop_in_by_scanning() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.goes_to(&shop.at("/account")).await?;
    desktop.clicks("#sign-in").await?;
    desktop.sees(".qr svg").await?;
    desktop.keeps("sign-in").await?;
    let link = read_code(&desktop.screenshot().await?)?;
    assert!(link.starts_with(&shop.at("/sign-in/")), "{link}");
    let phone = Browser::open(Device::CLIENT).await?;
    phone.goes_to(&link).await?;
    phone.clicks("#sign-in").await?;
    phone.lets_the_shop_act("#asks").await?;
    assert!(phone.text("#asks").await?.contains("Chrome"));
    phone.keeps("scanned").await?;
    phone.clicks("button[value=yes]").await?;
    phone.sees("[role=status]").await?;
    phone.keeps("account").await?;

    desktop.sees("#withdraw").await?;
    desktop.keeps("account").await?;
    assert!(desktop.text("main").await?.contains('@'), "she follows by herself");
    Ok(())
}
