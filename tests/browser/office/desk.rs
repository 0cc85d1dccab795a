//! A fan writes while the desk is open: it is seen without a touch, answered, and what is being typed stays.

use crate::accessibility::complaints;
use crate::support::{Browser, Device, Shop, office};
use anyhow::ensure;
use serde_json::json;

const ALI: i64 = 7_000_000_002;

#[tokio::test]
async fn what_a_fan_writes_is_seen_at_once_and_answered() -> anyhow::Result<()> {
    let shop = office()?;
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    owner.goes_to(&shop.at("/admin/fans")).await?;
    owner.sees("[data-heard]").await?;
    shop.fan_does(ALI, &json!({ "did": "said", "text": "四枚盒还能今天发吗？" }))?;
    owner.sees(&format!("#rows [data-fan='{ALI}']")).await?;
    owner.keeps("fans-inbox").await?;
    owner.clicks(&format!("#rows [data-fan='{ALI}'] a")).await?;
    owner.sees("#answer").await?;
    owner.sees("[data-heard]").await?;
    // That she has it before her eyes is known to all.
    owner
        .until("document.querySelector('#read') === null && document.querySelector('#read-by') !== null")
        .await?;
    owner.types("#text", "能，16:00 前").await?;
    shop.fan_does(ALI, &json!({ "did": "picture" }))?;
    owner.sees(".bubble img").await?;
    owner.until("document.querySelector('.bubble img').naturalWidth > 0").await?;
    let typed = owner.value_of("document.querySelector('#text').value").await?;
    ensure!(typed == "能，16:00 前", "{typed} is what stands there");
    ensure!(owner.text("[data-count]").await? == "9 ·", "what was typed is counted");
    owner.types("#text", "付款今天就发").await?;
    owner.keeps("fans-talk").await?;
    let wrong = complaints(&owner, "a conversation").await?;
    ensure!(wrong.is_empty(), "{wrong:#?}");
    owner.prefers("dark").await?;
    let wrong = complaints(&owner, "a conversation in the dark").await?;
    ensure!(wrong.is_empty(), "{wrong:#?}");
    owner.clicks("#answer .send").await?;
    owner.sees("p.said").await?;
    // By itself: the page is not loaded anew.
    owner.sees("[data-delivery=sent]").await?;
    owner.keeps("fans-sent").await?;
    // A refused form stands under an address of its own, and its page goes on hearing.
    owner.types("#text", " ").await?;
    owner.clicks("#answer .send").await?;
    owner.until("location.pathname.endsWith('/messages')").await?;
    owner.sees("[data-heard]").await?;
    shop.fan_does(ALI, &json!({ "did": "said", "text": "好，谢谢" }))?;
    owner.until("document.querySelector('#said').textContent.includes('好，谢谢')").await?;

    let phone = Browser::open(Device::ANDROID.without_script()).await?;
    phone.is_the_owner(shop).await?;
    phone.goes_to(&shop.at(&format!("/admin/fans?show=all&q={ALI}"))).await?;
    phone.clicks(&format!("#rows [data-fan='{ALI}'] a")).await?;
    phone.fills("#text", "好的").await?;
    phone.keeps("fans-talk-phone").await?;
    phone.clicks("#answer .send").await?;
    phone.sees("p.said").await?;
    let cards = "#answer a[href*='/cards']";
    // From under the bar at the bottom.
    phone
        .value_of(&format!("document.querySelector(\"{cards}\").scrollIntoView({{ block: 'center' }})"))
        .await?;
    phone.clicks(cards).await?;
    phone.fills("#product", "weifang").await?;
    phone.clicks("form.filters button").await?;
    phone.keeps("fans-cards-phone").await?;
    phone.clicks(".cards button[value=weifang-kite]").await?;
    phone.sees("p.said").await?;

    its_pages_read_well(shop).await
}

/// How often the page of hers was looked at again, and the list beside her.
const LOOKS: &str = "[`/admin/fans/7000000007?`, `beside=7000000007`].map(what => \
    performance.getEntriesByType('resource').filter(one => one.name.includes(what)).length)";

const QUIET: &str = "(looks => looks.length > 0 && performance.now() - looks.at(-1).startTime > 2500) \
    (performance.getEntriesByType('resource').filter(one => one.name.includes('/admin/fans/7000000007?')))";

#[tokio::test]
async fn what_others_say_changes_the_list_alone_and_who_is_signed_out_is_told() -> anyhow::Result<()> {
    let (shop, hers, another) = (office()?, 7_000_000_007, 7_000_000_008);
    let owner = Browser::open(Device::DESKTOP).await?;
    owner.is_the_owner(shop).await?;
    owner.goes_to(&shop.at("/admin/fans")).await?;
    owner.sees("[data-heard]").await?;
    shop.fan_does(hers, &json!({ "did": "said", "text": "有茶巾吗？" }))?;
    owner.sees(&format!("#rows [data-fan='{hers}']")).await?;
    owner.goes_to(&shop.at(&format!("/admin/fans/{hers}"))).await?;
    owner.sees("[data-heard]").await?;
    // What was before her eyes is read, which is the last news of hers; then her page is left alone.
    owner.until("document.querySelector('#read') === null").await?;
    owner.until(QUIET).await?;
    let before = owner.value_of(LOOKS).await?;
    shop.fan_does(another, &json!({ "did": "said", "text": "在吗" }))?;
    owner.sees(&format!("#rows [data-fan='{another}']")).await?;
    let after = owner.value_of(LOOKS).await?;
    ensure!(after[0] == before[0] && after[1].as_i64() > before[1].as_i64(), "{before} {after}");
    owner.sees(&format!("#rows [data-fan='{hers}'] a[aria-current=true]")).await?;
    shop.fan_does(hers, &json!({ "did": "said", "text": "要两条" }))?;
    owner.until("document.querySelector('#said').textContent.includes('要两条')").await?;

    // She is not signed in any more, as when she signed out elsewhere (not here: others sit in her session). This page
    // learns nothing more, and says so.
    owner.has_no("#stale").await?;
    owner.types("#text", "马上").await?;
    owner.client.delete_cookie("weipu").await?;
    shop.fan_does(another, &json!({ "did": "said", "text": "还在吗" }))?;
    owner.sees("#stale").await?;
    let typed = owner.value_of("document.querySelector('#text').value").await?;
    ensure!(typed == "马上", "{typed} is what stands there");
    Ok(())
}

/// On a phone and on a desktop.
async fn its_pages_read_well(shop: &Shop) -> anyhow::Result<()> {
    for device in [Device::ANDROID, Device::DESKTOP] {
        let her = Browser::open(device).await?;
        her.is_the_owner(shop).await?;
        for path in [
            format!("/admin/fans/{ALI}"),
            format!("/admin/fans/{ALI}/cards?product=weifang"),
            "/admin/fans?show=all".into(),
        ] {
            her.goes_to(&shop.at(&path)).await?;
            let wrong = complaints(&her, &path).await?;
            ensure!(wrong.is_empty(), "{wrong:#?}");
            her.keeps(&format!("desk{path}-{}", her.device.name).replace(['/', '?', '&', '=', ' '], "-"))
                .await?;
        }
    }
    Ok(())
}
