//! The settings as they are now, in memory. Whoever saves reads them anew at once; other processes follow
//! within the two seconds of `worker`'s recurring look.

use super::keys::{self, Given, Lack, Standing};
use super::store;
use super::{Cards, Delivery, Profile};
use crate::db::Db;
use crate::seal::Keyring;
use crate::weibo;
use secrecy::SecretString;
use std::sync::{Arc, PoisonError, RwLock};
use time::Duration;

/// How often each section was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Versions {
    pub profile: i64,
    pub delivery: i64,
    pub weibo: i64,
    pub cards: i64,
}

impl Versions {
    fn sum(self) -> i64 {
        self.profile + self.delivery + self.weibo + self.cards
    }
}

/// On what terms the shop deals: one moment's settings, all of them together.
pub struct Terms {
    pub profile: Arc<Profile>,
    pub delivery: Delivery,
    pub cards: Cards,
    pub versions: Versions,
    /// What is known of each of Weibo's keys, nothing secret.
    pub standing: Standing,
    weibo: Result<weibo::Client, Lack>,
    fans_secret: Option<SecretString>,
}

impl Terms {
    /// The connection to Weibo; without it the shop cannot take payments or sign anybody in.
    pub fn weibo(&self) -> Result<&weibo::Client, &Lack> {
        self.weibo.as_ref()
    }

    /// What signs the pushes of the fans service; they can be taken before payments can.
    pub fn fans_secret(&self) -> Option<&SecretString> {
        self.fans_secret.as_ref()
    }
}

/// Gives the settings to everybody who asks. Clones share them.
#[derive(Clone)]
pub struct Current(Arc<Inside>);

struct Inside {
    given: Given,
    keys: Keyring,
    order_expiry: Duration,
    kept: RwLock<Option<Arc<Terms>>>,
}

impl Current {
    /// `order_expiry` holds until the merchant sets another.
    pub fn new(given: Given, keys: Keyring, order_expiry: Duration) -> Current {
        Current(Arc::new(Inside { given, keys, order_expiry, kept: RwLock::default() }))
    }

    /// From memory. Only the very first time the database is asked.
    pub async fn terms(&self, db: &Db) -> anyhow::Result<Arc<Terms>> {
        match self.kept() {
            Some(terms) => Ok(terms),
            None => self.look_again(db).await,
        }
    }

    /// Reads them anew. The connection to Weibo is made anew only when its keys have changed.
    pub async fn look_again(&self, db: &Db) -> anyhow::Result<Arc<Terms>> {
        let mut conn = db.reader().await?;
        let row = store::read(&mut conn, self.0.order_expiry).await?;
        let kept = self.kept().filter(|kept| kept.versions.weibo == row.versions.weibo);
        let connected = match kept {
            Some(kept) => keys::Connected {
                standing: kept.standing.clone(),
                weibo: kept.weibo.clone(),
                fans_secret: kept.fans_secret.clone(),
            },
            None => keys::connect(&self.0.given, &self.0.keys, store::keys::read(&mut conn).await?),
        };
        let keys::Connected { standing, weibo, fans_secret } = connected;
        let store::Row { profile, delivery, cards, versions } = row;
        let profile = profile.into();
        Ok(self.keep(Arc::new(Terms { profile, delivery, cards, versions, standing, weibo, fans_secret })))
    }

    /// What the environment says of Weibo.
    pub fn given(&self) -> &Given {
        &self.0.given
    }

    fn kept(&self) -> Option<Arc<Terms>> {
        self.0.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was read last is not always what was saved last: the newest stays. Of the same the first does, so that
    /// all who came at once have one connection to Weibo.
    fn keep(&self, terms: Arc<Terms>) -> Arc<Terms> {
        let mut kept = self.0.kept.write().unwrap_or_else(PoisonError::into_inner);
        match kept.as_ref() {
            Some(newer) if newer.versions.sum() >= terms.versions.sum() => newer.clone(),
            _ => kept.insert(terms).clone(),
        }
    }
}
