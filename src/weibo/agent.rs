//! Which client is asking, read from its User-Agent (user-agents.md). A hint, never proof: grant nothing on it.
//!
//! The route chosen from it, first that fits:
//! - `client`: a web view (`Mozilla/…`) with `__weibo__` and a version that is new enough: Weibo Pay opens in it.
//! - `client-too-old`: a Weibo app whose real version is known and older, native forms (`_weibo_4.2.6_android`) too.
//! - `mobile`: every other Weibo app (International, Lite, build numbers, no version, native stacks), as nothing
//!   shows that the payment opens in them, but the web cashier and "open in Weibo" do; and phones and tablets.
//! - `desktop`: all else, browsers in desktop mode among them: they hide that they are tablets.

mod patterns;
mod version;

pub use version::Version;

use std::borrow::Cow;

/// Longer User-Agents are cut: the real ones have some 300 bytes.
const LONGEST: usize = 1024;

/// What the asking client says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    app: Option<App>,
    platform: Platform,
    web_view: bool,
    handheld: bool,
}

/// A Weibo app: which kind, and the number it gives, if any.
#[derive(Debug, Clone, PartialEq, Eq)]
struct App {
    edition: Edition,
    number: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edition {
    /// Says `__weibo__`: the app proper, its number is the version.
    Main,
    /// The app proper speaking without a web view, its number is the version.
    Native,
    /// International, Lite, or a native stack whose number, if any, counts builds.
    Other,
}

/// What the client runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    Ios,
    Ipad,
    Android,
    WindowsPhone,
    Other,
}

impl Platform {
    /// The word in user-agents.tsv: `ios`, `ipad`, `android`, `wp`, `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            Platform::Ios => "ios",
            Platform::Ipad => "ipad",
            Platform::Android => "android",
            Platform::WindowsPhone => "wp",
            Platform::Other => "other",
        }
    }
}

/// How this client is led to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Client,
    ClientTooOld,
    Desktop,
    Mobile,
}

impl Route {
    /// The mark on `<body data-route>`: `client`, `client-too-old`, `desktop`, `mobile`.
    pub fn as_str(self) -> &'static str {
        match self {
            Route::Client => "client",
            Route::ClientTooOld => "client-too-old",
            Route::Desktop => "desktop",
            Route::Mobile => "mobile",
        }
    }
}

impl Agent {
    /// Reads any text; what it does not know is no Weibo app, on an unknown platform.
    pub fn parse(user_agent: &str) -> Agent {
        let sent = &user_agent[..user_agent.floor_char_boundary(LONGEST)];
        let text = decoded(sent);
        // One byte stays one byte, so places found here hold in `text` as well.
        let lower = text.to_ascii_lowercase();
        let found = patterns::app(&text, &lower);
        let said = found.as_ref().and_then(|(_, platform)| *platform);
        Agent {
            platform: said.unwrap_or_else(|| patterns::device(&lower)),
            app: found.map(|(app, _)| app),
            web_view: sent.starts_with("Mozilla/"),
            handheld: ["mobile", "(phone;", "(tablet;"].iter().any(|word| lower.contains(word)),
        }
    }

    /// Whether any edition of the Weibo app is asking.
    pub fn is_weibo(&self) -> bool {
        self.app.is_some()
    }

    /// The number the Weibo app gives, as written: its version, or for other editions a build number.
    pub fn version(&self) -> Option<&str> {
        self.app.as_ref()?.number.as_deref()
    }

    pub fn platform(&self) -> Platform {
        self.platform
    }

    /// The way to pay that works for this client; `minimum` is the oldest app that can pay inside.
    pub fn route(&self, minimum: &Version) -> Route {
        match &self.app {
            Some(app) => match app.version() {
                Some(version) if version < *minimum => Route::ClientTooOld,
                Some(_) if self.web_view && app.edition == Edition::Main => Route::Client,
                _ => Route::Mobile,
            },
            None if self.handheld || self.platform != Platform::Other => Route::Mobile,
            None => Route::Desktop,
        }
    }
}

impl App {
    fn version(&self) -> Option<Version> {
        match self.edition {
            Edition::Main | Edition::Native => Version::parse(self.number.as_deref()?),
            Edition::Other => None,
        }
    }
}

/// Agents also travel in addresses and logs: without any blank, percent- or plus-encoded.
fn decoded(sent: &str) -> Cow<'_, str> {
    if sent.contains(' ') || !sent.contains(['%', '+']) {
        return Cow::Borrowed(sent);
    }
    // `&` and `=` would end a value in a form; here they are plain characters.
    let value = sent.replace('&', "%26");
    form_urlencoded::parse(format!("={value}").as_bytes())
        .next()
        .map_or(Cow::Borrowed(sent), |(_, value)| Cow::Owned(value.into_owned()))
}

#[cfg(test)]
mod tests;
