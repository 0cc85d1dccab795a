//! An order's page in the client: the shop is followed by the client's own menu, else by the link.

use super::FAILURES;
use crate::support::{Browser, Device, shop};

/// Nobody leaves the page: where she would be led is kept.
const STAYS: &str = "navigation.addEventListener('navigate', (it) => { window.led = it.destination.url; \
    it.preventDefault(); }), true";

#[tokio::test]
async fn the_shop_is_followed_by_the_clients_menu_or_else_by_the_link() -> anyhow::Result<()> {
    let shop = shop()?;
    let her = Browser::open(Device::CLIENT).await?;
    her.orders(shop, "walnut-cookie").await?;
    her.clicks("a#pay").await?;
    her.pays(shop).await?;
    her.learns_of_the_payment().await?;
    let order = her.value_of("location.href").await?;
    let link = her.attribute("#follow a", "href").await?;
    let asked = "(window.sandboxCalls || []).some(it => it.answered && it.params?.api_list?.includes('invokeMenuItem'))";
    for code in ["200"].into_iter().chain(FAILURES) {
        her.client_answers(shop, &format!("invokeMenuItem={code}")).await?;
        her.goes_to(order.as_str().unwrap_or_default()).await?;
        her.until(asked).await?;
        her.value_of(STAYS).await?;
        her.clicks("#follow a").await?;
        if code != "absent" {
            assert_eq!(her.has_asked("invokeMenuItem").await?["params"]["code"], "10002");
        }
        if matches!(code, "200" | "550") {
            // The next tap asks again, and nobody was led away by the first.
            her.clicks("#follow a").await?;
            her.until(
                "sandboxCalls.filter(it => it.answered && it.action === 'invokeMenuItem').length === 2",
            )
            .await?;
            assert!(her.value_of("window.led === undefined").await? == true, "{code}");
        } else {
            her.until(&format!("window.led === '{link}'")).await?;
        }
    }
    Ok(())
}
