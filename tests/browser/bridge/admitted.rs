//! How a page reaches the interface: signed and admitted, by the bridge alone, late, or not at all.

use super::FAILURES;
use crate::support::{Browser, Device, shop};

#[tokio::test]
async fn the_signature_of_each_page_is_accepted() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    for page in [
        "/",
        "/en/c/tea",
        "/search?q=%E8%8C%B6&x=%20+",
        "/p/knit-socks?variant=knit-socks-1#choose",
        "/orders",
    ] {
        her.goes_to(&shop.at(page)).await?;
        let init = her.has_asked("init").await?;
        assert_eq!((&init["admitted"], &init["code"]), (&true.into(), &200.into()), "{page}");
        assert_eq!(her.has_asked("setBrowserTitle").await?["by"], "WeiboJS", "{page}");
    }
    her.orders(shop, "silk-lantern").await?;
    assert_eq!(her.has_asked("init").await?["admitted"], true, "with the tag of the order in its address");
    assert_eq!(her.complaints().await?, [""; 0]);
    Ok(())
}

#[tokio::test]
async fn a_page_that_is_not_admitted_goes_on_by_the_bridge() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    let refused = FAILURES.map(|code| format!("init={code}"));
    for chosen in refused.iter().map(String::as_str).chain(["WeiboJS=absent"]) {
        her.client_answers(shop, chosen).await?;
        her.goes_to(&shop.at("/p/silk-lantern")).await?;
        assert_eq!(her.has_asked("setBrowserTitle").await?["by"], "bridge", "{chosen}");
        her.sees("#share").await?;
    }
    // The shop has no ticket, or the signature is not there in time.
    her.client_answers(shop, "").await?;
    her.blocks(&["*/api/weibo/signature*"]).await?;
    her.goes_to(&shop.at("/p/silk-lantern")).await?;
    assert_eq!(her.has_asked("setBrowserTitle").await?["by"], "bridge");
    Ok(())
}

#[tokio::test]
async fn a_client_that_injects_its_bridge_needs_no_script_of_weibos() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::in_a_client(shop, "WeiboJS=absent&deliverAddress:default=200").await?;
    her.injects_its_bridge().await?;
    her.blocks(&["*mobile.js*"]).await?;
    her.goes_to(&shop.at("/p/silk-lantern")).await?;
    assert_eq!(her.has_asked("setBrowserTitle").await?["by"], "bridge");
    assert!(her.value_of("typeof WeiboJS").await? == "undefined", "only the bridge is there");
    her.clicks("#share").await?;
    her.has_asked("openMenu").await?;
    her.is_free("#share").await?;
    her.goes_to(&shop.at("/checkout?variant=silk-lantern-1")).await?;
    her.clicks("[data-book^=deliver]").await?;
    her.until("document.getElementById('city').value === '杭州市'").await?;
    let others = her.complaints().await?;
    assert!(others.iter().all(|it| it.contains("BLOCKED_BY_CLIENT")), "{others:?}");
    Ok(())
}

#[tokio::test]
async fn a_late_bridge_is_waited_for_and_either_shape_of_answer_is_read() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    for chosen in ["bridge=late&WeiboJS=absent", "bridge=late", "shape=one"] {
        her.client_answers(shop, chosen).await?;
        her.goes_to(&shop.at("/p/silk-lantern")).await?;
        her.sees("#share").await?;
        her.goes_to(&shop.at("/checkout?variant=silk-lantern-1")).await?;
        her.clicks("#locate").await?;
        her.until("document.getElementById('city').value === '杭州市'").await?;
    }
    her.client_answers(shop, "shape=one&getLocation=553").await?;
    her.goes_to(&shop.at("/checkout?variant=silk-lantern-1")).await?;
    her.clicks("#locate").await?;
    her.until("told.textContent === told.dataset.denied").await?;
    assert_eq!(her.value_of("document.getElementById('city').value").await?, "");
    Ok(())
}

#[tokio::test]
async fn without_any_bridge_the_client_buys_and_pays() -> anyhow::Result<()> {
    let shop = shop()?;
    for (chosen, blocked) in [("bridge=absent", None), ("", Some("*mobile.js*")), ("", Some("*/js/*"))] {
        let her = Browser::in_a_client(shop, chosen).await?;
        if let Some(blocked) = blocked {
            her.blocks(&[blocked]).await?;
        }
        let order = her.orders(shop, "weifang-kite").await?;
        her.clicks("a#pay").await?;
        her.pays(shop).await?;
        // Without scripts that run the page does not turn to paid by itself.
        while blocked == Some("*/js/*") && her.payment().await? != "paid" {
            her.goes_to(&order.address).await?;
        }
        her.learns_of_the_payment().await?;
        her.goes_to(&shop.at("/p/weifang-kite")).await?;
        her.has_no("#share:not([hidden])").await?;
        assert_eq!(her.value_of("typeof window.sandboxCalls").await?, "undefined", "{chosen}");
        // The page's own complaint is about what was blocked, if anything.
        let others: Vec<String> =
            her.complaints().await?.into_iter().filter(|it| !it.contains("BLOCKED_BY_CLIENT")).collect();
        assert_eq!(others, [""; 0], "{chosen} {blocked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn outside_the_client_nothing_of_it_is_loaded_or_shown() -> anyhow::Result<()> {
    let shop = shop()?;
    for device in [Device::DESKTOP, Device::ANDROID, Device::OLD_CLIENT] {
        let other = Browser::open(device).await?;
        for page in ["/", "/p/silk-lantern", "/c/tea", "/checkout?variant=silk-lantern-1", "/orders"] {
            other.goes_to(&shop.at(page)).await?;
            other.knows_nothing_of_it().await?;
        }
        assert_eq!(other.complaints().await?, [""; 0], "{}", device.agent);
    }
    Ok(())
}
