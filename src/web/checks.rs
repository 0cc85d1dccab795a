//! What can be checked of the connection to Weibo, and each result in words: what is right, what is wrong, and
//! how to mend it. For the page of keys and for `weipu doctor`. Nothing here changes anything.

use super::Shop;
use super::words::Words;
use crate::settings::Terms;
use crate::settings::keys::Given;
use crate::text::Language;
use crate::weibo::Client;
use crate::weibo::probe::{self, Seen, Verdict};
use time::{Duration, OffsetDateTime};
use url::Url;

/// How one check ended.
#[derive(Debug, Clone)]
pub struct Finding {
    pub what: String,
    pub good: bool,
    /// What was found; of a bad one how to mend it.
    pub words: String,
}

/// So far the clocks of two servers may be apart: signatures and time-outs still agree.
pub const APART: Duration = Duration::seconds(60);

/// A notice that nobody signed.
const UNSIGNED: &str = "notify_type=PAY_STATUS_SUCCESS_B&sign_type=RSA&sign=";

/// All checks in this language, those that ask others at the same time.
pub async fn all(shop: &Shop, language: Language, terms: &Terms) -> anyhow::Result<Vec<Finding>> {
    let (lang, given) = (Words(language), shop.current.given());
    let mut findings = vec![keys(lang, terms)];
    if let Ok(client) = terms.weibo() {
        findings.extend([own_key(lang, given, client), weibos_keys(lang, given, client)]);
    }
    findings.push(callbacks(shop, lang));
    let redirect = redirect_uri(shop)?;
    let app = async {
        match terms.weibo() {
            Ok(client) => Some(client.try_app(&redirect).await),
            Err(_) => None,
        }
    };
    let (app, pay, api, home) = tokio::join!(
        app,
        look(&given.addresses.pay, given),
        look(&given.addresses.api, given),
        from_outside(shop, lang, terms)
    );
    findings.extend(app.map(|verdict| self::app(lang, &verdict)));
    findings.push(reached(lang, "check-pay", pay));
    findings.push(reached(lang, "check-api", api));
    findings.extend(clocks(lang, pay.or(api), shop.clock.now()));
    findings.extend(home?);
    Ok(findings)
}

/// Where Weibo sends people and messages: to be entered there, letter by letter.
pub fn addresses(shop: &Shop) -> anyhow::Result<[(&'static str, String); 5]> {
    Ok([
        ("callback-redirect", redirect_uri(shop)?.into()),
        ("callback-deauthorize", shop.settings.absolute("/hooks/weibo/deauthorize")),
        ("callback-notify", shop.callbacks.notify.to_string()),
        ("callback-refund", shop.callbacks.refund.to_string()),
        ("callback-return", shop.callbacks.back.to_string()),
    ])
}

fn redirect_uri(shop: &Shop) -> anyhow::Result<Url> {
    Ok(shop.settings.public_url.join("/oauth/weibo/callback")?)
}

/// The shop at its public address, as others see it.
async fn from_outside(shop: &Shop, lang: Words, terms: &Terms) -> anyhow::Result<Vec<Finding>> {
    let (given, at) = (shop.current.given(), |path| shop.settings.public_url.join(path));
    let (home, health, metrics) = (at("/robots.txt")?, at("/healthz")?, at("/metrics")?);
    let (home, back, health, metrics, payments, refunds) = tokio::join!(
        look(&home, given),
        look(&shop.callbacks.back, given),
        look(&health, given),
        look(&metrics, given),
        probe::knock(&shop.callbacks.notify, UNSIGNED, given.https_only),
        probe::knock(&shop.callbacks.refund, UNSIGNED, given.https_only)
    );
    let mut findings = vec![ourselves(lang, home)];
    if home.is_some() {
        // Without keys no notice can be judged, and the hook says so.
        if terms.weibo().is_ok() {
            findings.push(hook(lang, "check-hook", payments.ok()));
            findings.push(hook(lang, "check-refund-hook", refunds.ok()));
        }
        findings.extend([self::back(lang, back), operations(lang, [health, metrics])]);
    }
    Ok(findings)
}

async fn look(address: &Url, given: &Given) -> Option<Seen> {
    match probe::look(address, given.https_only).await {
        Ok(seen) => Some(seen),
        Err(error) => {
            tracing::info!(host = address.host_str(), error = format!("{error:#}"), "a check got no answer");
            None
        }
    }
}

fn finding(lang: Words, what: &str, good: bool, words: String) -> Finding {
    Finding { what: lang.say(what), good, words }
}

fn keys(lang: Words, terms: &Terms) -> Finding {
    match terms.weibo() {
        Ok(_) => finding(lang, "check-keys", true, lang.say("check-keys-good")),
        Err(lack) => {
            let names: Vec<String> =
                lack.missing.iter().map(|kind| lang.say(&format!("field-{}", kind.name()))).collect();
            let words = lang.say_with("check-keys-missing", "names", names.join(&lang.say("settings-and")));
            finding(lang, "check-keys", false, words)
        }
    }
}

fn own_key(lang: Words, given: &Given, client: &Client) -> Finding {
    let key = client.merchant_key();
    if !key.works() {
        return finding(lang, "check-own", false, lang.say("check-own-bad"));
    }
    if key.fingerprint().is_ok_and(|mark| given.everybodys.contains(&&*mark)) {
        return finding(lang, "check-own", false, lang.say("wrong-key-everybodys"));
    }
    let good = matches!(key.bits(), 1024 | 2048);
    let words = if good { "check-own-good" } else { "check-own-size" };
    finding(lang, "check-own", good, lang.say_with(words, "bits", key.bits()))
}

fn weibos_keys(lang: Words, given: &Given, client: &Client) -> Finding {
    let own = client.merchant_key().fingerprint().ok();
    let keys = client.platform_keys();
    let marks: Vec<String> = keys.iter().filter_map(|key| key.fingerprint().ok()).collect();
    let words = if marks.iter().any(|mark| Some(mark) == own.as_ref()) {
        Err(lang.say("wrong-key-own-public"))
    } else if marks.iter().any(|mark| given.everybodys.contains(&mark.as_str())) {
        Err(lang.say("wrong-key-everybodys"))
    } else {
        Ok(lang.say_with("check-weibos-good", "count", keys.len()))
    };
    finding(lang, "check-weibos", words.is_ok(), words.unwrap_or_else(|bad| bad))
}

/// A query of our own would mix with Weibo's (weibo-pay.md §13); and no gateway sends money's messages by http.
fn callbacks(shop: &Shop, lang: Words) -> Finding {
    let all = [&shop.callbacks.notify, &shop.callbacks.refund, &shop.callbacks.back];
    let https = shop.settings.public_url.scheme() == "https";
    let plain = all.iter().all(|url| url.query().is_none());
    let (good, words) = match (https, plain, shop.current.given().https_only) {
        (true, true, _) => (true, "check-callbacks-good"),
        (false, true, false) => (true, "check-callbacks-sandbox"),
        _ => (false, "check-callbacks-http"),
    };
    finding(lang, "check-callbacks", good, lang.say(words))
}

fn app(lang: Words, verdict: &Verdict) -> Finding {
    let (good, words) = match verdict {
        Verdict::Known => (true, lang.say("check-app-good")),
        Verdict::WrongClient => (false, lang.say("check-app-wrong")),
        Verdict::Unclear { code } => (false, lang.say_with("check-app-unclear", "code", code)),
        Verdict::NoAnswer => (false, lang.say("check-no-answer")),
    };
    finding(lang, "check-app", good, words)
}

/// Any answer shows that the way there is open: an address without a path may well be refused.
fn reached(lang: Words, what: &str, seen: Option<Seen>) -> Finding {
    match seen {
        Some(seen) => finding(lang, what, true, lang.say_with("check-reached", "status", seen.status)),
        None => finding(lang, what, false, lang.say("check-no-answer")),
    }
}

fn clocks(lang: Words, seen: Option<Seen>, now: OffsetDateTime) -> Option<Finding> {
    let apart = (now - seen?.at?).abs();
    let good = apart <= APART;
    let words = if good { "check-clock-good" } else { "check-clock-wrong" };
    Some(finding(lang, "check-clock", good, lang.say_with(words, "seconds", apart.whole_seconds())))
}

fn ourselves(lang: Words, seen: Option<Seen>) -> Finding {
    let good = seen.is_some_and(|seen| seen.status == 200);
    let words = if good { "check-home-good" } else { "check-home-wrong" };
    finding(lang, "check-home", good, lang.say(words))
}

/// Where notices go: what nobody signed is refused there, by us and not by something in front of us.
fn hook(lang: Words, what: &str, seen: Option<(Seen, String)>) -> Finding {
    let (good, words) = match seen {
        Some((seen, body)) if seen.status == 400 && body == "rejected" => (true, lang.say("check-hook-good")),
        Some((seen, _)) if (300..400).contains(&seen.status) => {
            (false, lang.say_with("check-hook-redirect", "status", seen.status))
        }
        Some((seen, _)) => (false, lang.say_with("check-hook-wrong", "status", seen.status)),
        None => (false, lang.say("check-no-answer")),
    };
    finding(lang, what, good, words)
}

/// Where buyers come back: without any word of Weibo's there is nothing, and it is we who say so.
fn back(lang: Words, seen: Option<Seen>) -> Finding {
    let good = seen.is_some_and(|seen| seen.status == 404 && seen.is_guarded);
    let status = seen.map_or_else(|| "–".to_owned(), |seen| seen.status.to_string());
    let words = if good { "check-back-good" } else { "check-back-wrong" };
    finding(lang, "check-back", good, lang.say_with(words, "status", status))
}

/// What only those who run the machine may see.
fn operations(lang: Words, seen: [Option<Seen>; 2]) -> Finding {
    let good = !seen.iter().flatten().any(|seen| seen.status == 200);
    let words = if good { "check-operations-good" } else { "check-operations-wrong" };
    finding(lang, "check-operations", good, lang.say(words))
}

/// What a rule of the money says that is broken.
pub fn breach(language: Language, rule: &str) -> String {
    Words(language).say(&format!("word-breach-{rule}"))
}
