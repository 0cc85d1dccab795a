//! The checkout: where she is, the address that Weibo knows, a contact. Nothing that she typed is changed.

use super::FAILURES;
use crate::support::{Browser, Device, Shop, shop};
use serde_json::{Value, json};

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
    her.address_is(["", "", "浙江省", "杭州市", "", ""]).await?;
    // The rest of another address is no place for this city.
    her.checks_out(shop).await?;
    her.types("[name=district]", "鼓楼区").await?;
    her.clicks("#locate").await?;
    her.is_told("kept").await?;
    her.address_is(["", "", "", "", "鼓楼区", ""]).await
}

/// A browser that asks her whether it may tell, and is never answered; what waits for 20 seconds does so at once.
const UNANSWERED: &str = "Geolocation.prototype.getCurrentPosition = () => { window.asked = (window.asked || 0) + 1; }; \
    const wait = setTimeout; window.setTimeout = (act, ms, ...more) => wait(act, ms === 20000 ? 9 : ms, ...more);";

#[tokio::test]
async fn a_browser_that_never_says_where_it_is_can_be_asked_again() -> anyhow::Result<()> {
    let shop = shop()?;
    let desktop = Browser::open(Device::DESKTOP).await?;
    desktop.prepares(UNANSWERED).await?;
    desktop.checks_out(shop).await?;
    for times in 1..3 {
        desktop.clicks("#locate").await?;
        desktop.until(&format!("asked === {times}")).await?;
        desktop.is_told("lost").await?;
        desktop.is_free("#locate").await?;
    }
    Ok(())
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
        if code == "553" {
            her.is_told("denied").await?;
            assert!(her.text("#told").await?.contains("设置"), "where to allow it");
            her.address_is([""; 6]).await?;
        } else {
            // The browser's own is asked.
            her.is_told("filled").await?;
            her.address_is(["", "", "浙江省", "杭州市", "", ""]).await?;
        }
        assert_eq!(her.complaints().await?, [""; 0], "{code}");
    }
    for code in ["501", "550"] {
        her.client_answers(shop, &format!("getLocation={code}")).await?;
        her.is_at(shop, "denied", HANGZHOU.0, HANGZHOU.1).await?;
        her.checks_out(shop).await?;
        her.clicks("#locate").await?;
        her.is_told("denied").await?;
        her.is_at(shop, "granted", HANGZHOU.0, HANGZHOU.1).await?;
        her.cdp("Emulation.setGeolocationOverride", json!({})).await?;
        her.clicks("#locate").await?;
        her.is_told("lost").await?;
    }
    Ok(())
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
    desktop.is_told("lost").await?;
    desktop.is_free("#locate").await
}

#[tokio::test]
async fn weibos_address_fills_what_is_empty_and_never_half_of_another() -> anyhow::Result<()> {
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
    her.is_told("kept").await?;
    her.address_is(["阿山", "", "", "", "", "别处 2 号"]).await?;
    her.clicks("[data-book=pickContact]").await?;
    her.is_told("kept").await?;
    her.address_is(["阿山", "", "", "", "", "别处 2 号"]).await?;

    // Another's name beside a whole address, or the other way round.
    her.checks_out(shop).await?;
    her.types("[name=recipient]", "阿山").await?;
    her.clicks("[data-book^=deliver]").await?;
    her.is_told("kept").await?;
    let street = "龙井路 1 号 3 单元 502";
    her.address_is(["阿山", "", "浙江省", "杭州市", "西湖区", street]).await?;
    her.checks_out(shop).await?;
    her.types("[name=city]", "杭州市").await?;
    her.types("[name=phone]", "13812346620").await?;
    her.clicks("[data-book^=deliver]").await?;
    her.is_told("filled").await?;
    her.address_is(["林小满", "13812346620", "浙江省", "杭州市", "西湖区", street]).await?;
    her.clicks("[data-book^=deliver]").await?;
    her.is_told("kept").await?;

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
            // A book without an address ends as if she had closed it.
            "550" if action == "pickContact" => her.until("told.textContent === ''").await?,
            "550" => her.is_told("nothing").await?,
            "553" => her.is_told("denied").await?,
            _ => {
                her.is_told("unable").await?;
                her.is_off(&button).await?;
            }
        }
        if matches!(code, "550" | "553") {
            her.is_free(&button).await?;
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

#[tokio::test]
async fn the_code_of_a_coupon_is_scanned_by_who_may_use_one() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.checks_out(shop).await?;
    her.has_no("#coupon_code, script[src*='scan.js']").await?;
    her.goes_to(&shop.at("/oauth/weibo?next=%2Fcheckout%3Fvariant%3Dlinden-honey-1&another=yes")).await?;
    her.clicks("button[value=allow]").await?;
    her.sees("#coupon_code + .beside").await?;
    // From behind the bar below.
    her.value_of("document.querySelector('#coupon_code + .beside').scrollIntoView({ block: 'center' })")
        .await?;
    her.clicks("#coupon_code + .beside").await?;
    her.has_asked("scanQRCode").await?;
    her.until("coupon_code.value === 'SF1234567890123'").await?;
    her.client_answers(shop, "scanQRCode=absent").await?;
    her.checks_out(shop).await?;
    her.has_asked("checkAvailability").await?;
    her.until("document.readyState === 'complete'").await?;
    her.has_no(".beside").await
}
