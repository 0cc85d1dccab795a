//! Fans as the desk knows them: what they said is there, however it came.

use super::TestShop;
use super::buyer::Buyer;
use super::page::{Form, Page};
use sqlx::Row;
use weipu::fans::{self, Conversation, MessageId, State};

/// Who has an account at the sandbox's Weibo too.
pub const ALI: i64 = 7_000_000_002;
pub const ZHOU: i64 = 7_000_000_003;

impl TestShop {
    /// A fan has written, and waits for a person.
    pub async fn heard(&self, fan: i64, text: &str) -> i64 {
        self.heard_as(fan, "text", r#"{"kind":"text"}"#, text).await
    }

    /// The same of any kind of message.
    pub async fn heard_as(&self, fan: i64, kind: &str, content: &str, text: &str) -> i64 {
        let now = self.clock.now();
        let mut tx = self.app.shop.db.begin().await.unwrap();
        fans::meet(&mut tx, fan, now).await.unwrap();
        fans::lock(&mut tx, fan).await.unwrap();
        let sql = "INSERT INTO fan_messages (fan, author, kind, content, text, said_at, state)
             VALUES ($1, 'fan', $2, $3::jsonb, $4, $5, 'heard') RETURNING id";
        let said = sqlx::query(sql).bind(fan).bind(kind).bind(content).bind(text).bind(now);
        let id: i64 = said.fetch_one(&mut *tx).await.unwrap().get(0);
        let acted = sqlx::query("UPDATE fans SET acted_at = $2 WHERE uid = $1").bind(fan).bind(now);
        acted.execute(&mut *tx).await.unwrap();
        let known = fans::lock_conversation(&mut tx, fan).await.unwrap();
        let mut conversation = known.unwrap_or_else(|| Conversation::begun(fan, MessageId(id), now));
        conversation.state = State::Open;
        conversation.unread += 1;
        conversation.waiting_since.get_or_insert(now);
        (conversation.last_at, conversation.last_message) = (now, MessageId(id));
        fans::save_conversation(&mut tx, &conversation).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// What the shop said to her, and what became of it.
    pub async fn said_to(&self, fan: i64) -> Vec<(String, String)> {
        let sql = "SELECT text, state FROM fan_messages WHERE fan = $1 AND author <> 'fan' ORDER BY id";
        let said = sqlx::query_as(sql).bind(fan);
        said.fetch_all(&mut self.database.connect().await).await.unwrap()
    }
}

/// Where the conversation with this fan stands.
pub fn talk(fan: i64) -> String {
    format!("/admin/fans/{fan}")
}

impl Buyer {
    /// In front of the conversation, with this typed.
    pub async fn types(&mut self, fan: i64, text: &str) -> Form {
        self.opens(&talk(fan)).await.form("#answer").with("text", text)
    }

    /// Types it and sends it.
    pub async fn answers(&mut self, fan: i64, text: &str) -> &Page {
        let form = self.types(fan, text).await;
        self.submits(&form).await
    }
}

impl Page {
    /// The fans of a list, in its order.
    pub fn listed(&self) -> Vec<i64> {
        self.all("#rows [data-fan]", "data-fan").iter().map(|fan| fan.parse().unwrap()).collect()
    }
}

impl Buyer {
    /// At Weibo's consent page, with this account.
    pub async fn signs_in_as(&mut self, account: i64) -> &Page {
        let form = self.page().form("form[action='/oauth2/authorize']").with("account", account.to_string());
        self.submits(&form.with("decision", "allow")).await
    }
}
