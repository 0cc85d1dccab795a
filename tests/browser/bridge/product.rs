//! A product's page in the client: its title, what is shared, the viewer of pictures, and lighter pictures.

use super::FAILURES;
use crate::support::{Browser, Device, shop};
use serde_json::{Value, json};

const PAGE: &str = "/p/silk-lantern";
/// The links of pictures are taken over once the client has said what it can.
const CAN_OPEN: &str =
    "(window.sandboxCalls || []).some(it => it.answered && it.params?.api_list?.includes('openImage'))";
/// The file of each picture that is here, by width.
const WIDTHS: &str =
    "[...document.querySelectorAll('.gallery img')].map(it => it.currentSrc.match(/-(\\d+)\\./)?.[1])";

#[tokio::test]
async fn the_client_learns_what_to_show_and_to_share() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&shop.at(PAGE)).await?;
    let title = her.has_asked("setBrowserTitle").await?["params"]["title"].clone();
    assert_eq!(title, her.value_of("document.title").await?);
    let meta = |name: &str| format!("document.querySelector('meta[property=\"og:{name}\"]').content");
    let card = her.has_asked("setSharingContent").await?["params"].clone();
    for (field, name) in [("title", "title"), ("desc", "description"), ("icon", "image")] {
        let said = her.value_of(&meta(name)).await?;
        assert!(said.as_str().is_some_and(|said| !said.is_empty()));
        assert_eq!((&card[field], &card["external"][field]), (&said, &said), "{field}");
    }
    assert!(card["icon"].as_str().is_some_and(|icon| icon.starts_with("http")), "{card}");
    let menu = her.has_asked("setMenuItems").await?["params"].clone();
    assert_eq!((&menu["title"], &menu["menus"][0]), (&card["title"], &json!("shareToWeibo")));
    her.clicks("#share").await?;
    assert_eq!(her.has_asked("openMenu").await?["by"], "WeiboJS");

    her.goes_to(&shop.at("/checkout?variant=silk-lantern-1")).await?;
    her.has_asked("setBrowserTitle").await?;
    assert!(her.value_of("sandboxCalls.every(call => call.action !== 'setSharingContent')").await? == true);
    Ok(())
}

#[tokio::test]
async fn what_the_client_will_not_do_with_title_and_menu_is_not_missed() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    for code in FAILURES {
        let all =
            ["setBrowserTitle", "setSharingContent", "setMenuItems"].map(|name| format!("{name}={code}"));
        her.client_answers(shop, &format!("{}&openMenu={code}", all.join("&"))).await?;
        her.goes_to(&shop.at(PAGE)).await?;
        her.has_asked("checkAvailability").await?;
        if code == "absent" {
            her.until("document.readyState === 'complete'").await?;
            her.has_no("#share:not([hidden])").await?;
            assert!(her.value_of("sandboxCalls.every(it => !it.action.startsWith('set'))").await? == true);
            continue;
        }
        for name in ["setBrowserTitle", "setSharingContent", "setMenuItems"] {
            her.has_asked(name).await?;
        }
        her.clicks("#share").await?;
        her.has_asked("openMenu").await?;
        match code {
            // She closed it, or may allow it.
            "550" => {
                her.is_free("#share").await?;
                her.until("shared.textContent === ''").await?;
            }
            "553" => {
                her.is_free("#share").await?;
                her.until("shared.textContent.includes('右上角')").await?;
            }
            _ => {
                her.is_off("#share").await?;
                her.until("shared.textContent.includes('右上角')").await?;
            }
        }
        assert_eq!(her.complaints().await?, [""; 0], "{code}");
    }
    Ok(())
}

#[tokio::test]
async fn a_picture_opens_in_the_clients_viewer_or_else_as_a_link() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.until(CAN_OPEN).await?;
    her.clicks(".gallery a").await?;
    let asked = her.has_asked("openImage").await?["params"].clone();
    assert_eq!(asked["urls"][0], asked["url"]);
    assert!(asked["url"].as_str().is_some_and(|url| url.starts_with(&shop.at("/pictures/"))), "{asked}");
    assert_eq!(her.address().await?, shop.at(PAGE), "she stays");

    for code in FAILURES {
        her.client_answers(shop, &format!("openImage={code}")).await?;
        her.goes_to(&shop.at(PAGE)).await?;
        her.until(CAN_OPEN).await?;
        her.clicks(".gallery a").await?;
        if code == "550" {
            her.has_asked("openImage").await?;
            assert_eq!(her.address().await?, shop.at(PAGE));
        } else {
            her.until("location.pathname.endsWith('-1080.jpg')").await?;
        }
    }
    // A client that says it can, and then does nothing.
    her.client_answers(shop, "").await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.until(CAN_OPEN).await?;
    her.value_of("(WeiboJS.invoke = () => {}, true)").await?;
    her.clicks(".gallery a").await?;
    her.until("location.pathname.endsWith('-1080.jpg')").await?;
    let desktop = Browser::open(Device::DESKTOP.without_script()).await?;
    desktop.goes_to(&shop.at(PAGE)).await?;
    desktop.clicks(".gallery a").await?;
    desktop.sees("img").await?;
    assert!(desktop.address().await?.ends_with("-1080.jpg"));
    Ok(())
}

#[tokio::test]
async fn a_dear_network_gets_lighter_pictures_as_long_as_it_is_one() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::in_a_client(shop, "getNetworkType=wwan").await?;
    // What has come before the client answers may stay as it is.
    her.blocks(&["*/pictures/*-750.*", "*/pictures/*-1080.*"]).await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.has_asked("getNetworkType").await?;
    let srcset = "document.querySelector('.gallery source').srcset";
    her.until(&format!("!/-(750|1080)\\./.test({srcset})")).await?;
    her.until(&format!("{WIDTHS}[0] === '375'")).await?;
    // The next page knows it before the client is asked.
    her.client_answers(shop, "bridge=late&WeiboJS=absent&getNetworkType=wwan").await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.until("document.readyState === 'complete'").await?;
    assert!(her.value_of(&format!("!/-(750|1080)\\./.test({srcset})")).await? == true);
    assert!(
        her.value_of("!(window.sandboxCalls || []).some(it => it.action === 'getNetworkType')").await?
            == true
    );
    her.client_answers(shop, "getNetworkType=wwan").await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.has_asked("getNetworkType").await?;
    her.until("typeof WeiboJSBridge === 'object'").await?;
    let tell =
        |to: &str| format!("WeiboJSBridge.trigger('networkTypeChanged', {{ network_type: '{to}' }}), true");
    let light = format!("!/-(750|1080)\\./.test({srcset})");
    her.value_of(&tell("fail")).await?;
    assert!(her.value_of(&light).await? == true, "not knowing changes nothing");
    her.blocks(&[]).await?;
    her.value_of(&tell("wifi")).await?;
    her.until(&format!("/-1080\\./.test({srcset})")).await?;
    her.until(&format!("Number({WIDTHS}[0]) > 375")).await?;
    for code in FAILURES {
        her.client_answers(shop, &format!("getNetworkType={code}")).await?;
        her.goes_to(&shop.at(PAGE)).await?;
        her.sees("#share").await?;
        assert_ne!(her.value_of(&format!("{WIDTHS}[0]")).await?, "375", "{code}");
    }
    // Who has told her browser to save data saves it on any network.
    her.prepares("Object.defineProperty(NetworkInformation.prototype, 'saveData', { get: () => true })")
        .await?;
    her.client_answers(shop, "getNetworkType=wifi").await?;
    her.blocks(&["*/pictures/*-750.*", "*/pictures/*-1080.*"]).await?;
    her.goes_to(&shop.at(PAGE)).await?;
    her.has_asked("getNetworkType").await?;
    her.until(&light).await?;
    her.until("typeof WeiboJSBridge === 'object'").await?;
    her.value_of(&tell("wifi")).await?;
    assert!(her.value_of(&light).await? == true);
    Ok(())
}

#[tokio::test]
async fn a_browser_that_knows_of_a_slow_network_gets_lighter_pictures() -> anyhow::Result<()> {
    let shop = shop()?;
    let his = Browser::open(Device::ANDROID).await?;
    his.cdp("Network.enable", json!({})).await?;
    let slow = json!({ "offline": false, "latency": 300, "downloadThroughput": 90_000, "uploadThroughput": 90_000,
        "connectionType": "cellular3g" });
    his.goes_to(&shop.at("/robots.txt")).await?;
    his.cdp("Network.emulateNetworkConditions", slow).await?;
    his.until("navigator.connection.effectiveType === '3g'").await?;
    his.goes_to(&shop.at("/")).await?;
    // Those further down are still to come.
    let last = "[...document.querySelectorAll('.tile source')].at(-1).srcset";
    his.until(&format!("/-375\\.webp 750w/.test({last})")).await?;
    assert_eq!(his.value_of(&format!("/-750/.test({last})")).await?, Value::Bool(false));
    Ok(())
}
