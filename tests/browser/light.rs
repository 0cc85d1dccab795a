//! The shop in Weibo's frame: a page of another site posts into it who looks, and no cookie crosses over.

use crate::support::{Browser, Device, Outside, Shop};
use anyhow::ensure;
use serde_json::{Value, json};

const ALI: (&str, &str) = ("7000000002", "阿梨的茶桌");

/// A shop that this outside page may frame.
fn framed_by(outside: &Outside) -> anyhow::Result<Shop> {
    Shop::with(&[("WEIPU_LIGHT_APP_FRAMES", outside.origin.clone())])
}

impl Browser {
    async fn in_the_frame(&self) -> anyhow::Result<()> {
        Ok(self.client.enter_frame(0).await?)
    }

    async fn out_of_the_frame(&self) -> anyhow::Result<()> {
        Ok(self.client.enter_parent_frame().await?)
    }

    /// The names of all cookies of all sites.
    async fn cookies(&self) -> anyhow::Result<Vec<Value>> {
        let all = self.cdp("Network.getAllCookies", json!({})).await?;
        Ok(all["cookies"].as_array().into_iter().flatten().map(|cookie| cookie["name"].clone()).collect())
    }

    /// What the frame was to show is not shown.
    async fn sees_nothing_framed(&self) -> anyhow::Result<()> {
        self.in_the_frame().await?;
        self.until("location.href.startsWith('chrome-error:')").await?;
        self.out_of_the_frame().await
    }
}

#[tokio::test]
async fn she_buys_from_weibos_frame_without_being_asked_who_she_is() -> anyhow::Result<()> {
    let outside = Outside::open()?;
    let shop = framed_by(&outside)?;
    let page = outside.posts(&shop.at("/light"), &shop.signed_request(ALI.0)?);
    let her = Browser::open(Device::DESKTOP).await?;
    her.goes_to(&page).await?;
    her.in_the_frame().await?;
    ensure!(her.text("#hello").await?.contains(ALI.1), "she is known");
    her.until("window.App?.calls.some(call => call.name === 'setPageHeight')").await?;
    her.keeps("light").await?;
    her.clicks("a.tile[href*='/light/p/silk-lantern']").await?;
    her.sees("#buy").await?;
    ensure!(her.text("#hello").await?.contains(ALI.1), "she still is");
    her.until("window.App?.calls.some(call => call.name === 'setPageHeight')").await?;
    her.keeps("light-product").await?;
    ensure!(her.cookies().await?.is_empty(), "no cookie says so: {:?}", her.cookies().await?);
    assert_eq!(her.complaints().await?, [""; 0]);

    her.clicks("button.buy").await?;
    her.out_of_the_frame().await?;
    her.sees(".submit button").await?;
    ensure!(her.address().await?.starts_with(&shop.at("/checkout?")), "at {}", her.address().await?);
    ensure!(her.text("#who").await?.contains(ALI.1), "she is known outside");
    her.keeps("light-checkout").await?;
    her.fills_in().await?;
    let order = her.places().await?;

    // Signed in on another device, she finds it. What she let the shop do in the frame she is not asked in the client.
    let phone = Browser::open(Device::CLIENT).await?;
    phone.goes_to(&shop.at("/oauth/weibo?next=/orders")).await?;
    phone.sees("a.listed").await?;
    ensure!(phone.text("main").await?.contains(&order.number), "it is hers");
    Ok(())
}

#[tokio::test]
async fn what_is_not_weibos_is_refused_in_words_inside_the_frame() -> anyhow::Result<()> {
    let outside = Outside::open()?;
    let shop = framed_by(&outside)?;
    let forged = shop.signed_request(ALI.0)?.replacen('e', "E", 1);
    let page = outside.posts(&shop.at("/light"), &forged);
    let her = Browser::open(Device::DESKTOP).await?;
    her.goes_to(&page).await?;
    her.in_the_frame().await?;
    ensure!(her.text("h1").await? == "没能认出您", "she is told");
    her.keeps("light-refused").await?;
    her.clicks("#sign-in").await?;
    her.out_of_the_frame().await?;
    her.sees("button[value=allow]").await.map(|_| ())
}

#[tokio::test]
async fn nothing_else_can_be_framed_and_nobody_else_may_frame() -> anyhow::Result<()> {
    let outside = Outside::open()?;
    let shop = framed_by(&outside)?;
    let her = Browser::open(Device::DESKTOP).await?;
    // The one site that may frame the light app has a page for each address.
    let page = outside.frames_what_is_asked(&shop.address);
    let address = |path: &str| format!("{page}{path}");
    for path in ["/admin/sign-in", "/admin", "/checkout?variant=silk-lantern-1", "/p/silk-lantern", "/orders"]
    {
        her.goes_to(&address(path)).await?;
        her.sees_nothing_framed().await?;
        ensure!(!her.complaints().await?.is_empty(), "{path} is refused by its policy");
    }
    her.goes_to(&Outside::open()?.frames(&shop.at("/light"))).await?;
    her.sees_nothing_framed().await?;
    her.goes_to(&address("/light")).await?;
    her.in_the_frame().await?;
    her.sees("#sign-in").await.map(|_| ())
}

#[tokio::test]
async fn in_the_client_it_is_a_page_of_its_own_with_a_session() -> anyhow::Result<()> {
    let outside = Outside::open()?;
    let shop = framed_by(&outside)?;
    let page = outside.shows(format!(
        r#"<!doctype html><form method="post" action="{}"><input type="hidden" name="signed_request" value="{}"></form><script>document.forms[0].submit()</script>"#,
        shop.at("/light?next=/light/p/silk-lantern"),
        shop.signed_request(ALI.0)?
    ));
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&page).await?;
    her.sees("#buy").await?;
    assert_eq!(her.address().await?, shop.at("/light/p/silk-lantern"));
    ensure!(her.text("#hello").await?.contains(ALI.1), "she is known");
    her.keeps("light-product").await?;
    her.goes_to(&shop.at("/light")).await?;
    ensure!(her.text("#hello").await?.contains(ALI.1), "by her session");
    her.keeps("light").await
}
