//! The codes of short links: eight letters that nobody can foresee and four that only this shop can add, so that a
//! guess is known without looking. The older ones have none of the four.

use crate::customers::touches::is_code;
use crate::db::Db;
use crate::seal;
use anyhow::Context;
use ring::hmac;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tokio::sync::OnceCell;

const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM: usize = 8;
const SIGNED: usize = 4;

/// Signs codes.
#[derive(Debug, Clone)]
pub struct Key(hmac::Key);

impl Key {
    pub fn new(secret: &[u8]) -> Key {
        Key(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// A new code.
    pub fn mint(&self) -> String {
        self.signed(&letters(&seal::random::<RANDOM>()))
    }

    /// Whether it can be one of ours; takes the same time for any wrong signature.
    pub fn knows(&self, code: &str) -> bool {
        if !is_code(code) {
            return false;
        }
        match code.split_at_checked(RANDOM) {
            Some((_, "")) => true,
            Some((random, _)) => self.signed(random).as_bytes().ct_eq(code.as_bytes()).into(),
            None => false,
        }
    }

    fn signed(&self, random: &str) -> String {
        let signature = hmac::sign(&self.0, random.as_bytes());
        format!("{random}{}", letters(&signature.as_ref()[..SIGNED]))
    }
}

/// A letter for each byte. 256 is no multiple of 62: some letters are a little likelier, which harms nobody.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect()
}

/// Tells what can be a link of the shop's from what cannot. The shop's key never changes, so it is read once. Clones
/// share it.
#[derive(Clone, Default)]
pub struct Known(Arc<OnceCell<Key>>);

impl Known {
    /// Whether it is worth looking for a link of this code.
    pub async fn knows(&self, db: &Db, code: &str) -> anyhow::Result<bool> {
        if !is_code(code) {
            return Ok(false);
        }
        let read =
            async || super::store::key(&mut *db.reader().await?).await.context("the key of short links");
        Ok(self.0.get_or_try_init(read).await?.knows(code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_code_is_known_by_its_form() {
        let key = Key::new(&[7; 32]);
        for wrong in [
            "",
            "1234567",
            "123456789",
            "1234567/",
            "１2345",
            "12 45678",
            "1234567\0",
            "0aZ45678wxy",
            "0aZ45678wxyz0",
        ] {
            assert!(!key.knows(wrong), "{wrong:?}");
        }
        assert!(key.knows("0aZ45678"), "an older one");
    }

    #[test]
    fn the_signature_stays_what_it_is() {
        // Links that stand on Weibo live on: this must never change.
        assert_eq!(Key::new(&[7; 32]).signed("0aZ45678"), "0aZ45678hhA1");
    }

    proptest! {
        #[test]
        fn only_our_own_signature_is_known(secret: [u8; 32], other: [u8; 32], random: [u8; 8], wrong in "[0-9A-Za-z]{4}") {
            let key = Key::new(&secret);
            let code = key.signed(&letters(&random));
            prop_assert!(is_code(&code) && key.knows(&code));
            let forged = format!("{}{wrong}", &code[..RANDOM]);
            prop_assert_eq!(key.knows(&forged), forged == code);
            prop_assert!(secret == other || !Key::new(&other).knows(&code));
        }
    }
}
