//! The checkout: where she is, the address that Weibo knows, a contact. Nothing that she typed is changed.

use super::FAILURES;
use crate::support::{Browser, Device, Shop, shop};
use serde_json::Value;

const HANGZHOU: (f64, f64) = (30.246, 120.149);

impl Browser {
    async fn checks_out(&self, shop: &Shop) -> anyhow::Result<()> {
        self.goes_to(&shop.at("/checkout?variant=linden-honey-1")).await
    }

    async fn stands_in(&self, field: &str) -> anyhow::Result<String> {
        let value = self.value_of(&format!("document.querySelector('[name={field}]').value")).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    async fn address_is(&self, expected: [&str; 6]) -> anyhow::Result<()> {
        let names = ["recipient", "phone", "province", "city", "district", "street"];
        let mut typed = Vec::new();
        for name in names {
            typed.push(self.stands_in(name).await?);
        }
        assert_eq!(typed, expected);
        Ok(())
    }

    /// The words below the address, named as the page names them.
    async fn is_told(&self, words: &str) -> anyhow::Result<()> {
        let same = format!("told.textContent === told.dataset.{words} && told.textContent.length > 5");
        self.until(&same).await
    }
}

#[tokio::test]
async fn a_tap_fills_in_province_and_city_and_nothing_asks_before() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.checks_out(shop).await?;
    her.has_asked("init").await?;
    her.sees("[data-book=pickContact]").await?;
    assert!(
        her.value_of("sandboxCalls.every(call => call.action !== 'getLocation')").await? == Value::Bool(true)
    );
    her.clicks("#locate").await?;
    her.is_told("filled").await?;
    her.address_is(["", "", "浙江省", "杭州市", "", ""]).await?;
    her.keeps("located").await?;
    her.clicks("#locate").await?;
    her.is_told("kept").await?;

    // What she has typed stays, and is not mixed with where she is.
    her.checks_out(shop).await?;
    her.types("[name=province]", "江苏省").await?;
    her.clicks("#locate").await?;
    her.is_told("kept").await?;
    her.address_is(["", "", "江苏省", "", "", ""]).await?;
    her.fills("[name=province]", "浙江省").await?;
    her.clicks("#locate").await?;
    her.is_told("filled").await?;
    her.address_is(["", "", "浙江省", "杭州市", "", ""]).await
}

#[tokio::test]
async fn each_failure_of_the_clients_location_has_an_answer() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.is_at(shop, "granted", HANGZHOU.0, HANGZHOU.1).await?;
    for code in FAILURES {
        her.client_answers(shop, &format!("getLocation={code}")).await?;
        her.checks_out(shop).await?;
        her.clicks("#locate").await?;
        her.has_asked("getLocation").await?;
        match code {
            "550" => {
                her.until("document.getElementById('told').textContent === ''").await?;
                her.address_is([""; 6]).await?;
            }
            "553" => {
                her.is_told("denied").await?;
                assert!(her.text("#told").await?.contains("设置"), "where to allow it");
                her.address_is([""; 6]).await?;
            }
            // The browser's own is asked.
            _ => {
                her.is_told("filled").await?;
                her.address_is(["", "", "浙江省", "杭州市", "", ""]).await?;
            }
        }
        assert_eq!(her.complaints().await?, [""; 0], "{code}");
    }
    her.client_answers(shop, "getLocation=501").await?;
    her.is_at(shop, "denied", HANGZHOU.0, HANGZHOU.1).await?;
    her.checks_out(shop).await?;
    her.clicks("#locate").await?;
    her.is_told("denied").await
}

#[tokio::test]
async fn outside_the_client_the_browser_says_where_it_is() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.is_at(shop, "granted", 39.9087, 116.3975).await?;
    desktop.checks_out(shop).await?;
    desktop.clicks("#locate").await?;
    desktop.is_told("filled").await?;
    desktop.address_is(["", "", "北京市", "北京市", "", ""]).await?;
    desktop.is_at(shop, "granted", 48.8566, 2.3522).await?;
    desktop.checks_out(shop).await?;
    desktop.clicks("#locate").await?;
    desktop.is_told("abroad").await?;
    desktop.is_at(shop, "denied", 39.9087, 116.3975).await?;
    desktop.checks_out(shop).await?;
    desktop.clicks("#locate").await?;
    desktop.is_told("denied").await?;
    assert!(desktop.text("#told").await?.contains("浏览器"));
    desktop.address_is([""; 6]).await?;
    desktop.blocks(&["*/api/place"]).await?;
    desktop.is_at(shop, "granted", 39.9087, 116.3975).await?;
    desktop.checks_out(shop).await?;
    desktop.clicks("#locate").await?;
    desktop.is_told("lost").await
}

#[tokio::test]
async fn weibos_address_fills_what_is_empty_once_there_is_one() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.checks_out(shop).await?;
    her.sees("[data-book=pickContact]").await?;
    her.has_no("[data-book^=deliver]:not([hidden])").await?;

    her.client_answers(shop, "deliverAddress:default=200").await?;
    her.checks_out(shop).await?;
    her.types("[name=recipient]", "阿山").await?;
    her.types("[name=street]", "别处 2 号").await?;
    her.clicks("[data-book^=deliver]").await?;
    her.is_told("filled").await?;
    her.address_is(["阿山", "13812346620", "浙江省", "杭州市", "西湖区", "别处 2 号"]).await?;
    her.clicks("[data-book=pickContact]").await?;
    her.is_told("nothing").await?;
    her.address_is(["阿山", "13812346620", "浙江省", "杭州市", "西湖区", "别处 2 号"]).await?;

    her.checks_out(shop).await?;
    her.clicks("[data-book=pickContact]").await?;
    her.is_told("filled").await?;
    her.address_is(["林小满", "13812346620", "", "", "", ""]).await
}

#[tokio::test]
async fn each_failure_of_address_and_contact_has_an_answer() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    for (action, code) in
        ["deliverAddress:default", "pickContact"].into_iter().flat_map(|it| FAILURES.map(|code| (it, code)))
    {
        let other = if action == "pickContact" { "deliverAddress:default" } else { "pickContact" };
        her.client_answers(shop, &format!("{action}={code}&{other}=200")).await?;
        her.checks_out(shop).await?;
        her.sees(&format!("[data-book='{other}']")).await?;
        let button = format!("[data-book='{action}']");
        if code == "absent" {
            her.has_no(&format!("{button}:not([hidden])")).await?;
            continue;
        }
        her.clicks(&button).await?;
        her.has_asked(action).await?;
        match code {
            "550" => her.until("document.getElementById('told').textContent === ''").await?,
            "553" => her.is_told("denied").await?,
            _ => {
                her.is_told("nothing").await?;
                her.has_no(&format!("{button}:not([hidden])")).await?;
            }
        }
        her.address_is([""; 6]).await?;
    }
    // Who cannot even be asked offers nothing.
    for code in FAILURES {
        her.client_answers(shop, &format!("checkAvailability={code}")).await?;
        her.checks_out(shop).await?;
        her.has_asked("checkAvailability").await?;
        her.clicks("#locate").await?;
        her.is_told("filled").await?;
        her.has_no("[data-book]:not([hidden])").await?;
    }
    Ok(())
}
