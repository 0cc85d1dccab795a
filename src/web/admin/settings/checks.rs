//! What can be checked of the connection to Weibo, and each result in words: what is right, what is wrong, and
//! how to mend it. Nothing here changes anything.

use crate::settings::Terms;
use crate::settings::keys::Given;
use crate::web::page::Page;
use crate::web::{Error, Shop};
use crate::weibo::Client;
use crate::weibo::probe::{self, Seen, Verdict};
use time::{Duration, OffsetDateTime};
use url::Url;

/// How one check ended.
pub struct Finding {
    pub what: String,
    pub good: bool,
    /// What was found; of a bad one how to mend it.
    pub words: String,
}

/// So far the clocks of two servers may be apart: signatures and time-outs still agree.
const APART: Duration = Duration::seconds(60);

/// All checks, those that ask others at the same time.
pub async fn all(shop: &Shop, frame: &Page, terms: &Terms) -> Result<Vec<Finding>, Error> {
    let given = shop.current.given();
    let mut findings = vec![keys(frame, terms)];
    findings.extend(terms.weibo().ok().map(|client| own_key(frame, client)));
    findings.extend(terms.weibo().ok().map(|client| weibos_keys(frame, client)));
    findings.push(callbacks(shop, frame));
    let home = shop.settings.public_url.join("/robots.txt").map_err(anyhow::Error::from)?;
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
        look(&home, given)
    );
    findings.extend(app.map(|verdict| self::app(frame, &verdict)));
    findings.push(reached(frame, "check-pay", pay));
    findings.push(reached(frame, "check-api", api));
    findings.extend(clocks(frame, pay.or(api), shop.clock.now()));
    findings.push(ourselves(frame, home));
    Ok(findings)
}

/// Where Weibo sends people and messages: to be entered there, letter by letter.
pub fn addresses(shop: &Shop) -> Result<[(&'static str, String); 3], Error> {
    Ok([
        ("callback-redirect", redirect_uri(shop)?.into()),
        ("callback-notify", shop.callbacks.notify.to_string()),
        ("callback-return", shop.callbacks.back.to_string()),
    ])
}

fn redirect_uri(shop: &Shop) -> Result<Url, Error> {
    Ok(shop.settings.public_url.join("/oauth/weibo/callback").map_err(anyhow::Error::from)?)
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

fn finding(frame: &Page, what: &str, good: bool, words: String) -> Finding {
    Finding { what: frame.say(what), good, words }
}

fn keys(frame: &Page, terms: &Terms) -> Finding {
    match terms.weibo() {
        Ok(_) => finding(frame, "check-keys", true, frame.say("check-keys-good")),
        Err(lack) => {
            let names: Vec<String> =
                lack.missing.iter().map(|kind| frame.say(&format!("field-{}", kind.name()))).collect();
            let words = frame.say_with("check-keys-missing", "names", names.join(&frame.say("settings-and")));
            finding(frame, "check-keys", false, words)
        }
    }
}

fn own_key(frame: &Page, client: &Client) -> Finding {
    let key = client.merchant_key();
    if !key.works() {
        return finding(frame, "check-own", false, frame.say("check-own-bad"));
    }
    let good = matches!(key.bits(), 1024 | 2048);
    let words = if good { "check-own-good" } else { "check-own-size" };
    finding(frame, "check-own", good, frame.say_with(words, "bits", key.bits()))
}

fn weibos_keys(frame: &Page, client: &Client) -> Finding {
    let own = client.merchant_key().fingerprint().ok();
    let keys = client.platform_keys();
    let swapped = keys.iter().any(|key| key.fingerprint().ok() == own);
    let words = if swapped {
        frame.say("wrong-key-own-public")
    } else {
        frame.say_with("check-weibos-good", "count", keys.len())
    };
    finding(frame, "check-weibos", !swapped, words)
}

/// A query of our own would mix with Weibo's (weibo-pay.md §13); and no gateway sends money's messages by http.
fn callbacks(shop: &Shop, frame: &Page) -> Finding {
    let all = [&shop.callbacks.notify, &shop.callbacks.back];
    let https = shop.settings.public_url.scheme() == "https";
    let plain = all.iter().all(|url| url.query().is_none());
    let words = if https && plain { "check-callbacks-good" } else { "check-callbacks-http" };
    finding(frame, "check-callbacks", https && plain, frame.say(words))
}

fn app(frame: &Page, verdict: &Verdict) -> Finding {
    let (good, words) = match verdict {
        Verdict::Known => (true, frame.say("check-app-good")),
        Verdict::WrongClient => (false, frame.say("check-app-wrong")),
        Verdict::Unclear { code } => (false, frame.say_with("check-app-unclear", "code", code)),
        Verdict::NoAnswer => (false, frame.say("check-no-answer")),
    };
    finding(frame, "check-app", good, words)
}

/// Any answer shows that the way there is open: an address without a path may well be refused.
fn reached(frame: &Page, what: &str, seen: Option<Seen>) -> Finding {
    match seen {
        Some(seen) => finding(frame, what, true, frame.say_with("check-reached", "status", seen.status)),
        None => finding(frame, what, false, frame.say("check-no-answer")),
    }
}

fn clocks(frame: &Page, seen: Option<Seen>, now: OffsetDateTime) -> Option<Finding> {
    let apart = (now - seen?.at?).abs();
    let good = apart <= APART;
    let words = if good { "check-clock-good" } else { "check-clock-wrong" };
    Some(finding(frame, "check-clock", good, frame.say_with(words, "seconds", apart.whole_seconds())))
}

fn ourselves(frame: &Page, seen: Option<Seen>) -> Finding {
    let good = seen.is_some_and(|seen| seen.status == 200);
    let words = if good { "check-home-good" } else { "check-home-wrong" };
    finding(frame, "check-home", good, frame.say(words))
}
