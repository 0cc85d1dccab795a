//! Sends notices to the merchant: like everything that the sandbox calls, only on this machine.

use super::traffic::{Direction, Exchange};
use super::world::notices::Notice;
use super::{Inner, Sandbox};
use crate::weibo::signature::{Params, write_form};
use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;
use url::{Host, Url};

/// More of an answer is not read.
pub(super) const ANSWER_LIMIT: usize = 64 * 1024;
/// How many payments are told of at once.
const AT_ONCE: usize = 32;

/// One try to send a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub to: String,
    /// As sent, signature included.
    pub fields: Params,
    /// 1 for the first.
    pub attempt: usize,
    pub outcome: Outcome,
    /// When it is tried again; `None` when it was taken or given up.
    pub again_at: Option<OffsetDateTime>,
}

/// How a try ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The merchant said `success`.
    Taken,
    /// It said something else.
    Refused { status: u16, body: String },
    /// It could not be reached, or did not answer in 10 seconds.
    NoAnswer,
    /// The address is not on this machine: nothing was sent.
    NotHere,
}

impl Sandbox {
    /// Sends what is due now. The notices of one payment go in order of time, those due at the same moment
    /// at once; payments do not wait for each other.
    pub async fn deliver_due(&self) -> Vec<Delivery> {
        let _one_at_a_time = self.0.sending.lock().await;
        self.end_refunds();
        let mut by_payment: BTreeMap<String, Vec<Notice>> = BTreeMap::new();
        for notice in self.world().notices.due(self.now()) {
            by_payment.entry(notice.pay_id.clone()).or_default().push(notice);
        }
        let each = by_payment.into_values().map(|notices| self.deliver_in_order(notices));
        let sent: Vec<_> = stream::iter(each).buffered(AT_ONCE).collect().await;
        sent.into_iter().flatten().collect()
    }

    async fn deliver_in_order(&self, notices: Vec<Notice>) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for together in notices.chunk_by(|a, b| a.due_at == b.due_at) {
            deliveries.extend(join_all(together.iter().map(|notice| self.try_to_send(notice))).await);
        }
        deliveries
    }

    async fn try_to_send(&self, notice: &Notice) -> Delivery {
        let key = if notice.forged { &self.0.stranger } else { &self.0.settings.platform_key };
        let mut fields = notice.fields.clone();
        let (sign, outcome) = match (key.sign(&fields), local(&notice.to)) {
            (Ok(sign), Some(to)) => {
                fields.insert("sign_type".into(), "RSA".into());
                fields.insert("sign".into(), sign.clone());
                (sign, self.0.post(to, &fields).await)
            }
            (sign, None) => (sign.unwrap_or_default(), Outcome::NotHere),
            (Err(error), _) => {
                tracing::error!(error = format!("{error:#}"), "a notice could not be signed");
                (String::new(), Outcome::NoAnswer)
            }
        };
        fields.insert("sign".into(), sign);
        let taken = outcome == Outcome::Taken;
        let again_at = self.change(|world, now| world.notices.tried(notice.id, taken, now));
        let delivery =
            Delivery { to: notice.to.clone(), fields, attempt: notice.tries + 1, outcome, again_at };
        self.note(delivery.exchange(self.now()));
        delivery
    }
}

impl Inner {
    async fn post(&self, to: Url, fields: &Params) -> Outcome {
        let request = self
            .sender
            .post(to)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(write_form(fields));
        let Ok(mut response) = request.send().await else { return Outcome::NoAnswer };
        let mut body = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if body.len() < ANSWER_LIMIT => body.extend_from_slice(&chunk),
                Ok(_) => break,
                Err(_) => return Outcome::NoAnswer,
            }
        }
        let status = response.status().as_u16();
        // White space around the word is tolerated (weibo-pay.md §13).
        if status == 200 && body.trim_ascii() == b"success" {
            return Outcome::Taken;
        }
        Outcome::Refused { status, body: String::from_utf8_lossy(&body).chars().take(200).collect() }
    }
}

impl Delivery {
    fn about(&self) -> String {
        let of_refund = || self.fields.get("is_success").map(|is_success| format!("退款 {is_success}"));
        self.fields.get("status").cloned().or_else(of_refund).unwrap_or_default()
    }

    fn exchange(&self, at: OffsetDateTime) -> Exchange {
        let (answer, good) = match &self.outcome {
            Outcome::Taken => ("success".to_owned(), true),
            Outcome::Refused { status, body } if body.is_empty() => (status.to_string(), false),
            Outcome::Refused { status, body } => {
                (format!("{status} {}", body.chars().take(24).collect::<String>()), false)
            }
            Outcome::NoAnswer => ("没有回答".to_owned(), false),
            Outcome::NotHere => ("不在本机，没有发".to_owned(), false),
        };
        let again = if self.attempt > 1 { format!(" · 第 {} 次", self.attempt) } else { String::new() };
        let given_up = if !good && self.again_at.is_none() { " · 放弃" } else { "" };
        Exchange {
            at,
            direction: Direction::ToMerchant,
            method: "POST".into(),
            path: Url::parse(&self.to).map_or_else(|_| "?".into(), |url| url.path().to_owned()),
            about: self.about(),
            answer: format!("{answer}{again}{given_up}"),
            good,
        }
    }
}

/// The address, when it is on this machine. It is parsed as a browser does: `0x7f000001` is 127.0.0.1 too.
pub(super) fn local(to: &str) -> Option<Url> {
    let url = Url::parse(to).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    };
    here.then_some(url)
}

/// A client that follows nothing, asks no proxy and does not wait for long.
pub(super) fn sender() -> anyhow::Result<reqwest::Client> {
    ready_for_tls();
    Ok(reqwest::Client::builder()
        .timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(3))
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()?)
}

/// reqwest is built without a provider of its own and would panic.
pub(super) fn ready_for_tls() {
    // Another room may have installed it before: both mean the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_ever_called() {
        for here in ["http://127.0.0.1:8080/hooks/weibo/pay", "http://localhost/x", "http://[::1]:9/x"] {
            assert!(local(here).is_some(), "{here}");
        }
        for away in
            ["http://shop.example/x", "http://10.0.0.1/x", "http://localhost.evil.example/", "file:///x", ""]
        {
            assert!(local(away).is_none(), "{away}");
        }
        assert!(local("http://[::ffff:127.0.0.1]/").is_none());
    }
}
