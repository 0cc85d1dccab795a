//! The account on Weibo in whose name the shop posts: its token is sealed at rest, and nobody is shown it.

mod store;

pub use store::{disconnect, find};

use crate::actor::Actor;
use crate::db::Tx;
use crate::seal::Keyring;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use time::OffsetDateTime;

/// What a token of a speaker's is sealed for: it opens as nothing else.
const TOKEN: &str = "weibo posting token";

/// The account, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    pub uid: i64,
    pub name: String,
    pub expires_at: OffsetDateTime,
    /// Weibo has said that its token is over.
    pub ended_at: Option<OffsetDateTime>,
    /// The key is here that its token is sealed with.
    pub opens: bool,
    pub connected_at: OffsetDateTime,
    pub by: Actor,
}

impl Speaker {
    /// Whether it can post now, as far as we know.
    pub fn is_good(&self, now: OffsetDateTime) -> bool {
        self.opens && self.ended_at.is_none() && self.expires_at > now
    }

    /// Where it is seen on Weibo.
    pub fn page(&self) -> String {
        format!("https://weibo.com/u/{}", self.uid)
    }
}

/// An account that has said yes to Weibo, and that nobody here has confirmed yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    pub uid: i64,
    pub name: String,
    #[serde(with = "time::serde::timestamp")]
    pub expires_at: OffsetDateTime,
    sealed: Vec<u8>,
}

impl Offered {
    /// Weibo has just said whose token this is, and until when it holds.
    pub fn new(
        (uid, name): (i64, String),
        token: &SecretString,
        expires_at: OffsetDateTime,
        keys: &Keyring,
    ) -> anyhow::Result<Offered> {
        let sealed = keys.seal(TOKEN, token.expose_secret().as_bytes())?;
        Ok(Offered { uid, name, expires_at, sealed })
    }
}

/// From now on this one posts.
pub async fn connect(tx: &mut Tx, offered: &Offered, by: &Actor, now: OffsetDateTime) -> sqlx::Result<()> {
    store::save(tx, offered, by, now).await
}

/// Leave to post now.
pub struct Voice {
    pub uid: i64,
    pub token: SecretString,
    sealed: Vec<u8>,
}

/// Nothing when nobody is connected, the token is over, or the key is gone that sealed it.
pub async fn voice(
    conn: &mut PgConnection,
    keys: &Keyring,
    now: OffsetDateTime,
) -> sqlx::Result<Option<Voice>> {
    let kept = store::sealed(conn, now).await?;
    Ok(kept.and_then(|(uid, sealed)| {
        let plain = keys.open(TOKEN, &sealed)?;
        Some(Voice { uid, token: String::from_utf8(plain).ok()?.into(), sealed })
    }))
}

/// Weibo does not know this token any more. One that was connected meanwhile stays.
pub async fn has_ended(tx: &mut Tx, voice: &Voice, now: OffsetDateTime) -> sqlx::Result<()> {
    store::end(tx, &voice.sealed, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn an_offer_survives_its_session_and_says_no_token() {
        let keys = Keyring::parse(&Keyring::fresh()).unwrap();
        let (token, at) = (SecretString::from("2.00SECRET"), datetime!(2026-12-01 00:00 UTC));
        let offered = Offered::new((7, "小店".into()), &token, at, &keys).unwrap();
        let json = serde_json::to_string(&offered).unwrap();
        assert!(!json.contains("SECRET"));
        assert_eq!(serde_json::from_str::<Offered>(&json).unwrap(), offered);
        assert_eq!(keys.open(TOKEN, &offered.sealed).unwrap(), b"2.00SECRET");
        assert_eq!(keys.open("weibo access token", &offered.sealed), None);
    }
}
