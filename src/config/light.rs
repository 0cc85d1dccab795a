//! The light app: whether Weibo's frame may show the shop, and from where.

use super::{Nonsense, Source, duration, switch, url};
use time::Duration;
use url::Url;

/// Everything of the light app that an operator may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LightConfig {
    pub on: bool,
    /// How long after Weibo made it a signed request is taken.
    pub age: Duration,
    /// Whose pages may frame it, as a content security policy names them. Unset: Weibo's.
    pub frames: Option<Vec<String>>,
    /// The application's own address on apps.weibo.com, where Weibo's own dialog leads after signing in.
    pub address: Option<Url>,
}

impl LightConfig {
    pub(super) fn read(from: &Source<'_>) -> Result<LightConfig, Nonsense> {
        Ok(LightConfig {
            on: from.or("WEIPU_LIGHT_APP", "on", switch)?,
            age: from.or("WEIPU_LIGHT_APP_AGE", "5m", age)?,
            frames: from.parsed("WEIPU_LIGHT_APP_FRAMES", frames)?,
            address: from.parsed("WEIPU_LIGHT_APP_URL", on_weibo)?,
        })
    }
}

fn age(text: &str) -> Result<Duration, String> {
    let age = duration(text)?;
    let bounds = Duration::seconds(10)..=Duration::hours(1);
    if bounds.contains(&age) { Ok(age) } else { Err("expected a time from 10s to 1h".into()) }
}

/// Origins, separated by blanks; the first part of a host may be a star.
fn frames(text: &str) -> Result<Vec<String>, String> {
    let origin = |word: &str| {
        let plain = word.replacen("://*.", "://any.", 1);
        let url = url(&plain)?;
        // What a policy would read in another way than we do is not let in.
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'.' | b'-');
        if plain.bytes().all(is_plain) && url.origin().ascii_serialization() == plain {
            Ok(word.to_owned())
        } else {
            Err(format!("{word}: expected an origin such as https://weibo.com or https://*.weibo.com"))
        }
    };
    text.split_ascii_whitespace().map(origin).collect()
}

/// Weibo leads nowhere else (oauth-and-statuses.md §2).
fn on_weibo(text: &str) -> Result<Url, String> {
    let url = url(text)?;
    let ours = url.host_str().is_some_and(|host| host == "weibo.com" || host.ends_with(".weibo.com"));
    if ours {
        Ok(url)
    } else {
        Err("expected an address of weibo.com such as https://apps.weibo.com/shop".into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn light(settings: &[(&str, &str)]) -> Result<LightConfig, Nonsense> {
        let settings: HashMap<_, _> = settings.iter().copied().collect();
        LightConfig::read(&Source { lookup: &|name| settings.get(name).map(|v| (*v).to_owned()) })
    }

    #[test]
    fn it_is_on_and_takes_what_is_five_minutes_old() {
        let light = light(&[]).unwrap();
        assert_eq!(
            (light.on, light.age, light.frames, light.address),
            (true, Duration::minutes(5), None, None)
        );
    }

    #[test]
    fn frames_are_origins() {
        let some =
            light(&[("WEIPU_LIGHT_APP_FRAMES", " https://*.weibo.com  http://127.0.0.1:8090 ")]).unwrap();
        assert_eq!(some.frames.unwrap(), ["https://*.weibo.com", "http://127.0.0.1:8090"]);
        for wrong in
            ["*", "https://*", "weibo.com", "https://weibo.com/", "https://a.b;script-src *", "'none'"]
        {
            let error = light(&[("WEIPU_LIGHT_APP_FRAMES", wrong)]).unwrap_err().to_string();
            assert!(error.starts_with("WEIPU_LIGHT_APP_FRAMES: "), "{error}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for (name, value) in [
            ("WEIPU_LIGHT_APP", "yes"),
            ("WEIPU_LIGHT_APP_AGE", "5"),
            ("WEIPU_LIGHT_APP_AGE", "1s"),
            ("WEIPU_LIGHT_APP_AGE", "1d"),
            ("WEIPU_LIGHT_APP_URL", "https://weibo.com.evil.example/"),
            ("WEIPU_LIGHT_APP_URL", "https://shop.example/light"),
        ] {
            let error = light(&[(name, value)]).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{name}: ")), "{error}");
        }
    }
}
