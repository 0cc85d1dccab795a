//! The shapes in which Weibo's apps name themselves (user-agents.md §1 to §3), found by plain search.
//! Every function takes the agent and its lower-case copy, in which the same places hold the same words.

use super::{App, Edition, Platform};

/// The Weibo app in an agent, and the platform it names itself; the look-alikes of §4 are none.
pub(super) fn app(text: &str, lower: &str) -> Option<(App, Option<Platform>)> {
    main(text, lower).or_else(|| edition(lower)).or_else(|| native(lower)).or_else(|| numberless(lower))
}

/// The device an agent runs on, by the words all browsers use.
pub(super) fn device(lower: &str) -> Platform {
    // Windows Phone claims to be Android and like an iPhone as well.
    let words = [
        ("windows phone", Platform::WindowsPhone),
        ("iemobile", Platform::WindowsPhone),
        ("ipad", Platform::Ipad),
        ("iphone", Platform::Ios),
        ("ipod", Platform::Ios),
        ("android", Platform::Android),
    ];
    words.iter().find(|(word, _)| lower.contains(word)).map_or(Platform::Other, |(_, platform)| *platform)
}

/// `<device>__weibo__<version>__<platform>__<os>`, wrapped in `Weibo (…)` or bare, cut off anywhere.
fn main(text: &str, lower: &str) -> Option<(App, Option<Platform>)> {
    let mark = "__weibo__";
    let places = || lower.match_indices(mark).map(|(at, _)| at + mark.len());
    // A device may be named so too; the mark that a number follows is the real one.
    let start = places().find(|at| !digits(&lower[*at..]).is_empty()).or_else(|| places().next())?;
    let number = digits(&text[start..]);
    let rest = &lower[start + number.len()..];
    let inside = &rest[..rest.find(')').unwrap_or(rest.len())];
    let word = inside.split_once("__").map_or("", |(_tail, word)| word);
    Some((found(Edition::Main, number), platform_word(word)))
}

/// International and Lite: the name tells the system, then perhaps a device, then the build.
fn edition(lower: &str) -> Option<(App, Option<Platform>)> {
    let names = [
        ("weibointlios_", None),
        ("weiboliteios_", None),
        ("_weibointlandroid_", Some(Platform::Android)),
        ("_weibolite_", Some(Platform::Android)),
    ];
    let (rest, platform) =
        names.iter().find_map(|(name, platform)| Some((after(lower, name)?, *platform)))?;
    let build = rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start_matches('_');
    // The iOS names do not tell an iPad from an iPhone, the words around them do.
    let apple = if device(lower) == Platform::Ipad { Platform::Ipad } else { Platform::Ios };
    Some((found(Edition::Other, digits(build)), platform.or(Some(apple))))
}

/// The app's own network stack, where no web view asks.
fn native(lower: &str) -> Option<(App, Option<Platform>)> {
    if lower.contains("windows8_sina") {
        return Some((found(Edition::Other, ""), Some(Platform::WindowsPhone)));
    }
    underscored(lower).or_else(|| slashed(lower))
}

/// `<model>_<os>_weibo_<version>_android`, `…_htc_new`, `…_iPhone_wifi …`.
fn underscored(lower: &str) -> Option<(App, Option<Platform>)> {
    let mark = "_weibo_";
    lower.match_indices(mark).find_map(|(at, _)| {
        let rest = &lower[at + mark.len()..];
        let number = digits(rest);
        let word = rest[number.len()..].strip_prefix('_')?;
        let platform = if word.starts_with("htc") { Some(Platform::Android) } else { platform_word(word) };
        (!number.is_empty() && platform.is_some()).then(|| (found(Edition::Native, number), platform))
    })
}

/// `Weibo/<build> (iPhone; iOS …)`, `Weibo/<build> CFNetwork/… Darwin/…`.
fn slashed(lower: &str) -> Option<(App, Option<Platform>)> {
    let rest = lower.strip_prefix("weibo/")?;
    let number = digits(rest);
    let behind = rest[number.len()..].trim_start();
    let apple = ["(iphone", "(ipad", "(ipod", "cfnetwork/"].iter().any(|word| behind.starts_with(word));
    let platform = if behind.starts_with("(ipad") { Platform::Ipad } else { Platform::Ios };
    (apple && !number.is_empty()).then(|| (found(Edition::Other, number), Some(platform)))
}

/// ` Weibo (<Apple model id>)`, whole or cut off. Weak, but nobody else is seen to say it.
fn numberless(lower: &str) -> Option<(App, Option<Platform>)> {
    lower.match_indices("weibo").find_map(|(at, name)| {
        let model = lower[at + name.len()..].trim_start_matches(' ').strip_prefix('(')?;
        let (platform, id) = [("iphone", Platform::Ios), ("ipod", Platform::Ios), ("ipad", Platform::Ipad)]
            .iter()
            .find_map(|(word, platform)| Some((*platform, model.strip_prefix(word)?)))?;
        let (generation, variant) = id.split_once(',')?;
        let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let variant = variant.split([')', '_']).next().unwrap_or_default();
        (whole(generation) && whole(variant)).then(|| (found(Edition::Other, ""), Some(platform)))
    })
}

fn found(edition: Edition, number: &str) -> App {
    App { edition, number: (!number.is_empty()).then(|| number.to_owned()) }
}

/// The platform that a word begins to name; `None` leaves it to the rest of the agent.
fn platform_word(word: &str) -> Option<Platform> {
    let words = [
        ("android", Platform::Android),
        ("ipad", Platform::Ipad),
        ("iph", Platform::Ios),
        ("ios", Platform::Ios),
        ("ipod", Platform::Ios),
        ("win", Platform::WindowsPhone),
    ];
    words.iter().find(|(prefix, _)| word.starts_with(prefix)).map(|(_, platform)| *platform)
}

/// The version at the start of `text`: digits with single dots between them.
fn digits(text: &str) -> &str {
    let mut end = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => end = at + 1,
            b'.' if end == at && at > 0 => {}
            _ => break,
        }
    }
    &text[..end]
}

fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    text.split_once(mark).map(|(_, rest)| rest)
}
