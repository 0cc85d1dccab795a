//! Weibo's keys: those of the environment first, else those that the merchant entered, sealed; and the
//! connection that they make. Once entered, a key is never shown again.

mod entry;
mod given;

pub use entry::{Entry, Typed, Wrong, enter, remove_fans_secret, remove_public};
pub use given::Given;

use super::store::keys::Kept;
use crate::actor::Actor;
use crate::seal::Keyring;
use crate::weibo;
use crate::weibo::signature::{SigningKey, VerifyingKey};
use anyhow::Context;
use secrecy::SecretString;
use time::OffsetDateTime;

/// What there is of Weibo's keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    AppKey,
    AppSecret,
    /// The Weibo uid of the account approved for Weibo Pay.
    SellerId,
    /// Ours, to sign with.
    PrivateKey,
    /// Weibo's, to verify its messages with. Several, while Weibo changes them.
    PublicKey,
    /// Of the fans service: what its calls are made with. It belongs to the account, not to the application.
    FansToken,
    /// Signs what the fans service pushes; where it is not set, the app secret does.
    FansSecret,
}

impl Kind {
    /// Those without which there is no connection.
    pub const ALL: [Kind; 5] =
        [Kind::AppKey, Kind::AppSecret, Kind::SellerId, Kind::PrivateKey, Kind::PublicKey];
    /// Those of the fans service, which a shop may do without.
    pub const FANS: [Kind; 2] = [Kind::FansToken, Kind::FansSecret];

    fn every() -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().chain(Kind::FANS)
    }

    /// The word in the database, and the name of the input.
    pub fn name(self) -> &'static str {
        match self {
            Kind::AppKey => "app_key",
            Kind::AppSecret => "app_secret",
            Kind::SellerId => "seller_id",
            Kind::PrivateKey => "private_key",
            Kind::PublicKey => "public_key",
            Kind::FansToken => "fans_token",
            Kind::FansSecret => "fans_secret",
        }
    }

    pub fn parse(name: &str) -> Option<Kind> {
        Kind::every().find(|kind| kind.name() == name)
    }

    /// What the environment calls it.
    pub fn environment(self) -> &'static str {
        match self {
            Kind::AppKey => "WEIBO_APP_KEY",
            Kind::AppSecret => "WEIBO_APP_SECRET",
            Kind::SellerId => "WEIBO_PAY_SELLER_ID",
            Kind::PrivateKey => "WEIBO_PAY_PRIVATE_KEY",
            Kind::PublicKey => "WEIBO_PAY_PUBLIC_KEY",
            Kind::FansToken => "WEIBO_FANS_TOKEN",
            Kind::FansSecret => "WEIBO_FANS_SECRET",
        }
    }

    /// What only this kind opens.
    fn purpose(self) -> String {
        format!("weibo {}", self.name())
    }
}

/// Where a key comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Environment,
    Entered {
        at: OffsetDateTime,
        by: Actor,
        /// False when the shop's secret key has changed since: it has to be entered again.
        opens: bool,
    },
}

/// All that may be told of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub kind: Kind,
    /// The fingerprint of its public half, or its last letters.
    pub mark: String,
    pub source: Source,
}

/// All that may be told of all keys.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing(Vec<Known>);

impl Standing {
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Known> {
        self.0.iter().filter(move |known| known.kind == kind)
    }

    /// Set by the environment: what the merchant enters would change nothing.
    pub fn is_given(&self, kind: Kind) -> bool {
        self.of(kind).any(|known| known.source == Source::Environment)
    }

    fn has_mark(&self, kind: Kind, mark: &str) -> bool {
        self.of(kind).any(|known| known.mark == mark)
    }
}

/// Why there is no connection to Weibo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    /// Not there, or not to be opened.
    pub missing: Vec<Kind>,
}

/// What the keys make.
pub(super) struct Connected {
    pub standing: Standing,
    pub weibo: Result<weibo::Client, Lack>,
    /// What signs the pushes of the fans service.
    pub fans_secret: Option<SecretString>,
}

/// Puts together what is known, and connects when nothing is missing.
pub(super) fn connect(given: &Given, ring: &Keyring, entered: Vec<Kept>) -> Connected {
    let mut known = given.known();
    let mut found = given.clone();
    for kept in entered.into_iter().filter(|kept| !given.has(kept.kind)) {
        let opened = ring.open(&kept.kind.purpose(), &kept.sealed).context("sealed with another key");
        let read = opened.and_then(|plain| found.take(kept.kind, String::from_utf8(plain)?));
        if let Err(error) = &read {
            tracing::error!(
                kind = kept.kind.name(),
                error = format!("{error:#}"),
                "a key of Weibo's is lost"
            );
        }
        if matches!(kept.kind, Kind::AppKey | Kind::SellerId | Kind::PrivateKey) {
            found.known_since = found.known_since.max(Some(kept.set_at));
        }
        let source = Source::Entered { at: kept.set_at, by: kept.by, opens: read.is_ok() };
        known.push(Known { kind: kept.kind, mark: kept.mark, source });
    }
    let fans_secret = found.fans_secret.clone().or_else(|| found.app_secret.clone());
    Connected { standing: Standing(known), weibo: found.connect(), fans_secret }
}

impl Given {
    /// Fills in one key that the environment does not give.
    fn take(&mut self, kind: Kind, plain: String) -> anyhow::Result<()> {
        match kind {
            Kind::AppKey => self.app_key = Some(plain),
            Kind::AppSecret => self.app_secret = Some(SecretString::from(plain)),
            Kind::SellerId => self.seller_id = Some(plain),
            Kind::PrivateKey => self.merchant_key = Some(SigningKey::parse(&plain)?),
            Kind::PublicKey => self.platform_keys.push(VerifyingKey::parse(&plain)?),
            Kind::FansToken => self.fans_token = Some(SecretString::from(plain)),
            Kind::FansSecret => self.fans_secret = Some(SecretString::from(plain)),
        }
        Ok(())
    }
}
