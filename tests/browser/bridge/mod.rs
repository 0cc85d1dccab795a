//! The Weibo client's JS interface, played by the sandbox: with it, without it, late, refused, and with each of its
//! failure codes. What a page asks of it stands in `sandboxCalls`.

mod admitted;
mod checkout;
mod office;
mod order;
mod product;

use crate::support::{Browser, Device, Shop};
use anyhow::ensure;
use serde_json::{Value, json};

/// What a client may answer instead of doing it: the codes of jsapi.md §5, and not having the action at all.
const FAILURES: [&str; 7] = ["400", "403", "500", "501", "550", "553", "absent"];

impl Browser {
    /// Somebody in a client that answers as chosen: `name=code&name=code`.
    async fn in_a_client(shop: &Shop, chosen: &str) -> anyhow::Result<Browser> {
        let her = Browser::open(Device::CLIENT).await?;
        her.client_answers(shop, chosen).await?;
        Ok(her)
    }

    /// From the next page on.
    async fn client_answers(&self, shop: &Shop, chosen: &str) -> anyhow::Result<()> {
        let cookie = json!({ "url": shop.sandbox, "name": "sandbox_bridge", "value": chosen });
        let set = self.cdp("Network.setCookie", cookie).await?;
        ensure!(set["success"] == true, "{set}");
        Ok(())
    }

    /// From the next page on the client injects its bridge by itself, as chosen, whether or not a page loads a script
    /// of Weibo's.
    async fn injects_its_bridge(&self) -> anyhow::Result<()> {
        let chosen = "Object.fromEntries(new URLSearchParams(document.cookie.match(/sandbox_bridge=([^;]*)/)?.[1] ?? ''))";
        let bridge = include_str!("../../../static/sandbox/bridge.js").replacen("/* chosen */ {}", chosen, 1);
        ensure!(bridge.contains(chosen), "the bridge can be told what to answer");
        self.prepares(&bridge).await
    }

    /// Runs this in each page from the next one on, before the page's own scripts.
    async fn prepares(&self, script: &str) -> anyhow::Result<()> {
        self.cdp("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await.map(|_| ())
    }

    /// That a button has been turned off, and is neither gone nor left by the focus.
    async fn is_off(&self, button: &str) -> anyhow::Result<()> {
        let off = format!("{button}[aria-disabled=true][aria-busy=false]");
        self.sees(&off).await?;
        self.until(&format!("document.activeElement.matches(`{off}`)")).await
    }

    /// That a button works, and may be pressed again.
    async fn is_free(&self, button: &str) -> anyhow::Result<()> {
        self.sees(&format!("{button}[aria-disabled=false][aria-busy=false]")).await.map(|_| ())
    }

    /// The first call of this action, once it was answered.
    async fn has_asked(&self, action: &str) -> anyhow::Result<Value> {
        let call =
            format!("(window.sandboxCalls || []).find(call => call.action === '{action}' && call.answered)");
        self.until(&format!("Boolean({call})")).await?;
        self.value_of(&call).await
    }

    /// Where the browser is, as it says itself, and whether it may tell pages.
    async fn is_at(&self, shop: &Shop, may: &str, latitude: f64, longitude: f64) -> anyhow::Result<()> {
        let position = json!({ "latitude": latitude, "longitude": longitude, "accuracy": 20 });
        self.cdp("Emulation.setGeolocationOverride", position).await?;
        let permission =
            json!({ "permission": { "name": "geolocation" }, "setting": may, "origin": shop.address });
        self.cdp("Browser.setPermission", permission).await.map(|_| ())
    }

    async fn blocks(&self, what: &[&str]) -> anyhow::Result<()> {
        self.cdp("Network.enable", json!({})).await?;
        self.cdp("Network.setBlockedURLs", json!({ "urls": what })).await.map(|_| ())
    }

    /// That nothing of the interface is loaded or asked for.
    async fn knows_nothing_of_it(&self) -> anyhow::Result<()> {
        self.until("document.readyState === 'complete'").await?;
        let loaded = "performance.getEntriesByType('resource').map(it => it.name).filter(it => \
            /weibo\\.js|share\\.js|zoom\\.js|book\\.js|mobile\\.js|signature/.test(it)).join()";
        let loaded = self.value_of(loaded).await?;
        ensure!(loaded == "", "{loaded}");
        self.has_no("[data-jsapi], #share, [data-book], .beside").await?;
        ensure!(self.value_of("typeof WeiboJS + typeof WeiboJSBridge").await? == "undefinedundefined");
        Ok(())
    }
}
