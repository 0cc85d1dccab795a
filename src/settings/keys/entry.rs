//! What the merchant typed on the page of keys: read, checked, sealed and kept.

use super::given::{NO_MARK, fingerprint, mark};
use super::{Given, Kind, Standing};
use crate::actor::Actor;
use crate::db::Tx;
use crate::seal::Keyring;
use crate::settings::Stale;
use crate::settings::store::keys as store;
use crate::weibo::signature::{KeyError, SigningKey, VerifyingKey};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

/// As it was typed; what is empty stays as it is.
#[derive(Default)]
pub struct Typed {
    pub app_key: String,
    pub app_secret: String,
    pub seller_id: String,
    pub private_key: String,
    /// One or more of Weibo's, which come beside those that are there.
    pub public_key: String,
    pub fans_token: String,
    pub fans_secret: String,
}

/// What is wrong with a key. Says nothing of the key itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("expected 1 to 40 letters and digits")]
    NotAnAppKey,
    #[error("expected 8 to 200 visible letters without blanks")]
    NotASecret,
    #[error("expected 8 to 500 visible letters without blanks")]
    NotAToken,
    #[error("expected a Weibo uid, digits only")]
    NotAUid,
    #[error("{0}")]
    Key(#[from] KeyError),
    #[error("this is a public key, a private one is wanted")]
    Public,
    #[error("this is a private key, which belongs nowhere but in its own field")]
    Private,
    #[error("this is our own public key, Weibo's is wanted")]
    OwnPublic,
    #[error("the key is the sandbox's, which everybody has: set your own")]
    Everybodys,
}

/// Keys that may be kept, each with what may be told of it.
pub struct Entry(Vec<(Kind, SecretString, String)>);

impl Entry {
    /// Everything that is wrong, not only the first. What the environment gives is passed over.
    pub fn read(typed: &Typed, given: &Given, standing: &Standing) -> Result<Entry, Vec<(Kind, Wrong)>> {
        let mut read = Entry(Vec::new());
        let mut wrong = Vec::new();
        for kind in Kind::every().filter(|kind| !given.has(*kind)) {
            let text = typed.of(kind).trim();
            if text.is_empty() {
                continue;
            }
            if let Err(why) = read.take(kind, text, given) {
                wrong.push((kind, why));
            }
        }
        wrong.extend(read.swapped(standing));
        if wrong.is_empty() { Ok(read) } else { Err(wrong) }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Which kinds are set, and what may be told of each.
    pub fn marks(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.0.iter().map(|(kind, _, mark)| (*kind, mark.as_str()))
    }

    fn take(&mut self, kind: Kind, text: &str, given: &Given) -> Result<(), Wrong> {
        let keep = |plain: &str, mark: String| (kind, SecretString::from(plain.to_owned()), mark);
        match kind {
            Kind::AppKey => app_key(text)?,
            Kind::AppSecret | Kind::FansSecret => app_secret(text)?,
            Kind::FansToken => token(text)?,
            Kind::SellerId => seller_id(text)?,
            Kind::PrivateKey => {
                if text.contains("PUBLIC KEY") {
                    return Err(Wrong::Public);
                }
                let mark = fingerprint(SigningKey::parse(text)?.fingerprint());
                given.refuse_everybodys(&mark)?;
                self.0.push(keep(text, mark));
                return Ok(());
            }
            Kind::PublicKey => {
                if text.contains("PRIVATE KEY") || SigningKey::parse(text).is_ok() {
                    return Err(Wrong::Private);
                }
                for key in VerifyingKey::parse_all(text)? {
                    let mark = fingerprint(key.fingerprint());
                    given.refuse_everybodys(&mark)?;
                    let plain = key.to_pem().map_err(|_| KeyError::Broken)?;
                    self.0.push(keep(&plain, mark));
                }
                return Ok(());
            }
        }
        let secret = matches!(kind, Kind::AppSecret | Kind::FansSecret | Kind::FansToken);
        let mark = if secret { NO_MARK.to_owned() } else { mark(text) };
        self.0.push(keep(text, mark));
        Ok(())
    }

    /// Our own public key in the place of Weibo's would let anybody who has ours pass for Weibo.
    fn swapped(&self, standing: &Standing) -> Option<(Kind, Wrong)> {
        let entered = |kind| self.marks().filter(move |(k, _)| *k == kind).map(|(_, mark)| mark);
        let own = |mark: &str| {
            standing.has_mark(Kind::PrivateKey, mark) || entered(Kind::PrivateKey).any(|m| m == mark)
        };
        if entered(Kind::PublicKey).any(own) {
            return Some((Kind::PublicKey, Wrong::OwnPublic));
        }
        let weibos = |mark: &str| standing.has_mark(Kind::PublicKey, mark);
        entered(Kind::PrivateKey).any(weibos).then_some((Kind::PrivateKey, Wrong::OwnPublic))
    }
}

impl Typed {
    fn of(&self, kind: Kind) -> &str {
        match kind {
            Kind::AppKey => &self.app_key,
            Kind::AppSecret => &self.app_secret,
            Kind::SellerId => &self.seller_id,
            Kind::PrivateKey => &self.private_key,
            Kind::PublicKey => &self.public_key,
            Kind::FansToken => &self.fans_token,
            Kind::FansSecret => &self.fans_secret,
        }
    }
}

/// Seals the keys and keeps them over those of `version`.
pub async fn enter(
    tx: &mut Tx,
    ring: &Keyring,
    entry: &Entry,
    version: i64,
    by: &Actor,
    now: OffsetDateTime,
) -> anyhow::Result<Result<(), Stale>> {
    if store::next_version(tx, version).await?.is_err() {
        return Ok(Err(Stale));
    }
    for (kind, plain, mark) in &entry.0 {
        let sealed = ring.seal(&kind.purpose(), plain.expose_secret().as_bytes())?;
        store::put(tx, *kind, (&sealed, mark), by, now).await?;
    }
    Ok(Ok(()))
}

/// Takes one of Weibo's public keys away, by its fingerprint; the last one stays. False when it stays, or is
/// not there.
pub async fn remove_public(tx: &mut Tx, mark: &str, version: i64) -> anyhow::Result<Result<bool, Stale>> {
    if store::next_version(tx, version).await?.is_err() {
        return Ok(Err(Stale));
    }
    Ok(Ok(store::remove_public(tx, mark).await?))
}

/// Takes the secret of the fans service away that was entered, so that the app's holds again. False when there is none.
pub async fn remove_fans_secret(tx: &mut Tx, version: i64) -> anyhow::Result<Result<bool, Stale>> {
    if store::next_version(tx, version).await?.is_err() {
        return Ok(Err(Stale));
    }
    Ok(Ok(store::remove(tx, Kind::FansSecret).await?))
}

/// Notices name it: letters and digits only (weibo-pay.md §4).
pub(super) fn app_key(text: &str) -> Result<(), Wrong> {
    let plain = (1..=40).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
    if plain { Ok(()) } else { Err(Wrong::NotAnAppKey) }
}

fn app_secret(text: &str) -> Result<(), Wrong> {
    let plain = (8..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if plain { Ok(()) } else { Err(Wrong::NotASecret) }
}

/// It stands in a header.
fn token(text: &str) -> Result<(), Wrong> {
    let plain = (8..=500).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    if plain { Ok(()) } else { Err(Wrong::NotAToken) }
}

pub(super) fn seller_id(text: &str) -> Result<(), Wrong> {
    let digits = text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<i64>().is_ok_and(|uid| uid > 0);
    if digits { Ok(()) } else { Err(Wrong::NotAUid) }
}
