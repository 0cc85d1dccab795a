//! Who runs the shop: accounts, what each may do, and who changed what.

pub mod audit;
pub mod permission;
mod store;

pub use permission::{May, Permission, Role};
pub use store::has_owner;

use crate::actor::Actor;
use crate::customers::line;
use crate::db::Db;
use crate::seal::{fingerprint, random, token};
use crate::text::Language;
use anyhow::Context;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;

#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type, serde::Serialize, serde::Deserialize)]
#[sqlx(transparent)]
#[serde(transparent)]
pub struct StaffId(pub i64);

/// Somebody who has signed in to run the shop.
#[derive(Debug, Clone)]
pub struct Member {
    pub id: StaffId,
    pub name: String,
    pub role: Role,
    /// In which the back office speaks to her.
    pub language: Language,
}

impl Member {
    pub fn may(&self, what: May) -> bool {
        self.role.may(what)
    }

    /// As what she does is signed with.
    pub fn actor(&self) -> Actor {
        Actor::Staff { id: self.id.0, name: self.name.clone() }
    }
}

/// How long the first owner's link works.
const LINK: Duration = Duration::hours(24);
/// A password has at least so many characters, and no other rule.
pub const SHORTEST_PASSWORD: usize = 10;
const LONGEST_PASSWORD: usize = 200;

/// Why an account was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// The link was used, is too old, or never was one.
    Link,
    Name,
    NameTaken,
    Password,
}

/// A new link for the first owner; `None` when the shop has one. Earlier unused links stop working.
pub async fn first_owner_link(db: &Db, now: OffsetDateTime) -> anyhow::Result<Option<String>> {
    if has_owner(&mut *db.reader().await?).await? {
        return Ok(None);
    }
    let link = token();
    store::replace_links(db, &fingerprint(&link), now + LINK).await?;
    Ok(Some(link))
}

/// Whether this link still works.
pub async fn link_works(db: &Db, link: &str, now: OffsetDateTime) -> anyhow::Result<bool> {
    store::link_works(&mut *db.reader().await?, &fingerprint(link), now).await
}

/// Makes the owner's account and uses the link up, both or neither.
pub async fn accept_link(
    db: &Db,
    link: &str,
    name: &str,
    password: String,
    now: OffsetDateTime,
) -> anyhow::Result<Result<StaffId, Wrong>> {
    let Some(name) = line(name, 40).ok().filter(|name| !name.is_empty()) else { return Ok(Err(Wrong::Name)) };
    if !(SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&password.chars().count()) {
        return Ok(Err(Wrong::Password));
    }
    if !link_works(db, link, now).await? {
        return Ok(Err(Wrong::Link));
    }
    let hash = hash(password).await?;
    store::accept(db, &fingerprint(link), &name, &hash, now).await
}

/// So many passwords are checked at once: each costs 19 MiB and tens of milliseconds, on purpose.
static CHECKS: Semaphore = Semaphore::const_new(2);

/// The hash of a password that nobody knows, for names that nobody has.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hash_now(&token()).ok());

/// The member of this name and password; takes as long for a name that nobody has.
pub async fn sign_in(db: &Db, name: &str, password: String) -> anyhow::Result<Option<Member>> {
    let known = match line(name, 40) {
        Ok(name) => store::find_by_name(&mut *db.reader().await?, &name).await?,
        Err(_) => None,
    };
    let (member, hash) = match known {
        Some((member, hash)) => (Some(member), hash),
        None => (None, String::new()),
    };
    let _turn = CHECKS.acquire().await?;
    let right = tokio::task::spawn_blocking(move || {
        let hash = if hash.is_empty() { NOBODYS.clone().unwrap_or_default() } else { hash };
        let hash = PasswordHash::new(&hash).map_err(|e| anyhow::anyhow!("stored password: {e}"))?;
        anyhow::Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok())
    })
    .await??;
    Ok(member.filter(|_| right))
}

pub async fn find(db: &Db, id: StaffId) -> anyhow::Result<Option<Member>> {
    store::find(&mut *db.reader().await?, id).await
}

/// Off the async threads: it costs tens of milliseconds and 19 MiB on purpose.
async fn hash(password: String) -> anyhow::Result<String> {
    let _turn = CHECKS.acquire().await?;
    tokio::task::spawn_blocking(move || hash_now(&password)).await?.context("hashing a password")
}

fn hash_now(password: &str) -> anyhow::Result<String> {
    let salt: [u8; 16] = random();
    let hash = argon2()?.hash_password_with_salt(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| anyhow::anyhow!("{error}"))
}

/// OWASP's second recommendation: 19 MiB, two passes, one lane.
fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| anyhow::anyhow!("{e}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}
