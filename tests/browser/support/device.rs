//! In front of what a person sits: sizes, what the browser calls itself, what it may do.

use serde_json::{Map, Value, json};

/// A device and the browser on it.
#[derive(Debug, Clone, Copy)]
pub struct Device {
    pub name: &'static str,
    pub width: u32,
    pub height: u32,
    pub agent: &'static str,
    pub is_phone: bool,
    pub runs_scripts: bool,
}

const PHONE: Device =
    Device { name: "phone", width: 390, height: 844, agent: "", is_phone: true, runs_scripts: true };

impl Device {
    /// A current Weibo client.
    pub const CLIENT: Device = Device {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                Mobile/15E148 Weibo (iPhone14,3__weibo__13.7.0__iphone__os16.6)",
        ..PHONE
    };
    /// A client from before in-app payment (4.3.0).
    pub const OLD_CLIENT: Device = Device {
        agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1 (KHTML, like Gecko) \
                Mobile/11B554a Weibo (iPhone3,2__weibo__4.2.5__iphone__os7.0.4)",
        ..PHONE
    };
    /// A phone's own browser.
    pub const ANDROID: Device = Device {
        agent: "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) \
                Chrome/124.0.0.0 Mobile Safari/537.36",
        ..PHONE
    };
    pub const DESKTOP: Device = Device {
        name: "desktop",
        width: 1280,
        height: 800,
        agent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36",
        is_phone: false,
        runs_scripts: true,
    };

    pub const fn without_script(self) -> Device {
        Device { runs_scripts: false, ..self }
    }

    /// What a new `WebDriver` session is asked for.
    pub fn capabilities(&self, chromium: &std::path::Path) -> Map<String, Value> {
        let Device { width, height, agent, is_phone, .. } = *self;
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
        ];
        let mut arguments: Vec<String> = arguments.map(ToOwned::to_owned).into();
        let mut options = json!({
            "binary": chromium,
            "prefs": { "profile.managed_default_content_settings.javascript": if self.runs_scripts { 1 } else { 2 } },
        });
        if is_phone {
            // chromedriver's taps wait for scripts: a finger that needs none is a pointer.
            let touch = self.runs_scripts;
            options["mobileEmulation"] = json!({
                "deviceMetrics": { "width": width, "height": height, "pixelRatio": 2, "touch": touch, "mobile": true },
                "userAgent": agent,
            });
        } else {
            arguments.push(format!("--user-agent={agent}"));
            arguments.push(format!("--window-size={width},{height}"));
        }
        options["args"] = json!(arguments);
        let wanted = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "pageLoad": 30_000, "script": 20_000 },
        });
        wanted.as_object().cloned().unwrap_or_default()
    }
}
