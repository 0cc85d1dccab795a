//! One message for many: written, looked at, tried, sent, and the page tells by itself what became of it. And a friend
//! who is invited.

use crate::accessibility::complaints;
use crate::support::{Browser, Device, office};
use anyhow::ensure;
use serde_json::json;

/// Nobody else's fan.
const JIA: i64 = 7_000_000_005;

#[tokio::test]
async fn a_broadcast_is_written_tried_sent_and_tells_by_itself_when_it_is_done() -> anyhow::Result<()> {
    let shop = office()?;
    shop.fan_does(JIA, &json!({ "did": "subscribed", "keyword": null }))?;
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    owner.goes_to(&shop.at("/admin/fans/broadcasts/new")).await?;
    // What does not fit is said, and nothing that was typed is lost.
    owner.fills("#words", "明前龙井到货").await?;
    owner.clicks("#broadcast p > button").await?;
    owner.sees("#name-wrong").await?;
    ensure!(owner.value_of("document.querySelector('#words').value").await? == "明前龙井到货");
    owner.fills("#name", "春茶").await?;
    owner.clicks("#broadcast p > button").await?;
    owner.sees("#state[data-state=draft]").await?;
    ensure!(owner.text(".chat .bubble").await? == "明前龙井到货", "it is drawn as she will see it");
    let reach: i64 = owner.text("#reach").await?.parse()?;
    ensure!(reach >= 1, "{reach}");
    let wrong = complaints(&owner, "a draft for many").await?;
    ensure!(wrong.is_empty(), "{wrong:#?}");

    owner.fills("#uid", "7000000099").await?;
    owner.clicks("#try button").await?;
    owner.sees("#uid-wrong").await?;
    owner.fills("#uid", &JIA.to_string()).await?;
    owner.is_told_after("#try button").await?;
    owner.sees("#state[data-state=draft]").await?;
    owner.clicks("details.confirm:has(#send) summary").await?;
    owner.clicks("#send button").await?;
    // Nobody touches it any more.
    owner.sees("#state[data-state=done]").await?;
    let sent: i64 = owner.text("#sent").await?.parse()?;
    ensure!(sent >= reach, "{sent} of {reach}");
    owner.sees("#calls [data-batch=sent]").await?;
    owner.keeps("broadcast-done").await?;
    let wrong = complaints(&owner, "a broadcast that is done").await?;
    ensure!(wrong.is_empty(), "{wrong:#?}");

    let phone = Browser::open(Device::ANDROID.without_script()).await?;
    phone.is_the_owner(shop).await?;
    phone.goes_to(&shop.at("/admin/fans/subscribers")).await?;
    phone.fills("#invite #uid", "7000000006").await?;
    phone.fills("#text", "来看看新茶").await?;
    phone.fills("#url", "not an address").await?;
    phone.fills("#logo", "https://shop.example/logo.png").await?;
    phone.clicks("#invite > button").await?;
    phone.sees("#url-wrong").await?;
    phone.fills("#url", "https://shop.example/p/longjing").await?;
    phone.clicks("#invite > button").await?;
    phone.sees("p.said").await.map(|_| ())
}
