//! One browser: what a person does with it, and what it shows. Everything waits for what it needs.

use super::device::Device;
use super::driver::{Driver, driver};
use super::{LOOK, PATIENCE};
use anyhow::{Context, bail, ensure};
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;

/// Closed when dropped, also by a test that fails.
pub struct Browser {
    pub client: Client,
    pub device: Device,
    session: String,
    driver: &'static Driver,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.end(&self.session);
    }
}

impl Browser {
    pub async fn open(device: Device) -> anyhow::Result<Browser> {
        let driver = driver()?;
        let wanted = device.capabilities(&driver.chromium);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&driver.address()).await?;
        let session = client.session_id().await?.context("a session has a number")?;
        // We end it ourselves.
        client.persist().await?;
        let browser = Browser { client, device, session, driver };
        if !device.is_phone {
            browser.fills_the_screen().await?;
        }
        Ok(browser)
    }

    /// Gives the page the device's whole space: a window has a frame.
    async fn fills_the_screen(&self) -> anyhow::Result<()> {
        let Device { width, height, .. } = self.device;
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", metrics).await.map(|_| ())
    }

    /// `light` or `dark`.
    pub async fn prefers(&self, scheme: &str) -> anyhow::Result<()> {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.cdp("Emulation.setEmulatedMedia", media).await.map(|_| ())
    }

    pub async fn goes_to(&self, address: &str) -> anyhow::Result<()> {
        self.client.goto(address).await.with_context(|| format!("going to {address}"))
    }

    pub async fn address(&self) -> anyhow::Result<String> {
        Ok(self.client.current_url().await?.to_string())
    }

    /// The first that matches and is seen, as soon as there is one.
    pub async fn sees(&self, css: &str) -> anyhow::Result<Element> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Ok(found) = self.client.find(Locator::Css(css)).await
                && found.is_displayed().await.unwrap_or(false)
            {
                return Ok(found);
            }
            if Instant::now() > deadline {
                bail!("{css} is not seen on {}: {}", self.address().await?, self.told().await);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// That nothing on the page matches, now.
    pub async fn has_no(&self, css: &str) -> anyhow::Result<()> {
        let found = self.client.find_all(Locator::Css(css)).await?;
        ensure!(found.is_empty(), "{css} is on {}", self.address().await?);
        Ok(())
    }

    /// Clicks or taps it when nothing lies over it.
    pub async fn clicks(&self, css: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.client.wait().at_most(PATIENCE).every(LOOK).for_element(Locator::Css(css)).await;
            let clicked = match found {
                Ok(found) => found.click().await,
                Err(error) => Err(error),
            };
            match clicked {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error).with_context(|| format!("clicking {css}"));
                }
                Err(_) => tokio::time::sleep(LOOK).await,
            }
        }
    }

    pub async fn types(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let field = self.sees(css).await?;
        field.send_keys(text).await.with_context(|| format!("typing into {css}"))
    }

    /// A key, pressed and released, wherever the focus is.
    pub async fn presses(&self, key: char) -> anyhow::Result<()> {
        let keys = KeyActions::new("keyboard".into())
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key });
        Ok(self.client.perform_actions(keys).await?)
    }

    pub async fn text(&self, css: &str) -> anyhow::Result<String> {
        Ok(self.sees(css).await?.text().await?)
    }

    pub async fn attribute(&self, css: &str, name: &str) -> anyhow::Result<String> {
        let value = self.sees(css).await?.attr(name).await?;
        value.with_context(|| format!("{css} has no {name}"))
    }

    /// The value of an expression of the page's own language.
    pub async fn value_of(&self, expression: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(&format!("return ({expression})"), vec![]).await?)
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        // While a page gives way to the next there is nobody to ask.
        while self.value_of(expression).await.unwrap_or(Value::Null) != Value::Bool(true) {
            ensure!(Instant::now() < deadline, "never on {}: {expression}", self.address().await?);
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// A picture of what is on the screen, as PNG.
    pub async fn screenshot(&self) -> anyhow::Result<Vec<u8>> {
        Ok(self.client.screenshot().await?)
    }

    /// A command of Chromium's own protocol.
    pub async fn cdp(&self, name: &str, parameters: Value) -> anyhow::Result<Value> {
        let body = json!({ "cmd": name, "params": parameters });
        let answer = self.client.issue_cmd(Own { path: "goog/cdp/execute", body }).await;
        answer.with_context(|| name.to_owned())
    }

    /// What the browser has complained about since the last time, policies included.
    pub async fn complaints(&self) -> anyhow::Result<Vec<String>> {
        let entries =
            self.client.issue_cmd(Own { path: "se/log", body: json!({ "type": "browser" }) }).await?;
        let severe = |entry: &&Value| entry["level"] == "SEVERE";
        let entries = entries.as_array().cloned().unwrap_or_default();
        Ok(entries.iter().filter(severe).map(|entry| entry["message"].to_string()).collect())
    }

    /// What the page says, for a failure's words.
    async fn told(&self) -> String {
        match self.client.find(Locator::Css("body")).await {
            Ok(body) => body.text().await.unwrap_or_default().chars().take(600).collect(),
            Err(_) => String::new(),
        }
    }
}

/// A command that is chromedriver's own.
#[derive(Debug)]
struct Own {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}
