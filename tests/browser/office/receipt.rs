//! A parcel is sent and its buyer says that she has it; the pages on the way can be used by everybody.

use crate::accessibility::complaints;
use crate::support::{Browser, Device, office};
use anyhow::ensure;

#[tokio::test]
async fn she_has_it_and_says_so() -> anyhow::Result<()> {
    let shop = office()?;
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    let her = Browser::open(Device::CLIENT).await?;
    let order = her.orders(shop, "weifang-kite").await?;
    her.clicks("a#pay").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    let at_the_desk = shop.at(&format!("/admin/orders/{}", order.number));
    owner.goes_to(&at_the_desk).await?;
    owner.fills("#tracking", "SF1234567890123").await?;
    owner.clicks("#ship button.quiet").await?;
    owner.sees("#receive summary").await?;
    owner.goes_to(&at_the_desk).await?;
    owner.clicks("#receive summary").await?;
    let mut wrong = looks(&owner, "the desk asks once").await?;

    her.goes_to(&order.address).await?;
    ensure!(her.text("#awaited").await?.contains("自动确认收货"), "when it would by itself");
    wrong.extend(looks(&her, "on its way").await?);
    her.clicks("#receipt button").await?;
    her.sees("#received").await?;
    ensure!(her.attribute("main", "data-fulfilment").await? == "received", "as it says");
    her.sees("#repost").await?;
    wrong.extend(looks(&her, "received").await?);

    // Somebody at the desk whose page is old is no second one.
    owner.clicks("#receive details button").await?;
    owner.has_no("#receive").await?;
    ensure!(owner.text("[data-event=received]").await?.contains("买家"), "she was first");
    wrong.extend(looks(&owner, "received, at the desk").await?);
    ensure!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    Ok(())
}

async fn looks(browser: &Browser, page: &str) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for scheme in ["light", "dark"] {
        browser.prefers(scheme).await?;
        wrong.extend(complaints(browser, &format!("{page} {scheme}")).await?);
        browser.keeps(&format!("receipt-{page}-{scheme}").replace([' ', ','], "-")).await?;
    }
    Ok(wrong)
}
