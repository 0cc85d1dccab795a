//! What the environment says of Weibo: keys, which win over those the merchant enters, and all that
//! surrounds them.

use super::{Kind, Known, Lack, Source, Wrong};
use crate::weibo;
use crate::weibo::signature::{SigningKey, VerifyingKey};
use secrecy::SecretString;
use std::time::Duration;
use time::OffsetDateTime;

/// The environment's part of the connection to Weibo.
#[derive(Clone)]
pub struct Given {
    pub app_key: Option<String>,
    pub app_secret: Option<SecretString>,
    pub seller_id: Option<String>,
    pub merchant_key: Option<SigningKey>,
    /// None: the merchant enters them.
    pub platform_keys: Vec<VerifyingKey>,
    pub fans_token: Option<SecretString>,
    pub fans_secret: Option<SecretString>,
    pub addresses: weibo::Addresses,
    pub reading: weibo::statuses::Reading,
    pub require_signed_return: bool,
    pub https_only: bool,
    pub timeout: Duration,
    /// The latest time at which the merchant entered who the shop is.
    pub known_since: Option<OffsetDateTime>,
    /// The fingerprints of keys that everybody has, such as the sandbox's: no shop that takes money may use
    /// them.
    pub everybodys: &'static [&'static str],
}

impl From<weibo::Settings> for Given {
    fn from(all: weibo::Settings) -> Given {
        let (fans_token, fans_secret) = all.fans.map(|fans| (fans.token, fans.secret)).unzip();
        Given {
            fans_token,
            fans_secret,
            app_key: Some(all.app_key),
            app_secret: Some(all.app_secret),
            seller_id: Some(all.seller_id),
            merchant_key: Some(all.merchant_key),
            platform_keys: all.platform_keys,
            addresses: all.addresses,
            reading: all.reading,
            require_signed_return: all.require_signed_return,
            https_only: all.https_only,
            timeout: all.timeout,
            known_since: all.known_since,
            everybodys: &[],
        }
    }
}

impl Given {
    /// Refuses keys that everybody has, and ids that can be none.
    pub fn check(&self) -> Result<(), (Kind, Wrong)> {
        if let Some(app_key) = &self.app_key {
            super::entry::app_key(app_key).map_err(|wrong| (Kind::AppKey, wrong))?;
        }
        if let Some(seller_id) = &self.seller_id {
            super::entry::seller_id(seller_id).map_err(|wrong| (Kind::SellerId, wrong))?;
        }
        if let Some(key) = &self.merchant_key {
            self.refuse_everybodys(&fingerprint(key.fingerprint())).map_err(|w| (Kind::PrivateKey, w))?;
        }
        for key in &self.platform_keys {
            self.refuse_everybodys(&fingerprint(key.fingerprint())).map_err(|w| (Kind::PublicKey, w))?;
        }
        Ok(())
    }

    pub(super) fn refuse_everybodys(&self, fingerprint: &str) -> Result<(), Wrong> {
        if self.everybodys.contains(&fingerprint) { Err(Wrong::Everybodys) } else { Ok(()) }
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::AppKey => self.app_key.is_some(),
            Kind::AppSecret => self.app_secret.is_some(),
            Kind::SellerId => self.seller_id.is_some(),
            Kind::PrivateKey => self.merchant_key.is_some(),
            Kind::PublicKey => !self.platform_keys.is_empty(),
            Kind::FansToken => self.fans_token.is_some(),
            Kind::FansSecret => self.fans_secret.is_some(),
        }
    }

    /// What may be told of the environment's keys.
    pub(super) fn known(&self) -> Vec<Known> {
        let text = |kind, text: Option<&str>| text.map(|text| (kind, mark(text)));
        let hidden =
            |kind, secret: &Option<SecretString>| secret.as_ref().map(|_| (kind, NO_MARK.to_owned()));
        let mut marks: Vec<(Kind, String)> = [
            text(Kind::AppKey, self.app_key.as_deref()),
            hidden(Kind::AppSecret, &self.app_secret),
            text(Kind::SellerId, self.seller_id.as_deref()),
            self.merchant_key.as_ref().map(|key| (Kind::PrivateKey, fingerprint(key.fingerprint()))),
            hidden(Kind::FansToken, &self.fans_token),
            hidden(Kind::FansSecret, &self.fans_secret),
        ]
        .into_iter()
        .flatten()
        .collect();
        marks.extend(self.platform_keys.iter().map(|k| (Kind::PublicKey, fingerprint(k.fingerprint()))));
        let known = |(kind, mark)| Known { kind, mark, source: Source::Environment };
        marks.into_iter().map(known).collect()
    }

    /// The connection, when nothing is missing.
    pub(super) fn connect(self) -> Result<weibo::Client, Lack> {
        let missing: Vec<Kind> = Kind::ALL.into_iter().filter(|kind| !self.has(*kind)).collect();
        let (Some(app_key), Some(app_secret), Some(seller_id), Some(merchant_key), [_, ..]) =
            (self.app_key, self.app_secret, self.seller_id, self.merchant_key, &*self.platform_keys)
        else {
            return Err(Lack { missing });
        };
        let secret = self.fans_secret.unwrap_or_else(|| app_secret.clone());
        let fans = self.fans_token.map(|token| weibo::FansKeys { token, secret });
        let made = weibo::Client::new(weibo::Settings {
            app_key,
            app_secret,
            seller_id,
            merchant_key,
            platform_keys: self.platform_keys,
            fans,
            addresses: self.addresses,
            reading: self.reading,
            require_signed_return: self.require_signed_return,
            https_only: self.https_only,
            timeout: self.timeout,
            known_since: self.known_since,
        });
        made.map_err(|error| {
            tracing::error!(error = format!("{error:#}"), "no connection to Weibo");
            Lack { missing }
        })
    }
}

/// Of a secret nothing is told, only that it is there.
pub(super) const NO_MARK: &str = "…";

/// The last letters of an id; of a short one they would tell too much.
pub(super) fn mark(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let told = if letters.len() >= 10 { &letters[letters.len() - 4..] } else { &[] };
    format!("…{}", told.iter().collect::<String>())
}

pub(super) fn fingerprint(made: anyhow::Result<String>) -> String {
    made.unwrap_or_default()
}
