//! Passwords: which are good enough, and how they are kept.

use crate::seal::{random, token};
use anyhow::Context;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// A password has at least so many characters.
pub const SHORTEST_PASSWORD: usize = 10;
const LONGEST: usize = 200;

/// Those of at least ten characters that stand first in the lists of guessers, here and abroad.
const COMMONEST: [&str; 34] = [
    "1234567890",
    "0123456789",
    "0987654321",
    "9876543210",
    "12345678910",
    "1234567891",
    "123456789a",
    "a123456789",
    "a1234567890",
    "123456789abc",
    "abc123456789",
    "qq123456789",
    "woaini1314520",
    "woaini520520",
    "5201314520",
    "1314520520",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "q1w2e3r4t5",
    "1qaz2wsx3edc",
    "zaq12wsxcde3",
    "asdfghjkl;",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "p@ssw0rd123",
    "iloveyou123",
    "admin12345",
    "admin123456",
    "administrator",
];

/// A password that was good enough when it was chosen.
pub struct Password(String);

/// Why it is not good enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weak {
    /// Too short, or longer than anybody types.
    Length,
    /// Among the first that somebody would guess.
    Common,
    /// Little more than a name that everybody knows.
    Name,
}

impl Password {
    /// `names` are those of the shop and of the account.
    pub fn choose(text: String, names: &[&str]) -> Result<Password, Weak> {
        if !(SHORTEST_PASSWORD..=LONGEST).contains(&text.chars().count()) {
            return Err(Weak::Length);
        }
        let lower = text.to_lowercase();
        let is_name = |name: &str| {
            let name = name.trim().to_lowercase();
            !name.is_empty() && lower.replace(&name, "").chars().count() * 2 < SHORTEST_PASSWORD
        };
        if names.iter().any(|name| is_name(name)) {
            return Err(Weak::Name);
        }
        let mut different: Vec<char> = lower.chars().collect();
        different.sort_unstable();
        different.dedup();
        let common = different.len() < 4 || COMMONEST.contains(&lower.as_str());
        if common { Err(Weak::Common) } else { Ok(Password(text)) }
    }

    /// Off the async threads: it costs tens of milliseconds and 19 MiB on purpose.
    pub async fn hash(self) -> anyhow::Result<Hashed> {
        let _turn = TURNS.acquire().await?;
        let hash = tokio::task::spawn_blocking(move || hash_now(&self.0)).await?;
        hash.map(Hashed).context("hashing a password")
    }
}

/// A good password in the form in which it is kept.
pub struct Hashed(pub(super) String);

/// So many passwords are worked on at once.
static TURNS: Semaphore = Semaphore::const_new(2);

/// The hash of a password that nobody knows, for names that nobody has.
static NOBODYS: LazyLock<Option<String>> = LazyLock::new(|| hash_now(&token()).ok());

/// Whether this is the password; takes as long, and says no, where there is no hash.
pub(super) async fn is_right(password: String, hash: Option<String>) -> anyhow::Result<bool> {
    let _turn = TURNS.acquire().await?;
    tokio::task::spawn_blocking(move || {
        // Made for the first who asks, whoever that is.
        let nobodys = NOBODYS.clone().unwrap_or_default();
        let known = hash.is_some();
        let hash = hash.unwrap_or(nobodys);
        let hash = PasswordHash::new(&hash).map_err(|e| anyhow::anyhow!("stored password: {e}"))?;
        Ok(argon2()?.verify_password(password.as_bytes(), &hash).is_ok() && known)
    })
    .await?
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

#[cfg(test)]
mod tests {
    use super::*;

    fn weakness(text: &str) -> Option<Weak> {
        Password::choose(text.to_owned(), &["山间小铺", "Mountain Lane", "阿山"]).err()
    }

    #[test]
    fn what_everybody_would_guess_is_no_password() {
        for common in ["1234567890", "Password123", "aaaaaaaaaa", "1212121212", "QWERTYUIOP"] {
            assert_eq!(weakness(common), Some(Weak::Common), "{common}");
        }
        for name in ["mountain lane", "阿山阿山阿山阿山阿山", "山间小铺山间小铺2026", "Mountain Lane!1"]
        {
            assert_eq!(weakness(name), Some(Weak::Name), "{name}");
        }
        assert_eq!(weakness("123456789"), Some(Weak::Length));
        assert_eq!(weakness(&"长".repeat(201)), Some(Weak::Length));
        for good in ["三只小猪在山里卖春茶", "阿山在山里卖了三年的茶", "correct horse"] {
            assert_eq!(weakness(good), None, "{good}");
        }
    }
}
