//! The shop's own secret: sealing what must not be read at rest, and making what cannot be guessed.

use data_encoding::{BASE64, BASE64URL_NOPAD};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac};
use subtle::ConstantTimeEq;

/// One or more 32-byte keys: the first seals and signs, all of them open and verify, so a key can be
/// replaced without losing what the old one sealed.
#[derive(Clone)]
pub struct Keyring(Vec<[u8; 32]>);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("expected 32 random bytes as base64, or several such keys separated by commas")]
pub struct NotAKey;

impl Keyring {
    /// Reads the form of `WEIPU_SECRET_KEY`. Refuses keys of one repeated byte.
    pub fn parse(text: &str) -> Result<Keyring, NotAKey> {
        let keys: Result<Vec<[u8; 32]>, NotAKey> = text
            .split(',')
            .map(|key| {
                let bytes = BASE64.decode(key.trim().as_bytes()).map_err(|_| NotAKey)?;
                let key: [u8; 32] = bytes.try_into().map_err(|_| NotAKey)?;
                if key.iter().all(|b| *b == key[0]) { Err(NotAKey) } else { Ok(key) }
            })
            .collect();
        keys.map(Keyring)
    }

    /// A new key in the form that [`Keyring::parse`] reads.
    pub fn fresh() -> String {
        BASE64.encode(&random::<32>())
    }

    /// Encrypts `plain` so that only the same `purpose` opens it.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> anyhow::Result<Vec<u8>> {
        let nonce = random::<NONCE_LEN>();
        let mut sealed = plain.to_vec();
        self.cipher(0, purpose)?
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(purpose), &mut sealed)
            .map_err(|_| anyhow::anyhow!("sealing failed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// `None` when no key opens it: altered, of another purpose, or of a key that is gone.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        (0..self.0.len()).find_map(|key| {
            let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
            let mut body = body.to_vec();
            let plain =
                self.cipher(key, purpose).ok()?.open_in_place(nonce, Aad::from(purpose), &mut body).ok()?;
            Some(plain.to_vec())
        })
    }

    /// A 128-bit mark that only this shop can make for `text`, in URL-safe letters.
    pub fn tag(&self, purpose: &str, text: &str) -> String {
        BASE64URL_NOPAD.encode(&self.mac(0, purpose, text)[..16])
    }

    /// Whether `tag` is one of ours for `text`; takes the same time for any wrong one.
    pub fn knows_tag(&self, purpose: &str, text: &str, tag: &str) -> bool {
        let Ok(tag) = BASE64URL_NOPAD.decode(tag.as_bytes()) else { return false };
        (0..self.0.len()).any(|key| same(&self.mac(key, purpose, text)[..16], &tag))
    }

    fn cipher(&self, key: usize, purpose: &str) -> anyhow::Result<LessSafeKey> {
        let bytes = self.mac(key, "seal", purpose);
        let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| anyhow::anyhow!("unusable key"))?;
        Ok(LessSafeKey::new(key))
    }

    fn mac(&self, key: usize, purpose: &str, text: &str) -> Vec<u8> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.0[key]);
        let mut context = hmac::Context::with_key(&key);
        context.update(purpose.as_bytes());
        context.update(&[0]);
        context.update(text.as_bytes());
        context.sign().as_ref().to_vec()
    }
}

/// Bytes that nobody can foresee.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 128 bits that nobody can guess, in URL-safe letters.
pub fn token() -> String {
    BASE64URL_NOPAD.encode(&random::<16>())
}

/// What is kept of a token: enough to know it again, not enough to use it.
pub fn fingerprint(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes()).as_ref().to_vec()
}

fn same(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[u8]) -> Keyring {
        Keyring(
            keys.iter()
                .map(|k| {
                    let mut key = [*k; 32];
                    key[0] = 0;
                    key
                })
                .collect(),
        )
    }

    #[test]
    fn a_rotated_key_still_opens_and_a_removed_one_does_not() {
        let sealed = ring(&[1]).seal("token", b"2.00abc").unwrap();
        assert_eq!(ring(&[2, 1]).open("token", &sealed).as_deref(), Some(&b"2.00abc"[..]));
        assert_eq!(ring(&[2]).open("token", &sealed), None);
        let tag = ring(&[1]).tag("order", "2611");
        assert!(ring(&[2, 1]).knows_tag("order", "2611", &tag));
        assert!(!ring(&[2]).knows_tag("order", "2611", &tag));
    }

    #[test]
    fn nothing_altered_or_of_another_purpose_opens() {
        let ring = ring(&[1]);
        let mut sealed = ring.seal("token", b"x").unwrap();
        assert_eq!(ring.open("note", &sealed), None);
        sealed[NONCE_LEN] ^= 1;
        assert_eq!(ring.open("token", &sealed), None);
        assert_eq!(ring.open("token", b""), None);
        assert!(!ring.knows_tag("order", "2611", ""));
        assert!(!ring.knows_tag("order", "2612", &ring.tag("order", "2611")));
    }

    #[test]
    fn weak_or_short_keys_are_refused() {
        assert!(Keyring::parse(&Keyring::fresh()).is_ok());
        assert!(Keyring::parse(&format!("{}, {}", Keyring::fresh(), Keyring::fresh())).is_ok());
        for bad in ["", "secret", &BASE64.encode(&[7; 32]), &BASE64.encode(&[1, 2, 3])] {
            assert!(Keyring::parse(bad).is_err(), "{bad}");
        }
    }
}
