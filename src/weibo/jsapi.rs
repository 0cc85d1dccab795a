//! What a page needs for the client's own abilities (jsapi.md §3): a ticket, which never leaves the server, and a
//! signature of the page's address made with it.

use super::client::{CallError, Client, below};
use super::oauth::form;
use anyhow::anyhow;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use secrecy::{ExposeSecret, SecretString};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

const GENERATE: &str = "/oauth2/js_ticket/generate";
/// No ticket is used longer, however long Weibo says that it lives.
const LONGEST: Duration = Duration::seconds(7000);
/// What a page has left to use its signature in.
const LEFT: Duration = Duration::seconds(60);
/// After a failure Weibo is left alone for so long; pages do without.
const PAUSE: Duration = Duration::seconds(30);
/// Nobody waits longer: the page's script has given up by then.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

/// What the page hands to `WeiboJS.init`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Signed {
    pub appkey: String,
    pub timestamp: i64,
    pub noncestr: String,
    pub signature: String,
}

/// How it stands with the ticket.
#[derive(Default)]
pub(super) enum Kept {
    #[default]
    Nothing,
    Ticket {
        text: SecretString,
        until: OffsetDateTime,
    },
    Failed {
        until: OffsetDateTime,
    },
}

impl Kept {
    /// The ticket, or that there is none now; nothing when Weibo has to be asked.
    fn at(&self, now: OffsetDateTime) -> Option<Result<SecretString, NoTicket>> {
        match self {
            Kept::Ticket { text, until } if now < *until => Some(Ok(text.clone())),
            Kept::Failed { until } if now < *until => Some(Err(NoTicket)),
            _ => None,
        }
    }
}

/// Weibo gives no ticket at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no ticket of Weibo's")]
pub struct NoTicket;

impl Client {
    /// Signs the address of a page, as the browser writes it; its fragment does not count. However many ask at
    /// once, Weibo is asked for a ticket once, and after a failure not again for a while.
    pub async fn sign_page(&self, page: &str, now: OffsetDateTime) -> Result<Signed, NoTicket> {
        let ticket = self.ticket(now).await?;
        let (timestamp, noncestr) = (now.unix_timestamp(), Uuid::new_v4().simple().to_string());
        let signature = signature(ticket.expose_secret(), &noncestr, timestamp, page);
        Ok(Signed { appkey: self.settings().app_key.clone(), timestamp, noncestr, signature })
    }

    async fn ticket(&self, now: OffsetDateTime) -> Result<SecretString, NoTicket> {
        let client = self.clone();
        // Of its own: a page that goes away does not leave the next one to ask again.
        let flight = tokio::spawn(async move {
            let mut kept = client.kept_ticket().lock().await;
            if let Some(known) = kept.at(now) {
                return known;
            }
            *kept = client.fetch_ticket(now).await;
            kept.at(now).unwrap_or(Err(NoTicket))
        });
        flight.await.unwrap_or(Err(NoTicket))
    }

    async fn fetch_ticket(&self, now: OffsetDateTime) -> Kept {
        let asked = tokio::time::timeout(PATIENCE, self.generate_ticket()).await;
        match asked.unwrap_or_else(|_| Err(CallError::Unknown(anyhow!("no answer in time")))) {
            Ok((text, lives)) => Kept::Ticket { text, until: now + (lives - LEFT).min(LONGEST) },
            Err(error) => {
                tracing::warn!(%error, "no ticket for the client's interface: pages do without");
                Kept::Failed { until: now + PAUSE }
            }
        }
    }

    /// A fresh ticket and how long it lives: more than [`LEFT`].
    async fn generate_ticket(&self) -> Result<(SecretString, Duration), CallError> {
        let secret = self.settings().app_secret.expose_secret();
        let form = form([("client_id", &self.settings().app_key), ("client_secret", secret)]);
        let address = below(&self.settings().addresses.oauth, GENERATE);
        let answer = self.post(&address, &form).await?.api()?;
        let text = answer.text("js_ticket").filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| CallError::garbled("js_ticket"))?;
        let lives = answer.whole("expire_time").filter(|seconds| *seconds > LEFT.whole_seconds());
        let lives = lives.ok_or_else(|| CallError::garbled("expire_time"))?;
        Ok((text.into(), Duration::seconds(lives.min(LONGEST.whole_seconds() * 2))))
    }
}

/// In this order, every value as it is (§3).
fn signature(ticket: &str, noncestr: &str, timestamp: i64, page: &str) -> String {
    let page = page.split('#').next().unwrap_or_default();
    let text = format!("jsapi_ticket={ticket}&noncestr={noncestr}&timestamp={timestamp}&url={page}");
    data_encoding::HEXLOWER.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

#[cfg(test)]
mod tests;
