//! Reads what stands behind a link, as Weibo would (cards.md §1, §3): asks the shop's object callback, and reads the
//! page's own meta tags where that refuses. Bounded, and only the shop itself is ever asked, on this machine.

mod tags;

use super::Sandbox;
use super::deliver::local;
use super::world::statuses::Card;
use futures_util::stream::{self, StreamExt};
use reqwest::header::LOCATION;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use url::Url;

/// Where the shop's callback is, as its merchant has entered it.
const CALLBACK: &str = "/cards/object";
/// What its answer calls the price, as she has entered it: an amount in fen.
const PRICE_FIELD: &str = "price_fen";

/// More of a page or an answer is not read.
const LONGEST: usize = 512 * 1024;
/// A page may lead on so often.
const REDIRECTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(2);
/// What is not read by then is not waited for: somebody is looking at the stream.
const ALTOGETHER: Duration = Duration::from_secs(3);
/// So many links are read at once, and no more than these for one view.
const AT_ONCE: usize = 8;
const MOST: usize = 40;

/// What stands behind a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The callback has answered.
    Object(Card),
    /// It refused, and the page says so much of itself.
    Page(Card),
    /// It refused, and so did the page, or the page says nothing.
    Nothing,
    /// Not on this machine, not the shop's, or nobody answered what can be read: too busy, asked too often.
    Unread,
}

impl Read {
    /// The card to be drawn below a status with this one, which its author has posted.
    pub(super) fn over(&self, posted: Option<&Card>) -> Option<Card> {
        match self {
            Read::Object(card) | Read::Page(card) => Some(card.clone()),
            Read::Nothing => {
                posted.map(|card| Card { price: String::new(), stock: "已失效".into(), ..card.clone() })
            }
            Read::Unread => posted.cloned(),
        }
    }
}

impl Sandbox {
    /// What stands behind this link now.
    pub async fn reads(&self, link: &str) -> Read {
        let Some((url, shop)) = local(link).zip(self.0.settings.shop_url.as_ref()) else {
            return Read::Unread;
        };
        if url.origin() != shop.origin() {
            return Read::Unread;
        }
        match self.object(&url, shop).await {
            Ok(Some(card)) => Read::Object(card),
            Ok(None) => match self.page(url).await {
                Ok(Some(card)) => Read::Page(card),
                Ok(None) => Read::Nothing,
                Err(_) => Read::Unread,
            },
            Err(_) => Read::Unread,
        }
    }

    /// The same for many, each once; what cannot be read in time is left out.
    pub(super) async fn reads_all(&self, links: BTreeSet<String>) -> HashMap<String, Read> {
        let each = links.into_iter().take(MOST).map(async |link| {
            let read = self.reads(&link).await;
            (link, read)
        });
        let reads = stream::iter(each).buffer_unordered(AT_ONCE);
        reads.take_until(tokio::time::sleep(ALTOGETHER)).collect().await
    }

    /// What the callback says; nothing where it refuses, which is not the same as that it cannot answer now.
    async fn object(&self, url: &Url, shop: &Url) -> anyhow::Result<Option<Card>> {
        let mut callback = shop.join(CALLBACK)?;
        callback.query_pairs_mut().append_pair("url", url.as_str());
        let answer = self.0.sender.get(callback).timeout(PATIENCE).send().await?;
        if is_refusal(answer.status()) {
            return Ok(None);
        }
        let object: Value = serde_json::from_str(&text(answer.error_for_status()?).await?)?;
        let card = card_of_object(&object, url);
        Ok(Some(card.ok_or_else(|| anyhow::anyhow!("this is no object"))?))
    }

    /// What the page says of itself; nothing where there is none. A short link is only looked at: a reader's visit is
    /// no click.
    async fn page(&self, mut url: Url) -> anyhow::Result<Option<Card>> {
        for _ in 0..=REDIRECTS {
            let method = if is_short(&url) { Method::HEAD } else { Method::GET };
            let answer = self.0.sender.request(method, url.clone()).timeout(PATIENCE).send().await?;
            if answer.status().is_redirection() {
                let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                let to = to.and_then(|to| url.join(to).ok()).filter(|to| to.origin() == url.origin());
                let Some(to) = to else { return Ok(None) };
                url = to;
                continue;
            }
            if is_refusal(answer.status()) {
                return Ok(None);
            }
            return Ok(card_of_page(&text(answer.error_for_status()?).await?, &url));
        }
        Ok(None)
    }
}

/// Whether this says that there is nothing; any other failure passes.
fn is_refusal(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND | StatusCode::GONE)
}

fn is_short(url: &Url) -> bool {
    let path = url.path();
    path.strip_prefix("/en").unwrap_or(path).starts_with("/s/")
}

/// As much of an answer as is read.
async fn text(mut answer: reqwest::Response) -> anyhow::Result<String> {
    let mut all = Vec::new();
    while all.len() < LONGEST
        && let Some(chunk) = answer.chunk().await?
    {
        all.extend_from_slice(&chunk);
    }
    all.truncate(LONGEST);
    Ok(String::from_utf8_lossy(&all).into_owned())
}

/// A card leads where the link did: how somebody came shall not get lost.
fn card_of_object(object: &Value, link: &Url) -> Option<Card> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let data = &object["custom_data"];
    let price = data[PRICE_FIELD].as_i64().filter(|fen| *fen >= 0);
    let stock = data["stock"].as_u64().map(|pieces| match pieces {
        0 => "已售罄".to_owned(),
        pieces => format!("余 {pieces} 件"),
    });
    object["object_type"].as_str()?;
    usable(Card {
        url: link.to_string(),
        title: text(&object["display_name"]),
        image: text(&object["image"]["url"]),
        price: price.map(|fen| format!("¥{}.{:02}", fen / 100, fen % 100)).unwrap_or_default(),
        stock: stock.unwrap_or_default(),
    })
}

fn card_of_page(page: &str, link: &Url) -> Option<Card> {
    let metas = tags::metas(page);
    let of = |wanted: &str| metas.iter().find(|(name, _)| name == wanted).map(|(_, content)| content.clone());
    // A page that does not say what it is becomes no object.
    of("og:type").or_else(|| of("weibo:type"))?;
    usable(Card {
        url: link.to_string(),
        title: of("og:title")?,
        image: of("og:image").unwrap_or_default(),
        price: String::new(),
        stock: String::new(),
    })
}

fn usable(card: Card) -> Option<Card> {
    Some(card).filter(|card| !card.title.trim().is_empty() && card.leads_somewhere())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn link() -> Url {
        Url::parse("http://127.0.0.1:8080/s/0aZ45678").unwrap()
    }

    #[test]
    fn an_object_becomes_a_card_that_leads_where_the_link_did() {
        let object = json!({
            "object_type": "product", "display_name": "山间杯", "url": "http://127.0.0.1:8080/p/mug",
            "image": { "url": "http://127.0.0.1:8080/pictures/a.jpg" },
            "custom_data": { "price_fen": 3905, "stock": 0 }
        });
        let card = card_of_object(&object, &link()).unwrap();
        assert_eq!(
            (card.url.as_str(), card.price.as_str(), card.stock.as_str()),
            (link().as_str(), "¥39.05", "已售罄")
        );
        for broken in [
            json!({}),
            json!([]),
            json!("x"),
            json!({ "display_name": "x" }),
            json!({ "object_type": "product" }),
            json!({ "object_type": "product", "display_name": "x", "image": { "url": "javascript:alert(1)" } }),
        ] {
            assert_eq!(card_of_object(&broken, &link()), None, "{broken}");
        }
    }

    #[test]
    fn a_page_says_what_it_is_or_is_nothing() {
        let page = "<meta property=og:type content=product><meta property=og:title content=\"杯 &amp; 壶\">";
        assert_eq!(card_of_page(page, &link()).unwrap().title, "杯 & 壶");
        for nothing in ["", "<meta property=og:title content=x>", "<meta property=og:type content=product>"] {
            assert_eq!(card_of_page(nothing, &link()), None, "{nothing}");
        }
    }

    #[test]
    fn only_what_says_so_is_a_refusal() {
        let all = (100..600).filter_map(|code| StatusCode::from_u16(code).ok());
        let refusals: Vec<_> =
            all.filter(|status| is_refusal(*status)).map(|status| status.as_u16()).collect();
        assert_eq!(refusals, [400, 404, 410]);
    }

    #[tokio::test]
    async fn a_shop_that_never_answers_does_not_hold_the_stream() {
        // It takes connections and says nothing.
        let mute = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let shop = Url::parse(&format!("http://{}/", mute.local_addr().unwrap())).unwrap();
        let settings = crate::sandbox::Settings::demo(shop.clone(), Some(shop.clone()), None).unwrap();
        let sandbox = Sandbox::new(settings, crate::clock::Clock::system()).unwrap();
        let links = (0..MOST).map(|n| format!("{shop}p/{n}")).collect();
        let begun = std::time::Instant::now();
        let read = sandbox.reads_all(links).await;
        assert!(begun.elapsed() < ALTOGETHER + PATIENCE, "{:?}", begun.elapsed());
        assert!(read.len() < MOST && read.values().all(|read| *read == Read::Unread), "{read:?}");
    }
}
