//! Fans, played by the sandbox, and what the shop knows of them.

use super::TestShop;
use super::browser::{Ask, Browser};
use super::page::Page;
use std::sync::atomic::{AtomicU64, Ordering};
use weipu::fans::rules::{Answer, Cause, Rule, RuleId};
use weipu::fans::{self, Fan, Message};
use weipu::sandbox::SignedPacket;
use weipu::weibo::messages::sign_push;

/// The account that fans write to, and one of them.
pub const ACCOUNT: i64 = 7_000_000_001;
pub const LI: i64 = 7_000_000_002;
pub const HOOK: &str = "/hooks/weibo/fans";

static NONCES: AtomicU64 = AtomicU64::new(57_000_001);

impl TestShop {
    /// Weibo knows where the shop listens.
    pub async fn binds(&self) {
        self.weibo.sandbox.bind_fans(self.base.join(HOOK).unwrap().as_str()).await.unwrap();
    }

    /// A query that Weibo has just signed.
    pub fn signed_now(&self) -> String {
        let timestamp = (self.clock.now().unix_timestamp_nanos() / 1_000_000).to_string();
        self.signed_at(&timestamp)
    }

    pub fn signed_at(&self, timestamp: &str) -> String {
        let nonce = NONCES.fetch_add(1, Ordering::Relaxed).to_string();
        let secret =
            weipu::sandbox::Settings::demo(self.sandbox_base.clone(), None, None).unwrap().app_secret;
        let signature = sign_push(&secret.into(), timestamp, &nonce);
        format!("signature={signature}&timestamp={timestamp}&nonce={nonce}")
    }

    /// Sends something to the hook as it is.
    pub async fn pushes(&self, query: &str, body: impl Into<Vec<u8>>) -> Page {
        let mut line: Browser = self.phone().browser;
        let to = line.at(&format!("{HOOK}?{query}"));
        line.send(Ask::post(to, body)).await
    }

    /// The same, signed by Weibo.
    pub async fn hears(&self, body: impl Into<Vec<u8>>) -> Page {
        self.pushes(&self.signed_now(), body).await
    }

    pub async fn hears_packet(&self, packet: &SignedPacket) -> Page {
        self.pushes(&packet.query, packet.body.clone()).await
    }

    pub async fn fan(&self, uid: i64) -> Fan {
        let mut conn = self.database.connect().await;
        fans::find(&mut conn, uid).await.unwrap().expect("she is known")
    }

    /// All that was said between a fan and the shop, the oldest first.
    pub async fn words_with(&self, uid: i64) -> Vec<Message> {
        let mut conn = self.database.connect().await;
        let mut all = fans::latest(&mut conn, uid, None, 1000).await.unwrap();
        all.reverse();
        all
    }

    pub async fn conversation(&self, uid: i64) -> fans::Conversation {
        let mut conn = self.database.connect().await;
        fans::conversation(&mut conn, uid).await.unwrap().expect("they have talked")
    }

    pub async fn has_rule(&self, rule: Rule) -> RuleId {
        let mut tx = self.app.shop.db.begin().await.unwrap();
        let id = fans::rules::add(&mut tx, &rule).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// A rule that says one thing.
    pub async fn says_when(&self, cause: Cause, text: &str) -> RuleId {
        self.has_rule(rule(cause, Answer::Text { texts: vec![text.into()] })).await
    }
}

pub fn rule(cause: Cause, answer: Answer) -> Rule {
    Rule {
        name: "规则".into(),
        is_on: true,
        cause,
        hours: None,
        answer,
        begins_at: None,
        ends_at: None,
        goes_on: false,
    }
}

pub fn contains(word: &str) -> Cause {
    Cause::Contains { words: vec![word.into()] }
}
