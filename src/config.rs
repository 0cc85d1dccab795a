//! Environment -> typed settings. What makes no sense is refused at start, in one sentence.

mod light;
mod place;

pub use light::LightConfig;

use crate::files::Place;
use crate::seal::Keyring;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use time::Duration;
use url::Url;

/// Every setting of the shop. README has the table.
#[derive(Clone)]
pub struct Config {
    pub data_dir: PathBuf,
    pub postgres_bin: Option<PathBuf>,
    /// Unset: the private Postgres in the data folder.
    pub database_url: Option<SecretString>,
    pub bind: SocketAddr,
    pub operations_bind: SocketAddr,
    pub sandbox_bind: SocketAddr,
    pub phone_bind: SocketAddr,
    /// The only base of absolute addresses.
    pub public_url: Option<Url>,
    pub keys: Option<Keyring>,
    /// So many hops in front of the shop have their forwarding header believed.
    pub trusted_proxies: usize,
    pub order_expiry: Duration,
    /// Unset: a folder in the data folder.
    pub files: Option<Place>,
    pub light: LightConfig,
    pub weibo: WeiboConfig,
}

/// The application, the merchant and Weibo's addresses. What is unset is the sandbox's in the demo, and
/// Weibo's own otherwise.
#[derive(Clone)]
pub struct WeiboConfig {
    pub app_key: Option<String>,
    pub app_secret: Option<SecretString>,
    pub seller_id: Option<String>,
    pub private_key: Option<SecretString>,
    /// One or more PEM keys, one after the other.
    pub public_keys: Option<String>,
    pub fans_token: Option<SecretString>,
    /// Unset: the app secret.
    pub fans_secret: Option<SecretString>,
    pub pay_url: Option<Url>,
    pub api_url: Option<Url>,
    pub oauth_url: Option<Url>,
    pub oauth_mobile_url: Option<Url>,
    pub share_url: Option<Url>,
    pub messages_url: Option<Url>,
    pub upload_url: Option<Url>,
    pub script_url: Option<Url>,
    /// By which calls statuses are read again; nothing where that is switched off.
    pub status_path: Option<String>,
    pub own_statuses_path: Option<String>,
    pub appclient: bool,
    /// Whether pages in the client load Weibo's mobile.js, and from where.
    pub jsapi: bool,
    pub jsapi_url: Option<Url>,
    pub minimum_version: String,
    pub require_signed_return: bool,
    /// Where somebody with too old a client finds a new one.
    pub update_url: Url,
    /// How the order text of Weibo's SDK is made.
    pub sdk_order_text: Option<String>,
    /// The account that buyers are asked to follow, and what opens it inside the client.
    pub official_uid: Option<String>,
    pub follow_link: Option<String>,
    /// A notice of Weibo's as it came, for `weipu doctor` to verify.
    pub pay_vector: Option<String>,
}

/// A setting that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{name}: {why}")]
pub struct Nonsense {
    name: String,
    why: String,
}

impl Config {
    /// Reads the environment of this process.
    pub fn from_env() -> Result<Config, Nonsense> {
        Config::read(&Source { lookup: &|name| std::env::var(name).ok() })
    }

    /// Reads from any source of names and values.
    pub fn read(from: &Source<'_>) -> Result<Config, Nonsense> {
        let expiry = from.or("WEIPU_ORDER_EXPIRY", "30m", duration)?;
        if expiry < Duration::minutes(1) {
            return Err(nonsense("WEIPU_ORDER_EXPIRY", "a minute is the least a buyer needs"));
        }
        Ok(Config {
            data_dir: from.text("WEIPU_DATA_DIR")?.unwrap_or_else(|| ".weipu".into()).into(),
            postgres_bin: from.text("WEIPU_PG_BIN")?.map(PathBuf::from),
            database_url: from.text("DATABASE_URL")?.map(SecretString::from),
            bind: from.or("WEIPU_BIND", "127.0.0.1:8080", address)?,
            operations_bind: from.or("WEIPU_OPERATIONS_BIND", "127.0.0.1:9080", address)?,
            sandbox_bind: from.or("WEIPU_SANDBOX_BIND", "127.0.0.1:8090", address)?,
            phone_bind: from.or("WEIPU_PHONE_BIND", "127.0.0.1:8091", address)?,
            public_url: from.parsed("WEIPU_PUBLIC_URL", origin)?,
            keys: from.parsed("WEIPU_SECRET_KEY", |t| Keyring::parse(t).map_err(|e| e.to_string()))?,
            trusted_proxies: from.or("WEIPU_TRUSTED_PROXIES", "0", count)?,
            order_expiry: expiry,
            files: place::read(from)?,
            light: LightConfig::read(from)?,
            weibo: WeiboConfig::read(from)?,
        })
    }
}

impl WeiboConfig {
    fn read(from: &Source<'_>) -> Result<WeiboConfig, Nonsense> {
        Ok(WeiboConfig {
            app_key: from.text("WEIBO_APP_KEY")?,
            app_secret: from.text("WEIBO_APP_SECRET")?.map(SecretString::from),
            seller_id: from.text("WEIBO_PAY_SELLER_ID")?,
            private_key: from.text("WEIBO_PAY_PRIVATE_KEY")?.map(SecretString::from),
            public_keys: from.text("WEIBO_PAY_PUBLIC_KEY")?,
            fans_token: from.text("WEIBO_FANS_TOKEN")?.map(SecretString::from),
            fans_secret: from.text("WEIBO_FANS_SECRET")?.map(SecretString::from),
            pay_url: from.parsed("WEIBO_PAY_URL", url)?,
            api_url: from.parsed("WEIBO_API_URL", url)?,
            oauth_url: from.parsed("WEIBO_OAUTH_URL", url)?,
            oauth_mobile_url: from.parsed("WEIBO_OAUTH_MOBILE_URL", url)?,
            share_url: from.parsed("WEIBO_SHARE_URL", url)?,
            messages_url: from.parsed("WEIBO_MESSAGES_URL", url)?,
            upload_url: from.parsed("WEIBO_UPLOAD_URL", url)?,
            script_url: from.parsed("WEIBO_SCRIPT_URL", url)?,
            status_path: from.or("WEIBO_STATUS_PATH", "/2/statuses/show.json", call)?,
            own_statuses_path: from.or("WEIBO_OWN_STATUSES_PATH", "/2/statuses/user_timeline.json", call)?,
            appclient: from.or("WEIBO_APPCLIENT", "on", switch)?,
            jsapi: from.or("WEIBO_JSAPI", "on", switch)?,
            jsapi_url: from.parsed("WEIBO_JSAPI_URL", url)?,
            minimum_version: from.or("WEIBO_MINIMUM_VERSION", "4.3.0", version)?,
            require_signed_return: from.or("WEIBO_PAY_SIGNED_RETURN", "off", switch)?,
            update_url: from.or("WEIBO_UPDATE_URL", "https://weibo.com/client", url)?,
            sdk_order_text: from.text("WEIPU_SDK_ORDER_TEXT")?,
            official_uid: from.text("WEIPU_OFFICIAL_UID")?,
            follow_link: from.text("WEIPU_FOLLOW_LINK")?,
            pay_vector: from.text("WEIBO_PAY_VECTOR")?,
        })
    }
}

/// Where settings come from. Each may also stand in a file that `NAME_FILE` names.
pub struct Source<'a> {
    pub lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl Source<'_> {
    /// `None` when unset or empty.
    fn text(&self, name: &str) -> Result<Option<String>, Nonsense> {
        let direct = (self.lookup)(name).filter(|text| !text.is_empty());
        let Some(path) = (self.lookup)(&format!("{name}_FILE")).filter(|path| !path.is_empty()) else {
            return Ok(direct);
        };
        if direct.is_some() {
            return Err(nonsense(name, "is set both directly and as a file: unset one of them"));
        }
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Err(error) => Err(nonsense(name, &format!("the file {path} cannot be read: {error}"))),
        }
    }

    fn parsed<T>(
        &self,
        name: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, Nonsense> {
        self.text(name)?.map(|text| parse(&text).map_err(|why| nonsense(name, &why))).transpose()
    }

    fn or<T>(
        &self,
        name: &str,
        default: &str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, Nonsense> {
        let text = self.text(name)?;
        parse(text.as_deref().unwrap_or(default)).map_err(|why| nonsense(name, &why))
    }
}

fn nonsense(name: &str, why: &str) -> Nonsense {
    Nonsense { name: name.into(), why: why.into() }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an address and port such as 127.0.0.1:8080".into())
}

/// The path of a call of Weibo's API, or `off`.
fn call(text: &str) -> Result<Option<String>, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '.');
    match text {
        "off" => Ok(None),
        path if path.starts_with('/') && path.chars().all(plain) => Ok(Some(path.to_owned())),
        _ => Err("expected a path such as /2/statuses/show.json, or off".into()),
    }
}

/// An address without user, query or fragment.
fn url(text: &str) -> Result<Url, String> {
    let expected = || "expected an address such as https://shop.example".to_owned();
    let url = Url::parse(text).map_err(|_| expected())?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    if matches!(url.scheme(), "http" | "https") && url.has_host() && plain {
        Ok(url)
    } else {
        Err(expected())
    }
}

/// As [`url`], and nothing behind the host: the shop stands at the root.
fn origin(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    if url.path() == "/" { Ok(url) } else { Err("expected an address without a path".into()) }
}

/// `30m`, `2h`, `45s`, `1d`.
fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time such as 30m, 2h or 1d".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| expected())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(expected()),
    };
    let total = number.checked_mul(seconds).filter(|s| (0..=30 * 86_400).contains(s));
    total.map(Duration::seconds).ok_or_else(|| "expected at most 30d".into())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|n| *n <= 10)
        .ok_or_else(|| "expected how many proxies stand in front, 0 to 10".into())
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("expected on or off".into()),
    }
}

fn version(text: &str) -> Result<String, String> {
    let numbers = text.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if numbers { Ok(text.into()) } else { Err("expected a version such as 4.3.0".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(settings: &[(&str, &str)]) -> Result<Config, Nonsense> {
        let settings: HashMap<_, _> = settings.iter().copied().collect();
        Config::read(&Source { lookup: &|name| settings.get(name).map(|v| (*v).to_owned()) })
    }

    #[test]
    fn nothing_set_is_a_demo_on_loopback() {
        let config = read(&[]).unwrap();
        assert!(config.bind.ip().is_loopback() && config.operations_bind.ip().is_loopback());
        assert_eq!(config.order_expiry, Duration::minutes(30));
        assert!(config.database_url.is_none() && config.keys.is_none());
    }

    #[test]
    fn nonsense_is_refused_by_the_name_of_the_setting() {
        for (name, value) in [
            ("WEIPU_BIND", "8080"),
            ("WEIPU_PUBLIC_URL", "shop.example"),
            ("WEIPU_PUBLIC_URL", "https://shop.example/?a=b"),
            ("WEIPU_PUBLIC_URL", "https://shop.example/shop"),
            ("WEIPU_SECRET_KEY", "secret"),
            ("WEIPU_ORDER_EXPIRY", "30"),
            ("WEIPU_ORDER_EXPIRY", "5s"),
            ("WEIPU_ORDER_EXPIRY", "9223372036854775807d"),
            ("WEIPU_ORDER_EXPIRY", "分"),
            ("WEIPU_TRUSTED_PROXIES", "-1"),
            ("WEIPU_FILES", "s4://x"),
            ("WEIPU_FILES", "file:"),
            ("WEIPU_FILES", "s3://"),
            ("WEIPU_FILES", "s3://a/../b"),
            ("WEIPU_FILES", "s3://a b"),
            ("WEIBO_APPCLIENT", "yes"),
            ("WEIBO_JSAPI", "1"),
            ("WEIBO_JSAPI_URL", "mobile.js"),
            ("WEIBO_MINIMUM_VERSION", "4.x"),
        ] {
            let Err(error) = read(&[(name, value)]) else { panic!("{name}={value} was taken") };
            assert!(error.to_string().starts_with(&format!("{name}: ")), "{error}");
            assert!(name != "WEIPU_SECRET_KEY" || !error.to_string().contains(value), "a secret was told");
        }
    }

    #[test]
    fn a_secret_may_stand_in_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "  1900000001\n").unwrap();
        let path = file.path().to_str().unwrap();
        let config = read(&[("WEIBO_APP_KEY_FILE", path)]).unwrap();
        assert_eq!(config.weibo.app_key.as_deref(), Some("1900000001"));
        assert!(read(&[("WEIBO_APP_KEY_FILE", path), ("WEIBO_APP_KEY", "1")]).is_err());
        assert!(read(&[("WEIBO_APP_KEY_FILE", "/nowhere/at/all")]).is_err());
    }
}
